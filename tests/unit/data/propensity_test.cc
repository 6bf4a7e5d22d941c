#include "data/propensity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>

#include "base/error.h"

namespace rec::propensity_test {
namespace {

TEST_CASE("propensity: what the option says") {
  CHECK(parse_propensity("popularity:0.5", "--propensity") == 0.5);
  CHECK(parse_propensity("popularity:0", "--propensity") == 0.0);
  for (const char* text : {"", "popularity", "popularity:", "popularity:-1", "popularity:x", "time:0.5", "0.5"})
    CHECK_THROWS_AS(parse_propensity(text, "--propensity"), UsageError);
}

TEST_CASE("propensity: random logs against the formula with sets of users") {
  std::mt19937 random(6);
  for (int round = 0; round < 60; ++round) {
    Interactions data;
    Parts parts;
    std::map<uint32_t, std::set<uint32_t>> users;
    for (uint32_t item = 0; item < 12; ++item) data.items.intern("i" + std::to_string(item));
    for (uint32_t user = 0; user < 30; ++user) data.users.intern("u" + std::to_string(user));
    for (size_t rows = random() % 150; rows > 0; --rows) {
      const auto item = static_cast<uint32_t>(std::min(random() % 12, random() % 12));
      data.item.push_back(item);
      data.user.push_back(static_cast<uint32_t>(random() % 30));
      parts.push_back(random() % 4 == 0 ? (random() % 2 == 0 ? Part::kTest : Part::kRemoved) : Part::kTrain);
      if (parts.back() == Part::kTrain) users[item].insert(data.user.back());
    }
    size_t most = 0;
    for (const auto& [item, its] : users) most = std::max(most, its.size());
    const PropensityWeights how{static_cast<double>(random() % 20) / 10, 1.0 + static_cast<double>(random() % 5)};
    const std::vector<double> weights = propensity_weights(data, parts, how);
    REQUIRE(weights.size() == 12);
    for (uint32_t item = 0; item < 12; ++item) {
      const double theta =
          users.contains(item)
              ? std::pow(static_cast<double>(users[item].size()) / static_cast<double>(most), how.power)
              : 0.0;
      CHECK(weights[item] == doctest::Approx(theta * how.clip > 1.0 ? 1.0 / theta : how.clip));
      CHECK(weights[item] >= 1.0);
    }
  }
}

}  // namespace
}  // namespace rec::propensity_test
