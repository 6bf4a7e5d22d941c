// C = A·B in float32: M × K times K × N.
#pragma once

#include "linalg/matrix.h"

namespace rec {

// C[m][n] = acc with acc = 0; for k in 0..K-1: acc = fma(A[m][k], B[k][n], acc):
// the same bits for every number of threads and every blocking. Columns of C
// beyond N are not written.
// REQUIRES: A.cols == B.rows, C.rows == A.rows, C.cols == B.cols; C overlaps
// neither A nor B; threads >= 1.
void sgemm(ConstMatrixView A, ConstMatrixView B, MatrixView C, int threads = 1);

}  // namespace rec
