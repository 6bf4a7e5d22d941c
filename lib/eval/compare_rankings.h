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

// What is compared, and by what units.
enum class ComparedBy { kUsers, kUsersOfPredictions, kRowsOfPredictions };

// A metric of one ranking, or table of predictions, beside that of the baseline.
struct Comparison {
  std::string metric;
  std::string ranking;    // the path
  std::string segment{};  // "": all users
  ComparedBy of = ComparedBy::kUsers;
  uint64_t users = 0;     // or rows, with a value in both
  double baseline = 0.0;  // mean over these users
  double value = 0.0;
  double difference = 0.0;  // mean of value - baseline by user; 0 where they differ by rounding alone (1e-12)
  double relative = 0.0;    // difference / baseline; NaN where the baseline is 0
  Interval interval{};      // of the difference: BCa, over resampled users
  PValues p;                // paired_tests.h
  PValues holm;             // by adjust_by_holm()
};

// baseline, others (C): evaluated on the same truth and metrics. Users are those of
// all rankings; empty where they have none in common. Ordered by metric, then ranking.
// Throws Error where a value of a user is infinite. REQUIRES: bootstrap.resamples >= 1.
std::vector<Comparison> compare_rankings(std::span<const Metric> metrics, const EvaluatedUsers& baseline,
                                         std::span<const EvaluatedUsers* const> others, const CompareOptions& options,
                                         const BootstrapOptions& bootstrap, int threads);

// Sets the p-values adjusted by Holm's method over all of `comparisons`, each test by itself.
void adjust_by_holm(std::span<Comparison> comparisons);

}  // namespace rec
