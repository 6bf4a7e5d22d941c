// Features into vectors of few numbers, so that items of like features have like vectors. Symbols: I items, C features,
// D dimensions. Thread rule: functions of their arguments, which start threads of their own.
//
//   svd         x V: x the item's values, V the first D right singular vectors of all of them (latent semantic
//               analysis: Deerwester et al. 1990). D is less where the features have less to say
//   projection  x R: R is C × D, each ±1/√D by a hash of the feature's name (Achlioptas 2003), so that a
//               feature never seen has its row, too. Lengths and products stay about the same
#pragma once

#include <cstdint>
#include <string>

#include "base/option.h"
#include "data/artefact.h"
#include "data/features.h"
#include "linalg/matrix.h"

namespace rec {

enum class Reduction { kSvd, kProjection };

inline constexpr Named<Reduction> kReductions[] = {{"svd", Reduction::kSvd}, {"projection", Reduction::kProjection}};

struct ReduceOptions {
  uint32_t dim = 64;  // D
  Reduction method = Reduction::kSvd;
  uint64_t seed = 1;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

struct ReduceState {
  ReduceOptions options;
  IdTable features;  // C of the svd: "KIND=CATEGORY", in byte order, indexed
  Matrix basis;      // C × D of the svd

  Artefact to_artefact() const;
  // Throws Error for an artefact that is none of these.
  static ReduceState from_artefact(const Artefact& artefact, const std::string& path);
};

// Learns the state. Throws Error for features without a value above 0.
ReduceState fit_reduction(const FeatureTable& features, const ReduceOptions& options, int threads);

struct Vectors {
  IdTable items;         // in byte order
  Matrix vectors;        // I × D
  uint64_t without = 0;  // items of no feature that the state knows: their vectors are 0
  uint64_t unknown = 0;  // features that it does not know
};
// Sums are in the order of the features' names. The same bits for every number of threads.
Vectors reduce_features(const FeatureTable& features, const ReduceState& state, int threads);

}  // namespace rec
