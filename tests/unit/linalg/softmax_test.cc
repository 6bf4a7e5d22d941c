#include "linalg/softmax.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::softmax_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<double> softmax_in_double(const std::vector<float>& g, double tau) {
  double m = -std::numeric_limits<double>::infinity();
  for (float v : g) m = std::max(m, static_cast<double>(v));
  std::vector<double> alpha;
  double sum = 0.0;
  for (float v : g) alpha.push_back(std::exp((static_cast<double>(v) - m) / tau));
  for (double a : alpha) sum += a;
  for (double& a : alpha) a /= sum;
  return alpha;
}

void check_close(const std::vector<float>& got, const std::vector<double>& want) {
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (want[i] >= 1.2e-38) {
      REQUIRE(std::abs(static_cast<double>(got[i]) - want[i]) <= 1e-6 * want[i]);
    } else {
      REQUIRE(std::abs(static_cast<double>(got[i]) - want[i]) <= 3e-45);
    }
  }
}

}  // namespace

TEST_CASE("softmax: relative error below 1e-6 for every scale and temperature") {
  std::mt19937 rng(1);
  for (double tau : {1e-3, 0.1, 1.0, 3.7, 1e6}) {
    for (float scale : {1e-3f, 1.0f, 20.0f, 90.0f, 1e4f}) {
      for (size_t n : {1u, 2u, 15u, 16u, 17u, 1000u}) {
        std::vector<float> g(n);
        for (float& v : g) v = scale * test::uniform(rng);
        std::vector<float> alpha(n);
        softmax(g.data(), n, tau, alpha.data());
        check_close(alpha, softmax_in_double(g, tau));
        SoftmaxSum sum(tau);
        for (size_t i = 0; i < n; i += 100) sum.add(g.data() + i, std::min<size_t>(100, n - i));
        sum.weights(g.data(), n, alpha.data());
        check_close(alpha, softmax_in_double(g, tau));
        CHECK(sum.weight(g[0]) == alpha[0]);
      }
    }
  }
}

TEST_CASE("softmax: a share does not depend on the order of the scores") {
  std::mt19937 rng(7);
  int order_mattered = 0;  // without the grid: or this test could not fail
  for (size_t n : {2u, 17u, 100u, 1000u, 30000u}) {
    for (float scale : {0.1f, 5.0f, 40.0f}) {
      std::vector<float> g(n);
      for (float& v : g) v = scale * test::uniform(rng);
      std::vector<size_t> order(n);
      std::iota(order.begin(), order.end(), size_t{0});
      std::shuffle(order.begin(), order.end(), rng);
      std::vector<float> moved(n);
      for (size_t i = 0; i < n; ++i) moved[i] = g[order[i]];
      const plain::InverseTau inverse = plain::inverse_tau(0.7);
      const float m = *std::max_element(g.begin(), g.end());
      auto sum = [&](const std::vector<float>& scores, plain::SumGrid grid) {
        return plain::exp_sum(scores.data(), n, m, inverse, grid);
      };
      CHECK(sum(g, plain::sum_grid(n)) == sum(moved, plain::sum_grid(n)));
      CHECK(sum(g, plain::sum_grid(n)) == doctest::Approx(sum(g, {})).epsilon(1e-14));
      order_mattered += sum(g, {}) != sum(moved, {});
      softmax(g.data(), n, 0.7, g.data());
      softmax(moved.data(), n, 0.7, moved.data());
      for (size_t i = 0; i < n; ++i) REQUIRE(moved[i] == g[order[i]]);
    }
  }
  CHECK(order_mattered > 0);
}

TEST_CASE("softmax: all arguments of the exponential, down to the last denormal") {
  std::vector<float> g;
  for (int i = 0; i <= 21000; ++i) g.push_back(-0.005f * static_cast<float>(i));
  const plain::InverseTau one = plain::inverse_tau(1.0);
  for (float v : g) {
    const double want = std::exp(static_cast<double>(v));
    const double got = static_cast<double>(plain::exp_term(v, 0.0f, one));
    REQUIRE(std::abs(got - want) <= std::max(2.5e-7 * want, 1.5e-45));
  }
}

TEST_CASE("softmax: the plain bits for every n, in place or not") {
  test::on_every_target([] {
    std::mt19937 rng(2);
    for (size_t n = 0; n < 100; ++n) {
      std::vector<float> g(n);
      for (float& v : g) v = test::below(rng, 9) == 0 ? -kInfinity : 30.0f * test::uniform(rng);
      for (double tau : {0.3, 1.0, 50.0}) {
        std::vector<float> got(n + 1, 9.0f);
        std::vector<float> want(n + 1, 9.0f);
        softmax(g.data(), n, tau, got.data());
        plain::softmax(g.data(), n, tau, want.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
        SoftmaxSum sum(tau);
        sum.add(g.data(), n);
        sum.weights(g.data(), n, got.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
        std::vector<float> in_place = g;
        softmax(in_place.data(), n, tau, in_place.data());
        CHECK(test::bit_differences(in_place.data(), want.data(), n) == 0);
      }
    }
  });
}

TEST_CASE("softmax: edges") {
  std::vector<float> alpha(4);
  const std::vector<float> equal(4, 123.0f);
  softmax(equal.data(), 4, 0.5, alpha.data());
  for (float a : alpha) CHECK(a == 0.25f);

  const std::vector<float> none(4, -kInfinity);
  softmax(none.data(), 4, 1.0, alpha.data());
  for (float a : alpha) CHECK(a == 0.0f);

  const std::vector<float> one = {-kInfinity, -3e38f, -kInfinity, -kInfinity};
  softmax(one.data(), 4, 1.0, alpha.data());
  CHECK(alpha == std::vector<float>{0.0f, 1.0f, 0.0f, 0.0f});

  const std::vector<float> huge = {3e38f, -3e38f, 3e38f, 0.0f};
  softmax(huge.data(), 4, 1.0, alpha.data());
  CHECK(alpha == std::vector<float>{0.5f, 0.0f, 0.5f, 0.0f});

  for (double tau : {1e-300, 1e-30}) {
    const std::vector<float> close = {1.0f, 1.0f + 0x1p-23f, 0.0f, 1.0f + 0x1p-23f};
    softmax(close.data(), 4, tau, alpha.data());
    CHECK(alpha == std::vector<float>{0.0f, 0.5f, 0.0f, 0.5f});
  }
  softmax(huge.data(), 4, 1e300, alpha.data());
  CHECK(alpha[0] == 0.5f);
}

TEST_CASE("softmax: the streamed sum is the logarithm it says") {
  std::mt19937 rng(3);
  std::vector<float> g(777);
  for (float& v : g) v = 10.0f * test::uniform(rng);
  const double tau = 0.7;
  SoftmaxSum sum(tau);
  CHECK(sum.log_sum_exp() == -std::numeric_limits<double>::infinity());
  const float minus = -kInfinity;
  sum.add(&minus, 1);
  CHECK(sum.sum() == 0.0);
  for (size_t i = 0; i < g.size(); i += 111) sum.add(g.data() + i, 111);
  double want = 0.0;
  float largest = -kInfinity;
  for (float v : g) {
    want += std::exp(static_cast<double>(v) / tau);
    largest = std::max(largest, v);
  }
  CHECK(sum.max() == largest);
  CHECK(sum.log_sum_exp() == doctest::Approx(std::log(want)).epsilon(1e-7));
  sum.reset();
  CHECK(sum.sum() == 0.0);
}

}  // namespace rec::softmax_test
