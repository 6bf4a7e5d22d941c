// The alignment of ease: what an item of few users is for users of items with the same features,
// as MARec has it for a linear model (Monteil et al. 2024, arXiv:2404.13298). Symbols: X the
// U × I weights, w F those of the C features, S = XᵀX + w²FᵀF, Λ the diagonal of regularisation,
// P = (S + Λ)⁻¹; n_j the users of item j.
//
//   G = FᵀF, 0 on the diagonal        1 where two items have the same features
//   t_j = x_j + a_j X G_j             what the column of item j is to be like
//   a_j = A a_0 max(0, 1 - n_j / N)   a_0: the least squares of X on X G, over users and items
//   B_j = argmin |t_j - X b|² + bᵀΛb, b_j = 0, over the rows of X and of w F
//       = B_j of ease + a_j (g - P_j g_j / P_jj) with g = G_j - P Λ G_j
//
// For an item without users, and without the rows of features, this is MARec's solution. What is
// ours: G has no smoothing and one weight, a_0; the rows of features are rows of X; each column
// is solved by itself, where MARec inverts one matrix of all columns.
#pragma once

#include <vector>

#include "data/interactions.h"
#include "linalg/symmetric_tiles.h"

namespace rec {

// What alignment reads of the features beside the rows of X that they have become.
struct EaseFeatures {
  const Csr& rows;      // I × C: w f, |f| at most 1
  double weight = 1.0;  // w
  size_t users = 0;     // U: the rows of X before those of features
};

// The items of fewer than `users` users, ascending. by_user: U × I at least; its first U rows count.
std::vector<uint32_t> items_to_align(const Csr& by_user, size_t U, size_t items, int users);

class EaseAlignment {
 public:
  // X: (U + C) × I, as ease scales it. strength: A; users: N, above 0.
  EaseAlignment(const Csr& X, size_t items, const EaseFeatures& features, double strength, int users, int threads);

  // ridge: Λ. To be called once, before column().
  void solve(const SymmetricTiles& P, const std::vector<double>& ridge, int threads);
  // a_j g, I values; nullptr: item j is not aligned.
  const float* column(size_t j) const { return place_[j] == kNoId ? nullptr : columns_.row(place_[j]); }
  double scale() const { return scale_; }  // a_0

  // Bytes that so many aligned items take.
  static uint64_t memory(size_t aligned, size_t items);

 private:
  // a_0, by some thousand users at most.
  double least_squares(const Csr& X, const EaseFeatures& features, const std::vector<double>& of_user,
                       int threads) const;

  std::vector<uint32_t> aligned_;
  std::vector<uint32_t> place_;  // I: among aligned_, else kNoId
  double scale_ = 0.0;
  Matrix columns_;  // aligned × I: a_j G_j, then a_j g
};

// out: rows are the columns [first, first + out.rows) of P. REQUIRES: first is a multiple of the tile.
void gather_columns(const SymmetricTiles& P, size_t first, MatrixView out);

}  // namespace rec
