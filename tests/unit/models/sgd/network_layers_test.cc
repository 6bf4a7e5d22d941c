#include "models/sgd/network_layers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "unit/linalg/linalg_random.h"

namespace rec::network_layers_test {
namespace {

std::vector<double> random_values(std::mt19937& rng, size_t n) {
  std::vector<double> x(n);
  for (double& value : x) value = 2.0 * test::uniform(rng);
  return x;
}

// The derivative of f with respect to each element of x.
template <class F>
std::vector<double> differences(std::vector<double>& x, F f) {
  constexpr double kStep = 1e-5;
  std::vector<double> slopes;
  for (double& value : x) {
    const double at = value;
    value = at + kStep;
    const double above = f();
    value = at - kStep;
    const double below = f();
    value = at;
    slopes.push_back((above - below) / (2.0 * kStep));
  }
  return slopes;
}

double weighted(const std::vector<double>& weight, const std::vector<double>& x) {
  double sum = 0.0;
  for (size_t i = 0; i < x.size(); ++i) sum += weight[i] * x[i];
  return sum;
}

void check_close(const std::vector<double>& got, const std::vector<double>& want, double tolerance) {
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i) REQUIRE(std::abs(got[i] - want[i]) < tolerance);
}

}  // namespace

TEST_CASE("layers: sums by lanes") {
  std::mt19937 rng(1);
  for (size_t n = 0; n < 70; ++n) {
    const std::vector<double> a = random_values(rng, n);
    const std::vector<double> b = random_values(rng, n);
    double dot = 0.0;
    double sum = 0.0;
    double greatest = -9.0;
    for (size_t i = 0; i < n; ++i) {
      dot += a[i] * b[i];
      sum += a[i];
      greatest = std::max(greatest, a[i]);
    }
    REQUIRE(std::abs(lane_dot(a.data(), b.data(), n) - dot) < 1e-13);
    REQUIRE(std::abs(lane_sum(a.data(), n) - sum) < 1e-13);
    REQUIRE(lane_max(a.data(), n, -9.0) == greatest);
  }
}

TEST_CASE("layers: affine and its derivatives") {
  std::mt19937 rng(2);
  const size_t n = 5;
  const size_t rows = 7;
  const size_t cols = 3;
  std::vector<double> in = random_values(rng, n * rows);
  std::vector<double> W = random_values(rng, rows * cols);
  std::vector<double> bias = random_values(rng, cols);
  std::vector<double> out(n * cols);
  affine(n, rows, cols, in.data(), W.data(), bias.data(), out.data());
  std::vector<double> bare(n * cols);
  affine<double>(n, rows, cols, in.data(), W.data(), nullptr, bare.data());
  for (size_t t = 0; t < n; ++t) {
    for (size_t c = 0; c < cols; ++c) {
      double want = 0.0;
      for (size_t r = 0; r < rows; ++r) want += in[t * rows + r] * W[r * cols + c];
      REQUIRE(std::abs(bare[t * cols + c] - want) < 1e-12);
      REQUIRE(std::abs(out[t * cols + c] - want - bias[c]) < 1e-12);
    }
  }
  const std::vector<double> d_out = random_values(rng, n * cols);
  const auto loss = [&] {
    affine(n, rows, cols, in.data(), W.data(), bias.data(), out.data());
    return weighted(d_out, out);
  };
  std::vector<double> W_transposed(rows * cols);
  transpose<double>(rows, cols, {W.data(), cols}, {W_transposed.data(), rows});
  for (const bool add : {false, true}) {  // to 1 everywhere
    std::vector<double> d_in(n * rows, 1.0);
    std::vector<double> d_W(rows * cols, 1.0);
    std::vector<double> d_bias(cols, 1.0);
    affine_back(n, rows, cols, in.data(), W_transposed.data(), d_out.data(), d_in.data(), add, d_W.data(),
                d_bias.data());
    for (double& value : d_in) value -= add ? 1.0 : 0.0;
    for (double& value : d_W) value -= 1.0;
    for (double& value : d_bias) value -= 1.0;
    check_close(d_in, differences(in, loss), 1e-8);
    check_close(d_W, differences(W, loss), 1e-8);
    check_close(d_bias, differences(bias, loss), 1e-8);
  }
}

