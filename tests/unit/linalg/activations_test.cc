#include "linalg/activations.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::activations_test {
namespace {

// Values of all sizes up to `most`, of both signs.
std::vector<float> spread(std::mt19937& rng, size_t n, double most) {
  std::vector<float> x(n);
  for (float& value : x)
    value =
        static_cast<float>(std::ldexp(static_cast<double>(test::uniform(rng)) * most, -static_cast<int>(rng() % 12)));
  return x;
}

}  // namespace

TEST_CASE("activations: close to the functions in double") {
  std::mt19937 rng(1);
  const std::vector<float> x = spread(rng, 5000, 87.0);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto value = static_cast<double>(x[i]);
    CHECK(std::abs(static_cast<double>(plain::exp_of(x[i])) / std::exp(value) - 1.0) < 2e-7);
    CHECK(std::abs(static_cast<double>(plain::tanh_of(x[i])) - std::tanh(value)) < 2e-7);
    if (value > 0)
      CHECK(std::abs(static_cast<double>(plain::log_of(x[i])) - std::log(value)) <
            2e-7 * (1.0 + std::abs(std::log(value))));
  }
  CHECK(plain::exp_of(-1e30f) > 0.0f);
  CHECK(std::isfinite(plain::exp_of(1e30f)));
}

TEST_CASE("activations: the bits of plain.h on every instruction set, whatever the length") {
  test::on_every_target([] {
    std::mt19937 rng(2);
    for (size_t n = 0; n < 70; n += n < 20 ? 1 : 7) {
      const std::vector<float> x = spread(rng, n, 100.0);
      const std::vector<float> y = spread(rng, n, 100.0);
      std::vector<float> fast(n), slow(n);
      add_relu(x.data(), y.data(), n, fast.data());
      plain::add_relu(x.data(), y.data(), n, slow.data());
      CHECK(test::bit_differences(fast.data(), slow.data(), n) == 0);
      fast = y;
      for (float& value : fast) value = std::abs(value);
      slow = fast;
      log_all(fast.data(), n);
      plain::log_all(slow.data(), n);
      CHECK(test::bit_differences(fast.data(), slow.data(), n) == 0);
      for (const size_t K : {1u, 3u, 8u}) {
        const std::vector<float> s = spread(rng, K * (n + 3), 30.0);
        log_mean_exp(s.data(), K, n + 3, n, fast.data());
        plain::log_mean_exp(s.data(), K, n + 3, n, slow.data());
        CHECK(test::bit_differences(fast.data(), slow.data(), n) == 0);
        for (size_t i = 0; i < n; ++i) {
          double sum = 0.0;
          for (size_t k = 0; k < K; ++k) sum += std::exp(static_cast<double>(s[k * (n + 3) + i]));
          CHECK(static_cast<double>(fast[i]) == doctest::Approx(std::log(sum / static_cast<double>(K))).epsilon(1e-5));
        }
      }
    }
    for (const size_t D : {16u, 64u, 80u}) {
      const AlignedBuffer<float> a = test::uniform_floats(rng, D), v = test::uniform_floats(rng, D),
                                 all = test::uniform_floats(rng, 9 * D);
      std::vector<const float*> rows;
      for (size_t i = 0; i < 9; ++i) rows.push_back(all.data() + i * D);
      float fast[9], slow[9];
      tanh_scores(a.data(), rows.data(), 9, D, v.data(), fast);
      plain::tanh_scores(a.data(), rows.data(), 9, D, v.data(), slow);
      CHECK(test::bit_differences(fast, slow, 9) == 0);
      double sum = 0.0;
      for (size_t d = 0; d < D; ++d)
        sum += static_cast<double>(v[d]) * std::tanh(static_cast<double>(a[d]) + static_cast<double>(rows[8][d]));
      CHECK(static_cast<double>(fast[8]) == doctest::Approx(sum).epsilon(1e-5));
    }
  });
}

}  // namespace rec::activations_test
