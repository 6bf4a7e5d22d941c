// Do the intervals of rec-eval hold as often as they say, and do its tests reject
// no more than they should? Simulates experiments whose truth is known:
//
//     coverage [REPLICATIONS]
//
// prints a row for each interval and test: the share of the replications (default
// 4000) that held, or rejected at 5 %; its standard error; and what it ought to be
// within. Exit status 1 where a share is outside by more than two standard errors.
// Rows of "naive" methods show what the others are for: those must fall short.
// The same numbers for every number of threads.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "metrics/ab_test.h"
#include "metrics/distributions.h"
#include "metrics/mean_bootstrap.h"
#include "metrics/off_policy.h"
#include "metrics/prediction_bootstrap.h"

namespace {

using namespace rec;

constexpr double kConfidence = 0.95;
constexpr double kLevel = 0.05;
const BootstrapOptions kBootstrap{.resamples = 500, .seed = 1, .confidence = kConfidence};

double normal(Rng& rng) {
  return std::sqrt(-2.0 * std::log(1.0 - rng.uniform())) * std::cos(2.0 * std::numbers::pi * rng.uniform());
}

bool holds(const Interval& interval, double truth) { return interval.low <= truth && truth <= interval.high; }

// Users that differ: each has a rate of its own, of mean `rate`, and 1 to 30
// impressions. With `alike` all rates are `rate`, and impressions independent.
Variant draw_variant(Rng& rng, size_t users, double rate, bool alike) {
  Variant variant;
  for (size_t user = 0; user < users; ++user) {
    EventCounts counts;
    counts.impressions = 1 + rng.below(30);
    const double squared = rng.uniform() * rng.uniform();  // of mean 1/4: a few users click most
    const double mine = alike ? rate : 4.0 * rate * squared;
    for (uint64_t impression = 0; impression < counts.impressions; ++impression) counts.clicks += rng.uniform() < mine;
    counts.ratings = counts.impressions;
    counts.rating = static_cast<double>(counts.ratings) * (3.0 + normal(rng));
    variant.users.push_back(counts);
  }
  return variant;
}

std::vector<VariantMetric> compare(Rng& rng, const char* metric, double control, double treatment, bool alike,
                                   const BootstrapOptions& options) {
  const std::vector<Variant> variants{draw_variant(rng, 300, control, alike), draw_variant(rng, 300, treatment, alike)};
  const std::vector<std::string> names{metric};
  return compare_variants(variants, 0, parse_metrics(names), options, 1);
}

BootstrapOptions seeded(Rng& rng) {
  BootstrapOptions options = kBootstrap;
  options.seed = rng.next();
  return options;
}

Predictions draw_predictions(Rng& rng, size_t rows, size_t users) {
  Predictions predictions;
  for (size_t row = 0; row < rows; ++row) {
    const bool positive = rng.uniform() < 0.3;
    predictions.label.push_back(positive ? 1.0 : 0.0);
    const double score = normal(rng) + (positive ? 1.0 : 0.0);  // auc = Φ(1/√2)
    predictions.prediction.push_back(1.0 / (1.0 + std::exp(-score)));
    if (users > 0) predictions.user.push_back(static_cast<uint32_t>(row % users));
  }
  return predictions;
}

Interval prediction_interval(Rng& rng, const char* metric, size_t users) {
  const std::vector<std::string> names{metric};
  return bootstrap_predictions(draw_predictions(rng, 400, users), parse_metrics(names), seeded(rng), 1).front();
}

// A log of one context and two items: uniform logging, the target shows item 1
// with 0.9. Rewards 0 or 1 with 0.2 and 0.6, so its value is 0.56. Three rows a
// user, who takes more or less to everything.
Interval policy_interval(Rng& rng, PolicyTerm (*metric)(const PolicyRow&)) {
  std::vector<double> part;
  std::vector<double> whole;
  for (size_t user = 0; user < 300; ++user) {
    const double bent = 0.5 + rng.uniform();
    PolicyTerm sum{0.0, 0.0};
    for (int row = 0; row < 3; ++row) {
      const bool second = rng.uniform() < 0.5;
      const double reward = rng.uniform() < bent * (second ? 0.6 : 0.2) ? 1.0 : 0.0;
      const double weight = importance_weight(0.5, second ? 0.9 : 0.1, 100.0);
      const PolicyTerm term = metric({reward, weight, second ? 0.5 : 0.3, 0.9 * 0.5 + 0.1 * 0.3});
      sum.part += term.part;
      sum.whole += term.whole;
    }
    part.push_back(sum.part);
    whole.push_back(sum.whole);
  }
  return ratio_interval(estimate_ratio(part, whole), kConfidence);
}

// A share of the users have a value, as with most ranking metrics.
Interval ranking_interval(Rng& rng) {
  std::vector<double> values;
  for (size_t user = 0; user < 200; ++user) values.push_back(rng.uniform() < 0.3 ? rng.uniform() : 0.0);
  return bootstrap_means(values, 1, seeded(rng), 1).front();
}

struct Row {
  const char* name;
  double low;  // of the share that it ought to have
  double high;
  std::function<bool(Rng& rng)> happened;
};

constexpr double kCovers[] = {0.93, 0.97};
constexpr double kRejects[] = {0.04, 0.06};

Row interval(const char* name, std::function<bool(Rng& rng)> held) {
  return {name, kCovers[0], kCovers[1], std::move(held)};
}
Row naive_interval(const char* name, std::function<bool(Rng& rng)> held) {
  return {name, 0.0, kCovers[0], std::move(held)};
}
Row test(const char* name, std::function<bool(Rng& rng)> rejected) {
  return {name, kRejects[0], kRejects[1], std::move(rejected)};
}
Row naive_test(const char* name, std::function<bool(Rng& rng)> rejected) {
  return {name, kRejects[1], 1.0, std::move(rejected)};
}

std::vector<Row> rows() {
  const BootstrapOptions plain{};
  const auto effect = [](const std::vector<VariantMetric>& result) { return *result[1].effect; };
  const double auc = 0.5 * std::erfc(-0.5);  // Φ(1/√2)
  return {
      interval("wilson, independent impressions",
               [=](Rng& rng) { return holds(compare(rng, "ctr", 0.05, 0.05, true, plain)[0].interval, 0.05); }),
      naive_interval("naive: wilson, impressions of users that differ",
                     [=](Rng& rng) { return holds(compare(rng, "ctr", 0.05, 0.05, false, plain)[0].interval, 0.05); }),
      interval("bootstrap of users, ctr of users that differ",
               [=](Rng& rng) { return holds(compare(rng, "ctr", 0.05, 0.05, false, seeded(rng))[0].interval, 0.05); }),
      interval(
          "t by user, satisfaction, several ratings a user",
          [=](Rng& rng) { return holds(compare(rng, "satisfaction", 0.05, 0.05, false, plain)[0].interval, 3.0); }),
      interval("delta method, difference of ctr",
               [=](Rng& rng) {
                 const auto result = effect(compare(rng, "ctr", 0.05, 0.06, false, plain));
                 return holds(result.by_user.difference_interval, 0.01);
               }),
      interval("delta method, ratio of ctr",
               [=](Rng& rng) {
                 const auto result = effect(compare(rng, "ctr", 0.05, 0.06, false, plain));
                 return holds(result.by_user.quotient_interval, 1.2);
               }),
      interval("bootstrap of users, difference of ctr",
               [=](Rng& rng) {
                 const auto result = effect(compare(rng, "ctr", 0.05, 0.06, false, seeded(rng)));
                 return holds(result.by_user.difference_interval, 0.01);
               }),
      interval("bootstrap of users, ratio of ctr",
               [=](Rng& rng) {
                 const auto result = effect(compare(rng, "ctr", 0.05, 0.06, false, seeded(rng)));
                 return holds(result.by_user.quotient_interval, 1.2);
               }),
      interval("bootstrap of rows, auc", [=](Rng& rng) { return holds(prediction_interval(rng, "auc", 0), auc); }),
      interval("bootstrap of users, auc", [=](Rng& rng) { return holds(prediction_interval(rng, "auc", 100), auc); }),
      interval("bootstrap (BCa) of users, a ranking metric",
               [](Rng& rng) { return holds(ranking_interval(rng), 0.15); }),
      interval("t by user, ips", [](Rng& rng) { return holds(policy_interval(rng, ips), 0.56); }),
      interval("t by user, snips", [](Rng& rng) { return holds(policy_interval(rng, snips), 0.56); }),
      interval("t by user, dr with a wrong model", [](Rng& rng) { return holds(policy_interval(rng, dr), 0.56); }),
      test("A/A, t by user, users that differ",
           [=](Rng& rng) { return effect(compare(rng, "ctr", 0.05, 0.05, false, plain)).by_user.p < kLevel; }),
      naive_test("naive: A/A, z of impressions, users that differ",
                 [=](Rng& rng) { return effect(compare(rng, "ctr", 0.05, 0.05, false, plain)).z->p < kLevel; }),
      test("A/A, z of impressions, independent",
           [=](Rng& rng) { return effect(compare(rng, "ctr", 0.05, 0.05, true, plain)).z->p < kLevel; }),
      test("A/A, t by user, satisfaction",
           [=](Rng& rng) { return effect(compare(rng, "satisfaction", 0.05, 0.05, false, plain)).by_user.p < kLevel; }),
      test("sample ratio mismatch, a fair split",
           [](Rng& rng) {
             std::vector<uint64_t> users(3);
             for (int user = 0; user < 1000; ++user) ++users[rng.below(3)];
             return test_split(users, std::vector<double>{1, 1, 1}).p < kLevel;
           }),
  };
}

}  // namespace

int main(int argc, char** argv) {
  const size_t replications = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 4000;
  if (argc > 2 || replications == 0) {
    fmt::print(stderr, "usage: coverage [REPLICATIONS]\n");
    return 2;
  }
  int status = 0;
  fmt::print("what\treplications\tshare\tstandard_error\tlow\thigh\n");
  uint64_t stream = 0;
  for (const Row& row : rows()) {
    std::vector<char> happened(replications);
    parallel_for(replications, hardware_threads(), [&](size_t replication, int) {
      Rng rng(42, stream, replication);
      happened[replication] = row.happened(rng) ? 1 : 0;
    });
    ++stream;
    double share = 0.0;
    for (const char one : happened) share += one;
    share /= static_cast<double>(replications);
    const double error = std::sqrt(share * (1.0 - share) / static_cast<double>(replications));
    fmt::print("{}\t{}\t{:.4f}\t{:.4f}\t{}\t{}\n", row.name, replications, share, error, row.low, row.high);
    if (share + 2.0 * error < row.low || share - 2.0 * error > row.high) {
      fmt::print(stderr, "coverage: {}: {:.4f} is outside of [{}, {}]\n", row.name, share, row.low, row.high);
      status = 1;
    }
  }
  return status;
}
