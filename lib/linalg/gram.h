// The Gramian of a tall matrix. R rows, F columns.
#pragma once

#include "linalg/matrix.h"

namespace rec {

// YᵀY as an F × F matrix; its upper triangle and the 16 × 16 blocks on the
// diagonal are set, what lies below is zero. Blocks of 1024 rows are summed in
// float32 (syrk_add_upper), the blocks in double and in order, so the result
// depends on neither the number of threads nor, beyond rounding, on R.
Matrix gram_upper(ConstMatrixView rows, int threads);

}  // namespace rec
