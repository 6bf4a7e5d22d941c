// The attention of models/attention_pool/pool.h over a slice of packed sequences, forward and
// backward. Symbols as there; N: tokens of the slice.
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

// What a place of a sequence reads.
enum class PoolSight {
  kBefore,  // what stands there and before it: to tell what comes next
  kOthers,  // the others, but for its own item, without decay: to tell what stands there
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

  // y: N × F; item: N, read by kOthers alone. Returns the h of each place, N × F, valid
  // until the next call; 0 for a place that reads nothing.
  const T* forward(const PackedSequences& slice, PoolSight sight, const uint32_t* item, const T* y);
  // After forward, with the same arguments: d_y (N × F) from d_h, and the parameters'
  // derivatives added to gradient.
  void backward(const PackedSequences& slice, PoolSight sight, const T* y, const T* d_h, T* d_y, T* gradient);
  // After forward: the shares a_j that the sequence's last place pays.
  std::span<const T> last_shares(const PackedSequences& slice, size_t sequence) const;

 private:
  const PoolWeights<T>& weights_;
  AlignedBuffer<T> u_;       // N × A: tanh(W y + b)
  std::vector<T> logit_;     // N: v·u
  AlignedBuffer<T> shares_;  // n × n, sequence by sequence
  std::vector<size_t> share_begin_;
  AlignedBuffer<T> h_;
  AlignedBuffer<T> y_transposed_, d_shares_, d_u_;
  std::vector<T> d_logit_;
};

}  // namespace rec
