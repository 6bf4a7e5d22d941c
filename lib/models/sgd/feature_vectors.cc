#include "models/sgd/feature_vectors.h"

#include "linalg/dot.h"
#include "models/sgd/network_layers.h"
#include "models/sgd/parameter.h"

namespace rec {
FeatureVectors::FeatureVectors(const SideFeatures& features, size_t dim, const OptimizerOptions& optimizer,
                               double deviation, uint64_t seed, uint64_t stream)
    : features_(features),
      dim_(dim),
      categories_(features.map.size()),
      kind_(kinds_of(features.map.names)),
      values_((categories_ + 1) * dim + kind_count(kind_)),
      gradient_(values_.size()),
      folded_((categories_ + 1) * dim),
      optimizer_(optimizer, values_.size()) {
  fill_normal(e(), categories_ * dim, deviation, seed, stream);
}

void FeatureVectors::add_sum(size_t row, const float* folded, float* to) const {
  const SparseView rows = features_.rows.view();
  for (uint64_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at)
    axpy(weight_at(rows.weight, at), folded + rows.index[at] * dim_, dim_, to);
}

void FeatureVectors::take_apart() {
  float* d_s = start_gradient() + dim_;
  std::fill(d_s, gradient_.data() + gradient_.size(), 0.0f);
  for (size_t c = 0; c < categories_; ++c) {
    float* sum = gradient_.data() + c * dim_;
    d_s[kind_[c]] += lane_dot(sum, e() + c * dim_, dim_);
    for (size_t f = 0; f < dim_; ++f) sum[f] *= s()[kind_[c]];
  }
}

ParameterBlock FeatureVectors::block() {
  return {.optimizer = &optimizer_,
          .values = values_.data(),
          .size = values_.size(),
          .gradient = [this](size_t first, size_t count, float* to, int) {
            std::copy_n(gradient_.data() + first, count, to);
          }};
}

void FeatureVectors::fold() {
  for (size_t c = 0; c < categories_; ++c) {
    for (size_t f = 0; f < dim_; ++f) folded_.data()[c * dim_ + f] = s()[kind_[c]] * e()[c * dim_ + f];
  }
  std::copy_n(u(), dim_, folded_.data() + categories_ * dim_);
}

void FeatureVectors::add_state(const std::string& name, Artefact& state) const {
  state.add(name, ConstMatrixView{values_.data(), 1, values_.size(), values_.size()});
  add_moments(name, optimizer_, values_.size(), state);
}

void FeatureVectors::restore(const std::string& name, uint64_t step, const Artefact& state) {
  copy_tensor(state, name, values_.size(), values_.data());
  restore_moments(name, step, state, optimizer_);
  fold();
}

size_t FeatureVectors::memory(const SideFeatures& features, size_t dim) {
  // Values, two moments, the gradient twice with a clip, what is folded, twice with an average.
  return 7 * (features.map.size() + 1) * dim;
}

}  // namespace rec
