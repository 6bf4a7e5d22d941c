// The attention function g and the prediction model M: functions of a behaviour
// vector h and an item vector x (F values each) that are inner products of their
// images, so that one kernel serves them all. Symbols: I items, D image size.
//
//   dot     h·x                         D = F
//   scaled  h·x / sqrt(F)               D = F
//   cosine  h·x / (|h| |x|)             D = F; 0 if either is zero
//   sum     Σ_f (h_f + x_f)             D = 2; the form w·(h + x) + b with w = 1, b = 0
//
// Immutable and thread-safe once made.
#pragma once

#include <string>
#include <vector>

#include "linalg/matrix.h"

namespace rec {

enum class PairForm { kDot, kScaled, kCosine, kSum };

// "dot", ...; Error for a name that is none.
PairForm pair_form_of(const std::string& name);
const char* name_of(PairForm form);

class PairFunction {
 public:
  // items: I × F; held by the caller as long as this lives.
  PairFunction(PairForm form, ConstMatrixView items);

  size_t image_size() const { return images_.cols; }  // D
  ConstMatrixView item_images() const { return images_; }  // I × D
  // The image of h (F values) into out (D values): then
  // f(h, x_i) = dot(out, item_images().row(i), D) in canonical arithmetic.
  void image(const float* h, float* out) const;
  // The image of an item that the model does not know (the zero vector).
  const float* unknown_item() const { return unknown_.data(); }

 private:
  PairForm form_;
  size_t factors_;
  Matrix own_;
  ConstMatrixView images_;
  std::vector<float> unknown_;
};

}  // namespace rec
