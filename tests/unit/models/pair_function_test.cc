#include "models/pair_function.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "linalg/dot.h"

namespace rec {
namespace {

float value(PairForm form, const std::vector<float>& h, const std::vector<float>& x) {
  Matrix items(1, x.size());
  std::copy(x.begin(), x.end(), items.row(0));
  const PairFunction function(form, items, {});
  std::vector<float> image(function.image_size());
  function.image(h.data(), image.data());
  return dot(image.data(), function.item_images().row(0), image.size());
}

TEST_CASE("PairFunction: by hand") {
  CHECK(value(PairForm::kDot, {1, 2, 3, 4}, {5, 6, 7, 8}) == 70.0f);
  CHECK(value(PairForm::kScaled, {1, 2, 3, 4}, {5, 6, 7, 8}) == 35.0f);
  CHECK(value(PairForm::kCosine, {3, 4}, {4, 3}) == doctest::Approx(0.96));
  CHECK(value(PairForm::kCosine, {0, 0}, {4, 3}) == 0.0f);
  CHECK(value(PairForm::kCosine, {4, 3}, {0, 0}) == 0.0f);
  CHECK(value(PairForm::kSum, {1, 2, 3}, {10, 20, 30}) == 66.0f);
}

TEST_CASE("PairFunction: an unknown item has the zero vector") {
  Matrix items(1, 3);
  items(0, 0) = 1.0f;
  const float h[] = {2, 3, 4};
  for (const PairForm form : {PairForm::kDot, PairForm::kScaled, PairForm::kCosine, PairForm::kSum}) {
    const PairFunction function(form, items, {});
    std::vector<float> image(function.image_size());
    function.image(h, image.data());
    CHECK(dot(image.data(), function.unknown_item(), image.size()) == (form == PairForm::kSum ? 9.0f : 0.0f));
  }
}

TEST_CASE("PairFunction: names") {
  for (const char* name : {"dot", "scaled", "cosine", "sum"}) CHECK(name_of(pair_form_of(name)) == std::string(name));
  CHECK_THROWS_AS(pair_form_of("Dot"), Error);
}

}  // namespace
}  // namespace rec
