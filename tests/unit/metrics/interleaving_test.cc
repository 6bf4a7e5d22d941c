#include "metrics/interleaving.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rec::interleaving_test {

TEST_CASE("wins, ties and delta by hand; users without clicks do not count") {
  const std::vector<TeamClicks> users{{2, 1}, {1, 0}, {3, 0}, {0, 1}, {1, 1}, {0, 0}};
  const InterleavingResult result = compare_teams(users, {}, 1);
  CHECK(result.wins_a == 3);
  CHECK(result.wins_b == 1);
  CHECK(result.ties == 1);
  CHECK(result.delta == doctest::Approx(3.5 / 5.0 - 0.5));
  CHECK(result.p == doctest::Approx(0.625));  // 3 or 1 of 4, or further out: 10/16
  // Scores 1 1 1 0 1/2: mean 0.7, variance 0.2, t of 4 degrees 2.776.
  CHECK(result.interval.high == doctest::Approx(0.2 + 2.7764451052 * std::sqrt(0.2 / 5.0)));
  CHECK(result.interval.low == doctest::Approx(0.2 - 2.7764451052 * std::sqrt(0.2 / 5.0)));
}

TEST_CASE("swapping the teams changes the sign") {
  const std::vector<TeamClicks> users{{2, 1}, {1, 0}, {1, 1}, {0, 4}, {5, 0}};
  std::vector<TeamClicks> swapped;
  for (const TeamClicks& user : users) swapped.push_back({user.b, user.a});
  const InterleavingResult one = compare_teams(users, {}, 1);
  const InterleavingResult other = compare_teams(swapped, {}, 1);
  CHECK(one.delta == doctest::Approx(-other.delta));
  CHECK(one.interval.low == doctest::Approx(-other.interval.high));
  CHECK(one.p == other.p);
}

TEST_CASE("without clicks there is no preference; resamples stay within the range") {
  CHECK(std::isnan(compare_teams({}, {.resamples = 50}, 1).delta));
  CHECK(compare_teams({}, {}, 1).p == 1.0);
  const std::vector<TeamClicks> all_a{{1, 0}, {2, 0}, {1, 0}};
  const InterleavingResult result = compare_teams(all_a, {.resamples = 50}, 2);
  CHECK(result.delta == 0.5);
  CHECK(std::isnan(result.interval.low));  // three equal users say nothing of the error
  CHECK(std::isnan(result.interval.high));
}

}  // namespace rec::interleaving_test
