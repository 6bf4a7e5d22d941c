// Off-policy value from a log: user item reward propensity target [predicted
// expected], and rank by name; a header need name those columns only that the metrics need, and without users the
// rows are the units.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/table.h"
#include "metrics/bootstrap.h"
#include "metrics/metric_table.h"

namespace rec {

struct PolicyOptions {
  WeightLimits limits;
  bool by_rank = false;  // the values of each rank as well
};

// The values of all rows, or of those of a rank.
struct PolicyValues {
  uint32_t rank = 0;                // 0: all
  std::vector<double> values;       // one a metric, in order
  std::vector<Interval> intervals;  // t intervals clustered by user; with resamples, of the users, percentiles
  double effective_size = 0.0;      // Kish's, of the weights; NaN where all are 0
  double mean_weight = 0.0;         // about 1 where the logging policy shows all that the target would
  uint64_t rows = 0;
  uint64_t users = 0;  // units
};

struct PolicyEvaluation {
  PolicyValues all;
  std::vector<PolicyValues> ranks;  // ascending
  bool has_users = false;           // false: the rows are the units
  bool has_weights = false;         // false: no propensity or no target, which logged and dm do not need
  uint64_t clipped = 0;             // weights that were above the clip
  uint64_t bad_lines = 0;
};

// What --by-rank takes: more are a column of something else.
inline constexpr size_t kMostPolicyRanks = 1000;

// Streams; memory grows with the users, 16 bytes each and metric, of sndr 32, and as much again for each rank. Throws
// Error for a propensity outside of (0, 1], a target outside of [0, 1], a rank that is no whole number above 0, more
// than kMostPolicyRanks of them, a column that a metric or the options need and the table lacks, and a table without
// rows.
TableSpec policy_spec();
PolicyEvaluation evaluate_policy(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                 const PolicyOptions& options, const BootstrapOptions& bootstrap, int threads);

}  // namespace rec
