#include "linalg/sgemm.h"

#include <cassert>

#include "base/parallel_for.h"
#include "linalg/plain.h"

namespace rec {

void sgemm(ConstMatrixView A, ConstMatrixView B, MatrixView C, int threads) {
  assert(A.cols == B.rows && C.rows == A.rows && C.cols == B.cols);
  parallel_for(A.rows, threads, [&](size_t m, int) { plain::sgemm(A.middle_rows(m, 1), B, C.middle_rows(m, 1)); });
}

}  // namespace rec
