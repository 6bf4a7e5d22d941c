// The attention of models/attention_pool/pool.h over packed sequences, forward and backward.
// Symbols as there; N: tokens of all sequences, n: of one.
// float32 for training and inference, float64 for gradient tests: one source.
// By one thread; the result depends on the arguments alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "linalg/matrix.h"
#include "models/attention_pool/pool.h"
#include "models/sgd/packed_sequences.h"

namespace rec {

// What a position of a sequence reads.
enum class PoolSight {
  kBefore,  // the items up to this position, to predict the next one
  kOthers,  // all other items of the sequence, without decay, to predict the item here
};

// The parameters as the layers want them. Rebuilt when the values change.
template <class T>
class PoolWeights {
 public:
  // values: parameters().size of them, held by the caller.
  PoolWeights(const PoolShape& shape, const T* values);
  void refresh();  // after values have changed

  const PoolShape& shape() const { return shape_; }
  const PoolParameters& parameters() const { return parameters_; }
  const T* at(const Parameter& p) const { return values_ + p.offset; }
  // A × F: of weight, key or query.
  const T* transposed(const Parameter& p) const { return transposed_.data() + p.offset; }
  T decay() const { return shape_.decay ? *at(parameters_.decay) : T(0); }
  T log_age(size_t k) const { return log_age_[k]; }  // ln(1 + k), k < W

 private:
  PoolShape shape_;
  PoolParameters parameters_;
  const T* values_;
  AlignedBuffer<T> transposed_;
  std::vector<T> log_age_;
};

// Without the candidate.
template <class T>
class PoolNet {
 public:
  explicit PoolNet(const PoolWeights<T>& weights) : weights_(weights) {}

  // y: N × F; item: N, read by kOthers alone. Returns the h of each position, N × F, valid
  // until the next call; 0 for a position that reads nothing.
  const T* forward(const PackedSequences& packed, PoolSight sight, const uint32_t* item, const T* y);
  // After forward, with the same arguments: d_y (N × F) from d_h, and the parameters'
  // derivatives added to gradient.
  void backward(const PackedSequences& packed, PoolSight sight, const T* y, const T* d_h, T* d_y, T* gradient);
  // After forward: the attention weights a_j of the sequence's last position, n values.
  std::span<const T> last_attention(const PackedSequences& packed, size_t sequence) const;

 private:
  const PoolWeights<T>& weights_;
  AlignedBuffer<T> u_;          // N × A: tanh(W y + b)
  std::vector<T> logit_;        // N: v·u
  AlignedBuffer<T> attention_;  // n × n, sequence by sequence
  std::vector<size_t> attention_begin_;
  AlignedBuffer<T> h_;
  AlignedBuffer<T> y_transposed_, d_attention_, d_u_;
  std::vector<T> d_logit_;
};

}  // namespace rec