TEST_CASE("layers: norm and its derivatives") {
  std::mt19937 rng(3);
  for (const size_t d : {1, 2, 16, 21}) {
    const size_t n = 3;
    std::vector<double> x = random_values(rng, n * d);
    std::vector<double> gain = random_values(rng, d);
    std::vector<double> bias = random_values(rng, d);
    std::vector<double> unit(n * d);
    std::vector<double> inverse(n);
    std::vector<double> out(n * d);
    const auto run = [&] { norm(n, d, x.data(), gain.data(), bias.data(), unit.data(), inverse.data(), out.data()); };
    run();
    for (size_t t = 0; t < n; ++t) {
      double mean = 0.0;
      double square = 0.0;
      for (size_t c = 0; c < d; ++c) mean += unit[t * d + c] / static_cast<double>(d);
      for (size_t c = 0; c < d; ++c) square += unit[t * d + c] * unit[t * d + c] / static_cast<double>(d);
      CHECK(std::abs(mean) < 1e-14);
      CHECK(std::abs(square - (d == 1 ? 0.0 : 1.0)) < 1e-4);  // epsilon takes a little
      for (size_t c = 0; c < d; ++c) CHECK(std::abs(out[t * d + c] - gain[c] * unit[t * d + c] - bias[c]) < 1e-15);
    }
    std::vector<double> d_x(n * d, 1.0);
    std::vector<double> d_gain(d, 1.0);
    std::vector<double> d_bias(d, 1.0);
    std::vector<double> work(d);
    const std::vector<double> d_out = random_values(rng, n * d);
    norm_back(n, d, unit.data(), inverse.data(), gain.data(), d_out.data(), d_x.data(), d_gain.data(), d_bias.data(),
              work.data());
    for (auto* derivative : {&d_x, &d_gain, &d_bias}) {
      for (double& value : *derivative) value -= 1.0;
    }
    const auto loss = [&] {
      run();
      return weighted(d_out, out);
    };
    check_close(d_x, differences(x, loss), 1e-6);
    check_close(d_gain, differences(gain, loss), 1e-8);
    check_close(d_bias, differences(bias, loss), 1e-8);
  }
}

TEST_CASE("layers: the norm of equal values is finite") {
  const std::vector<float> x(20, 3.5f);
  const std::vector<float> gain(20, 2.0f);
  const std::vector<float> bias(20, 0.25f);
  std::vector<float> unit(20);
  std::vector<float> out(20);
  float inverse = 0.0f;
  norm<float>(1, 20, x.data(), gain.data(), bias.data(), unit.data(), &inverse, out.data());
  for (float value : out) CHECK(value == doctest::Approx(0.25f));
}

TEST_CASE("layers: GELU and its derivative") {
  std::vector<double> u;
  for (double x = -8.0; x <= 8.0; x += 0.03) u.push_back(x);
  std::vector<double> sigma(u.size());
  std::vector<double> out(u.size());
  gelu<double>(u.size(), u.data(), nullptr, sigma.data(), out.data());
  for (size_t i = 0; i < u.size(); ++i) {
    const double z = std::sqrt(2.0 / M_PI) * (u[i] + 0.044715 * u[i] * u[i] * u[i]);
    REQUIRE(std::abs(out[i] - 0.5 * u[i] * (1.0 + std::tanh(z))) < 1e-14);
  }
  std::vector<double> slope(u.size(), 3.0);
  gelu_back<double>(u.size(), u.data(), sigma.data(), nullptr, slope.data());
  std::vector<double> scratch(1);
  for (size_t i = 0; i < u.size(); ++i) {
    std::vector<double> x{u[i]};
    const std::vector<double> want = differences(x, [&] {
      double value = 0.0;
      gelu<double>(1, x.data(), nullptr, scratch.data(), &value);
      return 3.0 * value;
    });
    REQUIRE(std::abs(slope[i] - want[0]) < 1e-8);
  }
  std::vector<float> far{-1000.0f, -30.0f, 0.0f, 30.0f, 1000.0f};
  std::vector<float> far_sigma(5);
  std::vector<float> far_out(5);
  gelu(5, far.data(), nullptr, far_sigma.data(), far_out.data());
  std::vector<float> far_slope(5, 1.0f);
  gelu_back(5, far.data(), far_sigma.data(), nullptr, far_slope.data());
  const float want_out[] = {0.0f, 0.0f, 0.0f, 30.0f, 1000.0f};
  const float want_slope[] = {0.0f, 0.0f, 0.5f, 1.0f, 1.0f};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(std::abs(far_out[i] - want_out[i]) < 1e-30f);
    CHECK(std::abs(far_slope[i] - want_slope[i]) < 1e-24f);
  }
}

