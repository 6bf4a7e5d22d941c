// A half step of als: all rows of one side against the other. Symbols as in
// models/als/als.h; R rows of this side, n of the other.
#pragma once

#include <cstddef>
#include <vector>

#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/als/fixed_factors.h"

namespace rec {

// Rows that a thread takes at a time: few enough to share the tail among threads, since the long rows come first.
inline constexpr size_t kAlsRowsPerTask = 32;

// Row `row` of a matrix of pairs.
AlsPairs als_pairs_of(const Csr& rows, size_t row);

struct AlsHalfStep {
  const Csr& rows;                     // R × n
  const std::vector<uint32_t>& order;  // the rows to solve, each once
  ConstMatrixView fixed;               // n × F, padded with zeros to a multiple of 16 columns
  size_t counted;                      // rows of `fixed` that stand for pairs; the others are 0
  const Matrix* prior = nullptr;       // R × F: m; nullptr: 0
};

// Solves (with blocks: sweeps over) rows of `out`, R × F. Same bits for every number of
// threads. Throws Error where a system is not positive definite or a factor not finite.
void als_half_step(const AlsHalfStep& step, const AlsOptions& options, int threads, Matrix& out);

}  // namespace rec
