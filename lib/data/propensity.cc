#include "data/propensity.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/number.h"

namespace rec {

double parse_propensity(std::string_view text, std::string_view option) {
  constexpr std::string_view kStart = "popularity:";
  const auto power = text.starts_with(kStart) ? parse_number<double>(text.substr(kStart.size())) : std::nullopt;
  if (!power || !(*power >= 0.0))
    fail_usage("{}: expected popularity:P with P at least 0, as popularity:0.5, found \"{}\"", option, printable(text));
  return *power;
}

std::vector<double> propensity_weights(const Interactions& data, const Parts& parts, const PropensityWeights& how) {
  std::vector<uint64_t> pairs;  // item, then user
  for (size_t row = 0; row < data.size(); ++row) {
    if (parts[row] == Part::kTrain) pairs.push_back(uint64_t{data.item[row]} << 32 | data.user[row]);
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::vector<uint64_t> users(data.items.size(), 0);
  for (const uint64_t pair : pairs) ++users[pair >> 32];
  const uint64_t most = users.empty() ? 0 : *std::max_element(users.begin(), users.end());
  std::vector<double> weights(users.size(), how.clip);
  for (size_t item = 0; item < users.size(); ++item) {
    if (users[item] == 0) continue;
    const double inverse = std::pow(static_cast<double>(most) / static_cast<double>(users[item]), how.power);
    weights[item] = std::min(inverse, how.clip);
  }
  return weights;
}

}  // namespace rec
