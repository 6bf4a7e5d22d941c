// The pair functions of models/inference/scorer.h with their gradients, for training:
// in float32 for rec-embed neural, in float64 for its tests. Symbols: F factors, D
// size of a projection, E examples (rows of h), C candidates (rows of x). All matrices are
// row-major and dense.
//
// Forward, for a block: the projections A (E × D) of H (E × F) and B (C × D) of X (C × F),
// then the scores of pairs (e, c) from them. Backward takes the same steps in reverse and
// adds to the gradients that it is given. By one thread at a time: it keeps scratch memory.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "linalg/activations.h"
#include "linalg/lanes.h"
#include "linalg/small_gemm.h"
#include "linalg/vector_exp.h"
#include "models/two_tower/neural_options.h"

namespace rec {

// Which pairs of a block have scores: all E × C, e by e, or with `own` pair k is
// (k, own[k]).
struct NeuralPairs {
  size_t examples = 0;
  size_t candidates = 0;
  const uint32_t* own = nullptr;

  size_t count() const { return own != nullptr ? examples : examples * candidates; }
  size_t example(size_t k) const { return own != nullptr ? k : k / candidates; }
  size_t candidate(size_t k) const { return own != nullptr ? own[k] : k % candidates; }
};

template <class T>
void add_scaled(T a, const T* x, size_t n, T* y) {
  for (size_t d = 0; d < n; ++d) y[d] += a * x[d];
}

template <class T>
class NeuralForm {
 public:
  explicit NeuralForm(const FormShape& shape) : shape_(shape), F_(shape.factors), D_(shape.projection_size()) {}

  const FormShape& shape() const { return shape_; }
  size_t projection_size() const { return D_; }

  // w: the weights of the shape. out: n × D.
  void user_projections(const T* w, const T* h, size_t n, T* out) { project(w, h, n, out, Side::kUser); }
  void item_projections(const T* w, const T* x, size_t n, T* out) { project(w, x, n, out, Side::kItem); }

  // out[k] = the score of pair k. scores_back() with the same pairs may follow.
  void scores(const T* w, const T* A, const T* B, const NeuralPairs& pairs, T* out) {
    switch (shape_.form) {
      case ScoreForm::kSum:
        for (size_t k = 0; k < pairs.count(); ++k) out[k] = A[pairs.example(k)] + B[pairs.candidate(k)];
        break;
      case ScoreForm::kAdditive:
        additive(w, A, B, pairs, out);
        break;
      case ScoreForm::kMultiHead:
        heads_.resize(shape_.heads * pairs.count());
        for (size_t head = 0; head < shape_.heads; ++head) {
          dot(A, B, pairs, head, &heads_[head * pairs.count()]);
        }
        log_mean_exp(heads_.data(), shape_.heads, pairs.count(), pairs.count(), out);
        break;
      case ScoreForm::kMlp:
        mlp(w, A, B, pairs, out, nullptr, nullptr, nullptr, nullptr);
        break;
      default:
        dot(A, B, pairs, 0, out);
        break;
    }
  }

  // From the scores s and the loss's gradient ds by them: dA, dB and dw, added to.
  void scores_back(const T* w, const T* A, const T* B, const NeuralPairs& pairs, const T* s, const T* ds, T* dA, T* dB,
                   T* dw) {
    switch (shape_.form) {
      case ScoreForm::kSum:
        for (size_t k = 0; k < pairs.count(); ++k) {
          dA[pairs.example(k)] += ds[k];
          dB[pairs.candidate(k)] += ds[k];
        }
        break;
      case ScoreForm::kAdditive:
        additive_back(w, A, B, pairs, ds, dA, dB, dw);
        break;
      case ScoreForm::kMultiHead:
        // Head k gets e^(s_k - s) / K of the gradient, its weight in the mean.
        for (size_t head = 0; head < shape_.heads; ++head) {
          T* its = &heads_[head * pairs.count()];
          for (size_t k = 0; k < pairs.count(); ++k) its[k] -= s[k];
          exp_all(its, pairs.count());
          const T weight = T(1) / static_cast<T>(shape_.heads);
          for (size_t k = 0; k < pairs.count(); ++k) its[k] *= weight * ds[k];
          dot_back(A, B, pairs, head, its, dA, dB);
        }
        break;
      case ScoreForm::kMlp:
        mlp(w, A, B, pairs, nullptr, ds, dA, dB, dw);
        break;
      default:
        dot_back(A, B, pairs, 0, ds, dA, dB);
        break;
    }
  }

