// Exponentials of whole arrays, for networks: relative error below 1e-6 in float32,
// the library's in float64 (tests). The bits of an element do not depend on its
// place or its neighbours. NaN stays NaN.
#pragma once

#include <cstddef>

namespace rec {

// x[i] = exp(x[i]); exp(-infinity) = 0, and results below 1e-37 may be 0. Float32
// arguments above 88 count as 88.
void exp_all(float* x, size_t n);
void exp_all(double* x, size_t n);

// x[i] = exp(x[i] - shift), 0 where that is below exp(-87); returns their sum, in 16
// partial sums, i mod 16, added by halves. Several times as fast as exp_all.
// REQUIRES: no x[i] above shift by more than 1; NaN becomes any number.
float exp_shifted(float* x, size_t n, float shift);
double exp_shifted(double* x, size_t n, double shift);

// A matrix of C columns (a multiple of 16), each with its own shift:
//   x[r·stride + c] = exp(x[r·stride + c] - shift[c]) for R rows, else as exp_shifted,
// and sum[c] grows by the sum of column c, taken from row 0 on.
void exp_less(size_t R, size_t C, const float* shift, float* x, size_t stride, float* sum);
void exp_less(size_t R, size_t C, const double* shift, double* x, size_t stride, double* sum);

// x[i] = 1 / (1 + exp(-x[i])); in float32 results below 1e-37 may be any such.
void sigmoid_all(float* x, size_t n);
void sigmoid_all(double* x, size_t n);

// x[i] = tanh(x[i]).
void tanh_all(float* x, size_t n);
void tanh_all(double* x, size_t n);

}  // namespace rec