// The float32 overloads beside the templates that state them.
using Floats = AlignedBuffer<float>;

Floats random_floats(std::mt19937& rng, size_t n) {
  Floats x(n);
  for (float& value : x) value = 2.0f * static_cast<float>(test::uniform(rng));
  return x;
}

TEST_CASE("layers: norm in vectors has the template's bits") {
  test::on_every_target([] {
    std::mt19937 rng(5);
    for (const size_t d : {1, 15, 16, 48, 64, 65, 128}) {
      const size_t n = 5;
      const Floats x = random_floats(rng, n * d);
      const Floats gain = random_floats(rng, d);
      const Floats bias = random_floats(rng, d);
      const Floats d_out = random_floats(rng, n * d);
      Floats unit[2], inverse[2], out[2], d_x[2], d_gain[2], d_bias[2], work(d);
      const Floats before = random_floats(rng, n * d);
      for (int side = 0; side < 2; ++side) {
        unit[side].resize(n * d);
        inverse[side].resize(n);
        out[side].resize(n * d);
        d_x[side] = before;
        d_gain[side].assign(d, 0.5f);
        d_bias[side].assign(d, -0.5f);
      }
      norm(n, d, x.data(), gain.data(), bias.data(), unit[0].data(), inverse[0].data(), out[0].data());
      norm<float>(n, d, x.data(), gain.data(), bias.data(), unit[1].data(), inverse[1].data(), out[1].data());
      norm_back(n, d, unit[0].data(), inverse[0].data(), gain.data(), d_out.data(), d_x[0].data(), d_gain[0].data(),
                d_bias[0].data(), work.data());
      norm_back<float>(n, d, unit[1].data(), inverse[1].data(), gain.data(), d_out.data(), d_x[1].data(),
                       d_gain[1].data(), d_bias[1].data(), work.data());
      for (const Floats* pair : {unit, inverse, out, d_x, d_gain, d_bias}) REQUIRE(pair[0] == pair[1]);
    }
  });
}