  // From the projections' gradient to the vectors' and the weights', added to.
  void user_projections_back(const T* w, const T* h, const T* A, const T* dA, size_t n, T* dh, T* dw) {
    projections_back(w, h, A, dA, n, dh, dw, Side::kUser);
  }
  void item_projections_back(const T* w, const T* x, const T* B, const T* dB, size_t n, T* dx, T* dw) {
    projections_back(w, x, B, dB, n, dx, dw, Side::kItem);
  }

 private:
  enum class Side { kUser, kItem };
  // Pairs that additive and mlp work on at a time, so that their rows stay in the cache.
  static constexpr size_t kPairs = 64;
  // Candidates of a panel of the inner products.
  static constexpr size_t kPanel = 256;

  // The D × F matrix of one side for additive, multi-head and mlp: its offset and stride.
  size_t map_offset(bool user) const {
    if (shape_.form == ScoreForm::kMlp) return user ? 0 : F_;
    return user ? 0 : D_ * F_;
  }
  size_t map_stride() const { return shape_.form == ScoreForm::kMlp ? 2 * F_ : F_; }
  bool has_map() const {
    return shape_.form == ScoreForm::kAdditive || shape_.form == ScoreForm::kMultiHead ||
           shape_.form == ScoreForm::kMlp;
  }
  const T* first_bias(const T* w) const { return w + 2 * F_ * D_; }  // of mlp
  T root_scale() const {
    return T(1) / std::sqrt(static_cast<T>(shape_.form == ScoreForm::kMultiHead ? D_ / shape_.heads : F_));
  }
  // The user's projections carry the scale of scaled and multi-head.
  bool scales(bool user) const {
    return user && (shape_.form == ScoreForm::kScaled || shape_.form == ScoreForm::kMultiHead);
  }

  void project(const T* w, const T* rows, size_t n, T* out, Side side) {
    const bool user = side == Side::kUser;
    const ScoreForm form = shape_.form;
    if (form == ScoreForm::kSum) {
      for (size_t r = 0; r < n; ++r) out[r] = lane_dot(w, rows + r * F_, F_) + (user ? T(0) : w[F_]);
      return;
    }
    if (has_map()) {
      map_.resize(F_ * D_);
      transpose<T>(D_, F_, {w + map_offset(user), map_stride()}, {map_.data(), D_});
      gemm_nn(n, D_, F_, {rows, F_}, {map_.data(), D_}, {out, D_}, false);
      if (form == ScoreForm::kMlp && user) {
        for (size_t r = 0; r < n; ++r) add_scaled(T(1), first_bias(w), D_, out + r * D_);
      }
    } else if (form == ScoreForm::kBilinear && user) {
      gemm_nn(n, F_, F_, {rows, F_}, {w, F_}, {out, F_}, false);
    } else if (form == ScoreForm::kCosine) {
      for (size_t r = 0; r < n; ++r) {
        const T inverse = inverse_norm(rows + r * F_);
        for (size_t f = 0; f < F_; ++f) out[r * F_ + f] = rows[r * F_ + f] * inverse;
      }
    } else {
      std::copy_n(rows, n * F_, out);
    }
    if (scales(user)) {
      const T scale = root_scale();
      for (size_t at = 0; at < n * D_; ++at) out[at] *= scale;
    }
  }

  void projections_back(const T* w, const T* rows, const T* its_projections, const T* d, size_t n, T* drows, T* dw,
                        Side side) {
    const bool user = side == Side::kUser;
    const ScoreForm form = shape_.form;
    const T* g = d;
    if (scales(user)) {
      scaled_.assign(d, d + n * D_);
      const T scale = root_scale();
      for (T& value : scaled_) value *= scale;
      g = scaled_.data();
    }
    if (form == ScoreForm::kSum) {
      for (size_t r = 0; r < n; ++r) {
        add_scaled(g[r], w, F_, drows + r * F_);
        add_scaled(g[r], rows + r * F_, F_, dw);
        if (!user) dw[F_] += g[r];
      }
    } else if (has_map()) {
      const size_t offset = map_offset(user);
      gemm_nn(n, F_, D_, {g, D_}, {w + offset, map_stride()}, {drows, F_}, true);
      gemm_tn(D_, F_, n, {g, D_}, {rows, F_}, {dw + offset, map_stride()}, true);
      if (form == ScoreForm::kMlp && user) {
        for (size_t r = 0; r < n; ++r) add_scaled(T(1), g + r * D_, D_, dw + 2 * F_ * D_);
      }
    } else if (form == ScoreForm::kBilinear && user) {
      map_.resize(F_ * F_);
      transpose<T>(F_, F_, {w, F_}, {map_.data(), F_});
      gemm_nn(n, F_, F_, {g, F_}, {map_.data(), F_}, {drows, F_}, true);
      gemm_tn(F_, F_, n, {rows, F_}, {g, F_}, {dw, F_}, true);
    } else if (form == ScoreForm::kCosine) {
      for (size_t r = 0; r < n; ++r) {
        const T inverse = inverse_norm(rows + r * F_);
        const T along = lane_dot(g + r * F_, its_projections + r * F_, F_);
        for (size_t f = 0; f < F_; ++f)
          drows[r * F_ + f] += inverse * (g[r * F_ + f] - along * its_projections[r * F_ + f]);
      }
    } else {
      add_scaled(T(1), g, n * F_, drows);
    }
  }

