// Fits the model of models/mf/mf.h, whose symbols are used here. Same bits for every
// number of threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/interactions.h"
#include "linalg/panel_matrix.h"
#include "models/common/trainer.h"
#include "models/mf/implicit_prior.h"
#include "models/mf/mf.h"

namespace rec {

class MfTrainer : public Trainer {
 public:
  // by_user: U × I, each pair with the mean of its rows' values (data/pair_means.h).
  // features: of at most both sides. weights: c of the pairs, or empty: 1. REQUIRES: data has values.
  MfTrainer(const Interactions& data, Csr by_user, const MfOptions& options, int threads,
            std::vector<SideFeatures> features = {}, const std::vector<float>& weights = {});

  // Bytes that training takes at most, with by_user: 16 a pair (24 with weights) and, for each user and
  // item, 4 times triangle(N) + 6 N, with `implicit` 28 N more, and what the features take.
  static size_t memory(const Csr& by_user, size_t items, const MfOptions& options,
                       const std::vector<SideFeatures>& features = {}, bool weighted = false);

  // Fits all users given the items, then all items given the users, then the y, W, σ² and Λ.
  void epoch() override;

  // The negative evidence lower bound, in nats a pair (but for ½ Σ ln c, which is constant), without the prior of y;
  // and ½ Λ ρ |W|² for the W that prior means are made of. Without `implicit` no epoch raises it.
  double objective() const override;
  // σ in the values' own unit.
  double noise() const;

  // Standardised means and covariances, for tests.
  struct Side {
    Matrix mean;                        // rows × N
    Matrix variance;                    // rows × N
    PanelMatrix moments;                // rows × (N + triangle(N)): E[w] and E[wwᵀ]
    PanelMatrix weighted;               // rows × N: Σ c r E[w] of its pairs
    std::vector<double> precision;      // Λ, N
    std::vector<double> log_precision;  // a row: ln det of its posterior's precision
    std::vector<double> squares;        // a row: Σ c E[(r - r̂)²] over its pairs
    std::vector<bool> has_pairs;        // a row
    std::unique_ptr<ImplicitPrior> prior;
    std::optional<FeatureMap> map;
    std::unique_ptr<PriorMean> by_features;
    bool drawn = false;  // to what the features say, every row
    Matrix sum;          // rows × N: z, where both are parts of it

    // z; nullptr: 0.
    const Matrix* means() const;
  };
  const Side& users() const { return users_; }
  const Side& items() const { return items_; }
  const Csr& by_user() const { return by_user_; }  // weight: standardised values

  Artefact artefact() const override;
  // The standardised means, the items' second moments, the y of the items, W and Λ.
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;
  std::set<std::string> learnt_keys() const override { return {"noise"}; }

 private:
  void half_step(const Csr& rows, std::span<const float> weights, const std::vector<uint32_t>& order, const Side& fixed,
                 Side& side) const;
  void fit_prior(Side& side) const;
  void find_prior_means(Side& side) const;
  void add_features(const Side& side, IdKind of, Artefact& artefact) const;
  std::vector<double> squared_deviations(const Side& side) const;
  // Those and ρ |W|² of what the prior means are made of.
  std::vector<double> penalties(const Side& side) const;

  const Interactions& data_;
  MfOptions options_;
  int threads_;
  double mean_ = 0.0;   // μ
  double scale_ = 1.0;  // s
  double noise_;        // σ²
  Csr by_user_;
  Csr by_item_;
  std::vector<float> user_weights_;  // c of the pairs of by_user_, of by_item_; or empty
  std::vector<float> item_weights_;
  std::vector<uint32_t> user_order_;  // those with pairs, longest row first
  std::vector<uint32_t> item_order_;
  Side users_;
  Side items_;
};

}  // namespace rec
