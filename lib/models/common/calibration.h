// Calibration: from a model's score z to the probability of label 1, fitted on held-out rows
// (Platt 1999; Zadrozny, Elkan 2002). It never falls where z rises.
//   platt      p = 1 / (1 + e^-(a z + b)), a > 0: the order of the rows remains
//   isotonic   p linear between knots (z_k, p_k), and p_1 or p_K beyond them: rows of a step tie
// Thread rule: functions of their arguments; Calibration is immutable.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/option.h"
#include "linalg/matrix.h"

namespace rec {

enum class CalibrationKind { kNone, kPlatt, kIsotonic };
inline constexpr Named<CalibrationKind> kCalibrations[] = {{"platt", CalibrationKind::kPlatt},
                                                           {"isotonic", CalibrationKind::kIsotonic}};

// Tensors of a model: a and b; K × 2, z and p of each knot.
inline constexpr const char* kPlattTensor = "calibration.platt";
inline constexpr const char* kIsotonicTensor = "calibration.isotonic";
// Meta: the kind.
inline constexpr const char* kCalibrate = "calibrate";

struct PlattScale {
  double slope = 0.0, intercept = 0.0;  // a, b
};
// The a and b of the least logistic loss, the labels 1 and 0 being (n_1 + 1) / (n_1 + 2) and 1 / (n_0 + 2), as in
// Platt's paper: so they are finite where z tells the labels apart, too.
// REQUIRES: scores are finite and not all equal; labels of both kinds, 0 or 1.
PlattScale fit_platt(std::span<const float> scores, std::span<const float> labels);

struct Knot {
  float score = 0.0f, probability = 0.0f;
};
// The knots of the rising step function that is next to the labels by squares, by pooling adjacent violators; the ends
// of each step. No p is below 1 / (n + 2) or above (n + 1) / (n + 2). Scores rise strictly from knot to knot.
// REQUIRES: as fit_platt().
std::vector<Knot> fit_isotonic(std::span<const float> scores, std::span<const float> labels);

class Calibration {
 public:
  // platt: 2 values, or empty: knots, K × 2. Throws Error "model: ..." where they are no calibration.
  // What they are views of outlives this.
  Calibration(std::span<const float> platt, ConstMatrixView knots);

  // z becomes p; NaN stays NaN.
  void apply(float* scores, size_t n) const;

 private:
  std::span<const float> platt_;
  ConstMatrixView knots_;
};

}  // namespace rec
