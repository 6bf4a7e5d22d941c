// Implicit-feedback matrix factorisation by alternating least squares (iALS):
// Hu, Koren, Volinsky 2008 in the form of Rendle, Krichene, Zhang, Koren 2022
// (arXiv:2110.14037, eq. 2-4). Symbols: U users, I items, F factors (dim),
// S observed pairs with weight c_ui.
//
//   L = Σ_{(u,i) in S} c_ui (x_u·y_i - 1)² + α0 Σ_{u,i} (x_u·y_i)²
//     + λ (Σ_u (C_u + α0 I)^ν |x_u|² + Σ_i (C_i + α0 U)^ν |y_i|²)
//
// C_u, C_i: the sums of the weights of a user's, an item's pairs (their number
// where all weights are 1).
#pragma once

#include <cstdint>
#include <span>

#include "linalg/matrix.h"
#include "models/encoder.h"

namespace rec {

// How a pair's value v (>= 0; the sum of its rows) becomes its weight c.
enum class Confidence {
  kNone,    // c = 1, whatever the value
  kLinear,  // c = 1 + a v       (Hu et al. 2008, eq. 1)
  kLog,     // c = 1 + a ln(1+v)
};
Confidence confidence_of(const std::string& name);  // "none", "linear", "log"; else UsageError
const char* name_of(Confidence confidence);

struct AlsOptions {
  int dim = 64;                     // F
  int epochs = 16;
  double unobserved_weight = 0.1;   // α0, at least 0
  double regularization = 0.003;    // λ, at least 0
  double exponent = 1.0;            // ν: 1 scales with frequency, 0 is plain L2
  double stddev = 0.1;              // of the initial vectors' length: each factor is N(0, stddev²/F)
  uint64_t seed = 1;
  Confidence confidence = Confidence::kNone;
  double confidence_scale = 1.0;    // a, more than 0

  // The weight of a value; throws Error if the value is negative.
  float weight(float value) const;
  // Throws UsageError for a value outside its range.
  void check() const;
};

// One side's least-squares problems, given the other side's vectors. Immutable,
// so threads share it; each has its own Scratch.
class AlsSolver {
 public:
  // Y: the fixed side, n × F; dead views are the caller's fault. Computes YᵀY.
  AlsSolver(ConstMatrixView fixed, const AlsOptions& options, int threads);

  struct Scratch {
    AlignedBuffer<float> rows;
    AlignedBuffer<float> A;
    AlignedBuffer<float> b;
  };

  // The minimiser x (F floats) of L for one row with the pairs `index` (rows of
  // Y) and weights (empty: all 1; each > 0). The same bits for every thread.
  // Throws Error if the system is not positive definite in float32 (then λ and
  // α0 are too small for this data).
  void solve(std::span<const uint32_t> index, std::span<const float> weight, float* x, Scratch& scratch) const;

  // λ (C + α0 n)^ν
  double ridge(double weight_sum) const;

  const Matrix& gram() const { return gram_; }  // YᵀY, upper

 private:
  ConstMatrixView fixed_;
  AlsOptions options_;
  Matrix gram_;    // YᵀY
  Matrix scaled_;  // α0 YᵀY
};

// Users of the model have their trained vector; a new history is solved for by
// the same least squares against the items.
class AlsEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit AlsEncoder(const Artefact& artefact);

  size_t dim() const override { return items_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int threads) override;

 private:
  ConstMatrixView items_;
  ConstMatrixView users_;
  AlsOptions options_;
  std::unique_ptr<AlsSolver> solver_;
};

}  // namespace rec
