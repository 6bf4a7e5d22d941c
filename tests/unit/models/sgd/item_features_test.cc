#include "models/sgd/item_features.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"

namespace rec::item_features_test {
namespace {

constexpr size_t kItems = 6;
constexpr size_t kDim = 5;

// Two kinds: colour of two categories and a number; item 4 has none, item 5 no rows.
SideFeatures some_features() {
  SideFeatures side;
  side.of = IdKind::kItem;
  for (const char* name : {"colour=blue", "colour=red", "price"}) side.map.names.intern(name);
  side.map.names.index();
  side.map.columns.assign(3, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0, 1, 3, 4, 6, 6, 7};
  side.rows.index = {0, 1, 2, 2, 0, 1, 0};
  side.rows.weight = {1.0f, 0.5f, -0.8f, 0.3f, 0.6f, 0.7f, 0.9f};
  return side;
}

const std::vector<float> kCounts{1.0f, 3.0f, 2.0f, 1.0f, 4.0f, 0.0f};

AlignedBuffer<float> some_values(size_t n, uint64_t stream) {
  AlignedBuffer<float> values(n);
  Rng rng(9, stream);
  for (float& value : values) value = static_cast<float>(rng.normal(1.0));
  return values;
}

// A step of gradient descent by what back() says.
void step(ItemFeatures& features, double rate) {
  ParameterBlock block = features.block();
  std::vector<float> gradient(block.size);
  block.gradient(0, block.size, gradient.data(), 0);
  block.optimizer->begin_step(rate);
  block.optimizer->update(block.values, gradient.data(), 0, block.size);
  features.fold();
}

// x by the definition, from the block's values: e, u, s.
double plain(const std::vector<double>& values, const SideFeatures& side, const AlignedBuffer<float>& ids,
             bool without_id, size_t item, size_t f) {
  const size_t C = side.map.size();
  const std::vector<size_t> kind{0, 0, 1};
  double x = without_id ? values[C * kDim + f] : static_cast<double>(ids[item * kDim + f]);
  for (size_t at = side.rows.begin[item]; at < side.rows.begin[item + 1]; ++at) {
    const size_t c = side.rows.index[at];
    x += static_cast<double>(side.rows.weight[at]) * values[(C + 1) * kDim + kind[c]] * values[c * kDim + f];
  }
  return x;
}

TEST_CASE("item features: vectors and gradients as defined, with ids that are dropped") {
  const SideFeatures side = some_features();
  const AlignedBuffer<float> ids = some_values(kItems * kDim, 1);
  const AlignedBuffer<float> d_x = some_values(kItems * kDim, 2);
  OptimizerOptions sgd;
  sgd.kind = OptimizerKind::kSgd;
  ItemFeatures features(side, kCounts, kDim, sgd, 0.5, 7, 1);
  features.fold();
  ThreadPool pool(2);
  AlignedBuffer<float> x(kItems * kDim);
  features.compose(ids.data(), features.folded().data(), 0, kItems, true, x.data());
  for (size_t i = 0; i < 5 * kDim; ++i) CHECK(x[i] == ids[i]);  // s is 0
  for (size_t f = 0; f < kDim; ++f) CHECK(x[5 * kDim + f] == 0.0f);
  features.back(d_x.data(), pool);
  step(features, 0.7);  // s and u leave 0

  for (const double rate : {0.0, 0.5, 0.9}) {
    features.drop(rate, 11);
    CHECK_FALSE(features.own(5));
    size_t dropped = 0;
    for (size_t item = 0; item < 5; ++item) dropped += features.own(item) ? 0 : 1;
    CAPTURE(rate);
    CHECK((dropped > 0) == (rate > 0.0));
    const ParameterBlock block = features.block();
    const std::vector<double> values(block.values, block.values + block.size);
    REQUIRE(std::abs(values[4 * kDim]) > 1e-3);  // s
    features.compose(ids.data(), features.folded().data(), 0, kItems, true, x.data());
    const auto loss = [&](const std::vector<double>& at) {  // linear in x
      double sum = 0.0;
      for (size_t i = 0; i < 5 * kDim; ++i)
        sum += static_cast<double>(d_x[i]) * plain(at, side, ids, !features.own(i / kDim), i / kDim, i % kDim);
      return sum;
    };
    for (size_t i = 0; i < kItems * kDim; ++i)
      CHECK(static_cast<double>(x[i]) ==
            doctest::Approx(plain(values, side, ids, !features.own(i / kDim), i / kDim, i % kDim)).epsilon(1e-5));
    AlignedBuffer<float> d_all = d_x;
    std::fill(d_all.begin() + 5 * kDim, d_all.end(), 0.0f);  // an item without rows has no gradient
    features.back(d_all.data(), pool);
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
    AlignedBuffer<float> d_ids(kItems * kDim);
    features.own_part(d_all.data(), 0, kItems, d_ids.data());
    for (size_t i = 0; i < d_ids.size(); ++i) CHECK(d_ids[i] == (features.own(i / kDim) ? d_all[i] : 0.0f));
    // The model keeps the ids that a step has dropped.
    features.compose(ids.data(), features.folded().data(), 0, kItems, false, x.data());
    for (size_t i = 0; i < kItems * kDim; ++i)
      CHECK(static_cast<double>(x[i]) ==
            doctest::Approx(plain(values, side, ids, i / kDim == 5, i / kDim, i % kDim)).epsilon(1e-5));
  }
}

TEST_CASE("item features: so many ids are dropped as the rate says, others each time") {
  SideFeatures side;
  side.map.names.intern("a=b");
  side.map.columns.assign(1, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin.assign(10001, 0);
  ItemFeatures features(side, std::vector<float>(10000, 1.0f), 4, {}, 0.1, 1, 1);
  std::vector<char> before(10000, 0);
  for (const uint64_t key : {1, 2}) {
    features.drop(0.2, key);
    size_t dropped = 0;
    size_t both = 0;
    for (size_t item = 0; item < 10000; ++item) {
      dropped += features.own(item) ? 0 : 1;
      both += !features.own(item) && before[item] != 0 ? 1 : 0;
      before[item] = features.own(item) ? 0 : 1;
    }
    CHECK(dropped == doctest::Approx(2000).epsilon(0.1));
    CHECK(both < 500);
  }
}

}  // namespace
}  // namespace rec::item_features_test
