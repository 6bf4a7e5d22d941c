#include "rank/popularity.h"

#include <algorithm>
#include <cmath>

namespace rec {

ItemNumbers popularity_factors(const UserItems& log, double gamma, std::string name) {
  ItemNumbers factors;
  factors.items = log.items;
  factors.columns = 1;
  factors.name = std::move(name);
  factors.bad_lines = log.bad_lines;
  std::vector<double>& users = factors.values;
  users.assign(log.items.size(), 0.0);
  std::vector<uint32_t> items;
  for (uint32_t user = 0; user < log.users.size(); ++user) {
    const auto all = log.items_of(user);
    items.assign(all.begin(), all.end());
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    for (const uint32_t item : items) users[item] += 1.0;
  }
  for (double& count : users) count = std::pow(count, gamma);
  return factors;
}

double popularity_factor_without_users(double gamma) { return gamma > 0.0 ? 0.0 : 1.0; }

double popularity_key(double score, double factor, PopularityScores scores) {
  const double positive = scores == PopularityScores::kPlain ? score : score > 0.0 ? 1.0 + score : std::exp(score);
  return positive * factor;
}

}  // namespace rec
