// Products of a query of whole numbers and rows of int8, in whole numbers, so that the sums have no error. Functions
// without state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "linalg/matrix.h"

namespace rec {

// A vector q of F floats as whole numbers of 16 bits: q_f is about step · code[f].
struct Int16Query {
  AlignedBuffer<int16_t> code;  // F, then zeros up to a multiple of kPad
  float step = 0.0f;
  double greatest = 0.0;  // the greatest |q_f|
  double sum = 0.0;       // Σ |q_f|
  double error = 0.0;     // the greatest |q_f - step·code_f|

  static constexpr size_t kPad = 32;
};

// q as a query, so that no sum of F products with int8 overflows 32 bits. false, and nothing said: q is too small, too
// great or too long for it.
bool quantise_query(const float* q, size_t F, Int16Query& query);

// out[i] = sum over f < F of query.code[f]·rows[i·F + f], for i < n. `readable`: bytes from `rows` on that may be read,
// at least n·F.
void int8_dots(const Int16Query& query, const int8_t* rows, size_t n, size_t F, size_t readable, int32_t* out);

}  // namespace rec
