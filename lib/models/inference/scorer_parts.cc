#include "models/inference/scorer_parts.h"

#include <cmath>

#include "base/error.h"
#include "models/attention_pool/pool.h"
#include "models/common/calibration.h"
#include "models/common/history_encoder.h"
#include "models/common/model_meta.h"
#include "models/fm/fm_encoder.h"
#include "models/fm/fm_net.h"

namespace rec {
namespace {

// The tensor, of `rows` × `cols` (0: any but 0).
ConstMatrixView matrix(const Artefact& artefact, const std::string& name, size_t rows, size_t cols) {
  const Artefact::Tensor* tensor = artefact.find(name);
  if (tensor == nullptr) fail("model: no tensor \"{}\"", name);
  const ConstMatrixView view = tensor->view();
  if (view.rows == 0 || (rows != 0 && view.rows != rows) || view.cols != cols) {
    fail("model: tensor \"{}\" has {} x {} values, expected {} x {}", name, view.rows, view.cols,
         rows == 0 ? "any" : std::to_string(rows), cols);
  }
  return view;
}

std::span<const float> vector(const Artefact& artefact, const std::string& name, size_t size) {
  return {matrix(artefact, name, size, 1).data, size};
}

size_t heads_of(const Artefact& artefact, size_t rows) {
  const double heads = artefact.number(kHeads);
  if (!(heads >= 1.0 && heads <= static_cast<double>(rows)) || std::fmod(static_cast<double>(rows), heads) != 0.0) {
    fail("model: {} heads for {} rows of \"{}\"", heads, rows, kHeadsUser);
  }
  return static_cast<size_t>(heads);
}

std::vector<ScorerParts::Layer> layers_of(const Artefact& artefact, size_t factors) {
  std::vector<ScorerParts::Layer> layers;
  size_t inputs = 2 * factors;
  for (size_t layer = 1; artefact.find(mlp_weight(layer)) != nullptr; ++layer) {
    const ConstMatrixView weight = matrix(artefact, mlp_weight(layer), 0, inputs);
    layers.push_back({weight, vector(artefact, mlp_bias(layer), weight.rows)});
    inputs = weight.rows;
  }
  if (layers.size() < 2 || inputs != 1)
    fail("model: mlp has {} layers, the last with {} outputs; expected two or more, and 1", layers.size(), inputs);
  return layers;
}

// Layers from those of the fields on.
ScorerParts::Fm fm_of(const Artefact& artefact) {
  ScorerParts::Fm fm;
  const Artefact::Tensor* items = artefact.find(kFmItemFields);
  if (items == nullptr || items->cols() == 0) fail("model: no tensor \"{}\"", kFmItemFields);
  fm.item_fields = items->view();
  fm.unknown_item_fields = vector(artefact, kFmUnknownItemFields, fm.item_fields.cols);
  const auto product = artefact.meta.find("product");
  fm.product = product != artefact.meta.end() && product->second == "1";
  size_t inputs = artefact.find(layer_tensor(1, "weight"))->rows();
  if (inputs <= fm.item_fields.cols)
    fail("model: tensor \"{}\" has {} rows, \"{}\" {} columns; expected more rows than columns",
         layer_tensor(1, "weight"), inputs, kFmItemFields, fm.item_fields.cols);
  fm.user_inputs = inputs - fm.item_fields.cols;
  for (size_t layer = 1; artefact.find(layer_tensor(layer, "weight")) != nullptr; ++layer) {
    const size_t units = artefact.find(layer_tensor(layer, "weight"))->cols();
    ScorerParts::FmLayer its;
    its.weight = matrix(artefact, layer_tensor(layer, "weight"), inputs, units);
    its.bias = vector(artefact, layer_tensor(layer, "bias"), units);
    if (artefact.find(layer_tensor(layer, "gain")) != nullptr) {
      its.gain = vector(artefact, layer_tensor(layer, "gain"), units);
      its.shift = vector(artefact, layer_tensor(layer, "shift"), units);
      its.mean = vector(artefact, layer_tensor(layer, "mean"), units);
      its.variance = vector(artefact, layer_tensor(layer, "variance"), units);
    }
    if (fm.product && units % 2 != 0)
      fail("model: tensor \"{}\" has {} columns, expected an even number", layer_tensor(layer, "weight"), units);
    fm.layers.push_back(its);
    inputs = units;
  }
  fm.output = vector(artefact, kFmOutput, inputs);
  return fm;
}

}  // namespace

ScorerParts weights_of(const Artefact& artefact, size_t factors) {
  ScorerParts parts;
  if (artefact.find(kBilinearWeight) != nullptr) parts.bilinear = matrix(artefact, kBilinearWeight, factors, factors);
  if (artefact.find(kAdditiveUser) != nullptr) {
    parts.additive_user = matrix(artefact, kAdditiveUser, 0, factors);
    parts.additive_item = matrix(artefact, kAdditiveItem, parts.additive_user.rows, factors);
    parts.additive_weight = vector(artefact, kAdditiveWeight, parts.additive_user.rows);
  }
  if (artefact.find(kHeadsUser) != nullptr) {
    parts.heads_user = matrix(artefact, kHeadsUser, 0, factors);
    parts.heads_item = matrix(artefact, kHeadsItem, parts.heads_user.rows, factors);
    parts.heads = heads_of(artefact, parts.heads_user.rows);
  }
  if (artefact.find(mlp_weight(1)) != nullptr) parts.mlp = layers_of(artefact, factors);
  if (artefact.find(kSumWeight) != nullptr) {
    parts.sum_weight = vector(artefact, kSumWeight, factors);
    parts.sum_bias = vector(artefact, kSumBias, 1)[0];
  }
  if (artefact.find(kPoolKey) != nullptr) {
    const PoolShape shape = read_pool_shape(artefact);
    parts.pool_key = matrix(artefact, kPoolKey, 0, factors);
    parts.pool_query = matrix(artefact, kPoolQuery, parts.pool_key.rows, factors);
    parts.pool_source = matrix(artefact, shape.tied ? "items.factors" : kItemSource, artefact.items.size(), factors);
    parts.pool_smoothing = static_cast<float>(shape.smoothing);
  }
  if (artefact.find(layer_tensor(1, "weight")) != nullptr) parts.fm = fm_of(artefact);
  if (artefact.find(kPlattTensor) != nullptr) parts.platt = vector(artefact, kPlattTensor, 2);
  if (artefact.find(kIsotonicTensor) != nullptr) parts.isotonic = matrix(artefact, kIsotonicTensor, 0, 2);
  return parts;
}

std::vector<float> unknown_item_of(const ScorerParts& parts) {
  if (parts.unknown_item.empty()) return std::vector<float>(parts.items.cols, 0.0f);
  return {parts.unknown_item.begin(), parts.unknown_item.end()};
}

}  // namespace rec
