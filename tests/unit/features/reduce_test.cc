#include "features/reduce.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "base/error.h"

namespace rec::reduce_test {

namespace {

// Items of random features in two kinds whose names are in another order than "KIND=CATEGORY".
FeatureTable random_features(uint32_t seed, size_t items, size_t categories) {
  std::mt19937 random(seed);
  FeatureTable features;
  features.name = "made";
  for (size_t item = 0; item < items; ++item) features.ids.intern("i" + std::to_string((item * 7) % items));
  for (const char* name : {"k", "k-2"}) {
    FeatureKind kind;
    kind.name = name;
    for (size_t category = 0; category < categories; ++category)
      kind.categories.intern("c" + std::to_string(100 + category));
    kind.rows.begin.push_back(0);
    for (size_t item = 0; item < items; ++item) {
      for (uint32_t category = 0; category < categories; ++category) {
        if (random() % 3 != 0) continue;
        kind.rows.index.push_back(category);
        kind.rows.weight.push_back(static_cast<float>(1 + random() % 4));
      }
      kind.rows.begin.push_back(kind.rows.index.size());
    }
    features.kinds.push_back(std::move(kind));
  }
  return features;
}

double product(const FeatureTable& features, uint32_t a, uint32_t b) {
  double sum = 0;
  for (const FeatureKind& kind : features.kinds) {
    const auto left = kind.row(a), right = kind.row(b);
    for (size_t i = 0; i < left.size; ++i) {
      for (size_t j = 0; j < right.size; ++j) {
        if (left.category[i] == right.category[j])
          sum += static_cast<double>(left.value[i]) * static_cast<double>(right.value[j]);
      }
    }
  }
  return sum;
}

double product(const Vectors& made, const FeatureTable& features, uint32_t a, uint32_t b) {
  IdTable items = made.items;
  items.index();
  double sum = 0;
  for (size_t d = 0; d < made.vectors.cols(); ++d) {
    sum += static_cast<double>(made.vectors.row(items.find(features.ids[a]))[d]) *
           static_cast<double>(made.vectors.row(items.find(features.ids[b]))[d]);
  }
  return sum;
}

}  // namespace

TEST_CASE("an svd of all dimensions keeps every product of two items, and one of fewer loses the least") {
  const FeatureTable features = random_features(1, 30, 6);
  ReduceOptions options;
  options.dim = 12;
  const Vectors whole = reduce_features(features, fit_reduction(features, options, 1), 1);
  options.dim = 4;
  const Vectors part = reduce_features(features, fit_reduction(features, options, 1), 1);
  options.method = Reduction::kProjection;
  const Vectors projected = reduce_features(features, fit_reduction(features, options, 1), 1);
  double lost = 0, lost_projected = 0;
  for (uint32_t a = 0; a < 30; ++a) {
    for (uint32_t b = 0; b < 30; ++b) {
      const double exact = product(features, a, b);
      REQUIRE(product(whole, features, a, b) == doctest::Approx(exact).epsilon(1e-4));
      lost += std::pow(product(part, features, a, b) - exact, 2);
      lost_projected += std::pow(product(projected, features, a, b) - exact, 2);
    }
  }
  CHECK(lost > 0);
  CHECK(lost < 0.5 * lost_projected);
}

TEST_CASE("random projections keep products in the mean") {
  const FeatureTable features = random_features(2, 20, 30);
  ReduceOptions options;
  options.method = Reduction::kProjection;
  options.dim = 4096;
  const Vectors made = reduce_features(features, fit_reduction(features, options, 1), 2);
  for (uint32_t a = 0; a < 20; ++a) {
    for (uint32_t b = 0; b < 20; ++b) {
      const double scale = std::sqrt(product(features, a, a) * product(features, b, b));
      REQUIRE(std::abs(product(made, features, a, b) - product(features, a, b)) < 0.1 * scale);
    }
  }
}

TEST_CASE("vectors are the same for every number of threads, and by a state in either encoding") {
  const FeatureTable features = random_features(3, 25, 9);
  for (const Reduction method : {Reduction::kSvd, Reduction::kProjection}) {
    ReduceOptions options;
    options.dim = 5;
    options.method = method;
    const ReduceState state = fit_reduction(features, options, 1);
    const Vectors one = reduce_features(features, state, 1);
    const Vectors three = reduce_features(features, fit_reduction(features, options, 3), 3);
    const Vectors applied = reduce_features(features, ReduceState::from_artefact(state.to_artefact(), "s"), 2);
    REQUIRE(one.vectors.cols() == 5);
    for (size_t item = 0; item < 25; ++item) {
      for (size_t d = 0; d < 5; ++d) {
        REQUIRE(one.vectors.row(item)[d] == three.vectors.row(item)[d]);
        REQUIRE(one.vectors.row(item)[d] == applied.vectors.row(item)[d]);
      }
    }
  }
}

TEST_CASE("features that an svd has not seen") {
  const FeatureTable seen = random_features(4, 25, 5), more = random_features(5, 25, 7);
  ReduceOptions options;
  options.dim = 3;
  CHECK(reduce_features(more, fit_reduction(seen, options, 1), 1).unknown == 4);
  options.method = Reduction::kProjection;
  CHECK(reduce_features(more, fit_reduction(seen, options, 1), 1).unknown == 0);
}

TEST_CASE("no feature, and a state of something else") {
  FeatureTable none;
  none.name = "empty";
  none.ids.intern("a");
  CHECK_THROWS_AS((void)fit_reduction(none, {}, 1), Error);
  Artefact other;
  other.meta["model"] = "als";
  CHECK_THROWS_AS((void)ReduceState::from_artefact(other, "f"), Error);
  Artefact bare = fit_reduction(random_features(6, 5, 3), {}, 1).to_artefact();
  bare.meta["method"] = "other";
  CHECK_THROWS_AS((void)ReduceState::from_artefact(bare, "f"), Error);
}

}  // namespace rec::reduce_test
