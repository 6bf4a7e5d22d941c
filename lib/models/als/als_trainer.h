// Fits the model of models/als/als.h. Same bits for every number of threads.
#pragma once

#include <string_view>

#include "data/artefact.h"
#include "data/interactions.h"
#include "models/als/als_options.h"
#include "models/common/feature_rows.h"
#include "models/common/prior_mean.h"
#include "models/common/trainer.h"

namespace rec {

class AlsTrainer : public Trainer {
 public:
  // by_user: U × I, the pairs of `data` with their weights, > 0.
  // features: of at most both sides.
  AlsTrainer(const Interactions& data, Csr by_user, const AlsOptions& options, int threads,
             std::vector<SideFeatures> features = {});

  // Starts from the vectors of `base` of those users and items that are in the log, too,
  // and returns how many these are. New items start from random vectors, which depend on
  // id and seed; new users start from zero. Throws Error if `base` has no such factors.
  // REQUIRES: base's ids are indexed.
  struct Kept {
    size_t users = 0;
    size_t items = 0;
  };
  Kept start_from(const Artefact& base);

  // Bytes that training takes at most, with by_user.
  static size_t memory(const Csr& by_user, size_t users, size_t items, const AlsOptions& options, int threads,
                       const std::vector<SideFeatures>& features = {});

  // Solves for all users given the items (with blocks: one sweep over the blocks), then
  // for all items given the users. The first epoch begins with the initial power
  // iterations, if there are any.
  void epoch() override;
  // L of models/als/als.h for the present vectors.
  double objective() const override;

  const AlsOptions& options() const { return options_; }  // resolved
  const Matrix& users() const { return users_; }          // U × F, those without pairs 0
  const Matrix& items() const { return items_; }          // I × F, the same

  // Ids, factors, item counts and options.
  Artefact artefact() const override;
  // In the trainer's own memory where rows need no padding (F a multiple of 16).
  Artefact take() override;
  // The vectors and W are all that an epoch depends on.
  void restore(const Artefact& state) override { start_from(state); }

 private:
  // Of one side: what its features say.
  struct Prior {
    IdKind of;
    FeatureMap map;
    PriorMean mean;
  };
  Prior* prior_of(IdKind of);
  const Prior* prior_of(IdKind of) const { return const_cast<AlsTrainer*>(this)->prior_of(of); }
  // Whether training draws vectors to it.
  bool draws(const Prior* prior) const { return prior != nullptr && options_.feature_use == FeatureUse::kAll; }
  void half_step(IdKind of);
  void start_prior(const Artefact& base, Prior& prior) const;
  // m for the rows without pairs.
  void fill_means(IdKind of, Matrix& factors) const;
  // The side's vectors, those of rows without pairs included; in `room` where these are not 0.
  ConstMatrixView vectors(IdKind of, Matrix& room) const;
  void add_features(Artefact& artefact) const;
  Artefact without_tensors() const;
  void pass_through_data();
  void random_start(std::string_view id, float* row) const;

  const Interactions& data_;
  const Csr by_user_;
  Csr by_item_;
  AlsOptions options_;
  int threads_;
  Matrix users_;
  Matrix items_;
  bool started_ = false;              // the vectors are not those of the constructor
  std::vector<uint32_t> user_order_;  // those with pairs, longest row first
  std::vector<uint32_t> item_order_;
  std::vector<Prior> priors_;
};

}  // namespace rec
