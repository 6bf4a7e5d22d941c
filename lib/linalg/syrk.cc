#include "linalg/syrk.h"

#include "linalg/plain.h"

namespace rec {

void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride) {
  plain::syrk_add_upper(rows, n, F, A, stride);
}

}  // namespace rec
