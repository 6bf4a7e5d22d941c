// Re-rankers against slow twins that follow the formulas word by word.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>

#include "oracle.h"
#include "rank/calibration.h"
#include "rank/dpp.h"
#include "rank/list_builder.h"
#include "rank/mmr.h"
#include "rank/relevance.h"
#include "small_data.h"

namespace rec::rerank_property_test {
namespace {

// Items with vectors, categories and scores; some candidates are not known to either.
struct World {
  IdTable items;
  Matrix vectors;
  FeatureKind kind;
  std::vector<std::string> names;
  std::vector<Candidate> candidates;
  std::map<std::string, std::vector<std::pair<uint32_t, float>>> categories;

  World(std::mt19937& random, size_t n, size_t F, size_t C) {
    std::normal_distribution<float> normal;
    for (size_t item = 0; item < n; ++item) names.push_back("i" + std::to_string(100 + item));
    const size_t known = n - n / 8;
    vectors.resize(known, F);
    for (size_t item = 0; item < known; ++item) {
      items.intern(names[item]);
      for (size_t f = 0; f < F; ++f) vectors(item, f) = normal(random);
    }
    for (size_t c = 0; c < C; ++c) kind.categories.intern("c" + std::to_string(c));
    kind.rows.begin = {0};
    for (size_t item = 0; item < known; ++item) {
      for (uint32_t c = 0; c < C; ++c) {
        if (random() % 3 != 0) continue;
        kind.rows.index.push_back(c);
        kind.rows.weight.push_back(static_cast<float>(1 + random() % 3));
        categories[names[item]].push_back({c, kind.rows.weight.back()});
      }
      kind.rows.begin.push_back(kind.rows.index.size());
    }
    for (uint32_t row = 0; row < n; ++row)
      candidates.push_back({static_cast<double>(random() % 20) / 7, names[row], row});
    uint64_t duplicates = 0;
    keep_best(candidates, n, duplicates);
  }

