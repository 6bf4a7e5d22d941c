// Rankings measured against held-out items: the ranking streams past, what is
// kept is the places of its hits, so memory is bounded by the truth.
// Symbols: E evaluated users, M metrics.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/groups.h"
#include "metrics/metric_table.h"
#include "metrics/truth.h"

namespace rec {

// How equal keys (scores or ranks) are ordered.
enum class Ties {
  kById,  // by item id ascending (bytes)
  kTrec,  // trec_eval's order: by score alone, equal scores by item id descending
};

// What a user of the truth without a list counts as.
enum class Missing { kZero, kSkip };

struct RankingOptions {
  std::string path = "-";
  ReadOptions read;
  Grouping grouping = Grouping::kAuto;
  Ties ties = Ties::kById;
  Missing missing = Missing::kZero;
  Repeats repeats = Repeats::kFail;  // kFirst: an item's better place counts, the places behind it move up
  int threads = 1;
};

struct RankingEvaluation {
  bool header = false;               // whether the ranking had one
  bool in_line_order = false;        // whether it had neither a score nor a rank
  std::vector<uint32_t> users;       // E: numbers in the truth, ascending
  std::vector<double> values;        // E × M
  std::vector<double> means;         // M
  uint64_t users_missing = 0;        // with something relevant, but without a list
  uint64_t users_without_truth = 0;  // with a list, but no row of the truth
  uint64_t duplicates = 0;           // rows dropped by Repeats::kFirst
  uint64_t bad_lines = 0;
  struct TiesAt {
    uint32_t k;
    uint64_t users;
  };
  std::vector<TiesAt> ties;  // for each k of the metrics: users whose places k and k+1 have equal keys
};

// The ranking table: user item [score [rank]]. A list's order is that of the
// rank column if there is one, else score descending, else the order of the
// lines. Users are averaged in byte order of their ids by a compensated sum, so
// the result depends on neither the order of the input nor the threads.
// Throws Error for a malformed line, for an item listed twice under
// Repeats::kFail (users of the truth only), and where no user is left to average.
TableSpec ranking_spec();
RankingEvaluation evaluate_ranking(const Truth& truth, std::span<const Metric> metrics, const RankingOptions& options);

}  // namespace rec
