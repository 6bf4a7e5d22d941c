// Fits the model of models/mf/mf.h. Same bits for every number of threads.
#pragma once

#include <memory>

#include "data/interactions.h"
#include "models/mf/implicit_prior.h"
#include "models/mf/mf.h"

namespace rec {

class MfTrainer {
 public:
  // A pair's value is the mean of its rows' values. REQUIRES: data has values.
  // Memory beyond it: 16 bytes a pair and, for each user and item, 4 bytes times
  // triangle(N) + 4 N.
  MfTrainer(const Interactions& data, const MfOptions& options, int threads);

  // All users given the items, all items given the users, the y, σ² and Λ.
  // Throws Error if a value is no longer finite.
  void epoch();

  // The evidence lower bound's negative, in nats a pair, without the prior of y.
  double objective() const;
  // σ in the values' own unit.
  double noise() const;

  // Standardised means and covariances, for tests.
  struct Side {
    Matrix mean;                        // rows × N
    Matrix variance;                    // rows × N
    std::vector<float> second;          // rows × triangle(N)
    std::vector<double> precision;      // Λ, N
    std::vector<double> log_precision;  // a row: ln det of its posterior's precision
    std::vector<double> squares;        // a row: Σ E[(r - r̂)²] over its pairs
    std::unique_ptr<ImplicitPrior> prior;
  };
  const Side& users() const { return users_; }
  const Side& items() const { return items_; }
  const Csr& by_user() const { return by_user_; }  // weight: standardised values

  Artefact artefact(const Interactions& data) const;

 private:
  void half_step(const Csr& rows, const std::vector<uint32_t>& order, const Side& fixed, Side& side) const;
  std::vector<double> squared_deviations(const Side& side) const;

  MfOptions options_;
  int threads_;
  double mean_ = 0.0;   // μ
  double scale_ = 1.0;  // s
  double noise_;        // σ²
  Csr by_user_;
  Csr by_item_;
  std::vector<uint32_t> user_order_;  // longest row first
  std::vector<uint32_t> item_order_;
  Side users_;
  Side items_;
};

}  // namespace rec
