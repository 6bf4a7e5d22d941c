// A history encoder by attention (rec-embed attention-pool): its shape and its parameters.
// Values without shared state. Symbols: I items with output vectors x and input vectors y (x itself, where they are
// tied), F factors, A units, n items that are read (the last W of the history),
// k_j the number of those that came after the j-th, ρ >= 0 the learnt decay.
//
//   without the candidate (Zhou et al. 2018, arXiv:1706.06978, less its query)
//     e_j = v·tanh(W y_j + b) - ρ ln(1 + k_j)
//     h = Σ_j a_j y_j,  a_j = exp(e_j) / Σ_k exp(e_k)
//   with it (NAIS: He et al. 2018, arXiv:1809.07053, its e a scaled product)
//     e_ij = (K y_j)·(Q x_i) / sqrt(A), held between ±kMostPoolLogit
//     f(i) = Σ_j a_ij y_j·x_i,  a_ij = m_j exp(e_ij) / (Σ_k m_k exp(e_ik))^β,
//     m_j = (1 + k_j)^-ρ
// The decay depends on positions, not on times: (1 + k)^-ρ has no unit, and timestamps
// matter only by their order.
#pragma once

#include <cstdint>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"
#include "models/sgd/parameter.h"

namespace rec {

inline constexpr float kMostPoolLogit = 30.0f;

// Tensors of the model file; those of F × A are written A × F.
inline constexpr const char* kPoolWeight = "pool.weight";  // W
inline constexpr const char* kPoolBias = "pool.bias";      // b
inline constexpr const char* kPoolVector = "pool.vector";  // v
inline constexpr const char* kPoolKey = "pool.key";        // K
inline constexpr const char* kPoolQuery = "pool.query";    // Q
inline constexpr const char* kPoolDecay = "pool.decay";    // ρ

struct PoolShape {
  int dim = 64;            // F
  int units = 64;          // A
  int window = 50;         // W
  bool decay = false;      // ρ is learnt; otherwise it is 0
  bool tied = true;        // y is x
  bool candidate = false;  // the candidate is the query
  double smoothing = 0.5;  // β

  // Each option, told to `table`, which refers to this. 0 units stand for F until
  // resolve().
  void describe(OptionTable& table);
  void resolve();
};

// Where everything but the tables lies. Names and sizes as in the model file, but the
// matrices F × A.
struct PoolParameters {
  explicit PoolParameters(const PoolShape& shape);

  Parameter weight, bias, vector;  // without the candidate
  Parameter key, query;            // with it
  Parameter decay;                 // or none
  size_t size = 0;

  // In the order of their offsets, without those of size 0.
  std::vector<Parameter> all() const;
};

// First values: matrices uniform over ±sqrt(6 / (F + A)), v N(0, 0.1²), b 0, ρ 0.5.
std::vector<float> initial_parameters(const PoolShape& shape, uint64_t seed);

// Both ways between parameters and a model file, and the meta that name the shape.
void write_pool(const PoolShape& shape, const float* values, Artefact& artefact);
PoolShape read_pool_shape(const Artefact& artefact);
std::vector<float> read_pool_parameters(const PoolShape& shape, const Artefact& artefact);

}  // namespace rec
