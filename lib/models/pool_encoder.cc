#include "models/pool_encoder.h"

#include <algorithm>

#include "base/error.h"
#include "models/history_encoder.h"

namespace rec {

PoolEncoder::PoolEncoder(const Artefact& artefact)
    : values_(read_pool_parameters(read_pool_shape(artefact), artefact)), weights_(read_pool_shape(artefact), values_.data()) {
  const char* name = weights_.shape().tied ? "items.factors" : kItemSource;
  const Artefact::Tensor* source = artefact.find(name);
  if (source == nullptr) fail("model: no tensor \"{}\"", name);
  source_ = source->view();
  if (source_.cols != dim()) fail("model: the pool has dimension {}, \"{}\" {}", dim(), name, source_.cols);
}

bool PoolEncoder::encode_history(const History& history, Behaviour& h) const {
  const size_t n = std::min(history.item.size(), static_cast<size_t>(weights_.shape().window));
  if (n == 0) return false;
  AlignedBuffer<float> y(n * dim());
  for (size_t t = 0; t < n; ++t) std::copy_n(source_.row(history.item[history.item.size() - n + t]), dim(), y.data() + t * dim());
  TokenSlice slice;
  slice.begin = {0, static_cast<uint32_t>(n)};
  PoolNet<float> net(weights_);
  const float* pooled = net.forward(slice, PoolSight::kBefore, nullptr, y.data());
  h.clear();
  h.dense.assign(pooled + (n - 1) * dim(), pooled + n * dim());
  return true;
}

}  // namespace rec
