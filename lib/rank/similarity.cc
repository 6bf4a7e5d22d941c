#include "rank/similarity.h"

#include <algorithm>
#include <cmath>

#include "linalg/dot.h"

namespace rec {

VectorCosine::VectorCosine(const IdTable& items, ConstMatrixView vectors)
    : items_(items), unit_(vectors.rows, vectors.cols), zero_(vectors.cols, 0.0f) {
  for (size_t item = 0; item < vectors.rows; ++item) {
    const float* from = vectors.row(item);
    double square = 0.0;
    for (size_t f = 0; f < vectors.cols; ++f) square += static_cast<double>(from[f]) * from[f];
    if (square == 0.0) continue;
    const double scale = 1.0 / std::sqrt(square);
    for (size_t f = 0; f < vectors.cols; ++f) unit_(item, f) = static_cast<float>(from[f] * scale);
  }
}

void VectorCosine::similarities(uint32_t item, std::span<const uint32_t> others, float* out) const {
  if (item == kNoId) {
    std::fill_n(out, others.size(), 0.0f);
    return;
  }
  thread_local std::vector<const float*> rows;
  rows.resize(others.size());
  for (size_t at = 0; at < others.size(); ++at) rows[at] = others[at] == kNoId ? zero_.data() : unit_.row(others[at]);
  dots(unit_.row(item), rows.data(), rows.size(), unit_.cols(), out);
}

FeatureSimilarity::FeatureSimilarity(const IdTable& items, const FeatureKind& kind, Form form)
    : items_(items), kind_(kind), form_(form) {
  if (form_ == Form::kJaccard) return;
  norm_.resize(items.size());
  for (uint32_t item = 0; item < items.size(); ++item) {
    const FeatureKind::Row row = kind_.row(item);
    double square = 0.0;
    for (size_t at = 0; at < row.size; ++at) square += static_cast<double>(row.value[at]) * row.value[at];
    norm_[item] = std::sqrt(square);
  }
}

double FeatureSimilarity::similarity(uint32_t a, uint32_t b) const {
  const FeatureKind::Row left = kind_.row(a);
  const FeatureKind::Row right = kind_.row(b);
  if (left.size == 0 || right.size == 0) return 0.0;
  size_t shared = 0;
  double product = 0.0;
  for (size_t l = 0, r = 0; l < left.size && r < right.size;) {
    if (left.category[l] == right.category[r]) {
      ++shared;
      product += static_cast<double>(left.value[l++]) * right.value[r++];
    } else if (left.category[l] < right.category[r]) {
      ++l;
    } else {
      ++r;
    }
  }
  if (form_ == Form::kJaccard)
    return static_cast<double>(shared) / static_cast<double>(left.size + right.size - shared);
  return product / (norm_[a] * norm_[b]);
}

void FeatureSimilarity::similarities(uint32_t item, std::span<const uint32_t> others, float* out) const {
  for (size_t at = 0; at < others.size(); ++at) {
    out[at] = item == kNoId || others[at] == kNoId ? 0.0f : static_cast<float>(similarity(item, others[at]));
  }
}

}  // namespace rec
