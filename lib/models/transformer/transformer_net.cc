#include "models/transformer/transformer_net.h"

#include <algorithm>
#include <cmath>

#include "models/sgd/network_layers.h"

namespace rec {
namespace {

constexpr size_t kRowsAtOnce = 32;  // of a sequence's scores; a causal model skips what lies right of them

// Memory for n values, which are as they may be.
template <class T>
T* room(AlignedBuffer<T>& buffer, size_t n) {
  if (buffer.size() < n) buffer.resize(n);
  return buffer.data();
}

// Calls use(k, t, s) where the filter's tap k lets token t read token s.
template <class Use>
void for_each_tap(const TransformerShape& shape, const PackedSequences& packed, Use use) {
  const auto K = static_cast<size_t>(shape.filter);
  for (size_t sequence = 0; K > 0 && sequence < packed.sequences(); ++sequence) {
    const size_t begin = packed.begin[sequence];
    const size_t end = packed.begin[sequence + 1];
    for (size_t t = begin; t < end; ++t) {
      const size_t first = t - std::min(K - 1, t - begin);
      const size_t last = shape.causal ? t : std::min(end - 1, t + K - 1);
      for (size_t s = last + 1; s-- > first;) use((shape.causal ? t : K - 1 + t) - s, t, s);
    }
  }
}

uint64_t key_of(const Dropout& dropout, size_t block, size_t part) {
  return mix64(dropout.key + 16 * (block + 1) + part);
}

}  // namespace

template <class T>
TransformerWeights<T>::TransformerWeights(const TransformerShape& shape, const T* values)
    : shape_(shape), parameters_(shape), values_(values), transposed_(parameters_.size) {
  refresh();
}

template <class T>
void TransformerWeights<T>::refresh() {
  for (const BlockParameters& block : parameters_.block) {
    for (const Parameter* p : {&block.qkv, &block.out, &block.gate1, &block.in, &block.down, &block.gate2})
      transpose<T>(p->rows, p->cols, {at(*p), p->cols}, {transposed_.data() + p->offset, p->rows});
  }
}

template <class T>
TransformerNet<T>::TransformerNet(const TransformerWeights<T>& weights) : weights_(weights) {
  if (weights.shape().positions != Positions::kRope) return;
  const size_t c = weights.shape().head_dim();
  for (int t = 0; t < weights.shape().window; ++t) {
    for (size_t j = 0; j < c / 2; ++j) {
      const double angle = t * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(c));
      cosine_.push_back(static_cast<T>(std::cos(angle)));
      sine_.push_back(static_cast<T>(std::sin(angle)));
    }
  }
}

template <class T>
void TransformerNet<T>::rotate(const PackedSequences& packed, T* qkv, bool back) const {
  const auto d = static_cast<size_t>(weights_.shape().dim);
  const size_t c = weights_.shape().head_dim();
  const size_t half = c / 2;
  const T sign = back ? T(-1) : T(1);
  for (size_t s = 0; s < packed.sequences(); ++s) {
    for (size_t t = packed.begin[s]; t < packed.begin[s + 1]; ++t) {
      const T* cosine = cosine_.data() + (t - packed.begin[s]) * half;
      const T* sine = sine_.data() + (t - packed.begin[s]) * half;
      for (size_t first = 0; first < 2 * d; first += c) {  // the heads of q, then those of k
        T* x = qkv + t * 3 * d + first;
        for (size_t j = 0; j < half; ++j) {
          const T one = x[j];
          const T other = x[j + half];
          x[j] = one * cosine[j] - sign * other * sine[j];
          x[j + half] = sign * one * sine[j] + other * cosine[j];
        }
      }
    }
  }
}

