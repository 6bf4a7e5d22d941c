// A Transformer over packed sequences, forward and backward: it computes what
// models/transformer/transformer.h says. Symbols as there; n: tokens of all sequences.
// float32 for training and inference, float64 for gradient tests: one source.
// By one thread; the result depends on the arguments alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "linalg/matrix.h"
#include "models/sgd/packed_sequences.h"
#include "models/transformer/transformer.h"

namespace rec {

// The parameters as the layers want them. Rebuilt when the values change.
template <class T>
class TransformerWeights {
 public:
  // values: parameters().size of them, held by the caller.
  TransformerWeights(const TransformerShape& shape, const T* values);
  void refresh();  // after values have changed

  const TransformerShape& shape() const { return shape_; }
  const TransformerParameters& parameters() const { return parameters_; }
  const T* at(const Parameter& p) const { return values_ + p.offset; }
  const T* transposed(const Parameter& p) const { return transposed_.data() + p.offset; }

 private:
  TransformerShape shape_;
  TransformerParameters parameters_;
  const T* values_;
  AlignedBuffer<T> transposed_;  // of each matrix, at its own offset
};

struct Dropout {
  double rate = 0.0;    // below 1; 0: none
  uint64_t key = 0;     // of the random numbers
  double output = 0.0;  // as rate, of h
};

template <class T>
class TransformerNet {
 public:
  explicit TransformerNet(const TransformerWeights<T>& weights);

  // x0: n × d, the sum of item and position vectors (see embed). Returns h, n × d,
  // valid until the next call. Dropout on x0, on the attention, on what each part of
  // a block adds, and on the hidden values; with a rate of its own on h.
  const T* forward(const PackedSequences& packed, const T* x0, const Dropout& dropout);

  // After forward, with the same sequences: d_x0 (n × d) from d_h, and the parameters'
  // derivatives added to gradient (parameters().size; positions and mask untouched).
  void backward(const PackedSequences& packed, const T* d_h, T* d_x0, T* gradient);

  // After forward: the attention weights softmax_s(S_ts) of a block's head for the
  // sequence's last token, as many values as it has tokens.
  std::span<const T> last_attention(const PackedSequences& packed, size_t block, size_t head, size_t sequence) const;

 private:
  struct Kept {  // of a block's forward pass
    AlignedBuffer<T> unit1, inverse1, a, qkv, attention, o, sum1, gate1, mask1;
    AlignedBuffer<T> unit2, inverse2, e, u, sigma, hidden, sum2, gate2, mask2, mask_hidden, mask_attention;
  };
  void attend(const PackedSequences& packed, const BlockParameters& p, Kept& kept);
  void attend_back(const PackedSequences& packed, const BlockParameters& p, Kept& kept, const T* d_o, T* d_qkv,
                   T* gradient);
  void rotate(const PackedSequences& packed, T* qkv, bool back) const;
  // sum += what the filter C makes of a; and back, d_a and the gradient on top.
  void filter(const PackedSequences& packed, const Parameter& C, const T* a, T* sum) const;
  void filter_back(const PackedSequences& packed, const Parameter& C, const T* a, const T* d_sum, T* d_a,
                   T* gradient) const;
  void gate(size_t n, const Parameter& W, const Parameter& bias, const T* in, AlignedBuffer<T>& sigma,
            AlignedBuffer<T>& sum);
  void gate_back(size_t n, const Parameter& W, const Parameter& bias, const T* in, const AlignedBuffer<T>& sigma,
                 const AlignedBuffer<T>& sum, T* d_sum, T* d_in, T* gradient);

  const TransformerWeights<T>& weights_;
  std::vector<T> cosine_, sine_;  // RoPE: W × c/2
  std::vector<Kept> kept_;
  Dropout dropout_;
  AlignedBuffer<T> mask0_, unit0_, inverse0_, x_, unit_, inverse_, h_, mask_h_;
  AlignedBuffer<T> d_h_, d_x_, d_part_, d_wide_, d_qkv_, d_gate_, work_;
  AlignedBuffer<T> tall_, d_attention_;
  std::vector<size_t> attention_begin_;  // of each sequence: where its attention weights begin
};

// Adds the position vectors of learned positions to x0, or their derivative to
// gradient.
template <class T>
void add_positions(const TransformerWeights<T>& weights, const PackedSequences& packed, T* x0);
template <class T>
void add_position_gradient(const TransformerWeights<T>& weights, const PackedSequences& packed, const T* d_x0,
                           T* gradient);

}  // namespace rec
