#include "models/fm/fm_net.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/small_gemm.h"
#include "models/fm/fm_pairs.h"
#include "models/sgd/network_layers.h"

namespace rec {
namespace {

const Parameter* find(const std::vector<Parameter>& parameters, const std::string& name) {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

class ParameterLayout {
 public:
  void add(std::string name, size_t rows, size_t cols) {
    all.push_back({std::move(name), at_, rows, cols});
    at_ += rows * cols;
  }
  std::vector<Parameter> all;

 private:
  size_t at_ = 0;
};

}  // namespace

std::string layer_tensor(size_t layer, const char* part) { return fmt::format("layers.{}.{}", layer, part); }

size_t size_of(const std::vector<Parameter>& parameters) {
  size_t size = 0;
  for (const Parameter& parameter : parameters) size += parameter.size();
  return size;
}

FmShape::FmShape(const FmOptions& options, size_t its_fields)
    : fields(its_fields),
      dim(options.has_vectors() ? static_cast<size_t>(options.dim) : 0),
      pairs(dim > 0 ? options.pairwise : Pairwise::kNone),
      layers(options.layers.begin(), options.layers.end()),
      product(options.product),
      norm(options.batch_norm),
      dropout(options.dropout) {}

std::vector<Parameter> FmShape::parameters() const {
  ParameterLayout layout;
  layout.add(kFmBias, 1, 1);
  for (size_t layer = 0; layer < layers.size(); ++layer) {
    layout.add(layer_tensor(layer + 1, "weight"), inputs_of(layer), layers[layer]);
    layout.add(layer_tensor(layer + 1, "bias"), 1, layers[layer]);
    if (!norm) continue;
    layout.add(layer_tensor(layer + 1, "gain"), 1, layers[layer]);
    layout.add(layer_tensor(layer + 1, "shift"), 1, layers[layer]);
  }
  if (!layers.empty()) layout.add(kFmOutput, 1, layers.back());
  if (pairs == Pairwise::kFwfm) layout.add(kFmPairs, fields, fields);
  return layout.all;
}

std::vector<Parameter> FmShape::averages() const {
  ParameterLayout layout;
  for (size_t layer = 0; norm && layer < layers.size(); ++layer) {
    layout.add(layer_tensor(layer + 1, "mean"), 1, layers[layer]);
    layout.add(layer_tensor(layer + 1, "variance"), 1, layers[layer]);
  }
  return layout.all;
}

template <class T>
size_t FmNet<T>::memory(const FmShape& shape, size_t most) {
  size_t values = 2 * pad16(shape.inputs()) + (shape.pairs == Pairwise::kFm ? shape.dim : 0) + 2;
  size_t widest = 0;
  for (const size_t units : shape.layers) {
    values += (shape.product ? 4 : 3) * units;
    widest = std::max(widest, units);
  }
  values += 3 * widest / kSlice;
  return values * most * sizeof(T);
}

template <class T>
FmNet<T>::FmNet(const FmShape& shape, size_t most)
    : shape_(shape),
      parameters_(shape.parameters()),
      pair_weight_(find(parameters_, kFmPairs)),
      input_stride_(pad16(shape.inputs())) {
  input_.resize(most * input_stride_);
  d_input_.resize(most * input_stride_);
  linear_.resize(most);
  logit_.resize(most);
  if (shape_.pairs == Pairwise::kFm) sum_.resize(most * shape_.dim);
  size_t widest = 0;
  for (size_t k = 0; k < shape_.layers.size(); ++k) {
    Layer layer;
    layer.inputs = shape_.inputs_of(k);
    layer.units = shape_.layers[k];
    layer.weight = find(parameters_, layer_tensor(k + 1, "weight"));
    layer.bias = find(parameters_, layer_tensor(k + 1, "bias"));
    layer.gain = find(parameters_, layer_tensor(k + 1, "gain"));
    layer.shift = find(parameters_, layer_tensor(k + 1, "shift"));
    if (shape_.product) layer.raw.resize(most * layer.units);
    layer.unit.resize(most * layer.units);
    layer.out.resize(most * layer.units);
    layer.gradient.resize(most * layer.units);
    layer.transposed.resize(layer.units * pad16(layer.inputs));
    for (std::vector<T>* values : {&layer.mean, &layer.inverse, &layer.mean_gradient, &layer.mean_along})
      values->resize(layer.units);
    layer.variance.resize(layer.units);
    widest = std::max(widest, layer.units);
    layers_.push_back(std::move(layer));
  }
  partial_.resize((most + kSlice - 1) / kSlice);
  const size_t of_pairs = shape_.pairs == Pairwise::kFwfm ? shape_.fields * shape_.fields : 0;
  for (AlignedBuffer<T>& sums : partial_) sums.resize(std::max(3 * widest + 1, of_pairs));
}

template <class T>
template <class Body>
void FmNet<T>::for_slices(size_t n, ThreadPool& thread_pool, Body&& body) {
  thread_pool.run((n + kSlice - 1) / kSlice, [&](size_t slice, int) {
    body(slice * kSlice, std::min(n, (slice + 1) * kSlice), partial_[slice].data());
  });
}

template <class T>
double FmNet<T>::merged(size_t n, size_t at) const {
  double sum = 0.0;
  for (size_t slice = 0; slice * kSlice < n; ++slice) sum += static_cast<double>(partial_[slice][at]);
  return sum;
}

// The slices' means and squared deviations into those of the batch (Chan, Golub, LeVeque 1983).
template <class T>
void FmNet<T>::merge_moments(size_t n, Layer& layer) {
  const size_t D = layer.units;
  for (size_t c = 0; c < D; ++c) {
    double mean = 0.0, squares = 0.0, count = 0.0;
    for (size_t slice = 0; slice * kSlice < n; ++slice) {
      const auto rows = static_cast<double>(std::min(kSlice, n - slice * kSlice));
      const double apart = static_cast<double>(partial_[slice][c]) - mean;
      const double all = count + rows;
      mean += apart * rows / all;
      squares += static_cast<double>(partial_[slice][D + c]) + apart * apart * count * rows / all;
      count = all;
    }
    layer.mean[c] = static_cast<T>(mean);
    layer.variance[c] = squares / count;
    layer.inverse[c] = static_cast<T>(1.0 / std::sqrt(layer.variance[c] + kBatchNormEpsilon));
  }
}

// a of layer k, of its u.
template <class T>
void FmNet<T>::activate(size_t k, size_t first, size_t last, const T* weights, uint64_t dropout_key) {
  Layer& layer = layers_[k];
  const size_t D = layer.units;
  for (size_t row = first; row < last; ++row) {
    T* unit = layer.unit.data() + row * D;
    T* out = layer.out.data() + row * D;
    if (layer.gain != nullptr) {
      const T* gain = weights + layer.gain->offset;
      const T* shift = weights + layer.shift->offset;
      const T* mean = layer.mean.data();
      const T* inverse = layer.inverse.data();
      for (size_t c = 0; c < D; ++c) {
        unit[c] = (unit[c] - mean[c]) * inverse[c];
        const T v = gain[c] * unit[c] + shift[c];
        out[c] = v > T(0) ? v : T(0);
      }
    } else {
      for (size_t c = 0; c < D; ++c) out[c] = unit[c] > T(0) ? unit[c] : T(0);
    }
  }
  if (shape_.dropout <= 0.0) return;
  std::vector<T> mask(D);
  for (size_t row = first; row < last; ++row) {
    dropout_mask(mask.data(), D, shape_.dropout, mix64(dropout_key + (k << 32) + row + 1));
    multiply_by(D, mask.data(), layer.out.data() + row * D);
  }
}

template <class T>
void FmNet<T>::forward(size_t n, const T* weights, uint64_t dropout_key, ThreadPool& thread_pool) {
  for (size_t k = 0; k < layers_.size(); ++k) {
    Layer& layer = layers_[k];
    const size_t D = layer.units;
    for_slices(n, thread_pool, [&](size_t first, size_t last, T* sums) {
      if (k > 0) activate(k - 1, first, last, weights, dropout_key);
      const T* in = k == 0 ? input_.data() : layers_[k - 1].out.data();
      const size_t stride = k == 0 ? input_stride_ : layer.inputs;
      AlignedBuffer<T>& to = shape_.product ? layer.raw : layer.unit;
      gemm_nn_from(last - first, D, layer.inputs, weights + layer.bias->offset,
                   Grid<const T>{in + first * stride, stride}, Grid<const T>{weights + layer.weight->offset, D},
                   Grid<T>{to.data() + first * D, D});
      if (shape_.product) {
        const size_t half = D / 2;
        for (size_t row = first; row < last; ++row) {
          const T* p = layer.raw.data() + row * D;
          T* u = layer.unit.data() + row * D;
          std::copy_n(p, half, u);
          multiply(half, p, p + half, u + half);
        }
      }
      if (layer.gain == nullptr) return;
      T* mean = sums;
      T* squares = sums + D;
      std::fill_n(sums, 2 * D, T(0));
      for (size_t row = first; row < last; ++row) {
        const T* u = layer.unit.data() + row * D;
        for (size_t c = 0; c < D; ++c) mean[c] += u[c];
      }
      const T scale = T(1) / static_cast<T>(last - first);
      for (size_t c = 0; c < D; ++c) mean[c] *= scale;
      for (size_t row = first; row < last; ++row) {
        const T* u = layer.unit.data() + row * D;
        for (size_t c = 0; c < D; ++c) squares[c] += (u[c] - mean[c]) * (u[c] - mean[c]);
      }
    });
    if (layer.gain != nullptr) merge_moments(n, layer);
  }
  const T bias = weights[find(parameters_, kFmBias)->offset];
  const Parameter* output = find(parameters_, kFmOutput);
  for_slices(n, thread_pool, [&](size_t first, size_t last, T*) {
    if (!layers_.empty()) activate(layers_.size() - 1, first, last, weights, dropout_key);
    for (size_t row = first; row < last; ++row) {
      T z = bias + linear_[row];
      if (shape_.pairs != Pairwise::kNone) z += pairs_of(row, weights);
      if (output != nullptr) {
        const Layer& layer = layers_.back();
        z += lane_dot(layer.out.data() + row * layer.units, weights + output->offset, layer.units);
      }
      logit_[row] = z;
    }
  });
}

template <class T>
T FmNet<T>::pairs_of(size_t row, const T* weights) {
  const size_t F = shape_.fields;
  const size_t d = shape_.dim;
  const T* e = input(row);
  if (shape_.pairs == Pairwise::kFm) {
    T* sum = sum_.data() + row * d;
    std::fill_n(sum, d, T(0));
    for (size_t f = 0; f < F; ++f, e += d) {
      for (size_t c = 0; c < d; ++c) sum[c] += e[c];
    }
    const T squares = lane_dot(input(row), input(row), shape_.inputs());
    return T(0.5) * (lane_dot(sum, sum, d) - squares);
  }
  const size_t W = shape_.width();
  const T* r = pair_weight_ != nullptr ? weights + pair_weight_->offset : nullptr;
  T z = T(0);
  for (size_t f = 0; f < F; ++f) {
    for (size_t g = f + 1; g < F; ++g)
      z += r != nullptr ? r[f * F + g] * lane_dot(e + f * W, e + g * W, d)
                        : lane_dot(e + f * W + g * d, e + g * W + f * d, d);
  }
  return z;
}

template <class T>
void FmNet<T>::add_pair_gradient(size_t row, T d_logit, const T* weights, T* d_weight) {
  const size_t F = shape_.fields;
  const size_t d = shape_.dim;
  const size_t W = shape_.width();
  const T* e = input(row);
  T* to = d_input_.data() + row * input_stride_;
  if (shape_.pairs == Pairwise::kFm) {
    const T* sum = sum_.data() + row * d;
    for (size_t f = 0; f < F; ++f, e += d, to += d) {
      for (size_t c = 0; c < d; ++c) to[c] += d_logit * (sum[c] - e[c]);
    }
    return;
  }
  const T* r = pair_weight_ != nullptr ? weights + pair_weight_->offset : nullptr;
  for (size_t f = 0; f < F; ++f) {
    for (size_t g = f + 1; g < F; ++g) {
      const size_t of_f = f * W + (r == nullptr ? g * d : 0), of_g = g * W + (r == nullptr ? f * d : 0);
      const T share = r == nullptr ? d_logit : d_logit * r[f * F + g];
      if (r != nullptr) d_weight[f * F + g] += d_logit * lane_dot(e + of_f, e + of_g, d);
      for (size_t c = 0; c < d; ++c) {
        to[of_f + c] += share * e[of_g + c];
        to[of_g + c] += share * e[of_f + c];
      }
    }
  }
}

// The gradient of a (in `gradient`) becomes that of v; sums: of the columns, and of their products with unit.
template <class T>
void FmNet<T>::gate(size_t k, size_t first, size_t last, T* sums) {
  Layer& layer = layers_[k];
  const size_t D = layer.units;
  const T kept = shape_.dropout > 0.0 ? kept_ : T(1);
  std::fill_n(sums, 2 * D, T(0));
  for (size_t row = first; row < last; ++row) {
    T* g = layer.gradient.data() + row * D;
    const T* a = layer.out.data() + row * D;
    const T* unit = layer.unit.data() + row * D;
    for (size_t c = 0; c < D; ++c) {
      const T passed = a[c] > T(0) ? g[c] * kept : T(0);
      g[c] = passed;
      sums[c] += passed;
      sums[D + c] += passed * unit[c];
    }
  }
}

template <class T>
void FmNet<T>::merge_gradients(size_t n, Layer& layer, const T* weights, T* d_weights) {
  if (layer.gain == nullptr) return;
  const size_t D = layer.units;
  const double scale = 1.0 / static_cast<double>(n);
  const T* gain = weights + layer.gain->offset;
  for (size_t c = 0; c < D; ++c) {
    const double plain = merged(n, c);
    const double along = merged(n, D + c);
    d_weights[layer.shift->offset + c] = static_cast<T>(plain);
    d_weights[layer.gain->offset + c] = static_cast<T>(along);
    layer.mean_gradient[c] = static_cast<T>(plain * scale);
    layer.mean_along[c] = static_cast<T>(along * scale);
    layer.inverse[c] *= gain[c];  // from here on: the factor of the gradient
  }
}

template <class T>
void FmNet<T>::backward(size_t n, const T* weights, const T* d_logit, T* d_weights, ThreadPool& thread_pool) {
  double d_bias = 0.0;
  for (size_t row = 0; row < n; ++row) d_bias += static_cast<double>(d_logit[row]);
  d_weights[find(parameters_, kFmBias)->offset] = static_cast<T>(d_bias);
  if (!layers_.empty()) {
    if (shape_.dropout > 0.0) {  // what dropout_mask() leaves of 1
      const double out = std::round(shape_.dropout * 65536.0);
      kept_ = static_cast<T>(65536.0 / (65536.0 - out));
    }
    Layer& top = layers_.back();
    const size_t D = top.units;
    const Parameter* output = find(parameters_, kFmOutput);
    for_slices(n, thread_pool, [&](size_t first, size_t last, T* sums) {
      T* d_output = sums + 2 * D;
      std::fill_n(d_output, D, T(0));
      const T* w = weights + output->offset;
      for (size_t row = first; row < last; ++row) {
        T* g = top.gradient.data() + row * D;
        const T* a = top.out.data() + row * D;
        const T dz = d_logit[row];
        for (size_t c = 0; c < D; ++c) {
          g[c] = dz * w[c];
          d_output[c] += dz * a[c];
        }
      }
      gate(layers_.size() - 1, first, last, sums);
    });
    for (size_t c = 0; c < D; ++c) d_weights[output->offset + c] = static_cast<T>(merged(n, 2 * D + c));
    merge_gradients(n, top, weights, d_weights);
  }
  for (size_t k = layers_.size(); k-- > 0;) {
    Layer& layer = layers_[k];
    const size_t D = layer.units;
    const size_t across = pad16(layer.inputs);
    transpose(layer.inputs, D, Grid<const T>{weights + layer.weight->offset, D},
              Grid<T>{layer.transposed.data(), across});
    for_slices(n, thread_pool, [&](size_t first, size_t last, T*) {
      const size_t half = D / 2;
      for (size_t row = first; row < last; ++row) {
        T* g = layer.gradient.data() + row * D;
        if (layer.gain != nullptr) {
          const T* unit = layer.unit.data() + row * D;
          for (size_t c = 0; c < D; ++c)
            g[c] = layer.inverse[c] * (g[c] - layer.mean_gradient[c] - unit[c] * layer.mean_along[c]);
        }
        if (!shape_.product) continue;
        const T* p = layer.raw.data() + row * D;
        const T* q = p + half;
        for (size_t c = 0; c < half; ++c) {
          g[c] += g[half + c] * q[c];
          g[half + c] *= p[c];
        }
      }
    });
    // Every value of W, and of b, is summed over all rows by one thread.
    constexpr size_t kRowsOfWeight = 48;
    thread_pool.run((layer.inputs + kRowsOfWeight - 1) / kRowsOfWeight + 1, [&](size_t task, int) {
      if (task == 0) {
        T* to = d_weights + layer.bias->offset;
        std::fill_n(to, D, T(0));
        for (size_t row = 0; row < n; ++row) {
          const T* g = layer.gradient.data() + row * D;
          for (size_t c = 0; c < D; ++c) to[c] += g[c];
        }
        return;
      }
      const size_t from = (task - 1) * kRowsOfWeight;
      const T* in = (k == 0 ? input_.data() : layers_[k - 1].out.data()) + from;
      gemm_tn(std::min(kRowsOfWeight, layer.inputs - from), D, n,
              Grid<const T>{in, k == 0 ? input_stride_ : layer.inputs}, Grid<const T>{layer.gradient.data(), D},
              Grid<T>{d_weights + layer.weight->offset + from * D, D}, false);
    });
    for_slices(n, thread_pool, [&](size_t first, size_t last, T* sums) {
      T* to = k == 0 ? d_input_.data() : layers_[k - 1].gradient.data();
      const size_t stride = k == 0 ? input_stride_ : layer.inputs;
      gemm_nn(last - first, stride, D, Grid<const T>{layer.gradient.data() + first * D, D},
              Grid<const T>{layer.transposed.data(), across}, Grid<T>{to + first * stride, stride}, false);
      if (k > 0) gate(k - 1, first, last, sums);
    });
    if (k > 0) merge_gradients(n, layers_[k - 1], weights, d_weights);
  }
  if (shape_.pairs == Pairwise::kNone) return;
  for_slices(n, thread_pool, [&](size_t first, size_t last, T* sums) {
    if (pair_weight_ != nullptr) std::fill_n(sums, pair_weight_->size(), T(0));
    for (size_t row = first; row < last; ++row) {
      if (layers_.empty()) std::fill_n(d_input_.data() + row * input_stride_, shape_.inputs(), T(0));
      add_pair_gradient(row, d_logit[row], weights, sums);
    }
  });
  if (pair_weight_ == nullptr) return;
  for (size_t at = 0; at < pair_weight_->size(); ++at)
    d_weights[pair_weight_->offset + at] = static_cast<T>(merged(n, at));
}

template <class T>
void FmNet<T>::add_moments(size_t n, T* averages) const {
  const double unbiased = n > 1 ? static_cast<double>(n) / static_cast<double>(n - 1) : 1.0;
  const auto move = [](T& average, double value) {
    average = static_cast<T>((1.0 - kBatchNormMomentum) * static_cast<double>(average) + kBatchNormMomentum * value);
  };
  for (const Layer& layer : layers_) {
    if (layer.gain == nullptr) return;
    for (size_t c = 0; c < layer.units; ++c) move(*averages++, static_cast<double>(layer.mean[c]));
    for (size_t c = 0; c < layer.units; ++c) move(*averages++, layer.variance[c] * unbiased);
  }
}

template class FmNet<float>;
template class FmNet<double>;

}  // namespace rec
