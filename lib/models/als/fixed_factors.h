// What the systems of a half step have in common: the side that is held fixed.
// Symbols as in models/als/als.h; n rows of the fixed side. Immutable, so threads
// share it.
#pragma once

#include <cstdint>
#include <span>

#include "linalg/matrix.h"
#include "models/als/als_options.h"

namespace rec {

// The observed pairs of one row: rows of the fixed side, and weights (empty: all
// 1; none below 0). And where the row is drawn to.
struct AlsPairs {
  std::span<const uint32_t> index;
  std::span<const float> weight;
  const float* prior = nullptr;  // F: m; nullptr: 0

  double weight_sum() const;  // C
};

class FixedFactors {
 public:
  // The rows whose pairs count where they are not observed: α0 (x·y)² is summed over `rows`, of
  // which `n` are not all 0. Rows that no pair stands for are not among them.
  struct Counted {
    ConstMatrixView rows;
    size_t n;
  };
  // Y: n × F, which must outlive this. Computes YᵀY of the rows counted. REQUIRES:
  // options.regularization is there (AlsOptions::resolved).
  FixedFactors(ConstMatrixView vectors, const Counted& counted, const AlsOptions& options, int threads);
  // All rows count.
  FixedFactors(ConstMatrixView vectors, const AlsOptions& options, int threads)
      : FixedFactors(vectors, {vectors, vectors.rows}, options, threads) {}

  size_t dim() const { return vectors_.cols; }
  ConstMatrixView vectors() const { return vectors_; }
  const Matrix& gram() const { return gram_; }  // YᵀY, upper, padded to a multiple of 16
  double unobserved_weight() const { return options_.unobserved_weight; }
  // λ (C + α0 n)^ν
  double ridge(double weight_sum) const;

  // √c y of pairs [begin, begin + n), their factors [first, first + cols), as rows of
  // pad16(cols) floats padded with zeros. Pairs up to `ahead` behind them are
  // fetched into the cache.
  void gather(const AlsPairs& pairs, size_t begin, size_t n, size_t first, size_t cols, size_t ahead,
              float* rows) const;

 private:
  ConstMatrixView vectors_;
  size_t n_;
  AlsOptions options_;
  Matrix gram_;
};

// Rows gathered before each rank-k update of `padded` columns, so few that they
// stay in the first-level cache; and how far ahead of it the next are fetched.
size_t als_rows_per_chunk(size_t padded);
size_t als_rows_ahead(size_t padded);

// Solves A x = b of pad16(cols) unknowns for a row with `pairs` pairs; b becomes x.
// Throws Error if A is not positive definite in float32.
void als_solve(float* A, float* b, size_t cols, size_t pairs);

}  // namespace rec