template <class T>
void TransformerNet<T>::attend(const PackedSequences& packed, const BlockParameters& p, Kept& kept) {
  const TransformerShape& shape = weights_.shape();
  const auto d = static_cast<size_t>(shape.dim);
  const auto H = static_cast<size_t>(shape.heads);
  const size_t zero = shape.causal ? 0 : static_cast<size_t>(shape.window) - 1;  // where the distance 0 stands
  const size_t c = shape.head_dim();
  const T scale = T(1) / std::sqrt(static_cast<T>(c));
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    const size_t wide = pad16(n);
    const T* q = kept.qkv.data() + first * 3 * d;
    T* tall = room(tall_, c * wide);
    for (size_t head = 0; head < H; ++head) {
      T* attention = kept.attention.data() + attention_begin_[s] + head * n * wide;
      const T* relative = p.relative.size() > 0 ? weights_.at(p.relative) + head * shape.distances() + zero : nullptr;
      const T* k = q + d + head * c;
      const T* v = q + 2 * d + head * c;
      std::fill_n(tall, c * wide, T(0));
      transpose<T>(n, c, {k, 3 * d}, {tall, wide});
      for (size_t row = 0; row < n; row += kRowsAtOnce) {
        const size_t rows = std::min(kRowsAtOnce, n - row);
        const size_t seen = shape.causal ? row + rows : n;  // no row here sees further
        const size_t cols = pad16(seen);
        T* S = attention + row * wide;
        gemm_nn(rows, cols, c, {q + head * c + row * 3 * d, 3 * d}, {tall, wide}, {S, wide}, false);
        const AttentionRows its_rows{rows, cols, wide, shape.causal ? row + 1 : n,
                                     shape.causal ? size_t{1} : size_t{0}};
        if (relative == nullptr) {
          attention_weights(its_rows, scale, S);
        } else {
          for (size_t t = row; t < row + rows; ++t) {
            T* score = attention + t * wide;
            for (size_t j = 0; j < (shape.causal ? t + 1 : n); ++j) {
              score[j] = score[j] * scale + relative[static_cast<std::ptrdiff_t>(t) - static_cast<std::ptrdiff_t>(j)];
            }
          }
          attention_weights(its_rows, T(1), S);
        }
        for (size_t t = row; t < row + rows; ++t)
          std::fill(attention + t * wide + cols, attention + (t + 1) * wide, T(0));
        const T* weight = attention + row * wide;
        if (dropout_.rate > 0) {
          const T* mask = kept.mask_attention.data() + attention_begin_[s] + head * n * wide + row * wide;
          T* thinned = room(d_attention_, kRowsAtOnce * wide);
          for (size_t i = 0; i < rows * wide; ++i) thinned[i] = weight[i] * mask[i];
          weight = thinned;
        }
        gemm_nn(rows, c, seen, {weight, wide}, {v, 3 * d}, {kept.o.data() + (first + row) * d + head * c, d}, false);
      }
    }
  }
}

template <class T>
void TransformerNet<T>::attend_back(const PackedSequences& packed, const BlockParameters& p, Kept& kept, const T* d_o,
                                    T* d_qkv, T* gradient) {
  const TransformerShape& shape = weights_.shape();
  const auto d = static_cast<size_t>(shape.dim);
  const auto H = static_cast<size_t>(shape.heads);
  const size_t zero = shape.causal ? 0 : static_cast<size_t>(shape.window) - 1;  // where the distance 0 stands
  const size_t c = shape.head_dim();
  const T scale = T(1) / std::sqrt(static_cast<T>(c));
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    const size_t wide = pad16(n);
    const T* q = kept.qkv.data() + first * 3 * d;
    T* tall = room(tall_, c * wide);
    T* dS = room(d_attention_, n * wide);
    for (size_t head = 0; head < H; ++head) {
      T* attention = kept.attention.data() + attention_begin_[s] + head * n * wide;
      T* mask = dropout_.rate > 0 ? kept.mask_attention.data() + attention_begin_[s] + head * n * wide : nullptr;
      T* d_relative = p.relative.size() > 0 ? gradient + p.relative.offset + head * shape.distances() + zero : nullptr;
      const T* above = d_o + first * d + head * c;
      T* d_q = d_qkv + first * 3 * d + head * c;
      std::fill_n(tall, c * wide, T(0));
      transpose<T>(n, c, {q + 2 * d + head * c, 3 * d}, {tall, wide});
      for (size_t row = 0; row < n; row += kRowsAtOnce) {
        const size_t rows = std::min(kRowsAtOnce, n - row);
        const size_t cols = pad16(shape.causal ? row + rows : n);
        T* S = dS + row * wide;
        gemm_nn(rows, cols, c, {above + row * d, d}, {tall, wide}, {S, wide}, false);
        attention_weights_back({rows, cols, wide, cols, 0}, attention + row * wide,
                               mask != nullptr ? mask + row * wide : nullptr, d_relative == nullptr ? scale : T(1), S);
        for (size_t t = row; t < row + rows; ++t, S += wide) {
          if (d_relative != nullptr) {
            for (size_t j = 0; j < (shape.causal ? t + 1 : n); ++j)
              d_relative[static_cast<std::ptrdiff_t>(t) - static_cast<std::ptrdiff_t>(j)] += S[j];
            for (size_t j = 0; j < cols; ++j) S[j] *= scale;
          }
          std::fill(S + cols, S + wide, T(0));
        }
      }
      if (mask != nullptr) {  // from here on the weights that were used
        for (size_t i = 0; i < n * wide; ++i) mask[i] *= attention[i];
      }
      const T* used = mask != nullptr ? mask : attention;
      for (size_t row = 0; row < n; row += kRowsAtOnce) {
        const size_t rows = std::min(kRowsAtOnce, n - row);
        const size_t seen = shape.causal ? row + rows : n;
        const size_t from = shape.causal ? row : 0;  // the first token that these are seen by
        const T* k = q + d + head * c;
        gemm_nn(rows, c, seen, {dS + row * wide, wide}, {k, 3 * d}, {d_q + row * 3 * d, 3 * d}, false);
        gemm_tn(rows, c, n - from, {dS + from * wide + row, wide}, {q + head * c + from * 3 * d, 3 * d},
                {d_q + d + row * 3 * d, 3 * d}, false);
        gemm_tn(rows, c, n - from, {used + from * wide + row, wide}, {above + from * d, d},
                {d_q + 2 * d + row * 3 * d, 3 * d}, false);
      }
    }
  }
}

