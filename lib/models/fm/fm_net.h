// The function of rec-embed fm over n rows, forward and backward: factorisation machine
// (Rendle 2010), logistic regression and layers over fields, written once for float32
// (training) and float64 (gradient tests). Symbols: F fields of d values, e_f the vector of
// field f of a row, l the sum of its categories' weights, D units of a layer.
//
//   z = w_0 + l + pairs + output·a_L,   P(label 1) = 1 / (1 + e^-z)
//   pairs = Σ_{f<g} e_f·e_g = ½ (|Σ_f e_f|² - Σ_f |e_f|²)        --pairwise fm; none: 0
//   pairs = Σ_{f<g} r_fg e_f·e_g, or Σ_{f<g} e_f^(g)·e_g^(f)     fwfm, ffm (models/fm/fm_pairs.h)
//   a_0 = [e_1; ...; e_F]
//   u_k = a_{k-1}·W_k + b_k;  with --product u_k = [p; p ⊙ q], where [p; q] = a_{k-1}·W_k + b_k
//         (the factorised interaction of FinalNet, Zhu et al. 2023)
//   v_k = gain ⊙ (u_k - mean)/sqrt(variance + ε) + shift         batch normalisation (Ioffe, Szegedy 2015)
//   a_k = dropout(max(0, v_k))
// In training mean and variance are those of the batch. Its rows are shared out in slices of
// 128; what slices sum is added in their order: the same bits for every number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/matrix.h"
#include "models/fm/fm_options.h"
#include "models/sgd/parameter.h"

namespace rec {

inline constexpr double kBatchNormEpsilon = 1e-5;
// What a step's moments count in the averages that the model keeps.
inline constexpr double kBatchNormMomentum = 0.1;

struct FmShape {
  FmShape() = default;
  FmShape(const FmOptions& options, size_t fields);

  size_t fields = 0;  // F
  size_t dim = 0;     // d; 0: neither pairs nor layers
  Pairwise pairs = Pairwise::kNone;
  std::vector<size_t> layers;  // D of each
  bool product = false;
  bool norm = false;
  double dropout = 0.0;

  size_t width() const { return pairs == Pairwise::kFfm ? fields * dim : dim; }  // W, the values of a field
  size_t inputs() const { return fields * width(); }
  // Those of layer k.
  size_t inputs_of(size_t layer) const { return layer == 0 ? inputs() : layers[layer - 1]; }
  // The layers' weights, w_0 and the output's, one behind the other; and the averages of
  // mean and variance. Names: those of the tensors of a model.
  std::vector<Parameter> parameters() const;
  std::vector<Parameter> averages() const;
};
// The values of all of them.
size_t size_of(const std::vector<Parameter>& parameters);

// The names of the tensors of layer k, from 1.
std::string layer_tensor(size_t layer, const char* part);  // "layers.1.weight"
inline constexpr const char* kFmBias = "bias";
inline constexpr const char* kFmOutput = "output.weight";

// The memory of a batch and what runs over it. By one thread at a time, which shares the
// rows among those of the pool.
template <class T>
class FmNet {
 public:
  // most: rows of the largest batch.
  FmNet(const FmShape& shape, size_t most);

  // Of a batch: what forward() reads.
  T* input(size_t row) { return input_.data() + row * input_stride_; }  // F·W
  T* linear() { return linear_.data(); }                                // n: l
  // What it writes, and what backward() adds: the derivatives of the input.
  const T* logit() const { return logit_.data(); }
  const T* d_input(size_t row) const { return d_input_.data() + row * input_stride_; }

  // weights: as FmShape::parameters() has them. dropout_key: of the batch.
  void forward(size_t n, const T* weights, uint64_t dropout_key, ThreadPool& thread_pool);
  // d_logit: the loss's derivatives by the logits of the last forward(); d_weights receives
  // those by the weights.
  void backward(size_t n, const T* weights, const T* d_logit, T* d_weights, ThreadPool& thread_pool);
  // Moves the averages (FmShape::averages()) towards the moments of the last forward(). The
  // variance is that of n - 1 degrees of freedom.
  void add_moments(size_t n, T* averages) const;

  // Bytes that a batch of so many rows takes.
  static size_t memory(const FmShape& shape, size_t most);

 private:
  static constexpr size_t kSlice = 128;

  struct Layer {
    size_t inputs, units;
    const Parameter *weight, *bias, *gain, *shift;  // gain, shift: nullptr without norm
    AlignedBuffer<T> raw;                           // n × D: [p; q], with --product
    AlignedBuffer<T> unit;                          // n × D: u, then (u - mean)/deviation
    AlignedBuffer<T> out;                           // n × D: a
    AlignedBuffer<T> gradient;                      // n × D: of v, then of [p; q]
    AlignedBuffer<T> transposed;                    // D × inputs, padded
    std::vector<T> mean, inverse;                   // D: of the batch; inverse: 1/sqrt(variance + ε)
    std::vector<double> variance;                   // D
    std::vector<T> mean_gradient, mean_along;       // D: means of dv and of dv ⊙ unit, times gain
  };

  template <class Body>
  void for_slices(size_t n, ThreadPool& thread_pool, Body&& body);
  void activate(size_t layer, size_t first, size_t last, const T* weights, uint64_t dropout_key);
  void gate(size_t layer, size_t first, size_t last, T* sums);
  T pairs_of(size_t row, const T* weights);
  // The gradient of the pairs of a row is added to that of its input; d_weight: that of r, F × F.
  void add_pair_gradient(size_t row, T d_logit, const T* weights, T* d_weight);
  void merge_moments(size_t n, Layer& layer);
  void merge_gradients(size_t n, Layer& layer, const T* weights, T* d_weights);
  // Σ over the slices of the c-th partial sum.
  double merged(size_t n, size_t at) const;

  const FmShape shape_;
  const std::vector<Parameter> parameters_;
  const Parameter* pair_weight_;  // nullptr: not fwfm
  size_t input_stride_;
  T kept_ = T(1);                     // the factor of what dropout leaves
  AlignedBuffer<T> input_, d_input_;  // n × F·W, padded
  std::vector<T> linear_, logit_;     // n
  std::vector<T> sum_;                // n × d: Σ_f e_f; of fm
  std::vector<Layer> layers_;
  std::vector<AlignedBuffer<T>> partial_;  // of each slice: sums by column
};

extern template class FmNet<float>;
extern template class FmNet<double>;

}  // namespace rec
