#include "models/inference/pair_function.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/activations.h"
#include "linalg/dot.h"
#include "linalg/sgemm.h"
#include "linalg/vector_exp.h"
#include "models/attention_pool/pool.h"

namespace rec {
namespace {

// Items that a layer of mlp works on at a time.
constexpr size_t kRows = 64;

double weighted_sum(const float* x, const std::vector<double>& weight) {
  double sum = 0.0;
  for (size_t f = 0; f < weight.size(); ++f) sum += weight[f] * static_cast<double>(x[f]);
  return sum;
}

void unit(const float* x, size_t n, float* out) {
  double squares = 0.0;
  for (size_t f = 0; f < n; ++f) squares += static_cast<double>(x[f]) * static_cast<double>(x[f]);
  const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  for (size_t f = 0; f < n; ++f) out[f] = static_cast<float>(static_cast<double>(x[f]) * scale);
}

// Columns [first, first + F) of `weight`, transposed: row r of it becomes column
// place(r) of `cols`.
template <class Place>
Matrix transposed(ConstMatrixView weight, size_t first, size_t F, size_t cols, Place place) {
  Matrix map(F, cols);
  for (size_t r = 0; r < weight.rows; ++r) {
    for (size_t f = 0; f < F; ++f) map(f, place(r)) = weight(r, first + f);
  }
  return map;
}

Matrix transposed(ConstMatrixView weight, size_t first, size_t F) {
  return transposed(weight, first, F, pad16(weight.rows), [](size_t r) { return r; });
}

AlignedBuffer<float> padded(std::span<const float> values) {
  AlignedBuffer<float> buffer(values.begin(), values.end());
  buffer.resize(pad16(values.size()), 0.0f);
  return buffer;
}

// out (zero) = x·map.
void multiply(const float* x, const Matrix& map, float* out) {
  for (size_t f = 0; f < map.rows(); ++f) axpy(x[f], map.row(f), map.cols(), out);
}

bool serves(const PairParts& parts, ScoreForm form) {
  switch (form) {
    case ScoreForm::kBilinear:
      return parts.bilinear.rows > 0;
    case ScoreForm::kAdditive:
      return parts.additive_user.rows > 0;
    case ScoreForm::kMultiHead:
      return parts.heads > 0;
    case ScoreForm::kMlp:
      return !parts.mlp.empty();
    case ScoreForm::kPool:
    case ScoreForm::kPoolExp:
      return parts.pool_key.rows > 0;
    default:
      return true;
  }
}

}  // namespace

PairFunction::PairFunction(ScoreForm form, const PairParts& parts)
    : form_(form), factors_(parts.items.cols), images_(parts.items) {
  if (form == ScoreForm::kNeighbours && parts.neighbours.rows() == 0)
    fail_usage("the model has no neighbours; give another function");
  if (form != ScoreForm::kNeighbours && factors_ == 0)
    fail_usage("the model has no item vectors, as {} needs; its function is neighbours", name_of(form));
  if (!serves(parts, form))
    fail_usage("the model has no weights of {}, as rec-embed {} learns them; give another function", name_of(form),
               is_pool() ? "attention-pool --query candidate" : "neural");
  size_t size = factors_;
  switch (form) {
    case ScoreForm::kSum:
      weight_.assign(factors_, 1.0);
      if (!parts.sum_weight.empty()) std::copy(parts.sum_weight.begin(), parts.sum_weight.end(), weight_.begin());
      bias_ = static_cast<double>(parts.sum_bias);
      size = 2;
      break;
    case ScoreForm::kBilinear:
      user_map_.resize(factors_, factors_);
      for (size_t f = 0; f < factors_; ++f) std::copy_n(parts.bilinear.row(f), factors_, user_map_.row(f));
      break;
    case ScoreForm::kAdditive:
      user_map_ = transposed(parts.additive_user, 0, factors_);
      item_map_ = transposed(parts.additive_item, 0, factors_);
      last_ = padded(parts.additive_weight);
      break;
    case ScoreForm::kMultiHead: {
      heads_ = parts.heads;
      const size_t d = parts.heads_user.rows / heads_;
      const auto place = [&](size_t r) { return r / d * pad16(d) + r % d; };  // each head on its own vectors
      user_map_ = transposed(parts.heads_user, 0, factors_, heads_ * pad16(d), place);
      item_map_ = transposed(parts.heads_item, 0, factors_, heads_ * pad16(d), place);
      const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)));
      for (size_t f = 0; f < factors_; ++f) {
        for (size_t c = 0; c < user_map_.cols(); ++c) user_map_(f, c) *= scale;
      }
      break;
    }
    case ScoreForm::kMlp:
      user_map_ = transposed(parts.mlp[0].weight, 0, factors_);
      item_map_ = transposed(parts.mlp[0].weight, factors_, factors_);
      first_bias_ = padded(parts.mlp[0].bias);
      for (size_t layer = 1; layer + 1 < parts.mlp.size(); ++layer) {
        middle_.push_back(
            {transposed(parts.mlp[layer].weight, 0, parts.mlp[layer].weight.cols), padded(parts.mlp[layer].bias)});
      }
      last_ = padded({parts.mlp.back().weight.data, parts.mlp.back().weight.cols});
      last_bias_ = parts.mlp.back().bias[0];
      break;
    case ScoreForm::kNeighbours:
      neighbours_ = parts.neighbours;
      break;
    case ScoreForm::kPool:
    case ScoreForm::kPoolExp: {
      const size_t A = parts.pool_key.rows;
      const auto project = [&](ConstMatrixView rows, ConstMatrixView weight, double scale, Matrix& out) {
        Matrix map(factors_, A);
        for (size_t a = 0; a < A; ++a) {
          for (size_t f = 0; f < factors_; ++f)
            map(f, a) = static_cast<float>(scale * static_cast<double>(weight(a, f)));
        }
        out.resize(rows.rows, A);
        if (rows.rows > 0) sgemm(rows, map, out);
      };
      source_ = parts.pool_source;
      project(source_, parts.pool_key, 1.0 / std::sqrt(static_cast<double>(A)), keys_);
      project(parts.items, parts.pool_query, 1.0, queries_);
      unknown_query_.assign(A, 0.0f);
      minus_beta_ = -parts.pool_smoothing;
      break;
    }
    default:
      break;
  }
  if (!item_map_.empty()) {
    size = item_map_.cols();
    own_.resize(parts.items.rows, size);
    if (parts.items.rows > 0) sgemm(parts.items, item_map_, own_);  // the bits of item_image()
    images_ = own_;
  } else if (form == ScoreForm::kCosine || form == ScoreForm::kSum) {
    own_.resize(parts.items.rows, size);
    for (size_t item = 0; item < parts.items.rows; ++item) item_image(parts.items.row(item), own_.row(item));
    images_ = own_;
  }
  unknown_.assign(size, 0.0f);
  const std::vector<float> zero(factors_, 0.0f);
  if (factors_ > 0) item_image(parts.unknown_item.empty() ? zero.data() : parts.unknown_item.data(), unknown_.data());
}

