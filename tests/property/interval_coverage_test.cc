// What 95 % and 5 % mean: experiments simulated from populations whose means are
// known. Bootstrap intervals must cover the mean in 93 to 97 % of them, and tests of
// two rankings that are equally good must reject in about 5 %; the shares are printed.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "metrics/mean_bootstrap.h"
#include "metrics/paired_tests.h"

namespace rec::interval_coverage_test {

namespace {

// A user's value, drawn from the place of the user's one relevant item: uniform
// over 1..30, so most lists of ten miss it. Skewed as such metrics are.
struct Population {
  std::string name;
  std::function<double(uint32_t place)> value;
};

const std::array<Population, 4> kPopulations = {{
    {"hit@10", [](uint32_t place) { return place <= 10 ? 1.0 : 0.0; }},
    {"ndcg@10", [](uint32_t place) { return place <= 10 ? 1.0 / std::log2(place + 1.0) : 0.0; }},
    {"mrr@10", [](uint32_t place) { return place <= 10 ? 1.0 / place : 0.0; }},
    {"novelty", [](uint32_t place) { return place % 3 == 0 ? std::nan("") : std::log2(place + 1.0); }},
}};
constexpr uint32_t kPlaces = 30;

double true_mean(const Population& population) {
  double sum = 0.0;
  double count = 0.0;
  for (uint32_t place = 1; place <= kPlaces; ++place) {
    const double value = population.value(place);
    if (std::isnan(value)) continue;
    sum += value;
    count += 1.0;
  }
  return sum / count;
}

}  // namespace

TEST_CASE("95 % bootstrap intervals of means cover in 93 to 97 % of simulated experiments") {
  constexpr size_t kExperiments = 2000;
  constexpr size_t kMetrics = kPopulations.size();
  for (const size_t users : {100, 400}) {
    Rng random(7, users);
    std::array<size_t, kMetrics> covered{};
    for (size_t experiment = 0; experiment < kExperiments; ++experiment) {
      std::vector<double> values;
      for (size_t user = 0; user < users; ++user) {
        const auto place = static_cast<uint32_t>(1 + random.below(kPlaces));
        for (const Population& population : kPopulations) values.push_back(population.value(place));
      }
      const auto intervals = bootstrap_means(values, kMetrics, {.resamples = 600, .seed = experiment}, 1);
      for (size_t metric = 0; metric < kMetrics; ++metric) {
        const double mean = true_mean(kPopulations[metric]);
        covered[metric] += intervals[metric].low <= mean && mean <= intervals[metric].high ? 1 : 0;
      }
    }
    for (size_t metric = 0; metric < kMetrics; ++metric) {
      const double share = static_cast<double>(covered[metric]) / static_cast<double>(kExperiments);
      MESSAGE(kPopulations[metric].name << ", " << users << " users: 95 % intervals cover " << 100.0 * share << " % of "
                                        << kExperiments << " experiments");
      CHECK(share >= 0.93);
      CHECK(share <= 0.97);
    }
  }
}

TEST_CASE("paired tests of two equally good rankings reject at the 5 % level in about 5 % of experiments") {
  constexpr size_t kExperiments = 2000;
  constexpr size_t kUsers = 120;
  Rng random(8);
  std::array<size_t, 3> rejected{};
  for (size_t experiment = 0; experiment < kExperiments; ++experiment) {
    std::vector<double> differences;
    for (size_t user = 0; user < kUsers; ++user) {
      const auto value = [&] { return kPopulations[1].value(static_cast<uint32_t>(1 + random.below(kPlaces))); };
      const double baseline = value();
      differences.push_back(random.below(4) == 0 ? 0.0 : value() - baseline);  // lists of some users are the same
    }
    rejected[0] += paired_t_p(differences) < 0.05 ? 1 : 0;
    rejected[1] += wilcoxon_p(differences) < 0.05 ? 1 : 0;
    rejected[2] += permutation_p(differences, 1, 1000, experiment, 1)[0] < 0.05 ? 1 : 0;
  }
  const std::array<std::string, 3> names = {"paired t", "Wilcoxon", "permutation"};
  for (size_t test = 0; test < names.size(); ++test) {
    const double share = static_cast<double>(rejected[test]) / static_cast<double>(kExperiments);
    MESSAGE(names[test] << ": rejects " << 100.0 * share << " % of " << kExperiments << " A/A comparisons");
    CHECK(share >= 0.035);
    CHECK(share <= 0.065);
  }
}

}  // namespace rec::interval_coverage_test
