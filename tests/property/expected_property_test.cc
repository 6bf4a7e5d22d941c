// --ties expected against the mean over every order of every tie, put one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "metrics/metric_table.h"

namespace rec::expected_property_test {

namespace {

struct Place {
  int key;      // equal: tied
  double gain;  // 0: not relevant
};

RankedList listed(const std::vector<Hit>& hits, size_t length, const std::vector<double>& ideal) {
  return {hits, static_cast<uint32_t>(length), ideal};
}

// Calls visit(order) for every order that the keys allow.
void for_each_order(const std::vector<Place>& places, const std::function<void(const std::vector<size_t>&)>& visit) {
  std::vector<size_t> order(places.size());
  std::iota(order.begin(), order.end(), size_t{0});
  do {
    bool allowed = true;
    for (size_t at = 1; at < order.size(); ++at) allowed &= places[order[at - 1]].key <= places[order[at]].key;
    if (allowed) visit(order);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace

TEST_CASE("expected metrics are the means over all orders of tied groups") {
  std::mt19937_64 random(11);
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  for (int round = 0; round < 150; ++round) {
    CAPTURE(round);
    const size_t length = 1 + below(7);
    const size_t levels = 1 + below(4);
    const bool graded = below(2) == 1;
    std::vector<Place> places;
    std::vector<double> ideal;
    for (size_t at = 0; at < length; ++at) {
      const double gain = below(2) == 1 ? (graded ? static_cast<double>(1 + below(3)) : 1.0) : 0.0;
      places.push_back({static_cast<int>(below(levels)), gain});
      if (gain > 0.0) ideal.push_back(gain);
    }
    for (size_t unlisted = ideal.empty() ? 1 : below(3); unlisted > 0; --unlisted) ideal.push_back(1.0);
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.key < b.key; });

    std::vector<Hit> tied;
    for (size_t at = 0; at < length; ++at) {
      if (places[at].gain == 0.0) continue;
      const auto same = [&](const Place& place) { return place.key == places[at].key; };
      const auto first = std::find_if(places.begin(), places.end(), same) - places.begin();
      const auto size = std::count_if(places.begin(), places.end(), same);
      tied.push_back({static_cast<uint32_t>(first), places[at].gain, 0, static_cast<uint32_t>(size)});
    }
    for (const MetricInfo& info : ranking_metrics()) {
      if (info.expected == nullptr) continue;
      for (const uint32_t k : {1u, 2u, 3u, 5u, 9u, kWholeList}) {
        double sum = 0.0;
        double orders = 0.0;
        for_each_order(places, [&](const std::vector<size_t>& order) {
          std::vector<Hit> hits;
          for (size_t at = 0; at < length; ++at) {
            if (places[order[at]].gain > 0.0) hits.push_back({static_cast<uint32_t>(at), places[order[at]].gain});
          }
          sum += info.ranking(listed(hits, length, ideal), k);
          orders += 1.0;
        });
        CAPTURE(info.name);
        CAPTURE(k);
        CHECK(info.expected(listed(tied, length, ideal), k) == doctest::Approx(sum / orders).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("without ties, expected metrics are the metrics") {
  std::mt19937_64 random(12);
  for (int round = 0; round < 200; ++round) {
    std::vector<Hit> hits;
    std::vector<double> ideal;
    for (uint32_t at = 0; at < 30; ++at) {
      if (random() % 4 > 0) continue;
      hits.push_back({at, static_cast<double>(1 + random() % 3)});
      ideal.push_back(hits.back().gain);
    }
    ideal.push_back(1.0);
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
    for (const MetricInfo& info : ranking_metrics()) {
      if (info.expected == nullptr) continue;
      for (const uint32_t k : {1u, 7u, 30u, 100u, kWholeList}) {
        CAPTURE(info.name);
        CHECK(info.expected(listed(hits, 30, ideal), k) ==
              doctest::Approx(info.ranking(listed(hits, 30, ideal), k)).epsilon(1e-12));
      }
    }
  }
}

}  // namespace rec::expected_property_test