void PairFunction::item_image(const float* x, float* out) const {
  if (form_ == ScoreForm::kCosine) {
    unit(x, factors_, out);
  } else if (form_ == ScoreForm::kSum) {
    out[0] = 1.0f;
    out[1] = static_cast<float>(weighted_sum(x, weight_) + bias_);
  } else if (!item_map_.empty()) {
    multiply(x, item_map_, out);
  } else {
    std::copy_n(x, factors_, out);
  }
}

void PairFunction::image(const float* h, float* out) const {
  switch (form_) {
    case ScoreForm::kScaled: {
      const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(factors_)));
      for (size_t f = 0; f < factors_; ++f) out[f] = h[f] * scale;
      break;
    }
    case ScoreForm::kCosine:
      unit(h, factors_, out);
      break;
    case ScoreForm::kSum:
      out[0] = static_cast<float>(weighted_sum(h, weight_));
      out[1] = 1.0f;
      break;
    case ScoreForm::kBilinear:
    case ScoreForm::kAdditive:
    case ScoreForm::kMultiHead:
    case ScoreForm::kMlp:
      std::fill_n(out, image_size(), 0.0f);
      multiply(h, user_map_, out);
      if (form_ == ScoreForm::kMlp) axpy(1.0f, first_bias_.data(), image_size(), out);
      break;
    default:
      std::copy_n(h, factors_, out);
      break;
  }
}

