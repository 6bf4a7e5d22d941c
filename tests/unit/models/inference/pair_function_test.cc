#include "models/inference/pair_function.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "data/artefact.h"
#include "linalg/dot.h"
#include "models/common/model_meta.h"
#include "small_data.h"

namespace rec {
namespace {

PairParts parts_of(const Matrix& items) {
  PairParts parts;
  parts.items = items;
  return parts;
}

float value(ScoreForm form, const std::vector<float>& h, const std::vector<float>& x) {
  Matrix items(1, x.size());
  std::copy(x.begin(), x.end(), items.row(0));
  const PairFunction function(form, parts_of(items));
  std::vector<float> image(function.image_size());
  function.image(h.data(), image.data());
  return dot(image.data(), function.item_images().row(0), image.size());
}

TEST_CASE("PairFunction: by hand") {
  CHECK(value(ScoreForm::kDot, {1, 2, 3, 4}, {5, 6, 7, 8}) == 70.0f);
  CHECK(value(ScoreForm::kScaled, {1, 2, 3, 4}, {5, 6, 7, 8}) == 35.0f);
  CHECK(value(ScoreForm::kCosine, {3, 4}, {4, 3}) == doctest::Approx(0.96));
  CHECK(value(ScoreForm::kCosine, {0, 0}, {4, 3}) == 0.0f);
  CHECK(value(ScoreForm::kCosine, {4, 3}, {0, 0}) == 0.0f);
  CHECK(value(ScoreForm::kSum, {1, 2, 3}, {10, 20, 30}) == 66.0f);
}

TEST_CASE("PairFunction: an unknown item has the zero vector") {
  Matrix items(1, 3);
  items(0, 0) = 1.0f;
  const float h[] = {2, 3, 4};
  for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kSum}) {
    const PairFunction function(form, parts_of(items));
    std::vector<float> image(function.image_size());
    function.image(h, image.data());
    CHECK(dot(image.data(), function.unknown_item(), image.size()) == (form == ScoreForm::kSum ? 9.0f : 0.0f));
  }
}

// A model's weights for the forms that have some, and the forms in plain double.
struct Weighted {
  static constexpr size_t F = 21;
  Artefact artefact;
  Matrix items = Matrix(150, F);
  std::vector<float> h = std::vector<float>(F);

  Weighted() {
    std::mt19937 random(7);
    add_pair_weights(artefact, F, 7);
    for (size_t item = 0; item < items.rows(); ++item) {
      for (size_t f = 0; f < F; ++f) items(item, f) = uniform_value(random);
    }
    for (float& value : h) value = uniform_value(random);
  }

  std::vector<double> product(const std::string& name, const float* x) const {
    const ConstMatrixView weight = artefact.find(name)->view();
    std::vector<double> out(weight.rows);
    for (size_t r = 0; r < weight.rows; ++r) {
      for (size_t c = 0; c < weight.cols; ++c) out[r] += static_cast<double>(weight(r, c)) * static_cast<double>(x[c]);
    }
    return out;
  }
  double at(const std::string& name, size_t i) const { return static_cast<double>(artefact.find(name)->data[i]); }

