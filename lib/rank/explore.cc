#include "rank/explore.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "rank/plackett_luce.h"

namespace rec {
namespace {

// Standard normal, by the polar method.
double draw_normal(Rng& random) {
  for (;;) {
    const double x = 2.0 * random.uniform() - 1.0;
    const double y = 2.0 * random.uniform() - 1.0;
    const double square = x * x + y * y;
    if (square > 0.0 && square < 1.0) return x * std::sqrt(-2.0 * std::log(square) / square);
  }
}

// Up to here draw_gamma() is exact to four digits of its acceptance; from 2^53 on rounding lets nothing pass.
constexpr double kMostImpressions = 1e12;

double draw_gamma(double shape, Rng& random) {
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = draw_normal(random);
    const double root = 1.0 + c * x;
    if (root <= 0.0) continue;
    const double v = root * root * root;
    const double u = 1.0 - random.uniform();  // in (0, 1]
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

struct Rate {
  double a = 1.0;
  double b = 1.0;
};

std::vector<Rate> rates_of(std::span<const Candidate> candidates, const ItemNumbers& counts) {
  std::vector<Rate> rates(candidates.size());
  for (size_t at = 0; at < rates.size(); ++at) {
    if (const double* its = counts.find(candidates[at].item)) rates[at] = {1.0 + its[1], 1.0 + its[0] - its[1]};
  }
  return rates;
}

// Draws all rates and sets `order` to the k highest, best first.
void draw_list(std::span<const Rate> rates, size_t k, Rng& random, std::vector<double>& drawn,
               std::vector<uint32_t>& order) {
  drawn.resize(rates.size());
  order.resize(rates.size());
  std::iota(order.begin(), order.end(), 0u);
  for (size_t at = 0; at < rates.size(); ++at) drawn[at] = draw_beta(rates[at].a, rates[at].b, random);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
                    [&](uint32_t a, uint32_t b) { return drawn[a] != drawn[b] ? drawn[a] > drawn[b] : a < b; });
}

void keep_places(std::vector<Candidate>& candidates, std::span<const uint32_t> places) {
  std::vector<Candidate> list;
  list.reserve(places.size());
  for (const uint32_t place : places) list.push_back(candidates[place]);
  candidates = std::move(list);
}

}  // namespace

double draw_beta(double a, double b, Rng& random) {
  const double left = draw_gamma(a, random);
  const double right = draw_gamma(b, random);
  return left / (left + right);
}

void epsilon_greedy_propensities(size_t n, size_t place, double epsilon, std::span<double> at_rank) {
  // A chain over how many of the `place` better candidates are left, while the item
  // itself is: chance[s] for place - s of them.
  std::vector<double> chance(at_rank.size() + 1, 0.0);
  chance[0] = 1.0;
  for (size_t step = 0; step < at_rank.size(); ++step) {
    const double left = static_cast<double>(n - step);
    double shown = 0.0;
    for (size_t gone = 0; gone <= std::min(step, place); ++gone) {
      shown += chance[gone] * (epsilon / left + (gone == place ? 1.0 - epsilon : 0.0));
    }
    at_rank[step] = shown;
    if (step + 1 == at_rank.size()) return;
    // Downwards, so that each reads what the step before left.
    for (size_t gone = std::min(step + 1, place) + 1; gone-- > 0;) {
      const auto better = static_cast<double>(place - gone);
      double stays = epsilon * (left - 1.0 - better) / left;  // a worse one was shown
      double next = gone <= step ? chance[gone] * std::max(0.0, stays) : 0.0;
      if (gone > 0) next += chance[gone - 1] * ((1.0 - epsilon) + epsilon * (better + 1.0) / left);
      chance[gone] = next;
    }
  }
}

double epsilon_greedy_propensity(size_t n, size_t place, size_t rank, double epsilon) {
  std::vector<double> at_rank(rank + 1);
  epsilon_greedy_propensities(n, place, epsilon, at_rank);
  return at_rank.back();
}

void explore_epsilon_greedy(std::vector<Candidate>& candidates, size_t k, double epsilon, Rng& random,
                            std::vector<double>& propensity) {
  const size_t n = candidates.size();
  const size_t length = std::min(k, n);
  std::vector<uint32_t> left(n);
  std::iota(left.begin(), left.end(), 0u);
  std::vector<uint32_t> places;
  propensity.clear();
  for (size_t rank = 0; rank < length; ++rank) {
    const size_t at = random.uniform() < epsilon ? static_cast<size_t>(random.below(left.size())) : 0;
    places.push_back(left[at]);
    propensity.push_back(epsilon_greedy_propensity(n, left[at], rank, epsilon));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
  }
  keep_places(candidates, places);
}

void epsilon_greedy_probabilities(size_t n, size_t ranks, double epsilon, std::vector<double>& probability) {
  ranks = std::min(ranks, n);
  probability.resize(n * ranks);
  for (size_t place = 0; place < n; ++place)
    epsilon_greedy_propensities(n, place, epsilon, std::span(probability).subspan(place * ranks, ranks));
}

void explore_softmax(std::vector<Candidate>& candidates, size_t k, double temperature, double epsilon, Rng& random,
                     std::vector<double>& propensity) {
  std::vector<double> log_weights, probability;
  softmax_log_weights(candidates, temperature, epsilon, log_weights);
  std::vector<uint32_t> places;
  draw_plackett_luce(log_weights, k, random, places);
  plackett_luce(log_weights, k, probability, places);
  propensity.resize(places.size());
  for (size_t rank = 0; rank < places.size(); ++rank)
    propensity[rank] = probability[places[rank] * places.size() + rank];
  keep_places(candidates, places);
}

void explore_thompson(std::vector<Candidate>& candidates, size_t k, const ItemNumbers& counts, size_t draws,
                      Rng& random, std::vector<double>& propensity) {
  const size_t length = std::min(k, candidates.size());
  const std::vector<Rate> rates = rates_of(candidates, counts);
  std::vector<double> drawn;
  std::vector<uint32_t> list, other;
  draw_list(rates, length, random, drawn, list);
  list.resize(length);
  std::vector<uint64_t> times(length, 1);
  for (size_t draw = 0; draw < draws; ++draw) {
    draw_list(rates, length, random, drawn, other);
    for (size_t rank = 0; rank < length; ++rank) times[rank] += other[rank] == list[rank] ? 1 : 0;
  }
  propensity.clear();
  for (const uint64_t count : times) propensity.push_back(static_cast<double>(count) / static_cast<double>(draws + 1));
  keep_places(candidates, list);
}

void thompson_probabilities(std::span<const Candidate> candidates, size_t ranks, const ItemNumbers& counts,
                            size_t draws, Rng& random, std::vector<double>& probability) {
  ranks = std::min(ranks, candidates.size());
  probability.assign(candidates.size() * ranks, 0.0);
  const std::vector<Rate> rates = rates_of(candidates, counts);
  std::vector<double> drawn;
  std::vector<uint32_t> list;
  for (size_t draw = 0; draw < draws; ++draw) {
    draw_list(rates, ranks, random, drawn, list);
    for (size_t rank = 0; rank < ranks; ++rank) probability[list[rank] * ranks + rank] += 1.0;
  }
  for (double& share : probability) share /= static_cast<double>(draws);
}

ItemNumbers checked_counts(ItemNumbers counts) {
  for (uint32_t item = 0; item < counts.items.size(); ++item) {
    const double impressions = counts.values[2 * size_t{item}];
    const double clicks = counts.values[2 * size_t{item} + 1];
    if (clicks < 0 || clicks > impressions) {
      fail("{}: item \"{}\" has {} clicks of {} impressions", counts.name, printable(counts.items[item]), clicks,
           impressions);
    }
    if (impressions > kMostImpressions) {
      fail("{}: item \"{}\" has {} impressions, expected at most {}", counts.name, printable(counts.items[item]),
           impressions, kMostImpressions);
    }
  }
  return counts;
}

}  // namespace rec