  double cosine(std::string_view a, std::string_view b) const {
    const uint32_t i = items.find(a), j = items.find(b);
    if (i == kNoId || j == kNoId) return 0.0;
    double ab = 0, aa = 0, bb = 0;
    for (size_t f = 0; f < vectors.cols(); ++f) {
      const double x = static_cast<double>(vectors(i, f)), y = static_cast<double>(vectors(j, f));
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return ab / std::sqrt(aa * bb);
  }
  double rel(size_t at) const {
    const double most = candidates.front().score, least = candidates.back().score;
    return most == least ? 1.0 : (candidates[at].score - least) / (most - least);
  }
};

// The list that a selector makes without rules or pins.
std::vector<std::string> listed(std::unique_ptr<Selector> selector, const World& world, size_t k,
                                const std::string& user = "u") {
  const ListRules rules;
  const Pins pins;
  ListBuilder builder(rules, pins, std::move(selector), world.candidates.size());
  std::vector<Candidate> list = world.candidates;
  RankCounts counts;
  builder.build(user, list, k, counts);
  std::vector<std::string> items;
  for (const Candidate& candidate : list) items.emplace_back(candidate.item);
  return items;
}

// The greedy list by value(i, list): at each step the value of `items` must be the
// largest there is, up to rounding. A near tie may go either way.
template <class Value>
void check_greedy(const World& world, const std::vector<std::string>& items, Value&& value) {
  std::vector<size_t> list;
  for (const std::string& item : items) {
    double best = -HUGE_VAL, its = -HUGE_VAL;
    size_t at = 0;
    for (size_t i = 0; i < world.candidates.size(); ++i) {
      if (std::find(list.begin(), list.end(), i) != list.end()) continue;
      const double v = value(i, list);
      best = std::max(best, v);
      if (world.candidates[i].item == item) {
        its = v;
        at = i;
      }
    }
    REQUIRE(its >= best - 1e-5 * std::max(1.0, std::abs(best)));
    list.push_back(at);
  }
}

TEST_CASE("MMR: each item is the argmax of the formula") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const World world(random, 8 + random() % 25, 1 + random() % 9, 5);
    const VectorCosine similarity(world.items, world.vectors);
    const double lambda = static_cast<double>(random() % 5) / 4;
    const size_t k = 1 + random() % world.candidates.size();
    const auto items = listed(make_mmr(similarity, lambda), world, k);
    REQUIRE(items.size() == k);
    check_greedy(world, items, [&](size_t i, const std::vector<size_t>& list) {
      double nearest = list.empty() ? 0.0 : -HUGE_VAL;
      for (const size_t j : list)
        nearest = std::max(nearest, world.cosine(world.candidates[i].item, world.candidates[j].item));
      return lambda * world.rel(i) - (1 - lambda) * nearest;
    });
    if (lambda == 1.0) {
      for (size_t at = 0; at < k; ++at) CHECK(items[at] == world.candidates[at].item);
    }
  }
}

TEST_CASE("DPP: each item is the argmax of the determinants' ratio") {
  std::mt19937 random(8);
  for (int round = 0; round < 40; ++round) {
    const World world(random, 8 + random() % 16, 12, 5);
    const VectorCosine similarity(world.items, world.vectors);
    const double theta = static_cast<double>(random() % 5) / 4;
    const size_t k = 1 + random() % 7;
    auto entry = [&](size_t i, size_t j) {
      if (i == j) return 1.0;
      const std::string_view a = world.candidates[i].item, b = world.candidates[j].item;
      return world.items.find(a) == kNoId || world.items.find(b) == kNoId ? 0.0 : 0.5 * (1 + world.cosine(a, b));
    };
    auto determinant = [&](const std::vector<size_t>& list) {
      oracle::Dense S(list.size(), list.size());
      for (size_t a = 0; a < list.size(); ++a) {
        for (size_t b = 0; b < list.size(); ++b) S(a, b) = entry(list[a], list[b]);
      }
      return list.empty() ? 1.0 : oracle::determinant(S);
    };
    check_greedy(world, listed(make_dpp(similarity, theta), world, k), [&](size_t i, std::vector<size_t> list) {
      const double before = determinant(list);
      list.push_back(i);
      return theta * world.rel(i) + (1 - theta) * std::log(determinant(list) / before);
    });
  }
}

TEST_CASE("DPP: items in the span of the list come last, by relevance") {
  std::mt19937 random(9);
  World world(random, 12, 4, 3);
  for (size_t item = 1; item < world.vectors.rows(); ++item) {
    for (size_t f = 0; f < 4; ++f) world.vectors(item, f) = world.vectors(0, f);
  }
  const VectorCosine similarity(world.items, world.vectors);
  const auto items = listed(make_dpp(similarity, 0.5), world, 12);
  CHECK(std::set<std::string>(items.begin(), items.end()).size() == 12);
  // One of the known items and the unknown one are chosen; the others follow in order.
  std::vector<std::string> rest(items.begin() + 2, items.end());
  std::vector<std::string> expected;
  for (const Candidate& candidate : world.candidates) {
    if (std::find(rest.begin(), rest.end(), candidate.item) != rest.end()) expected.emplace_back(candidate.item);
  }
  CHECK(rest == expected);
}

TEST_CASE("calibration: each item is the argmax of the formula") {
  std::mt19937 random(10);
  for (int round = 0; round < 60; ++round) {
    const World world(random, 8 + random() % 20, 2, 1 + random() % 6);
    RowsBuilder rows;
    for (int row = 0; row < 12; ++row)
      rows.add(random() % 2 == 0 ? "u" : "v", world.names[random() % world.names.size()]);
    const UserItems history = as_user_items(rows.build());
    const double lambda = static_cast<double>(random() % 5) / 4;
    auto mix = [&](const std::vector<std::string>& items) {
      std::map<uint32_t, double> q;
      double counted = 0;
      for (const std::string& item : items) {
        const auto found = world.categories.find(item);
        if (found == world.categories.end()) continue;
        double total = 0;
        for (const auto& [c, value] : found->second) total += static_cast<double>(value);
        for (const auto& [c, value] : found->second) q[c] += static_cast<double>(value) / total;
        counted += 1;
      }
      for (auto& [c, share] : q) share /= counted;
      return q;
    };
    std::vector<std::string> own;
    for (size_t row = 0; row < rows.users.size(); ++row) {
      if (rows.users[row] == "u") own.push_back(rows.items[row]);
    }
    const auto p = mix(own);
    const auto items = listed(make_calibration(world.items, world.kind, history, lambda), world, 1 + random() % 8);
    if (p.empty()) {
      for (size_t at = 0; at < items.size(); ++at) CHECK(items[at] == world.candidates[at].item);
      continue;
    }
    check_greedy(world, items, [&](size_t i, const std::vector<size_t>& list) {
      std::vector<std::string> with;
      for (const size_t j : list) with.emplace_back(world.candidates[j].item);
      with.emplace_back(world.candidates[i].item);
      auto q = mix(with);
      double divergence = 0;
      for (const auto& [c, share] : p) divergence += share * std::log(share / (0.99 * q[c] + 0.01 * share));
      return (1 - lambda) * world.rel(i) - lambda * divergence;
    });
  }
}

TEST_CASE("ListBuilder: pins, caps, near-duplicates and cut, against a walk") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const World world(random, 4 + random() % 20, 2, 4);
    const VectorCosine similarity(world.items, world.vectors);
    ListRules rules;
    if (random() % 2 == 0) rules.caps.push_back({&world.items, &world.kind, 1 + static_cast<uint32_t>(random() % 3)});
    if (random() % 2 == 0) rules.duplicates.push_back({&similarity, 0.8});
    Pins pins;
    std::map<std::string, std::pair<uint32_t, int>> wanted;  // item: rank, 0 own or 1 everyone's
    for (size_t pin = 0; pin < random() % 4; ++pin) {
      const std::string item = world.names[random() % world.names.size()];
      const auto rank = static_cast<uint32_t>(1 + random() % 6);
      const int everyone = static_cast<int>(random() % 2);
      if (!pins.add(everyone == 1 ? "" : "u", item, rank)) continue;
      const auto found = wanted.find(item);
      if (found == wanted.end() || found->second.second == 1) wanted[item] = {rank, everyone};
    }
    const size_t k = 1 + random() % 8;