  double naive(ScoreForm form, const float* x) const {
    double inner = 0.0;
    for (size_t f = 0; f < F; ++f) inner += static_cast<double>(h[f]) * static_cast<double>(x[f]);
    double sum = 0.0;
    switch (form) {
      case ScoreForm::kLogistic:
        return 1.0 / (1.0 + std::exp(-inner));
      case ScoreForm::kExp:
        return std::exp(inner);
      case ScoreForm::kSum:
        for (size_t f = 0; f < F; ++f)
          sum += at(kSumWeight, f) * (static_cast<double>(h[f]) + static_cast<double>(x[f]));
        return sum + at(kSumBias, 0);
      case ScoreForm::kBilinear: {
        const std::vector<double> image = product(kBilinearWeight, x);
        for (size_t f = 0; f < F; ++f) sum += static_cast<double>(h[f]) * image[f];
        return sum;
      }
      case ScoreForm::kAdditive: {
        const std::vector<double> user = product(kAdditiveUser, h.data()), item = product(kAdditiveItem, x);
        for (size_t d = 0; d < user.size(); ++d) sum += at(kAdditiveWeight, d) * std::tanh(user[d] + item[d]);
        return sum;
      }
      case ScoreForm::kMultiHead: {
        const std::vector<double> user = product(kHeadsUser, h.data()), item = product(kHeadsItem, x);
        const auto heads = static_cast<size_t>(artefact.number(kHeads));
        const size_t d = user.size() / heads;
        for (size_t head = 0; head < heads; ++head) {
          double its = 0.0;
          for (size_t i = 0; i < d; ++i) its += user[head * d + i] * item[head * d + i];
          sum += std::exp(its / std::sqrt(static_cast<double>(d)));
        }
        return std::log(sum / static_cast<double>(heads));
      }
      case ScoreForm::kMlp: {
        std::vector<float> now = h;
        now.insert(now.end(), x, x + F);
        for (size_t layer = 1; artefact.find(mlp_weight(layer)) != nullptr; ++layer) {
          std::vector<double> out = product(mlp_weight(layer), now.data());
          now.resize(out.size());
          const bool last = out.size() == 1;
          for (size_t i = 0; i < out.size(); ++i) {
            out[i] += at(mlp_bias(layer), i);
            now[i] = static_cast<float>(last ? out[i] : std::max(0.0, out[i]));
          }
        }
        return static_cast<double>(now[0]);
      }
      default:
        return inner;
    }
  }
};

constexpr ScoreForm kWeighted[] = {ScoreForm::kLogistic, ScoreForm::kExp,       ScoreForm::kSum, ScoreForm::kBilinear,
                                   ScoreForm::kAdditive, ScoreForm::kMultiHead, ScoreForm::kMlp};

TEST_CASE("PairFunction: each form with weights follows its formula in double, at every place in a list") {
  const Weighted weighted;
  PairParts parts = weights_of(weighted.artefact, Weighted::F);
  parts.items = weighted.items;
  parts.unknown_item = {weighted.items.row(3), Weighted::F};
  const size_t I = weighted.items.rows();
  for (const ScoreForm form : kWeighted) {
    CAPTURE(name_of(form));
    const PairFunction function(form, parts);
    std::vector<float> image(function.image_size());
    function.image(weighted.h.data(), image.data());
    std::vector<const float*> rows;
    for (size_t item = 0; item < I; ++item) rows.push_back(function.item_images().row(item));
    rows.push_back(function.unknown_item());
    std::vector<float> values(I + 1);
    PairFunction::Scratch scratch;
    function.values(image.data(), rows.data(), rows.size(), values.data(), scratch);
    for (size_t item = 0; item < I; ++item) {
      CHECK(static_cast<double>(values[item]) ==
            doctest::Approx(weighted.naive(form, weighted.items.row(item))).epsilon(1e-4));
      if (item % 7 != 0) continue;
      float alone = 0.0f;
      function.values(image.data(), rows.data() + item, 1, &alone, scratch);
      CHECK(alone == values[item]);
    }
    CHECK(values[I] == values[3]);
  }
}

TEST_CASE("PairFunction: a form whose weights the model lacks is a usage error, weights that do not fit an error") {
  Matrix items(2, 4);
  for (const ScoreForm form : {ScoreForm::kBilinear, ScoreForm::kAdditive, ScoreForm::kMultiHead, ScoreForm::kMlp}) {
    CHECK_THROWS_WITH_AS(PairFunction(form, parts_of(items)),
                         (std::string("the model has no weights of ") + name_of(form) +
                          ", as rec-embed neural learns them; give another function")
                             .c_str(),
                         UsageError);
  }
  const Weighted weighted;
  CHECK_THROWS_WITH_AS(weights_of(weighted.artefact, 20),
                       "model: tensor \"bilinear.weight\" has 21 x 21 values, expected 20 x 20", Error);
  Artefact broken;
  add_pair_weights(broken, 4, 1);
  broken.meta[kHeads] = "4";
  CHECK_THROWS_AS(weights_of(broken, 4), Error);
}

TEST_CASE("PairFunction: names") {
  for (const std::string& name : attention_names()) CHECK(name_of(score_form_of(name)) == name);
  for (const std::string& name : predictor_names()) CHECK(name_of(score_form_of(name)) == name);
  CHECK_THROWS_AS(score_form_of("Dot"), Error);
}

}  // namespace
}  // namespace rec