template <class T>
void TransformerNet<T>::filter(const PackedSequences& packed, const Parameter& C, const T* a, T* sum) const {
  const size_t d = C.cols;
  for_each_tap(weights_.shape(), packed, [&](size_t k, size_t t, size_t s) {
    const T* weight = weights_.at(C) + k * d;
    for (size_t c = 0; c < d; ++c) sum[t * d + c] += weight[c] * a[s * d + c];
  });
}

template <class T>
void TransformerNet<T>::filter_back(const PackedSequences& packed, const Parameter& C, const T* a, const T* d_sum,
                                    T* d_a, T* gradient) const {
  const size_t d = C.cols;
  for_each_tap(weights_.shape(), packed, [&](size_t k, size_t t, size_t s) {
    const T* weight = weights_.at(C) + k * d;
    T* d_weight = gradient + C.offset + k * d;
    for (size_t c = 0; c < d; ++c) {
      d_a[s * d + c] += weight[c] * d_sum[t * d + c];
      d_weight[c] += d_sum[t * d + c] * a[s * d + c];
    }
  });
}

template <class T>
void TransformerNet<T>::gate(size_t n, const Parameter& W, const Parameter& bias, const T* in, AlignedBuffer<T>& sigma,
                             AlignedBuffer<T>& sum) {
  const size_t d = W.cols;
  affine(n, d, d, in, weights_.at(W), weights_.at(bias), room(sigma, n * d));
  sigmoid_all(sigma.data(), n * d);
  T* part = room(d_part_, n * d);
  for (size_t i = 0; i < n * d; ++i) part[i] = sum[i] * sigma[i];
}

// d_sum holds the derivative of the gated part and receives that of what was gated;
// d_in is set.
template <class T>
void TransformerNet<T>::gate_back(size_t n, const Parameter& W, const Parameter& bias, const T* in,
                                  const AlignedBuffer<T>& sigma, const AlignedBuffer<T>& sum, T* d_sum, T* d_in,
                                  T* gradient) {
  const size_t d = W.cols;
  T* d_gate = room(d_gate_, n * d);
  for (size_t i = 0; i < n * d; ++i) {
    d_gate[i] = d_sum[i] * sum[i] * sigma[i] * (T(1) - sigma[i]);
    d_sum[i] *= sigma[i];
  }
  affine_back(n, d, d, in, weights_.transposed(W), d_gate, d_in, false, gradient + W.offset, gradient + bias.offset);
}

