#include "models/common/confidence.h"

#include <cmath>

#include "base/error.h"

namespace rec {

Confidence confidence_of(const std::string& name) {
  if (name == "none") return Confidence::kNone;
  if (name == "linear") return Confidence::kLinear;
  if (name == "log") return Confidence::kLog;
  fail_usage("unknown confidence \"{}\" (expected none, linear or log)", printable(name));
}

const char* name_of(Confidence confidence) {
  if (confidence == Confidence::kLinear) return "linear";
  return confidence == Confidence::kLog ? "log" : "none";
}

float confidence_weight(Confidence confidence, double scale, float value) {
  if (confidence == Confidence::kNone) return 1.0f;
  if (value < 0) fail("value {} is negative, confidence {} expects at least 0", value, name_of(confidence));
  const auto v = static_cast<double>(value);
  return static_cast<float>(1.0 + scale * (confidence == Confidence::kLog ? std::log1p(v) : v));
}

}  // namespace rec