TEST_CASE("layers: attention weights are the softmax of what a row has seen, and have its derivatives") {
  test::on_every_target([] {
    std::mt19937 rng(6);
    for (const size_t n : {1, 7, 16, 17, 40}) {
      for (const size_t step : {size_t{0}, size_t{1}}) {
        const size_t cols = pad16(n);
        const size_t stride = cols + 16;
        const AttentionRows rows{n, cols, stride, step == 0 ? n : 1, step};
        Floats S = random_floats(rng, n * stride);
        S[0] = 80.0f;  // far from its row's others
        const Floats scores = S;
        attention_weights(rows, 0.75f, S.data());
        for (size_t r = 0; r < n; ++r) {
          const size_t seen = rows.first + r * step;
          double sum = 0.0;
          for (size_t j = 0; j < seen; ++j)
            sum += std::exp(0.75 * static_cast<double>(scores[r * stride + j]) - (r == 0 ? 60.0 : 0.0));
          for (size_t j = 0; j < stride; ++j) {
            const float got = S[r * stride + j];
            if (j >= cols) {
              REQUIRE(got == scores[r * stride + j]);  // not its own
              continue;
            }
            const double want =
                j < seen ? std::exp(0.75 * static_cast<double>(scores[r * stride + j]) - (r == 0 ? 60.0 : 0.0)) / sum
                         : 0.0;
            REQUIRE(std::abs(static_cast<double>(got) - want) <= 2e-6 * want + 1e-37);
          }
        }
        Floats twin = scores;
        attention_weights<float>(rows, 0.75f, twin.data());
        for (size_t i = 0; i < S.size(); ++i) REQUIRE(std::abs(S[i] - twin[i]) <= 2e-6f * std::abs(twin[i]));

        const Floats above = random_floats(rng, n * stride);
        const Floats mask = random_floats(rng, n * stride);
        for (const float* its_mask : {static_cast<const float*>(nullptr), mask.data()}) {
          Floats got = above;
          Floats want = above;
          attention_weights_back(rows, S.data(), its_mask, 0.75f, got.data());
          attention_weights_back<float>(rows, S.data(), its_mask, 0.75f, want.data());
          REQUIRE(got == want);
          for (size_t r = 0; r < n; ++r) {  // by the definition, in double
            const size_t at = r * stride;
            const auto value = [&](size_t j) {
              return static_cast<double>(above[at + j]) *
                     (its_mask != nullptr ? static_cast<double>(mask[at + j]) : 1.0);
            };
            double mean = 0.0;
            for (size_t j = 0; j < cols; ++j) mean += static_cast<double>(S[at + j]) * value(j);
            for (size_t j = 0; j < cols; ++j) {
              REQUIRE(std::abs(static_cast<double>(got[at + j]) -
                               0.75 * static_cast<double>(S[at + j]) * (value(j) - mean)) < 1e-5);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("layers: GELU in vectors is the template's") {
  test::on_every_target([] {
    std::mt19937 rng(7);
    for (const size_t n : {1, 16, 37, 1000}) {
      Floats u = random_floats(rng, n);
      for (float& value : u) value *= 4.0f;
      const Floats mask = random_floats(rng, n);
      const Floats above = random_floats(rng, n);
      for (const float* its_mask : {static_cast<const float*>(nullptr), mask.data()}) {
        Floats sigma[2]{Floats(n), Floats(n)}, out[2]{Floats(n), Floats(n)};
        gelu(n, u.data(), its_mask, sigma[0].data(), out[0].data());
        gelu<float>(n, u.data(), its_mask, sigma[1].data(), out[1].data());
        for (size_t i = 0; i < n; ++i) {
          REQUIRE(std::abs(sigma[0][i] - sigma[1][i]) <= 2e-6f * sigma[1][i]);
          REQUIRE(std::abs(out[0][i] - out[1][i]) <= 3e-6f * std::abs(out[1][i]));
        }
        Floats d[2]{above, above};
        gelu_back(n, u.data(), sigma[0].data(), its_mask, d[0].data());
        gelu_back<float>(n, u.data(), sigma[0].data(), its_mask, d[1].data());
        for (size_t i = 0; i < n; ++i) REQUIRE(std::abs(d[0][i] - d[1][i]) <= 1e-6f * std::abs(above[i]) * 8.0f);
      }
    }
  });
}

TEST_CASE("layers: dropout keeps its share, scaled to keep the mean; of the key alone") {
  constexpr size_t kCount = 200'003;  // not a multiple of anything within
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    for (const uint64_t key : {0ull, 1ull, 123456789ull}) {
      std::vector<float> mask(kCount + 1, 9.0f);
      dropout_mask(mask.data(), kCount, rate, key);
      CHECK(mask[kCount] == 9.0f);
      const double rounded = std::round(rate * 65536.0) / 65536.0;  // as the header says
      const float kept = static_cast<float>(1.0 / (1.0 - rounded));
      size_t dropped = 0;
      size_t pairs = 0;  // neighbours that fall together: independent
      for (size_t i = 0; i < kCount; ++i) {
        REQUIRE((mask[i] == 0.0f || mask[i] == kept));
        dropped += mask[i] == 0.0f;
        pairs += i > 0 && mask[i] == 0.0f && mask[i - 1] == 0.0f;
      }
      const auto count = static_cast<double>(kCount);
      CHECK(std::abs(static_cast<double>(dropped) - count * rounded) <=
            4.0 * std::sqrt(count * rounded * (1.0 - rounded)));
      const double both = rounded * rounded;
      CHECK(std::abs(static_cast<double>(pairs) - count * both) <= 8.0 * std::sqrt(count * both));
      // a shorter mask is the beginning of a longer one; float64's is float32's
      for (const size_t n : {1, 63, 64, 255, 256, 257, 1000}) {
        std::vector<double> shorter(n);
        dropout_mask(shorter.data(), n, rate, key);
        for (size_t i = 0; i < n; ++i) REQUIRE(static_cast<float>(shorter[i]) == mask[i]);
      }
    }
  }
  std::vector<float> one(1000);
  std::vector<float> other(1000);
  dropout_mask(one.data(), 1000, 0.5, 1);
  dropout_mask(other.data(), 1000, 0.5, 2);
  CHECK(test::bit_differences(one.data(), other.data(), 1000) > 400);
}

TEST_CASE("layers: multiply") {
  const std::vector<float> factor{2.0f, 0.0f, -1.0f};
  std::vector<float> x{1.0f, 5.0f, 3.0f};
  multiply_by<float>(3, factor.data(), x.data());
  CHECK(x == std::vector<float>{2.0f, 0.0f, -3.0f});
  std::vector<float> product(3);
  multiply(3, factor.data(), x.data(), product.data());
  CHECK(product == std::vector<float>{4.0f, 0.0f, 3.0f});
}

}  // namespace rec::network_layers_test
