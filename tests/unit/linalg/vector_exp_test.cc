#include "linalg/vector_exp.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "unit/linalg/linalg_random.h"

namespace rec::vector_exp_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Function {
  const char* name;
  void (*floats)(float*, size_t);
  void (*doubles)(double*, size_t);
  double (*exact)(double);
};

double exact_sigmoid(double x) { return x < 0 ? std::exp(x) / (1.0 + std::exp(x)) : 1.0 / (1.0 + std::exp(-x)); }

const Function kFunctions[] = {{"exp", exp_all, exp_all, [](double x) { return std::exp(x); }},
                               {"sigmoid", sigmoid_all, sigmoid_all, exact_sigmoid},
                               {"tanh", tanh_all, tanh_all, [](double x) { return std::tanh(x); }}};

float one(const Function& f, float x) {
  f.floats(&x, 1);
  return x;
}

// Arguments dense where the functions are not 0 or 1, and small ones of both signs.
std::vector<float> arguments() {
  std::vector<float> x;
  for (int i = -88 * 1024; i <= 88 * 1024; ++i) x.push_back(static_cast<float>(i) / 1024.0f);
  for (int i = -4096; i <= 4096; ++i) x.push_back(static_cast<float>(i) / 8192.0f * 1.01f);
  for (float small = 1.0f; small > 0.0f; small *= 0.37f) x.insert(x.end(), {small, -small});
  return x;
}

}  // namespace

TEST_CASE("vector exp: relative error below 1e-6 in float32") {
  test::on_every_target([] {
    for (const Function& f : kFunctions) {
      CAPTURE(f.name);
      const std::vector<float> x = arguments();
      std::vector<float> y = x;
      f.floats(y.data(), y.size());
      double worst = 0.0;
      double worst_at = 0.0;
      for (size_t i = 0; i < x.size(); ++i) {
        const double want = f.exact(x[i]);
        const double error = std::abs(y[i] - want);
        if (std::abs(want) < 1e-37 && std::abs(x[i]) > 1.0f) {  // exp and sigmoid far left
          REQUIRE(error < 1e-37);
        } else if (error > worst * std::abs(want)) {
          worst = error / std::abs(want);
          worst_at = x[i];
        }
      }
      CAPTURE(worst_at);
      CHECK(worst < 1e-6);
    }
  });
}

TEST_CASE("vector exp: float64 is the library's") {
  for (const Function& f : kFunctions) {
    CAPTURE(f.name);
    for (double x = -40.0; x < 40.0; x += 0.0371) {
      double y = x;
      f.doubles(&y, 1);
      REQUIRE(std::abs(y - f.exact(x)) <= 4e-16 * std::abs(f.exact(x)));
    }
  }
}

TEST_CASE("vector exp: special arguments") {
  test::on_every_target([] {
    const auto& [exp_function, sigmoid, tanh] = kFunctions;
    CHECK(one(exp_function, -kInfinity) == 0.0f);
    CHECK(one(exp_function, -1e30f) == 0.0f);
    CHECK(one(exp_function, -88.0f) < 1e-37f);
    CHECK(one(exp_function, -87.0f) == doctest::Approx(std::exp(-87.0)).epsilon(1e-6));
    CHECK(one(exp_function, 88.0f) == doctest::Approx(std::exp(88.0)).epsilon(1e-6));
    CHECK(one(exp_function, 0.0f) == 1.0f);
    CHECK(one(exp_function, -0.0f) == 1.0f);
    CHECK(one(exp_function, 1e-42f) == 1.0f);
    CHECK(one(exp_function, -1e-42f) == 1.0f);
    CHECK(one(sigmoid, 0.0f) == 0.5f);
    CHECK(one(sigmoid, 1e30f) == 1.0f);
    CHECK(one(sigmoid, kInfinity) == 1.0f);
    CHECK(one(sigmoid, -kInfinity) < 1e-37f);
    CHECK(one(sigmoid, -1e30f) < 1e-37f);
    CHECK(one(tanh, 0.0f) == 0.0f);
    CHECK(one(tanh, 1e-42f) == 1e-42f);
    CHECK(one(tanh, 1e30f) == 1.0f);
    CHECK(one(tanh, -1e30f) == -1.0f);
    CHECK(one(tanh, kInfinity) == 1.0f);
    CHECK(one(tanh, -kInfinity) == -1.0f);
    for (const Function& f : kFunctions) {
      CHECK(std::isnan(one(f, kNan)));
      f.floats(nullptr, 0);
    }
  });
}

