#include "models/sgd/item_sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace rec::item_sampler_test {
namespace {

// The item whose part of the sum of all weights holds u: the definition, item by item.
uint32_t brute_force(const std::vector<float>& counts, double exponent, double u) {
  const auto weight = [&](float count) { return count > 0.0f ? std::pow(static_cast<double>(count), exponent) : 0.0; };
  double sum = 0.0;
  for (const float count : counts) sum += weight(count);
  const double at = u * sum;
  double end = 0.0;
  uint32_t item = 0;
  for (; item < counts.size(); ++item) {
    if ((end += weight(counts[item])) > at) break;
  }
  return item;
}

TEST_CASE("an item is drawn by its part of the sum, whatever the counts") {
  Rng make(7, 0, 0);
  for (const size_t items : {1u, 2u, 3u, 5u, 64u, 1000u}) {
    for (const double exponent : {0.2, 0.5, 1.0}) {
      for (const double empty : {0.1, 0.5, 0.95}) {
        std::vector<float> counts;
        for (size_t item = 0; item < items; ++item) {
          const bool none = make.uniform() < empty;
          counts.push_back(none ? 0.0f : static_cast<float>(std::floor(std::exp(8.0 * make.uniform()))));
        }
        counts[make.below(items)] = 3.0f;
        counts[make.below(items)] = 0.0f;
        counts[make.below(items)] = 1e6f;
        const ItemSampler sampler(counts, exponent);
        Rng draws(1, items, 0);
        Rng same(1, items, 0);
        size_t wrong = 0;
        for (size_t draw = 0; draw < 2000; ++draw) {
          const uint32_t item = sampler.draw(draws);
          if (item != brute_force(counts, exponent, same.uniform()) || counts[item] == 0.0f) ++wrong;
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("with the exponent 0 all items that have rows are drawn alike, and no other") {
  const std::vector<float> counts{0, 5, 1, 0, 0, 1000, 2, 0};
  const ItemSampler sampler(counts, 0.0);
  std::vector<double> drawn(counts.size());
  Rng rng(1, 2, 3);
  for (size_t draw = 0; draw < 40000; ++draw) ++drawn[sampler.draw(rng)];
  double chi_square = 0.0;
  for (size_t item = 0; item < counts.size(); ++item) {
    if (counts[item] == 0.0f) {
      CHECK(drawn[item] == 0.0);
    } else {
      chi_square += (drawn[item] - 10000.0) * (drawn[item] - 10000.0) / 10000.0;
    }
  }
  CHECK(chi_square < 16.27);  // 3 degrees of freedom, p = .001
}

}  // namespace
}  // namespace rec::item_sampler_test
