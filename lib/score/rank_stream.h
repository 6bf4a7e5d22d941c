// rec-rank's stream: scored candidates in, each user's ranked list out, users in
// the order of the input, the same bytes for every number of threads.
#pragma once

#include "data/groups.h"
#include "io/output.h"
#include "rank/rank.h"

namespace rec {

// user item score [...]
TableSpec scores_spec();

// Writes user item score rank (ranks from 1; the score's own text, as it came),
// with keep also the input's other columns. Throws Error for a malformed line.
RankCounts rank_stream(GroupReader& scores, const CandidateFilter& filter, const RankOptions& options, bool header, bool keep,
                       int threads, Output& out);

}  // namespace rec
