// The attention function g and the prediction model M: functions of a behaviour
// vector h and an item i. Symbols: I items, F factors, D image size.
//
// Of h's dense part and the item's vector x_i, as inner products of their images,
// so that one kernel serves them all:
//   dot         h·x                         D = F
//   scaled      h·x / sqrt(F)               D = F
//   cosine      h·x / (|h| |x|)             D = F; 0 if either is zero
//   sum         Σ_f (h_f + x_f)             D = 2; the form w·(h + x) + b with w = 1, b = 0
// Of h's sparse part, too, in models with a neighbour matrix S (row j: what row j
// of h's sparse part says of each item; I or U × I):
//   neighbours  Σ_j h_j S_ji + h·x          D = F; without h·x where F = 0
//
// Immutable and thread-safe once made.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "linalg/matrix.h"
#include "linalg/sparse.h"
#include "models/encoder.h"

namespace rec {

enum class PairForm { kDot, kScaled, kCosine, kSum, kNeighbours };

// "dot", ...; Error for a name that is none.
PairForm pair_form_of(const std::string& name);
const char* name_of(PairForm form);

class PairFunction {
 public:
  // items: I × F, or none (F = 0); neighbours: S, or none. Held by the caller as
  // long as this lives. Throws UsageError for a form that these cannot serve.
  // unknown_item: x of an item that is not there, F values; empty: zeros.
  PairFunction(PairForm form, ConstMatrixView items, const SparseView& neighbours,
               std::span<const float> unknown_item = {});

  size_t image_size() const { return images_.cols; }       // D, may be 0
  ConstMatrixView item_images() const { return images_; }  // I × D
  // The image of the dense part h (F values) into out (D values):
  //   f(h, x_i) = dot(out, item_images().row(i), D) + Σ_j h_j S_ji
  // in canonical arithmetic: the dot product and the sum (in ascending order of j)
  // each start at 0 and are rounded before they are added.
  void image(const float* h, float* out) const;
  // The image of an item that the model does not know.
  const float* unknown_item() const { return unknown_.data(); }
  // S, without rows unless the form is kNeighbours.
  const SparseView& neighbours() const { return neighbours_; }

 private:
  PairForm form_;
  size_t factors_;
  Matrix own_;
  ConstMatrixView images_;
  SparseView neighbours_;
  std::vector<float> unknown_;
};

}  // namespace rec
