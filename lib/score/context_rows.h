// rec-score of a model of labelled rows: each candidate in the context that its own line says.
// As a stream, in the order of the input and with the same bytes for every number of threads.
#pragma once

#include <span>
#include <string>

#include "score/context_scorer.h"
#include "score/streams.h"

namespace rec {

// The table: user item, the columns of context, [attention]; of labels: label user item, the columns of context.
TableSpec context_rows_spec(std::span<const std::string> context, bool labels);

// As score_candidates() (score/streams.h), for a table of context_rows_spec(); users says what users get that the
// model does not know. A category that the model does not know, or that is empty, is counted. Throws Error where
// the table lacks a column of the context.
StreamCounts score_context_rows(TableReader& candidates, const Model& model, ScoreForm form, const UserVectors& users,
                                ThirdColumn third, const StreamOptions& options, Output& out);

}  // namespace rec
