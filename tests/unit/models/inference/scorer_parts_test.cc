#include "models/inference/scorer_parts.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "models/common/model_meta.h"
#include "models/inference/model.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::scorer_parts_test {
namespace {

TEST_CASE("weights_of: weights that do not fit are an error") {
  Artefact artefact;
  add_pair_weights(artefact, 21, 7);
  CHECK(error_of<Error>([&] { weights_of(artefact, 20); }) ==
        "model: tensor \"bilinear.weight\" has 21 x 21 values, expected 20 x 20");
  Artefact broken;
  add_pair_weights(broken, 4, 1);
  broken.meta[kHeads] = "4";
  CHECK_THROWS_AS(weights_of(broken, 4), Error);
}

TEST_CASE("weights_of, Model: a tensor of another dtype than float32 is named with the dtype found") {
  Artefact artefact;
  artefact.add_empty(kBilinearWeight, {4, 4}, Dtype::kBfloat16);
  CHECK(error_of<Error>([&] { weights_of(artefact, 4); }) ==
        "model: tensor \"bilinear.weight\" is bfloat16, expected float32");
  Artefact quantised;
  quantised.meta = {{"encoder", "constant"}, {"attention", "dot"}, {"predictor", "dot"}};
  quantised.items.intern("a");
  quantised.add_empty("items.factors", {1, 3}, Dtype::kInt8);
  CHECK(error_of<Error>([&] { Model model(std::move(quantised)); }) ==
        "model: tensor \"items.factors\" is int8, expected float32");
}

TEST_CASE("unknown_item_of: the model's vector, or zeros") {
  Matrix items(1, 3);
  ScorerParts parts;
  parts.items = items;
  CHECK(unknown_item_of(parts) == std::vector<float>(3, 0.0f));
  const std::vector<float> x{1, 2, 3};
  parts.unknown_item = x;
  CHECK(unknown_item_of(parts) == x);
}

}  // namespace
}  // namespace rec::scorer_parts_test
