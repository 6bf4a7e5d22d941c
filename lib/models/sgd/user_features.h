// What features of users add to the vector h of a history, for trainers by gradient steps. Symbols: U users,
// f_u the features of user u, S sequences of a batch; others as in models/sgd/feature_vectors.h.
//
//   h' = h + Σ_c f_uc s_k e_c
//   h' = u + Σ_c f_uc s_k e_c          without a history
//
// u is learnt from one prediction of each sequence, which is made without its history.
// Thread rule and determinism: as models/sgd/feature_vectors.h.
#pragma once

#include <cstdint>
#include <vector>

#include "models/sgd/feature_vectors.h"
#include "models/sgd/item_terms.h"

namespace rec {

class UserFeatures : public FeatureVectors {
 public:
  // features: of users; held by the caller. deviation: of e at the start.
  UserFeatures(const SideFeatures& features, size_t dim, const OptimizerOptions& optimizer, double deviation,
               uint64_t seed, uint64_t stream)
      : FeatureVectors(features, dim, optimizer, deviation, seed, stream) {}

  // The features' part of h' of a user, d values. folded: as folded().
  void sum_of(uint32_t user, const float* folded, float* to) const;
  void sum_of(uint32_t user, float* to) const { sum_of(user, folded().data(), to); }
  const float* start() const { return folded().data() + categories_ * dim_; }  // u
  bool has_features(uint32_t user) const { return features_.rows.row_size(user) > 0; }

  // Sets the gradient. users: S, of each sequence. d_sums: S × d, the derivatives of h' of all predictions of a
  // sequence, added up; d_starts: S × d, of the prediction without its history.
  void back(const std::vector<uint32_t>& users, const float* d_sums, const float* d_starts, ThreadPool& thread_pool);

  // Floats that it takes, and a trainer besides, for batches of so many sequences.
  static size_t memory(const SideFeatures& features, size_t sequences, size_t dim);

 private:
  ItemTerms terms_;  // sequences by category
};

}  // namespace rec
