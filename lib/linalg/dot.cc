#include "linalg/dot.h"

#include "linalg/plain.h"

namespace rec {

float dot(const float* a, const float* b, size_t F, float init) { return plain::dot(a, b, F, init); }

void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  plain::dots(h, x, n, F, out, init);
}

void axpy(float a, const float* x, size_t n, float* y) { plain::axpy(a, x, n, y); }

}  // namespace rec
