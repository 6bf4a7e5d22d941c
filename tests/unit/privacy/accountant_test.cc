#include "privacy/accountant.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rec::accountant_test {

namespace {

double epsilon_of(double multiplier, size_t times, double delta) {
  return gaussian_epsilon(composed_mu(std::vector<double>(times, multiplier)), delta);
}

}  // namespace

TEST_CASE("gaussian_epsilon equals dp-accounting 0.6.0 (privacy loss distributions) to four digits") {
  CHECK(epsilon_of(1.0, 1, 1e-5) == doctest::Approx(4.3772).epsilon(2e-5));
  CHECK(epsilon_of(1.0, 10, 1e-5) == doctest::Approx(17.8566).epsilon(2e-5));
  CHECK(epsilon_of(2.0, 10, 1e-5) == doctest::Approx(7.5113).epsilon(2e-5));
  CHECK(epsilon_of(4.0, 10, 1e-5) == doctest::Approx(3.3414).epsilon(2e-5));
  CHECK(epsilon_of(4.0, 100, 1e-5) == doctest::Approx(13.2067).epsilon(2e-5));
  CHECK(epsilon_of(10.0, 1, 1e-5) == doctest::Approx(0.3407).epsilon(2e-4));
}

TEST_CASE("noise_multiplier equals dp-accounting for one release and several") {
  CHECK(noise_multiplier(1.0, 1e-5) == doctest::Approx(3.7306).epsilon(2e-5));
  CHECK(noise_multiplier(1.0, 1e-5, 8) == doctest::Approx(10.5518).epsilon(2e-5));
  CHECK(noise_multiplier(1.0, 1e-5, 30) == doctest::Approx(20.4335).epsilon(2e-5));
  CHECK(noise_multiplier(5.0, 1e-5) == doctest::Approx(0.8919).epsilon(1e-4));
  CHECK(noise_multiplier(10.0, 1e-5, 30) == doctest::Approx(2.7380).epsilon(2e-5));
}

TEST_CASE("gaussian_mu and gaussian_epsilon undo each other, on the safe side") {
  for (const double epsilon : {1e-3, 0.1, 1.0, 3.0, 10.0, kMaxEpsilon}) {
    for (const double delta : {1e-12, 1e-6, 0.01, 0.3}) {
      CAPTURE(epsilon);
      CAPTURE(delta);
      const double mu = gaussian_mu(epsilon, delta);
      CHECK(gaussian_delta(mu, epsilon) <= delta);
      CHECK(gaussian_delta(mu * 1.001, epsilon) > delta);
      CHECK(gaussian_epsilon(mu, delta) == doctest::Approx(epsilon).epsilon(1e-4));
    }
  }
  CHECK(gaussian_epsilon(0.1, 0.3) == 0.0);  // delta alone covers it
}

TEST_CASE("composed_mu: unequal multipliers, by hand") {
  CHECK(composed_mu(std::vector<double>{1.0, 2.0, 2.0}) == doctest::Approx(std::sqrt(1.5)));
  CHECK(composed_mu({}) == 0.0);
}

}  // namespace rec::accountant_test
