#include "models/attention_pool/pool_net.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "unit/linalg/linalg_random.h"
#include "unit/models/attention_pool/plain_pool.h"

namespace rec::pool_net_test {
namespace {

constexpr size_t kFactors = 11;

PoolShape small(bool decay) {
  PoolShape shape;
  shape.dim = kFactors;
  shape.units = 7;
  shape.window = 20;
  shape.decay = decay;
  return shape;
}

std::vector<double> random_values(std::mt19937& rng, size_t n) {
  std::vector<double> x(n);
  for (double& value : x) value = test::uniform(rng);
  return x;
}

std::vector<double> random_parameters(std::mt19937& rng, const PoolShape& shape) {
  std::vector<double> values = random_values(rng, PoolParameters(shape).size);
  if (shape.decay) values[PoolParameters(shape).decay.offset] = 0.7;
  return values;
}

// Sequences of 1, 9, 2 and 20 items, few of them, so that some come again.
struct Packed {
  PackedSequences packed;
  std::vector<uint32_t> item;
  std::vector<double> y;

  explicit Packed(std::mt19937& rng) {
    packed.begin = {0, 1, 10, 12, 32};
    for (size_t t = 0; t < packed.tokens(); ++t) item.push_back(static_cast<uint32_t>(rng() % 12));
    y = random_values(rng, packed.tokens() * kFactors);
  }
  // What place t of sequence s reads, as rows.
  std::vector<size_t> read(size_t s, size_t t, PoolSight sight) const {
    std::vector<size_t> tokens;
    for (size_t j = packed.begin[s]; j < packed.begin[s + 1]; ++j) {
      if (sight == PoolSight::kBefore ? j <= t : item[j] != item[t]) tokens.push_back(j);
    }
    return tokens;
  }
  test::PlainPool::Rows rows(const std::vector<size_t>& tokens) const {
    test::PlainPool::Rows rows;
    for (const size_t t : tokens)
      rows.emplace_back(y.begin() + static_cast<std::ptrdiff_t>(t * kFactors),
                        y.begin() + static_cast<std::ptrdiff_t>((t + 1) * kFactors));
    return rows;
  }
};

// Calls body(shape, sight, random numbers) with every pool.
template <class Body>
void for_every_pool(Body body) {
  std::mt19937 rng(5);
  for (const bool decay : {false, true}) {
    for (const PoolSight sight : {PoolSight::kBefore, PoolSight::kOthers}) {
      INFO("decay " << decay << ", sight " << static_cast<int>(sight));
      body(small(decay), sight, rng);
    }
  }
}

}  // namespace

TEST_CASE("pool: h and shares are those of the plain model, in float64 and float32") {
  for_every_pool([](const PoolShape& shape, PoolSight sight, std::mt19937& rng) {
    const std::vector<double> values = random_parameters(rng, shape);
    const Packed packed(rng);
    const test::PlainPool plain(shape, values);
    const PoolWeights<double> weights(shape, values.data());
    PoolNet<double> net(weights);
    const double* h = net.forward(packed.packed, sight, packed.item.data(), packed.y.data());

    const std::vector<float> narrow(values.begin(), values.end());
    const std::vector<float> y(packed.y.begin(), packed.y.end());
    const PoolWeights<float> narrow_weights(shape, narrow.data());
    PoolNet<float> narrow_net(narrow_weights);
    const float* narrow_h = narrow_net.forward(packed.packed, sight, packed.item.data(), y.data());

    for (size_t s = 0; s < packed.packed.sequences(); ++s) {
      for (size_t t = packed.packed.begin[s]; t < packed.packed.begin[s + 1]; ++t) {
        const std::vector<double> expected =
            plain.h(packed.rows(packed.read(s, t, sight)), sight == PoolSight::kBefore);
        for (size_t f = 0; f < kFactors; ++f) {
          CHECK(h[t * kFactors + f] == doctest::Approx(expected[f]).epsilon(1e-12));
          CHECK(std::abs(static_cast<double>(narrow_h[t * kFactors + f]) - expected[f]) < 2e-6);
        }
      }
      if (sight == PoolSight::kOthers) continue;
      const std::vector<double> expected =
          plain.shares(packed.rows(packed.read(s, packed.packed.begin[s + 1] - 1, sight)));
      const auto shares = net.last_attention(packed.packed, s);
      REQUIRE(shares.size() == expected.size());
      for (size_t j = 0; j < shares.size(); ++j) CHECK(shares[j] == doctest::Approx(expected[j]).epsilon(1e-12));
    }
  });
}

TEST_CASE("pool: derivatives are those by central differences") {
  for_every_pool([](const PoolShape& shape, PoolSight sight, std::mt19937& rng) {
    std::vector<double> values = random_parameters(rng, shape);
    Packed packed(rng);
    const size_t N = packed.packed.tokens();
    const std::vector<double> d_h = random_values(rng, N * kFactors);  // the loss is h·d_h
    const auto loss = [&] {
      const PoolWeights<double> weights(shape, values.data());
      PoolNet<double> net(weights);
      const double* h = net.forward(packed.packed, sight, packed.item.data(), packed.y.data());
      double sum = 0.0;
      for (size_t i = 0; i < N * kFactors; ++i) sum += h[i] * d_h[i];
      return sum;
    };
    const PoolWeights<double> weights(shape, values.data());
    PoolNet<double> net(weights);
    net.forward(packed.packed, sight, packed.item.data(), packed.y.data());
    std::vector<double> d_y(N * kFactors, 7.0), gradient(values.size(), 0.25);  // set, and added to
    net.backward(packed.packed, sight, packed.y.data(), d_h.data(), d_y.data(), gradient.data());
    const auto check = [&](double& x, double derivative) {
      constexpr double kStep = 1e-5;
      const double before = x;
      x = before + kStep;
      const double above = loss();
      x = before - kStep;
      const double below = loss();
      x = before;
      const double slope = (above - below) / (2 * kStep);
      CHECK(std::abs(derivative - slope) < 1e-7 * std::max(1.0, std::abs(slope)));
    };
    for (size_t i = 0; i < values.size(); ++i) check(values[i], gradient[i] - 0.25);
    for (size_t i = 0; i < packed.y.size(); i += 3) check(packed.y[i], d_y[i]);
  });
}

}  // namespace rec::pool_net_test
