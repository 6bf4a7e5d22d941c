#include "metrics/paired_tests.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace rec::paired_tests_test {

// Reference values: scipy.stats 1.x, ttest_1samp and wilcoxon of the differences.
TEST_CASE("paired t-test and Wilcoxon of known differences") {
  const std::vector<double> differences = {0.5, -0.25, 0.75, 0.125, 1.0, -0.375, 0.0625, 0.875};
  CHECK(paired_t_p(differences) == doctest::Approx(0.11079000803487388).epsilon(1e-12));
  // Ranks of sizes: .0625 .125 .25- .375- .5 .75 .875 1; the negatives sum to 7 of 36.
  // Sums up to 7 of subsets of 1..8: 19 of 256.
  CHECK(wilcoxon_p(differences) == doctest::Approx(2.0 * 19.0 / 256.0).epsilon(1e-12));
}

TEST_CASE("Wilcoxon with zeros and equal sizes: exact for few, the corrected normal approximation for many") {
  const std::vector<double> differences = {1, 1, 1, -1, 2, 2, -2, 3, 0, 0};
  // n = 8, doubled mean ranks 5 (4 of size 1), 12 (3 of size 2), 16: negative 5 + 12 = 17.
  // Subsets with a sum of at most 17: {} 1, one to three 5s 4 + 6 + 4, a 12 3, 12 and 5 12, 16 1.
  CHECK(wilcoxon_p(differences) == 2.0 * 31.0 / 256.0);
  // Four users cannot give less than 2 / 2^4, however equal.
  CHECK(wilcoxon_p(std::vector<double>{0.5, 0.5, 0.5, 0.5}) == 0.125);
  std::vector<double> many;
  for (int time = 0; time < 10; ++time) many.insert(many.end(), differences.begin(), differences.end());
  // n = 80, mean ranks 20.5, 55.5, 75.5.
  const double positive = 30 * 20.5 + 20 * 55.5 + 10 * 75.5;
  const double variance = 80.0 * 81.0 * 161.0 / 24.0 - ((64000.0 - 40.0) + (27000.0 - 30.0) + (1000.0 - 10.0)) / 48.0;
  const double z = (positive - 80.0 * 81.0 / 4.0) / std::sqrt(variance);
  CHECK(wilcoxon_p(many) == doctest::Approx(std::erfc(z / std::sqrt(2.0))).epsilon(1e-12));
}

TEST_CASE("sizes that differ by rounding are equal") {
  const double third = 1.0 / 3.0;
  CHECK(third - 1.0 / 6.0 != 0.5 - third);  // both a sixth
  CHECK(wilcoxon_p(std::vector<double>{third - 1.0 / 6.0, -(0.5 - third)}) == 1.0);
  CHECK(paired_t_p(std::vector<double>{third - 1.0 / 6.0, 0.5 - third}) == 0.0);
}

TEST_CASE("a few differences: all sign choices are taken") {
  // ±1 ±2 ±4 comes to ±1, ±3, ±5, ±7, and 1 - 2 + 4 is 3.
  CHECK(permutation_p(std::vector<double>{1, -2, 4}, 1, 100, 1, 1)[0] == 6.0 / 8.0);
  CHECK(permutation_p(std::vector<double>{1, 2, 4}, 1, 100, 1, 1)[0] == 2.0 / 8.0);
  CHECK(permutation_p(std::vector<double>{0.1, 0.2, -0.3}, 1, 100, 1, 1)[0] == 1.0);
}

TEST_CASE("no difference anywhere: p = 1; no pair is no difference") {
  const double gap = std::nan("");
  const std::vector<double> none = {0, 0, gap, 0};
  CHECK(paired_t_p(none) == 1.0);
  CHECK(wilcoxon_p(none) == 1.0);
  CHECK(permutation_p(none, 1, 100, 1, 1)[0] == 1.0);
  CHECK(paired_t_p(std::vector<double>{0.5, 0.5, gap}) == 0.0);
  CHECK(std::isnan(paired_t_p(std::vector<double>{0.5})));
  CHECK(paired_t_p(std::vector<double>{1, gap, 3}) == paired_t_p(std::vector<double>{1, 3}));
  CHECK(wilcoxon_p(std::vector<double>{1, gap, 3}) == wilcoxon_p(std::vector<double>{1, 3}));
}

TEST_CASE("drawn sign choices: near the t-test, alike in every column and on every number of threads") {
  Rng random(9);
  std::vector<double> differences;
  std::vector<double> first;
  for (size_t user = 0; user < 300; ++user) {
    for (size_t column = 0; column < 11; ++column) {
      differences.push_back(random.uniform() - 0.47);
      if (column == 0) first.push_back(differences.back());
    }
  }
  const std::vector<double> p = permutation_p(differences, 11, 5000, 3, 1);
  CHECK(p == permutation_p(differences, 11, 5000, 3, 3));
  CHECK(p[0] == permutation_p(first, 1, 5000, 3, 2)[0]);
  CHECK(p != permutation_p(differences, 11, 5000, 4, 1));
  for (size_t column = 0; column < 11; ++column) {
    std::vector<double> one;
    for (size_t at = column; at < differences.size(); at += 11) one.push_back(differences[at]);
    const double t = paired_t_p(one);
    CHECK(std::fabs(p[column] - t) < 5.0 * std::sqrt(t * (1.0 - t) / 5000.0) + 0.003);
  }
}

}  // namespace rec::paired_tests_test