template <class T>
const T* TransformerNet<T>::forward(const PackedSequences& packed, const T* x0, const Dropout& dropout) {
  const TransformerShape& shape = weights_.shape();
  const TransformerParameters& parameters = weights_.parameters();
  const auto d = static_cast<size_t>(shape.dim);
  const auto f = static_cast<size_t>(shape.hidden);
  const size_t n = packed.tokens();
  const auto H = static_cast<size_t>(shape.heads);
  dropout_ = dropout;
  const bool drops = dropout.rate > 0;

  attention_begin_.resize(packed.sequences() + 1);
  attention_begin_[0] = 0;
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t its = packed.begin[s + 1] - packed.begin[s];
    attention_begin_[s + 1] = attention_begin_[s] + H * its * pad16(its);
  }
  T* x = room(x_, n * d);
  if (shape.input_norm) {
    norm(n, d, x0, weights_.at(parameters.input_gain), weights_.at(parameters.input_bias), room(unit0_, n * d),
         room(inverse0_, n), x);
  } else {
    std::copy_n(x0, n * d, x);
  }
  if (drops) {
    dropout_mask(room(mask0_, n * d), n * d, dropout.rate, key_of(dropout, shape.blocks, 0));
    multiply_by(n * d, mask0_.data(), x);
  }
  kept_.resize(parameters.block.size());
  for (size_t number = 0; number < kept_.size(); ++number) {
    const BlockParameters& p = parameters.block[number];
    Kept& kept = kept_[number];
    norm(n, d, x, weights_.at(p.norm1_gain), weights_.at(p.norm1_bias), room(kept.unit1, n * d), room(kept.inverse1, n),
         room(kept.a, n * d));
    affine(n, d, 3 * d, kept.a.data(), weights_.at(p.qkv), weights_.at(p.qkv_bias), room(kept.qkv, n * 3 * d));
    if (shape.positions == Positions::kRope) rotate(packed, kept.qkv.data(), false);
    room(kept.attention, attention_begin_.back());
    room(kept.o, n * d);
    if (drops)
      dropout_mask(room(kept.mask_attention, attention_begin_.back()), attention_begin_.back(), dropout.rate,
                   key_of(dropout, number, 1));
    attend(packed, p, kept);
    affine(n, d, d, kept.o.data(), weights_.at(p.out), weights_.at(p.out_bias), room(kept.sum1, n * d));
    filter(packed, p.filter, kept.a.data(), kept.sum1.data());
    const auto add_part = [&](const AlignedBuffer<T>& sum, AlignedBuffer<T>& its_mask, size_t number_of_part) {
      const T* part = shape.gated ? d_part_.data() : sum.data();  // gate() has put it there
      if (!drops) {
        for (size_t i = 0; i < n * d; ++i) x[i] += part[i];
        return;
      }
      dropout_mask(room(its_mask, n * d), n * d, dropout.rate, key_of(dropout, number, number_of_part));
      for (size_t i = 0; i < n * d; ++i) x[i] += part[i] * its_mask[i];
    };
    if (shape.gated) gate(n, p.gate1, p.gate1_bias, kept.a.data(), kept.gate1, kept.sum1);
    add_part(kept.sum1, kept.mask1, 2);

    norm(n, d, x, weights_.at(p.norm2_gain), weights_.at(p.norm2_bias), room(kept.unit2, n * d), room(kept.inverse2, n),
         room(kept.e, n * d));
    T* u = room(kept.u, n * p.in.cols);
    affine(n, d, p.in.cols, kept.e.data(), weights_.at(p.in), weights_.at(p.in_bias), u);
    T* hidden = room(kept.hidden, n * f);
    const T* mask = nullptr;
    if (drops) {
      dropout_mask(room(kept.mask_hidden, n * f), n * f, dropout.rate, key_of(dropout, number, 3));
      mask = kept.mask_hidden.data();
    }
    switch (shape.activation) {
      case Activation::kRelu:
        for (size_t i = 0; i < n * f; ++i) hidden[i] = u[i] > T(0) ? u[i] : T(0);
        break;
      case Activation::kGelu:
        gelu(n * f, u, mask, room(kept.sigma, n * f), hidden);
        break;
      case Activation::kSwiglu: {
        T* sigma = room(kept.sigma, n * f);
        for (size_t t = 0; t < n; ++t) std::copy_n(u + t * 2 * f, f, sigma + t * f);
        sigmoid_all(sigma, n * f);
        for (size_t t = 0; t < n; ++t) {
          const T* left = u + t * 2 * f;
          for (size_t j = 0; j < f; ++j) hidden[t * f + j] = left[j] * sigma[t * f + j] * left[f + j];
        }
        break;
      }
    }
    if (drops && shape.activation != Activation::kGelu) multiply_by(n * f, mask, hidden);
    affine(n, f, d, hidden, weights_.at(p.down), weights_.at(p.down_bias), room(kept.sum2, n * d));
    if (shape.gated) gate(n, p.gate2, p.gate2_bias, kept.e.data(), kept.gate2, kept.sum2);
    add_part(kept.sum2, kept.mask2, 4);
  }
  norm(n, d, x, weights_.at(parameters.final_gain), weights_.at(parameters.final_bias), room(unit_, n * d),
       room(inverse_, n), room(h_, n * d));
  if (dropout.output > 0) {
    dropout_mask(room(mask_h_, n * d), n * d, dropout.output, key_of(dropout, shape.blocks, 1));
    multiply_by(n * d, mask_h_.data(), h_.data());
  }
  return h_.data();
}

