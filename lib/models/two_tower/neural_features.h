// Vectors of rec-embed neural that are sums of a vector of the id's own and of vectors of its
// features, with their gradient: in float32, or in float64 for tests. Symbols: N ids of a side,
// F factors, C categories of K kinds, f_n the features of id n (models/common/feature_rows.h),
// y_n its own vector.
//
//   x_n = y_n + Σ_c f_nc s_k e_c        k the kind of category c
//   x_n = u + Σ_c f_nc s_k e_c          without pairs, or where the id is dropped
//
// As in models/sgd/item_features.h, but for the rows of a micro-batch alone: a step moves only
// the e that it uses. A side is immutable; rows are for one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "models/common/feature_rows.h"
#include "models/two_tower/neural_forms.h"

namespace rec {

// One side as training takes it.
struct NeuralSide {
  // has_pairs: N.
  NeuralSide(SideFeatures features, std::vector<char> has_pairs);

  SideFeatures features;
  std::vector<uint32_t> kind;   // of each category
  size_t kinds;                 // K
  std::vector<char> has_pairs;  // N

  size_t categories() const { return kind.size(); }
};

// Where the parameters of a side lie in the array of all.
struct NeuralFeatureTable {
  const NeuralSide* side;
  size_t dense;  // offset of u (F), then s (K)
  size_t rows;   // offset of e (C × F)

  size_t dense_size(size_t factors) const { return factors + side->kinds; }
};

template <class T>
class NeuralFeatureRows {
 public:
  // rate: with which ids are dropped. Table and its side must outlive this.
  NeuralFeatureRows(const NeuralFeatureTable& table, size_t factors, double rate)
      : table_(table), F_(factors), rate_(rate), place_(table.side->categories(), kNoId) {}

  // x of `ids` into `to`, n × F. own: N × F, y. Draws a number for each id with pairs.
  void gather(const T* parameters, const T* own, std::span<const uint32_t> ids, Rng& rng, T* to) {
    const NeuralSide& side = *table_.side;
    const SparseView rows = side.features.rows.view();
    const T* u = parameters + table_.dense;
    const T* s = u + F_;
    const T* e = parameters + table_.rows;
    ids_.assign(ids.begin(), ids.end());
    own_.clear();
    for (const uint32_t id : ids) {
      const bool is_own = side.has_pairs[id] != 0 && !(rate_ > 0.0 && rng.uniform() < rate_);
      own_.push_back(is_own ? id : kNoId);
      std::copy_n(is_own ? own + id * F_ : u, F_, to);
      for (uint64_t at = rows.begin[id]; at < rows.begin[id + 1]; ++at) {
        const uint32_t c = rows.index[at];
        add_scaled(static_cast<T>(weight_at(rows.weight, at)) * s[side.kind[c]], e + c * F_, F_, to);
      }
      to += F_;
    }
  }

  // Of the ids of gather(): from the gradient of x, n × F, that of u and s, added to `dense`, and that of e.
  void back(const T* parameters, const T* d_x, T* dense) {
    const NeuralSide& side = *table_.side;
    const SparseView rows = side.features.rows.view();
    const T* s = parameters + table_.dense + F_;
    categories_.clear();
    gradient_.clear();
    for (size_t n = 0; n < ids_.size(); ++n, d_x += F_) {
      if (own_[n] == kNoId && side.has_pairs[ids_[n]] != 0) add_scaled(T(1), d_x, F_, dense);
      for (uint64_t at = rows.begin[ids_[n]]; at < rows.begin[ids_[n] + 1]; ++at) {
        const uint32_t c = rows.index[at];
        if (place_[c] == kNoId) {
          place_[c] = static_cast<uint32_t>(categories_.size());
          categories_.push_back(c);
          gradient_.resize(gradient_.size() + F_, T(0));
        }
        add_scaled(static_cast<T>(weight_at(rows.weight, at)), d_x, F_, &gradient_[place_[c] * F_]);
      }
    }
    for (const uint32_t c : categories_) {  // from that of s_k e_c
      T* sum = &gradient_[place_[c] * F_];
      const uint32_t k = side.kind[c];
      dense[F_ + k] += lane_dot(sum, parameters + table_.rows + c * F_, F_);
      for (size_t f = 0; f < F_; ++f) sum[f] *= s[k];
      place_[c] = kNoId;
    }
  }

  std::span<const uint32_t> own() const { return own_; }                // n: the id, or kNoId where y does not count
  std::span<const uint32_t> categories() const { return categories_; }  // those of the ids, each once
  const T* gradient() const { return gradient_.data(); }                // of their e, a row each

 private:
  const NeuralFeatureTable& table_;
  const size_t F_;
  const double rate_;
  std::vector<uint32_t> ids_, own_;
  std::vector<uint32_t> place_;  // C: in categories_
  std::vector<uint32_t> categories_;
  std::vector<T> gradient_;
};

}  // namespace rec
