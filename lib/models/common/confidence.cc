#include "models/common/confidence.h"

#include <cmath>

#include "base/error.h"

namespace rec {

float confidence_weight(Confidence confidence, double scale, float value) {
  if (confidence == Confidence::kNone) return 1.0f;
  if (value < 0)
    fail("value {} is negative, confidence {} expects at least 0", value, name_in(kConfidences, confidence));
  const auto v = static_cast<double>(value);
  return static_cast<float>(1.0 + scale * (confidence == Confidence::kLog ? std::log1p(v) : v));
}

}  // namespace rec
