// A half step of als: all rows of one side against the other. Symbols as in
// models/als/als.h; R rows of this side, n of the other.
#pragma once

#include <vector>

#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/als/fixed_factors.h"

namespace rec {

// Row `row` of a matrix of pairs.
AlsPairs als_pairs_of(const Csr& rows, size_t row);

// Solves (with blocks: sweeps over) each row of `out`, R × F, given `fixed`, n × F.
// Same bits for every number of threads. Throws Error where a system is not positive
// definite or a factor not finite. REQUIRES: order holds 0..R-1; fixed is padded
// with zeros to a multiple of 16 columns.
void als_half_step(const Csr& rows, const std::vector<uint32_t>& order, ConstMatrixView fixed,
                   const AlsOptions& options, int threads, Matrix& out);

}  // namespace rec
