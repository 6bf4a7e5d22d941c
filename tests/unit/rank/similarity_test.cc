#include "rank/similarity.h"

#include <doctest/doctest.h>

#include <cmath>

namespace rec::similarity_test {
namespace {

TEST_CASE("FeatureSimilarity: Jaccard and cosine by hand; none without features") {
  IdTable items;
  for (const char* item : {"a", "b", "c"}) items.intern(item);
  FeatureKind kind;
  for (const char* category : {"x", "y", "z"}) kind.categories.intern(category);
  kind.rows.begin = {0, 2, 4, 4};  // a: x 3, y 4; b: y 1, z 2; c: none
  kind.rows.index = {0, 1, 1, 2};
  kind.rows.weight = {3, 4, 1, 2};
  const std::vector<uint32_t> others{0, 1, 2, kNoId};
  float out[4];
  const FeatureSimilarity jaccard(items, kind, FeatureSimilarity::Form::kJaccard);
  jaccard.similarities(0, others, out);
  CHECK(out[0] == 1.0f);
  CHECK(out[1] == doctest::Approx(1.0 / 3));
  CHECK(out[2] == 0.0f);
  CHECK(out[3] == 0.0f);
  const FeatureSimilarity cosine(items, kind, FeatureSimilarity::Form::kCosine);
  cosine.similarities(0, others, out);
  CHECK(out[1] == doctest::Approx(4.0 / (5.0 * std::sqrt(5.0))));
  CHECK(out[2] == 0.0f);
  cosine.similarities(kNoId, others, out);
  CHECK(out[0] == 0.0f);
}

TEST_CASE("VectorCosine: length does not count, zero and unknown are like nothing") {
  IdTable items;
  for (const char* item : {"a", "b", "c", "zero"}) items.intern(item);
  Matrix vectors(4, 2);
  vectors(0, 0) = 3;
  vectors(1, 0) = 1;
  vectors(1, 1) = 1;
  vectors(2, 0) = -0.5f;
  const VectorCosine cosine(items, vectors);
  const std::vector<uint32_t> others{0, 1, 2, 3, kNoId};
  float out[5];
  cosine.similarities(0, others, out);
  CHECK(out[0] == doctest::Approx(1));
  CHECK(out[1] == doctest::Approx(std::sqrt(0.5)));
  CHECK(out[2] == doctest::Approx(-1));
  CHECK(out[3] == 0.0f);
  CHECK(out[4] == 0.0f);
  CHECK(cosine.number("b") == 1);
  CHECK(cosine.number("q") == kNoId);
}

}  // namespace
}  // namespace rec::similarity_test