template <class T>
void TransformerNet<T>::backward(const PackedSequences& packed, const T* d_h, T* d_x0, T* gradient) {
  const TransformerShape& shape = weights_.shape();
  const TransformerParameters& parameters = weights_.parameters();
  const auto d = static_cast<size_t>(shape.dim);
  const auto f = static_cast<size_t>(shape.hidden);
  const size_t n = packed.tokens();
  const bool drops = dropout_.rate > 0;
  T* work = room(work_, d);
  T* d_x = d_x0;
  std::fill_n(d_x, n * d, T(0));
  if (dropout_.output > 0) {
    multiply(n * d, d_h, mask_h_.data(), room(d_h_, n * d));
    d_h = d_h_.data();
  }
  norm_back(n, d, unit_.data(), inverse_.data(), weights_.at(parameters.final_gain), d_h, d_x,
            gradient + parameters.final_gain.offset, gradient + parameters.final_bias.offset, work);
  T* d_part = room(d_part_, n * d);
  T* d_in = room(d_x_, n * d);
  for (size_t number = kept_.size(); number-- > 0;) {
    const BlockParameters& p = parameters.block[number];
    Kept& kept = kept_[number];

    if (drops)
      multiply(n * d, d_x, kept.mask2.data(), d_part);
    else
      std::copy_n(d_x, n * d, d_part);
    if (shape.gated) gate_back(n, p.gate2, p.gate2_bias, kept.e.data(), kept.gate2, kept.sum2, d_part, d_in, gradient);
    const size_t wide = p.in.cols;
    T* d_hidden = room(d_wide_, n * f);
    affine_back(n, f, d, kept.hidden.data(), weights_.transposed(p.down), d_part, d_hidden, false,
                gradient + p.down.offset, gradient + p.down_bias.offset);
    const T* mask = drops ? kept.mask_hidden.data() : nullptr;
    if (drops && shape.activation != Activation::kGelu) multiply_by(n * f, mask, d_hidden);
    T* d_u = d_hidden;
    const T* u = kept.u.data();
    switch (shape.activation) {
      case Activation::kRelu:
        for (size_t i = 0; i < n * f; ++i) d_u[i] = u[i] > T(0) ? d_u[i] : T(0);
        break;
      case Activation::kGelu:
        gelu_back(n * f, u, kept.sigma.data(), mask, d_u);
        break;
      case Activation::kSwiglu:
        d_u = room(d_qkv_, n * wide);
        for (size_t t = 0; t < n; ++t) {
          const T* left = u + t * wide;
          const T* sigma = kept.sigma.data() + t * f;
          for (size_t j = 0; j < f; ++j) {
            const T slope = sigma[j] + left[j] * sigma[j] * (T(1) - sigma[j]);
            d_u[t * wide + j] = d_hidden[t * f + j] * left[f + j] * slope;
            d_u[t * wide + f + j] = d_hidden[t * f + j] * left[j] * sigma[j];
          }
        }
        break;
    }
    affine_back(n, d, wide, kept.e.data(), weights_.transposed(p.in), d_u, d_in, shape.gated, gradient + p.in.offset,
                gradient + p.in_bias.offset);
    norm_back(n, d, kept.unit2.data(), kept.inverse2.data(), weights_.at(p.norm2_gain), d_in, d_x,
              gradient + p.norm2_gain.offset, gradient + p.norm2_bias.offset, work);

    if (drops)
      multiply(n * d, d_x, kept.mask1.data(), d_part);
    else
      std::copy_n(d_x, n * d, d_part);
    if (shape.gated) gate_back(n, p.gate1, p.gate1_bias, kept.a.data(), kept.gate1, kept.sum1, d_part, d_in, gradient);
    T* d_o = room(d_wide_, n * d);
    affine_back(n, d, d, kept.o.data(), weights_.transposed(p.out), d_part, d_o, false, gradient + p.out.offset,
                gradient + p.out_bias.offset);
    T* d_qkv = room(d_qkv_, n * 3 * d);
    attend_back(packed, p, kept, d_o, d_qkv, gradient);
    if (shape.positions == Positions::kRope) rotate(packed, d_qkv, true);
    affine_back(n, d, 3 * d, kept.a.data(), weights_.transposed(p.qkv), d_qkv, d_in, shape.gated,
                gradient + p.qkv.offset, gradient + p.qkv_bias.offset);
    filter_back(packed, p.filter, kept.a.data(), d_part, d_in, gradient);
    norm_back(n, d, kept.unit1.data(), kept.inverse1.data(), weights_.at(p.norm1_gain), d_in, d_x,
              gradient + p.norm1_gain.offset, gradient + p.norm1_bias.offset, work);
  }
  if (drops) multiply_by(n * d, mask0_.data(), d_x);
  if (shape.input_norm) {
    std::copy_n(d_x, n * d, d_in);
    std::fill_n(d_x, n * d, T(0));
    norm_back(n, d, unit0_.data(), inverse0_.data(), weights_.at(parameters.input_gain), d_in, d_x,
              gradient + parameters.input_gain.offset, gradient + parameters.input_bias.offset, work);
  }
}

