#include "models/normalized.h"

#include <cmath>

namespace rec {

Normalized normalized(const Csr& by_user, size_t items, double user_exponent, double item_exponent) {
  Normalized out;
  out.by_user = by_user;
  out.item_scale.assign(items, 0.0);
  Csr& X = out.by_user;
  const auto weight = [&](uint64_t at) { return X.weight.empty() ? 1.0 : static_cast<double>(by_user.weight[at]); };
  for (uint64_t at = 0; at < X.entries(); ++at) out.item_scale[X.index[at]] += weight(at);
  for (double& scale : out.item_scale) scale = scale > 0.0 ? std::pow(scale, -item_exponent) : 1.0;
  if (user_exponent == 0.0 && item_exponent == 0.0) return out;
  std::vector<float> scaled(X.entries());
  for (size_t user = 0; user < X.rows(); ++user) {
    double sum = 0.0;
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) sum += weight(at);
    const double scale = sum > 0.0 ? std::pow(sum, -user_exponent) : 1.0;
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) {
      scaled[at] = static_cast<float>(scale * weight(at) * out.item_scale[X.index[at]]);
    }
  }
  X.weight = std::move(scaled);
  return out;
}

}  // namespace rec
