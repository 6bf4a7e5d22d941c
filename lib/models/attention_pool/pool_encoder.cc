#include "models/attention_pool/pool_encoder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/dot.h"
#include "models/common/history_encoder.h"

namespace rec {

PoolEncoder::PoolEncoder(const Artefact& artefact)
    : values_(read_pool_parameters(read_pool_shape(artefact), artefact)),
      weights_(read_pool_shape(artefact), values_.data()),
      described_(artefact, dim()) {
  const char* name = weights_.shape().tied ? "items.factors" : kItemSource;
  const Artefact::Tensor* source = artefact.find(name);
  if (source == nullptr) fail("model: no tensor \"{}\"", name);
  source_ = source->view();
  if (source_.cols != dim()) fail("model: the pool has dimension {}, \"{}\" {}", dim(), name, source_.cols);
}

bool PoolEncoder::encode_history(const History& history, Behaviour& h) const {
  const std::span<const uint32_t> item = window(history);
  if (item.empty()) return false;
  h.clear();
  if (weights_.shape().candidate)
    encode_items(item, h);
  else
    pool(item, &h.dense, nullptr);
  described_.add(history.described, h.dense);
  return true;
}

size_t PoolEncoder::attention_weights(const History& history, std::vector<float>& weights) const {
  const std::span<const uint32_t> item = window(history);
  weights.clear();
  if (!item.empty()) pool(item, nullptr, &weights);
  return item.size();
}

void PoolEncoder::pool(std::span<const uint32_t> item, std::vector<float>* h, std::vector<float>* weights) const {
  const size_t n = item.size();
  AlignedBuffer<float> y(n * dim());
  for (size_t t = 0; t < n; ++t) std::copy_n(source_.row(item[t]), dim(), y.data() + t * dim());
  PackedSequences packed;
  packed.begin = {0, static_cast<uint32_t>(n)};
  PoolNet<float> net(weights_);
  const float* pooled = net.forward(packed, PoolSight::kBefore, nullptr, y.data());
  if (h != nullptr) h->assign(pooled + (n - 1) * dim(), pooled + n * dim());
  if (weights != nullptr) {
    const auto attention = net.last_attention(packed, 0);
    weights->assign(attention.begin(), attention.end());
  }
}

void PoolEncoder::encode_items(std::span<const uint32_t> item, Behaviour& h) const {
  std::vector<float> factor(item.size());
  for (size_t j = 0; j < item.size(); ++j)
    factor[j] = std::exp(-weights_.decay() * weights_.log_age(item.size() - 1 - j));
  ItemBag bag = bag_of({item, factor});  // an item that came twice counts twice
  h.row = std::move(bag.item);
  h.weight = std::move(bag.value);
  h.dense.assign(dim(), 0.0f);
  double sum = 0.0;
  for (const float m : h.weight) sum += static_cast<double>(m);
  for (size_t j = 0; j < h.row.size(); ++j)
    axpy(static_cast<float>(static_cast<double>(h.weight[j]) / sum), source_.row(h.row[j]), dim(), h.dense.data());
}

}  // namespace rec
