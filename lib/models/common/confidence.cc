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

void describe_confidence(OptionTable& table, Confidence& confidence, double& scale) {
  table.choice("--confidence", confidence, kConfidences,
               "Weight of a pair from its value v: none 1, linear 1+A*v, log 1+A*ln(1+v)");
  table.add("--confidence-scale", scale, "A", "The A of --confidence").above(0).needs("--confidence", [&confidence] {
    return confidence != Confidence::kNone;
  });
}

}  // namespace rec