bool PairFunction::is_inner_product() const {
  return !is_pool() && form_ != ScoreForm::kAdditive && form_ != ScoreForm::kMultiHead && form_ != ScoreForm::kMlp;
}

void PairFunction::finish(float* inner_products, size_t n) const {
  if (form_ == ScoreForm::kLogistic) sigmoid_all(inner_products, n);
  if (form_ == ScoreForm::kExp) exp_all(inner_products, n);
}

void PairFunction::values(const float* image, const float* const* rows, size_t n, float* out, Scratch& scratch) const {
  if (form_ == ScoreForm::kAdditive) return tanh_scores(image, rows, n, image_size(), last_.data(), out);
  if (form_ == ScoreForm::kMultiHead) return multi_head(image, rows, n, out, scratch);
  if (form_ == ScoreForm::kMlp) return mlp(image, rows, n, out, scratch);
  dots(image, rows, n, image_size(), out);
  finish(out, n);
}

void PairFunction::read_history(const Behaviour& h, PoolHistory& history) const {
  const size_t H = h.row.size();
  history.source.resize(H, factors_);
  history.keys.resize(H, keys_.cols());
  history.weight.resize(H);
  for (size_t j = 0; j < H; ++j) {
    std::copy_n(source_.row(h.row[j]), factors_, history.source.row(j));
    std::copy_n(keys_.row(h.row[j]), keys_.cols(), history.keys.row(j));
    history.weight[j] = weight_at(h.weight, j);
  }
}

void PairFunction::add_pool(float weight, const float* products, float* logits, size_t n, PoolSums& sums) const {
  for (size_t i = 0; i < n; ++i) logits[i] = std::min(kMostPoolLogit, std::max(-kMostPoolLogit, logits[i]));
  exp_all(logits, n);
  float* sum = sums.sum.data();
  float* weighed = sums.weighed.data();
  for (size_t i = 0; i < n; ++i) {
    const float share = weight * logits[i];
    sum[i] += share;
    weighed[i] += share * products[i];
  }
}

void PairFunction::finish_pool(PoolSums& sums, size_t n, float* out) const {
  for (size_t i = 0; i < n; ++i) sums.sum[i] = sums.sum[i] > 0.0f ? minus_beta_ * std::log(sums.sum[i]) : 0.0f;
  exp_all(sums.sum.data(), n);
  for (size_t i = 0; i < n; ++i) out[i] = sums.weighed[i] * sums.sum[i];
  if (form_ == ScoreForm::kPoolExp) exp_all(out, n);
}

void PairFunction::multi_head(const float* image, const float* const* rows, size_t n, float* out,
                              Scratch& scratch) const {
  const size_t d = image_size() / heads_;
  scratch.rows.resize(n);
  scratch.heads.resize(heads_ * n);
  for (size_t head = 0; head < heads_; ++head) {
    for (size_t k = 0; k < n; ++k) scratch.rows[k] = rows[k] + head * d;
    lane_dots(image + head * d, scratch.rows.data(), n, d, scratch.heads.data() + head * n);
  }
  log_mean_exp(scratch.heads.data(), heads_, n, n, out);
}

void PairFunction::mlp(const float* image, const float* const* rows, size_t n, float* out, Scratch& scratch) const {
  for (size_t first = 0; first < n; first += kRows) {
    const size_t count = std::min(kRows, n - first);
    Matrix* now = &scratch.hidden;
    Matrix* then = &scratch.next;
    now->resize(count, image_size());
    for (size_t k = 0; k < count; ++k) add_relu(image, rows[first + k], image_size(), now->row(k));
    for (const Layer& layer : middle_) {
      then->resize(count, layer.weight.cols());
      const ConstMatrixView inputs{now->data(), count, layer.weight.rows(), now->stride()};
      sgemm(inputs, layer.weight, *then);
      for (size_t k = 0; k < count; ++k) add_relu(layer.bias.data(), then->row(k), layer.weight.cols(), then->row(k));
      std::swap(now, then);
    }
    scratch.rows.resize(kRows);
    for (size_t k = 0; k < count; ++k) scratch.rows[k] = now->row(k);
    float start[kRows];
    std::fill_n(start, count, last_bias_);
    lane_dots(last_.data(), scratch.rows.data(), count, last_.size(), out + first, start);
  }
}

}  // namespace rec
