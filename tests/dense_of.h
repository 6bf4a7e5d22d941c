// Matrices of the library in double, for oracle.h. Functions without state.
#pragma once

#include "data/interactions.h"
#include "linalg/matrix.h"
#include "oracle.h"

namespace rec::test {

inline oracle::Dense as_double(ConstMatrixView x) {
  oracle::Dense out(x.rows, x.cols);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t c = 0; c < x.cols; ++c) out(r, c) = static_cast<double>(x(r, c));
  }
  return out;
}

// rows × columns; 1 for each entry where there are no weights.
inline oracle::Dense dense_of(const Csr& rows, size_t columns) {
  oracle::Dense out(rows.rows(), columns);
  for (size_t row = 0; row < rows.rows(); ++row) {
    for (uint64_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at)
      out(row, rows.index[at]) = rows.weight.empty() ? 1.0 : static_cast<double>(rows.weight[at]);
  }
  return out;
}

}  // namespace rec::test