template <class T>
std::span<const T> TransformerNet<T>::last_attention(const PackedSequences& packed, size_t block, size_t head,
                                                     size_t sequence) const {
  const size_t n = packed.begin[sequence + 1] - packed.begin[sequence];
  return {kept_[block].attention.data() + attention_begin_[sequence] + (head * n + n - 1) * pad16(n), n};
}

// Calls use(row of a position vector, token).
template <class Use>
static void for_each_position(const TransformerShape& shape, const PackedSequences& packed, Use use) {
  const auto W = static_cast<size_t>(shape.window);
  for (size_t s = 0; s < packed.sequences(); ++s) {
    for (size_t t = packed.begin[s]; t < packed.begin[s + 1]; ++t) use(W - (packed.begin[s + 1] - t), t);
  }
}

template <class T>
void add_positions(const TransformerWeights<T>& weights, const PackedSequences& packed, T* x0) {
  if (weights.parameters().positions.size() == 0) return;
  const auto d = static_cast<size_t>(weights.shape().dim);
  const T* positions = weights.at(weights.parameters().positions);
  for_each_position(weights.shape(), packed, [&](size_t position, size_t t) {
    for (size_t c = 0; c < d; ++c) x0[t * d + c] += positions[position * d + c];
  });
}

template <class T>
void add_position_gradient(const TransformerWeights<T>& weights, const PackedSequences& packed, const T* d_x0,
                           T* gradient) {
  if (weights.parameters().positions.size() == 0) return;
  const auto d = static_cast<size_t>(weights.shape().dim);
  T* d_positions = gradient + weights.parameters().positions.offset;
  for_each_position(weights.shape(), packed, [&](size_t position, size_t t) {
    for (size_t c = 0; c < d; ++c) d_positions[position * d + c] += d_x0[t * d + c];
  });
}

template class TransformerWeights<float>;
template class TransformerWeights<double>;
template class TransformerNet<float>;
template class TransformerNet<double>;
template void add_positions(const TransformerWeights<float>&, const PackedSequences&, float*);
template void add_positions(const TransformerWeights<double>&, const PackedSequences&, double*);
template void add_position_gradient(const TransformerWeights<float>&, const PackedSequences&, const float*, float*);
template void add_position_gradient(const TransformerWeights<double>&, const PackedSequences&, const double*, double*);

}  // namespace rec