    std::vector<std::tuple<uint32_t, int, std::string>> order;
    for (const auto& [item, pin] : wanted) order.emplace_back(pin.first, pin.second, item);
    std::sort(order.begin(), order.end());
    std::map<size_t, std::string> at;  // rank to item
    size_t next = 1;
    for (const auto& [rank, own, item] : order) {
      const size_t place = std::max<size_t>(next, rank);
      if (place <= k) at[place] = item;
      next = place + 1;
    }
    std::vector<std::string> list;
    for (const auto& [rank, item] : at) list.push_back(item);
    std::vector<std::string> chosen;
    for (const Candidate& candidate : world.candidates) {
      const std::string item(candidate.item);
      if (list.size() == k) break;
      if (std::find(list.begin(), list.end(), item) != list.end()) continue;
      bool fits = true;
      for (const Cap& cap : rules.caps) {
        const auto its = world.categories.find(item);
        if (its == world.categories.end()) continue;
        for (const auto& [c, value] : its->second) {
          uint32_t count = 0;
          for (const std::string& other : list) {
            const auto there = world.categories.find(other);
            if (there == world.categories.end()) continue;
            for (const auto& [d, ignored] : there->second) count += d == c ? 1 : 0;
          }
          fits = fits && count < cap.limit;
        }
      }
      for (const auto& rule : rules.duplicates) {
        for (const std::string& other : list) fits = fits && world.cosine(item, other) < rule.threshold;
      }
      if (!fits) continue;
      list.push_back(item);
      chosen.push_back(item);
    }
    std::vector<std::string> expected;
    auto following = chosen.begin();
    for (auto pin = at.begin(); pin != at.end() || following != chosen.end();) {
      if (pin != at.end() && (pin->first == expected.size() + 1 || following == chosen.end())) {
        expected.push_back((pin++)->second);
      } else {
        expected.push_back(*following++);
      }
    }

    ListBuilder builder(rules, pins, nullptr, 100);
    std::vector<Candidate> made = world.candidates;
    RankCounts counts;
    builder.build("u", made, k, counts);
    std::vector<std::string> items;
    for (const Candidate& candidate : made) items.emplace_back(candidate.item);
    CHECK(items == expected);
    CHECK(counts.pinned == at.size());
  }
}

TEST_CASE("ListBuilder: with a selector the rules hold too, and the pool comes first") {
  std::mt19937 random(12);
  for (int round = 0; round < 100; ++round) {
    const World world(random, 10 + random() % 20, 3, 5);
    const VectorCosine similarity(world.items, world.vectors);
    ListRules rules;
    rules.caps.push_back({&world.items, &world.kind, 2});
    const Pins pins;
    const size_t pool = 3 + random() % 5, k = 3;
    ListBuilder builder(rules, pins, make_mmr(similarity, 0.3), pool);
    std::vector<Candidate> list = world.candidates;
    RankCounts counts;
    builder.build("u", list, k, counts);
    std::map<uint32_t, int> listed_of;
    for (const Candidate& candidate : list) {
      const auto its = world.categories.find(std::string(candidate.item));
      if (its == world.categories.end()) continue;
      for (const auto& [c, value] : its->second) CHECK(++listed_of[c] <= 2);
    }
    // Whoever stands behind the pool is listed only when the pool could not fill it.
    bool outside = false;
    for (const Candidate& candidate : list) {
      const auto place = std::find_if(world.candidates.begin(), world.candidates.end(),
                                      [&](const Candidate& c) { return c.row == candidate.row; });
      const bool in_pool = static_cast<size_t>(place - world.candidates.begin()) < pool;
      CHECK(!(in_pool && outside));
      outside = outside || !in_pool;
    }
  }
}

}  // namespace
}  // namespace rec::rerank_property_test
