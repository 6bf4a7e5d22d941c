#include "models/sgd/user_features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace rec::user_features_test {
namespace {

constexpr size_t kUsers = 5;
constexpr size_t kDim = 5;

// Two kinds: group of two categories and an age; user 3 has none.
SideFeatures some_features() {
  SideFeatures side;
  side.of = IdKind::kUser;
  for (const char* name : {"age", "group=a", "group=b"}) side.map.names.intern(name);
  side.map.names.index();
  side.map.columns.assign(3, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0, 1, 3, 4, 4, 6};
  side.rows.index = {1, 0, 2, 2, 0, 1};
  side.rows.weight = {1.0f, 0.5f, -0.8f, 0.3f, 0.6f, 0.7f};
  return side;
}

std::vector<float> some_values(size_t n, uint64_t stream) {
  std::vector<float> values(n);
  Rng rng(9, stream);
  for (float& value : values) value = static_cast<float>(rng.normal(1.0));
  return values;
}

// The features' part of h' by the definition, from the block's values: e, u, s.
double plain(const std::vector<double>& values, const SideFeatures& side, size_t user, size_t f) {
  const size_t C = side.map.size();
  const std::vector<size_t> kind{0, 1, 1};
  double sum = 0.0;
  for (size_t at = side.rows.begin[user]; at < side.rows.begin[user + 1]; ++at) {
    const size_t c = side.rows.index[at];
    sum += static_cast<double>(side.rows.weight[at]) * values[(C + 1) * kDim + kind[c]] * values[c * kDim + f];
  }
  return sum;
}

TEST_CASE("user features: sums and gradients as defined, for a user in two sequences and for one in none") {
  const SideFeatures side = some_features();
  const std::vector<uint32_t> sequences{4, 1, 4, 3, 0};  // users; user 2 has none
  const std::vector<float> d_sums = some_values(sequences.size() * kDim, 1);
  const std::vector<float> d_starts = some_values(sequences.size() * kDim, 2);
  OptimizerOptions sgd;
  sgd.kind = OptimizerKind::kSgd;
  UserFeatures features(side, kDim, sgd, 0.5, 7, 1);
  features.fold();
  CHECK(features.has_features(0));
  CHECK_FALSE(features.has_features(3));
  std::vector<float> sum(kDim, 9.0f);
  for (uint32_t user = 0; user < kUsers; ++user) {
    features.sum_of(user, sum.data());
    for (const float value : sum) CHECK(value == 0.0f);  // s is 0
  }
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    features.back(sequences, d_sums.data(), d_starts.data(), pool);
    const ParameterBlock block = features.block();
    std::vector<float> gradient(block.size);
    block.gradient(0, block.size, gradient.data(), 0);
    if (threads == 1) first = gradient;
    CHECK(gradient == first);
  }
  ParameterBlock block = features.block();
  block.optimizer->begin_step(0.7);
  block.optimizer->update(block.values, first.data(), 0, block.size);
  features.fold();  // s and u have left 0

  const std::vector<double> values(block.values, block.values + block.size);
  REQUIRE(std::abs(values[4 * kDim]) > 1e-3);  // s
  for (uint32_t user = 0; user < kUsers; ++user) {
    features.sum_of(user, sum.data());
    for (size_t f = 0; f < kDim; ++f)
      CHECK(static_cast<double>(sum[f]) == doctest::Approx(plain(values, side, user, f)).epsilon(1e-5));
  }
  for (size_t f = 0; f < kDim; ++f) CHECK(static_cast<double>(features.start()[f]) == values[3 * kDim + f]);  // u
  const auto loss = [&](const std::vector<double>& at) {  // linear in what is added to h
    double all = 0.0;
    for (size_t s = 0; s < sequences.size(); ++s) {
      for (size_t f = 0; f < kDim; ++f) {
        all += static_cast<double>(d_sums[s * kDim + f]) * plain(at, side, sequences[s], f) +
               static_cast<double>(d_starts[s * kDim + f]) * at[3 * kDim + f];
      }
    }
    return all;
  };
  ThreadPool pool(2);
  features.back(sequences, d_sums.data(), d_starts.data(), pool);
  std::vector<float> gradient(block.size);
  block.gradient(0, block.size, gradient.data(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    std::vector<double> moved = values;
    moved[i] += 1e-4;
    const double above = loss(moved);
    moved[i] -= 2e-4;
    CAPTURE(i);
    CHECK(std::abs((above - loss(moved)) / 2e-4 - static_cast<double>(gradient[i])) < 1e-4);
  }
}

}  // namespace
}  // namespace rec::user_features_test