TEST_CASE("vector exp: the bits do not depend on place or neighbours") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    const float specials[] = {-kInfinity, kInfinity, kNan, 0.0f, 1e-42f, 88.0f, -87.5f};
    for (const Function& f : kFunctions) {
      CAPTURE(f.name);
      for (size_t n = 1; n < 70; ++n) {
        AlignedBuffer<float> x = test::uniform_floats(rng, n + 1);
        for (float& value : x)
          value = test::below(rng, 5) == 0 ? specials[test::below(rng, std::size(specials))] : 20.0f * value;
        const size_t shift = test::below(rng, 2);  // off the alignment
        AlignedBuffer<float> y = x;
        f.floats(y.data() + shift, n);
        for (size_t i = 0; i <= n; ++i) {
          const float want = i >= shift && i < shift + n ? one(f, x[i]) : x[i];
          REQUIRE(std::bit_cast<uint32_t>(y[i]) == std::bit_cast<uint32_t>(want));
        }
      }
    }
  });
}

}  // namespace rec::vector_exp_test

TEST_CASE("exp_shifted: values, cut, and the sum whatever the length") {
  std::mt19937 rng(11);
  std::uniform_real_distribution<float> draw(-95.0f, 0.0f);
  for (size_t n = 0; n < 70; ++n) {
    const float shift = draw(rng);
    std::vector<float> x(n);
    std::vector<double> wide(n);
    for (size_t i = 0; i < n; ++i) wide[i] = static_cast<double>(x[i] = shift + draw(rng));
    std::vector<float> e = x;
    const auto sum = static_cast<double>(rec::exp_shifted(e.data(), n, shift));
    const double exact = rec::exp_shifted(wide.data(), n, static_cast<double>(shift));
    double plain = 0.0;
    for (size_t i = 0; i < n; ++i) {
      const double at = static_cast<double>(x[i] - shift);
      const double expected = at < -87.0 ? 0.0 : std::exp(at);
      CHECK(std::abs(static_cast<double>(e[i]) - expected) <= 1e-6 * expected);
      plain += std::exp(static_cast<double>(x[i]) - static_cast<double>(shift));
      std::vector<float> alone{x[i]};
      rec::exp_shifted(alone.data(), 1, shift);
      CHECK(alone[0] == e[i]);
    }
    CHECK(sum == doctest::Approx(plain).epsilon(1e-5));
    CHECK(exact == doctest::Approx(plain).epsilon(1e-12));
  }
  std::vector<float> never(20, -std::numeric_limits<float>::infinity());
  CHECK(rec::exp_shifted(never.data(), never.size(), 0.0f) == 0.0f);
  CHECK(never == std::vector<float>(20, 0.0f));
}

TEST_CASE("exp_less: each column as exp_shifted has it, its sum on top of what was there") {
  std::mt19937 rng(12);
  std::uniform_real_distribution<float> draw(-95.0f, 0.0f);
  constexpr size_t kStride = 50;
  rec::test::on_every_target([&] {
    for (const size_t R : {0, 1, 5, 33}) {
      for (const size_t C : {16, 48}) {
        std::vector<float> x(R * kStride, 7.0f);
        std::vector<float> shift(C);
        std::vector<float> sum(C, 0.5f);
        for (float& value : shift) value = draw(rng);
        shift[3] = std::numeric_limits<float>::infinity();
        for (size_t r = 0; r < R; ++r) {
          for (size_t c = 0; c < C; ++c) x[r * kStride + c] = c == 3 ? 0.0f : shift[c] + draw(rng);
        }
        std::vector<double> wide(x.begin(), x.end());
        const std::vector<double> wide_shift(shift.begin(), shift.end());
        std::vector<double> wide_sum(C, 0.5);
        std::vector<float> e = x;
        rec::exp_less(R, C, shift.data(), e.data(), kStride, sum.data());
        rec::exp_less(R, C, wide_shift.data(), wide.data(), kStride, wide_sum.data());
        for (size_t c = 0; c < C; ++c) {
          double plain = 0.5;
          for (size_t r = 0; r < R; ++r) {
            float alone = x[r * kStride + c];
            rec::exp_shifted(&alone, 1, shift[c]);
            REQUIRE(e[r * kStride + c] == alone);
            REQUIRE(wide[r * kStride + c] == doctest::Approx(static_cast<double>(alone)).epsilon(1e-5));
            plain += static_cast<double>(alone);
          }
          CHECK(static_cast<double>(sum[c]) == doctest::Approx(plain).epsilon(1e-5));
          CHECK(wide_sum[c] == doctest::Approx(plain).epsilon(1e-5));
        }
        for (size_t r = 0; r < R; ++r) CHECK(e[r * kStride + C] == 7.0f);  // beside the matrix
      }
    }
  });
}
