// How the value of a pair becomes its weight in training: the confidence of implicit
// feedback (Hu, Koren, Volinsky 2008). Thread rule: functions without state.
#pragma once

#include "base/option.h"

namespace rec {

// How a pair's value v (>= 0; the sum of its rows) becomes its weight c, before decay.
enum class Confidence {
  kNone,    // c = 1, whatever the value
  kLinear,  // c = 1 + a v       (Hu et al. 2008, eq. 1)
  kLog,     // c = 1 + a ln(1+v)
};
inline constexpr Named<Confidence> kConfidences[] = {
    {"none", Confidence::kNone}, {"linear", Confidence::kLinear}, {"log", Confidence::kLog}};

// c, with a = scale; throws Error if the value is negative under a confidence.
float confidence_weight(Confidence confidence, double scale, float value);

// --confidence and --confidence-scale, told to `table`, which refers to both.
void describe_confidence(OptionTable& table, Confidence& confidence, double& scale);

}  // namespace rec
