// Rankings of the same users against a baseline, metric by metric.
// Symbols: E users, M metrics, C rankings that are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/eval_ranking.h"
#include "metrics/bootstrap.h"

namespace rec {

struct CompareOptions {
  std::vector<std::string> paths;  // C; none: no comparison
  uint32_t permutations = 10000;
};

struct PValues {
  double t = 0.0;
  double wilcoxon = 0.0;
  double permutation = 0.0;
};

// A metric of one ranking beside that of the baseline.
struct Comparison {
  std::string metric;
  std::string ranking;    // the path
  uint64_t users = 0;     // with a value in both
  double baseline = 0.0;  // mean over these users
  double value = 0.0;
  double difference = 0.0;  // mean of value - baseline by user; 0 where they differ by rounding alone (1e-12)
  double relative = 0.0;    // difference / baseline; NaN where the baseline is 0
  Interval interval{};      // of the difference: BCa, over resampled users
  PValues p;                // paired_tests.h
  PValues holm;             // adjusted over all M × C comparisons, each test by itself
};

// baseline, others: evaluated on the same truth and metrics. Users are those of
// all rankings. Ordered by metric, then ranking. REQUIRES: bootstrap.resamples >= 1.
// Throws Error where no user is common to all.
std::vector<Comparison> compare_rankings(std::span<const Metric> metrics, const RankingEvaluation& baseline,
                                         std::span<const RankingEvaluation> others, const CompareOptions& options,
                                         const BootstrapOptions& bootstrap, int threads);

}  // namespace rec
