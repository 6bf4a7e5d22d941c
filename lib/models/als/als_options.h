// The options of als: of the model of models/als/als.h, and of how it is fitted. Symbols as there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/option.h"
#include "base/time.h"
#include "data/artefact.h"
#include "models/common/confidence.h"
#include "models/common/feature_rows.h"
#include "models/common/prior_mean.h"

namespace rec {

struct AlsOptions {
  static constexpr int kBlockByDim = -1;  // exact up to dim 128, else blocks of 32

  int dim = 64;  // F
  int epochs = 16;
  int block = kBlockByDim;               // B of models/als/als_block_solver.h; 0: exact
  double unobserved_weight = 0.1;        // α0, at least 0
  std::optional<double> regularization;  // λ, at least 0; absent: by size, see resolved()
  double exponent = 1.0;                 // ν: 1 scales with frequency, 0 is plain L2
  double stddev = 0.1;                   // of the initial vectors' length: each factor is N(0, stddev²/F)
  int init_power_iterations = 0;         // through the data, that turn them towards its singular vectors
  uint64_t seed = 1;
  FeatureOptions features{.takes_users = true};
  double feature_regularization = 1.0;  // ρ of models/common/prior_mean.h, above 0
  FeatureUse feature_use = FeatureUse::kAll;
  Confidence confidence = Confidence::kNone;
  double confidence_scale = 1.0;  // a, more than 0

  // Of the decay of weights (data/decay.h), 0: none; and from when it counts back, the
  // newest timestamp where absent. Both in the timestamps' own unit once resolved.
  Duration half_life;
  std::optional<TimeField> now;

  // With λ where it is absent: 4 / (α0 I), at most 0.025, for a catalogue of I items. A row
  // without observed pairs then has a ridge of 4 beside its α0 I; 0.025 keeps the factors of
  // small catalogues above 0.
  AlsOptions resolved(size_t items) const;
  // λ (C + α0 n)^ν of a row whose pairs weigh C, n rows on the other side. REQUIRES: resolved().
  double ridge(double weight_sum, size_t n) const;
  // B resolved: 1 to dim - 1, or 0 for the exact solver (B >= dim is exact, too).
  size_t block_factors() const;
  // The weight of a value; throws Error if the value is negative.
  float weight(float value) const;
  // Each option, told to `table`, which refers to this. A model that lacks one (of an
  // earlier version) gets its default.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

// What a model of als says of itself: what it is, and its options.
void describe_model(const AlsOptions& options, std::map<std::string, std::string>& meta);

}  // namespace rec