  T inverse_norm(const T* row) const {
    const T squares = lane_dot(row, row, F_);
    return squares > T(0) ? T(1) / std::sqrt(squares) : T(0);
  }

  // Inner products of one head's part of the projections (of all of them: head 0 of 1).
  void dot(const T* A, const T* B, const NeuralPairs& pairs, size_t head, T* out) {
    const size_t d = D_ / shape_.heads;
    const size_t at = head * d;
    if (pairs.own != nullptr) {
      for (size_t k = 0; k < pairs.examples; ++k) out[k] = lane_dot(A + k * D_ + at, B + pairs.own[k] * D_ + at, d);
      return;
    }
    map_.resize(d * kPanel);
    for (size_t c = 0; c < pairs.candidates; c += kPanel) {
      const size_t n = std::min(kPanel, pairs.candidates - c);
      transpose<T>(n, d, {B + c * D_ + at, D_}, {map_.data(), n});
      gemm_nn(pairs.examples, n, d, {A + at, D_}, {map_.data(), n}, {out + c, pairs.candidates}, false);
    }
  }

  void dot_back(const T* A, const T* B, const NeuralPairs& pairs, size_t head, const T* ds, T* dA, T* dB) {
    const size_t d = D_ / shape_.heads;
    const size_t at = head * d;
    if (pairs.own != nullptr) {
      for (size_t k = 0; k < pairs.examples; ++k) {
        add_scaled(ds[k], B + pairs.own[k] * D_ + at, d, dA + k * D_ + at);
        add_scaled(ds[k], A + k * D_ + at, d, dB + pairs.own[k] * D_ + at);
      }
      return;
    }
    for (size_t c = 0; c < pairs.candidates; c += kPanel) {
      const size_t n = std::min(kPanel, pairs.candidates - c);
      gemm_nn(pairs.examples, d, n, {ds + c, pairs.candidates}, {B + c * D_ + at, D_}, {dA + at, D_}, true);
      gemm_tn(n, d, pairs.examples, {ds + c, pairs.candidates}, {A + at, D_}, {dB + c * D_ + at, D_}, true);
    }
  }

  // pairs_ = tanh (additive) or max(0, ·) (mlp) of the sums of projections of n pairs from `first`.
  void sums(const T* A, const T* B, const NeuralPairs& pairs, size_t first, size_t n) {
    sums_.resize(kPairs * D_);
    for (size_t k = 0; k < n; ++k) {
      const T* a = A + pairs.example(first + k) * D_;
      const T* b = B + pairs.candidate(first + k) * D_;
      T* out = &sums_[k * D_];
      for (size_t d = 0; d < D_; ++d) out[d] = a[d] + b[d];
    }
    if (shape_.form == ScoreForm::kAdditive) {
      tanh_all(sums_.data(), n * D_);
    } else {
      for (size_t at = 0; at < n * D_; ++at) sums_[at] = std::max(sums_[at], T(0));
    }
  }

  void additive(const T* w, const T* A, const T* B, const NeuralPairs& pairs, T* out) {
    const T* v = w + 2 * D_ * F_;
    for (size_t first = 0; first < pairs.count(); first += kPairs) {
      const size_t n = std::min(kPairs, pairs.count() - first);
      sums(A, B, pairs, first, n);
      for (size_t k = 0; k < n; ++k) out[first + k] = lane_dot(v, &sums_[k * D_], D_);
    }
  }

