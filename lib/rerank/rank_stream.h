// rec-rank's stream: scored candidates in, each user's ranked list out, users in
// the order of the input, the same bytes for every number of threads.
#pragma once

#include <optional>

#include "data/groups.h"
#include "io/output.h"
#include "rerank/rank_plan.h"
#include "rerank/ranking_rows.h"

namespace rec {

struct RankStreamOptions {
  bool header = false;
  bool keep = false;  // append the input's other columns
  RankingFormat format;
  int threads = 1;
};

struct RankStreamResult {
  RankCounts counts;
  std::optional<Exposure> exposure;  // if the plan asks for it
  Meeting meeting;                   // of the candidates with the plan's side tables
};

// Writes user item score rank (ranks from 1; the score's own text, as it came), with
// exploration propensity, with keep also the input's other columns, with titles the title. scores: of
// scores_spec(weights, predicted) of plan.request(). A plan that tabulates writes what policy_rows.h says instead. For
// each user, in this order: the filter; the key of each row, its weighted columns (or score) and its item's boost; each
// item once, by its best row; then the list builder or exploration, or the best k as they are. Throws Error for a
// malformed line.
RankStreamResult rank_stream(GroupReader& scores, const RankPlan& plan, const RankStreamOptions& options, Output& out);

// The report of exposure as a table: group items rows exposure relevance ratio. min_users as of Exposure::lines().
LeftOut write_exposure(const Exposure& exposure, Output& out, uint64_t min_users = 0);

}  // namespace rec
