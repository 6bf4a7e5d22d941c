// The pool with the candidate as the query (models/attention_pool/pool.h): the loss of a
// micro-batch's predictions, and its derivatives. Symbols as there; N: tokens of the
// micro-batch, each with a prediction; C: items that all of a batch's predictions are
// compared with; K: items that each prediction has of its own.
// float32 for training, float64 for gradient tests: one source. By one thread; the
// result depends on the arguments alone.
#pragma once

#include <cstdint>
#include <vector>

#include "models/attention_pool/pool_net.h"
#include "models/sgd/sequence_loss.h"

namespace rec {

// Candidates side by side: x (C × F), and Q x.
template <class T>
class PoolColumns {
 public:
  // x: held by the caller until the next set.
  void set(const PoolWeights<T>& weights, size_t count, const T* x);

  size_t size() const { return size_; }
  const T* x() const { return x_; }
  const T* query() const { return query_.data(); }                        // C × A
  const T* x_transposed() const { return x_transposed_.data(); }          // F × C
  const T* query_transposed() const { return query_transposed_.data(); }  // A × C

 private:
  size_t size_ = 0;
  const T* x_ = nullptr;
  AlignedBuffer<T> query_, x_transposed_, query_transposed_;
};

// f of a sequence's positions and of columns, and its derivatives.
template <class T>
class PoolPairs {
 public:
  explicit PoolPairs(const PoolWeights<T>& weights) : weights_(weights) {}

  // A sequence of n tokens: y (n × F), key (n × A): K y / sqrt(A); item as PoolNet's.
  void set(PoolSight sight, size_t n, const uint32_t* item, const T* y, const T* key, const PoolColumns<T>& columns);
  // out[c - first] = f(position t, column c), 0 where the position reads nothing.
  void values(size_t t, size_t first, size_t count, T* out);
  // After values() with the same arguments: adds the derivatives d_out to those that
  // finish() returns.
  void add(size_t t, size_t first, size_t count, const T* d_out);
  // Adds the derivatives so far to those of y, key, x (C × F) and Q x (C × A); returns
  // that of ρ.
  T finish(T* d_y, T* d_key, T* d_x, T* d_query);

 private:
  // m_j for position t; 0: it is not read.
  T factor(size_t t, size_t j) const;

  const PoolWeights<T>& weights_;
  const PoolColumns<T>* columns_ = nullptr;
  PoolSight sight_ = PoolSight::kBefore;
  size_t n_ = 0;
  const uint32_t* item_ = nullptr;
  const T* y_ = nullptr;
  const T* key_ = nullptr;
  AlignedBuffer<T> product_, logit_, power_;  // n × C: y·x, e, exp(e)
  AlignedBuffer<T> d_product_, d_logit_;
  AlignedBuffer<T> sum_, weighed_, smoothed_;  // n × C: Σ m exp(e), Σ m exp(e) y·x, sum^-β
  AlignedBuffer<T> row_;
  T d_decay_ = T(0);
};

// What the predictions of a micro-batch are compared with.
template <class T>
struct PoolTargets {
  const uint32_t* target = nullptr;  // N
  const T* table = nullptr;          // I × F: x
  T w = T(1);                        // of a prediction
  const T* weight = nullptr;         // N: of each besides, of bce of its target; nullptr: 1
  LossForm form = {};
  float* losses = nullptr;  // N: receives the cross-entropy of each target, before weights and form
  // Sampled softmax; nullptr: bce.
  const ItemColumns<T>* columns = nullptr;
  const PoolColumns<T>* shared = nullptr;  // the same
  // bce
  const uint32_t* negative = nullptr;  // N × K
  size_t K = 0;
  T positive = T(1);  // weight of the target's term

  size_t own() const { return columns == nullptr ? 1 + K : 1; }  // candidates of a prediction's own
};

template <class T>
class PoolPairsNet {
 public:
  explicit PoolPairsNet(const PoolWeights<T>& weights) : weights_(weights), own_(weights), shared_(weights) {}

  // Returns the sum of the losses, without w. Sets d_y (N × F) and d_own, a row of F
  // values for each of a prediction's own candidates: sequence by sequence, for n
  // positions n targets, then n·K negatives. Adds to gradient, and to d_x (C × F) and
  // d_query (C × A) of the shared columns.
  double run(const PackedSequences& packed, PoolSight sight, const uint32_t* item, const T* y,
             const PoolTargets<T>& targets, T* d_y, T* d_own, T* d_x, T* d_query, T* gradient);

 private:
  double predict(size_t t, size_t n, size_t number, const PoolTargets<T>& targets);

  const PoolWeights<T>& weights_;
  PoolPairs<T> own_, shared_;
  PoolColumns<T> own_columns_;
  AlignedBuffer<T> key_, d_key_, x_, d_query_own_, values_;
};

}  // namespace rec
