// The encoder of attention-pool: it reads the last W items of a history, W the model's
// window. h is their attention pool (models/attention_pool/pool.h). Where the candidate is
// the query, h is the items with their m, which the function attention-pool reads, beside a
// dense part for other functions: the mean of y, weighted by m. It knows users by their
// histories and, where training had features of users, by these. Immutable and thread-safe.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "models/attention_pool/pool_net.h"
#include "models/common/described_users.h"
#include "models/common/encoder.h"

namespace rec {

class PoolEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing or do not fit.
  explicit PoolEncoder(const Artefact& artefact);

  size_t dim() const override { return static_cast<size_t>(weights_.shape().dim); }
  size_t sparse_rows() const override { return weights_.shape().candidate ? source_.rows : 0; }
  bool encode_user(uint32_t user, Behaviour& h) const override { return described_.encode(user, h); }
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}
  // The a_j, without the candidate: one head.
  Heads attention_heads() const override { return weights_.shape().candidate ? Heads{} : Heads{1, 1}; }
  size_t attention_weights(const History& history, std::vector<float>& weights) const override;

 private:
  // The items of the window, in time order.
  std::span<const uint32_t> window(const History& history) const {
    return history.item.last(std::min(history.item.size(), static_cast<size_t>(weights_.shape().window)));
  }
  // h and the attention weights, each if wanted (not nullptr); without the candidate.
  void pool(std::span<const uint32_t> item, std::vector<float>* h, std::vector<float>* weights) const;
  void encode_items(std::span<const uint32_t> item, Behaviour& h) const;

  ConstMatrixView source_;  // I × F: y
  std::vector<float> values_;
  PoolWeights<float> weights_;
  DescribedUsers described_;
};

}  // namespace rec
