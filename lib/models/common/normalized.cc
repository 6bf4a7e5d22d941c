#include "models/common/normalized.h"

#include <cmath>

namespace rec {

std::vector<double> Normalized::item_powers(double exponent) const {
  std::vector<double> powers(item_sum.size());
  for (size_t item = 0; item < powers.size(); ++item)
    powers[item] = item_sum[item] > 0.0 ? std::pow(item_sum[item], exponent) : 1.0;
  return powers;
}

Normalized normalized(const Csr& by_user, size_t items, double user_exponent, double item_exponent) {
  Normalized out;
  out.by_user = by_user;
  out.item_sum.assign(items, 0.0);
  Csr& X = out.by_user;
  const auto weight = [&](uint64_t at) { return X.weight.empty() ? 1.0 : static_cast<double>(by_user.weight[at]); };
  for (uint64_t at = 0; at < X.entries(); ++at) out.item_sum[X.index[at]] += weight(at);
  if (user_exponent == 0.0 && item_exponent == 0.0) return out;
  const std::vector<double> item_scale = out.item_powers(-item_exponent);
  std::vector<float> scaled(X.entries());
  for (size_t user = 0; user < X.rows(); ++user) {
    double sum = 0.0;
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) sum += weight(at);
    const double scale = sum > 0.0 ? std::pow(sum, -user_exponent) : 1.0;
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) {
      scaled[at] = static_cast<float>(scale * weight(at) * item_scale[X.index[at]]);
    }
  }
  X.weight = std::move(scaled);
  return out;
}

}  // namespace rec