  void additive_back(const T* w, const T* A, const T* B, const NeuralPairs& pairs, const T* ds, T* dA, T* dB, T* dw) {
    const T* v = w + 2 * D_ * F_;
    T* dv = dw + 2 * D_ * F_;
    for (size_t first = 0; first < pairs.count(); first += kPairs) {
      const size_t n = std::min(kPairs, pairs.count() - first);
      sums(A, B, pairs, first, n);
      for (size_t k = 0; k < n; ++k) {
        const T* t = &sums_[k * D_];
        T* a = dA + pairs.example(first + k) * D_;
        T* b = dB + pairs.candidate(first + k) * D_;
        const T slope = ds[first + k];
        for (size_t d = 0; d < D_; ++d) {
          const T back = slope * v[d] * (T(1) - t[d] * t[d]);
          dv[d] += slope * t[d];
          a[d] += back;
          b[d] += back;
        }
      }
    }
  }

  // The layers behind the first: forward where `out` is given, else backward.
  void mlp(const T* w, const T* A, const T* B, const NeuralPairs& pairs, T* out, const T* ds, T* dA, T* dB, T* dw) {
    const std::vector<size_t>& size = shape_.layers;
    const std::vector<FormShape::Weight> weights = shape_.weights();
    const size_t L = size.size();
    const auto weight = [&](size_t layer) { return weights[2 * layer].offset; };
    const auto bias = [&](size_t layer) { return weights[2 * layer + 1].offset; };
    hidden_.resize(L);
    turned_.resize(L);
    for (size_t layer = 1; layer < L; ++layer) {
      hidden_[layer].resize(kPairs * size[layer]);
      turned_[layer].resize(size[layer - 1] * size[layer]);
      transpose<T>(size[layer], size[layer - 1], {w + weight(layer), size[layer - 1]},
                   {turned_[layer].data(), size[layer]});
    }
    const T* last = w + weight(L);
    for (size_t first = 0; first < pairs.count(); first += kPairs) {
      const size_t n = std::min(kPairs, pairs.count() - first);
      sums(A, B, pairs, first, n);
      const T* input = sums_.data();
      for (size_t layer = 1; layer < L; ++layer) {
        T* to = hidden_[layer].data();
        gemm_nn(n, size[layer], size[layer - 1], {input, size[layer - 1]}, {turned_[layer].data(), size[layer]},
                {to, size[layer]}, false);
        const T* b = w + bias(layer);
        for (size_t k = 0; k < n; ++k) {
          for (size_t d = 0; d < size[layer]; ++d)
            to[k * size[layer] + d] = std::max(to[k * size[layer] + d] + b[d], T(0));
        }
        input = to;
      }
      const size_t width = size[L - 1];
      if (out != nullptr) {
        for (size_t k = 0; k < n; ++k) out[first + k] = lane_dot(last, input + k * width, width) + w[bias(L)];
        continue;
      }
      back_.resize(kPairs * width);
      for (size_t k = 0; k < n; ++k) {
        const T slope = ds[first + k];
        dw[bias(L)] += slope;
        add_scaled(slope, input + k * width, width, dw + weight(L));
        for (size_t d = 0; d < width; ++d) back_[k * width + d] = input[k * width + d] > T(0) ? slope * last[d] : T(0);
      }
      for (size_t layer = L - 1; layer > 0; --layer) {
        const T* below = layer == 1 ? sums_.data() : hidden_[layer - 1].data();
        const size_t in = size[layer - 1];
        for (size_t k = 0; k < n; ++k) add_scaled(T(1), &back_[k * size[layer]], size[layer], dw + bias(layer));
        gemm_tn(size[layer], in, n, {back_.data(), size[layer]}, {below, in}, {dw + weight(layer), in}, true);
        next_back_.resize(kPairs * in);
        gemm_nn(n, in, size[layer], {back_.data(), size[layer]}, {w + weight(layer), in}, {next_back_.data(), in},
                false);
        for (size_t at = 0; at < n * in; ++at) next_back_[at] = below[at] > T(0) ? next_back_[at] : T(0);
        std::swap(back_, next_back_);
      }
      for (size_t k = 0; k < n; ++k) {
        add_scaled(T(1), &back_[k * D_], D_, dA + pairs.example(first + k) * D_);
        add_scaled(T(1), &back_[k * D_], D_, dB + pairs.candidate(first + k) * D_);
      }
    }
  }

  FormShape shape_;
  size_t F_;
  size_t D_;
  std::vector<T> map_;
  std::vector<T> scaled_;
  std::vector<T> heads_;
  std::vector<T> sums_;
  std::vector<std::vector<T>> hidden_;  // by layer, from 1
  std::vector<std::vector<T>> turned_;
  std::vector<T> back_;
  std::vector<T> next_back_;
};

}  // namespace rec
