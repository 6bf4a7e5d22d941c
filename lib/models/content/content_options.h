// The options of content: of the model of models/content/content.h, and of how it is fitted.
#pragma once

#include <cstdint>
#include <optional>

#include "base/option.h"
#include "base/time.h"
#include "models/common/confidence.h"
#include "models/common/feature_rows.h"

namespace rec {

// How h comes from a history: the weighted mean of its items' vectors, or a regression on them.
enum class UserModel { kMean, kRidge };

inline constexpr Named<UserModel> kUserModels[] = {{"mean", UserModel::kMean}, {"ridge", UserModel::kRidge}};

struct ContentOptions {
  int dim = 512;  // D, at most
  UserModel user_model = UserModel::kMean;
  // Of the regression, as those of als (models/als/als_options.h).
  double unobserved_weight = 0.1;
  std::optional<double> regularization;
  double exponent = 1.0;
  uint64_t seed = 1;
  FeatureOptions features;
  Confidence confidence = Confidence::kNone;
  double confidence_scale = 1.0;
  // Of the decay of weights; both in the timestamps' own unit once resolved.
  Duration half_life;
  std::optional<TimeField> now;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range, and without features.
  void check() const;
};

}  // namespace rec
