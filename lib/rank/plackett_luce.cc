#include "rank/plackett_luce.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rec {
namespace {

// Of ln time. What comes earlier than kBefore in front of an arrival that is due, and later than kBehind after
// it, has a probability below 1e-17.
constexpr double kStep = 0.125;
constexpr double kBefore = 40.0;
constexpr double kBehind = 4.0;

// Neighbours further apart change places with a probability of e^-100.
constexpr double kLargestGap = 100.0;

// From 0 downwards.
std::vector<double> without_gaps(std::span<const double> log_weights) {
  std::vector<double> close(log_weights.size(), 0.0);
  for (size_t at = 1; at < close.size(); ++at) {
    const double gap = log_weights[at - 1] - log_weights[at];  // NaN between two of weight 0
    close[at] = close[at - 1] - (std::isnan(gap) ? 0.0 : std::min(gap, kLargestGap));
  }
  return close;
}

// The points of ln time, as multiples of kStep, around the times at which the first `ranks` candidates are due.
std::vector<int64_t> points_of(std::span<const double> log_weights, size_t ranks) {
  std::vector<int64_t> points;
  for (size_t at = 0; at < ranks; ++at) {
    auto point = static_cast<int64_t>(std::floor((-log_weights[at] - kBefore) / kStep));
    const auto last = static_cast<int64_t>(std::ceil((-log_weights[at] + kBehind) / kStep));
    if (!points.empty()) point = std::max(point, points.back() + 1);
    for (; point <= last; ++point) points.push_back(point);
  }
  return points;
}

// counts[m] becomes the probability of m arrivals where one more candidate has come with probability `come`.
void add_arrival(std::span<double> counts, double come, double wait) {
  for (size_t m = counts.size(); m-- > 1;) counts[m] = counts[m] * wait + counts[m - 1] * come;
  counts[0] *= wait;
}

void add_first_rank(std::span<const double> log_weights, size_t ranks, std::vector<double>& probability) {
  double sum = 0.0;
  for (size_t at = log_weights.size(); at-- > 0;) sum += std::exp(log_weights[at]);
  for (size_t at = 0; at < log_weights.size(); ++at) probability[at * ranks] = std::exp(log_weights[at]) / sum;
}

}  // namespace

void softmax_log_weights(std::span<const Candidate> candidates, double temperature, double epsilon,
                         std::vector<double>& log_weights) {
  log_weights.resize(candidates.size());
  double sum = 0.0;
  for (size_t at = 0; at < candidates.size(); ++at) {
    // Halves, so that the distance of two huge keys is finite.
    const double distance = candidates[at].score / 2 - candidates.front().score / 2;
    log_weights[at] = distance / temperature * 2;
    sum += std::exp(log_weights[at]);
  }
  if (epsilon == 0.0) return;
  const double uniform = epsilon / static_cast<double>(candidates.size());
  for (double& weight : log_weights) weight = std::log((1.0 - epsilon) * (std::exp(weight) / sum) + uniform);
}

void plackett_luce(std::span<const double> log_weights, size_t ranks, std::vector<double>& probability,
                   std::span<const uint32_t> list) {
  const size_t n = log_weights.size();
  ranks = std::min(ranks, n);
  probability.assign(n * ranks, 0.0);
  if (ranks == 0) return;
  const std::vector<double> weights = without_gaps(log_weights);
  // The ranks of each candidate that are asked for, but the first.
  struct Asked {
    size_t from, to;
  };
  std::vector<Asked> asked(n, list.empty() ? Asked{1, ranks} : Asked{1, 1});
  for (size_t rank = 1; rank < std::min(list.size(), ranks); ++rank) asked[list[rank]] = {rank, rank + 1};
  if (ranks > 1) {
    std::vector<double> come(n);                  // by now
    std::vector<double> wait(n);                  // still
    std::vector<double> behind((n + 1) * ranks);  // of the candidates from i on: P(m have come)
    std::vector<double> before(ranks);            // of those before i
    for (const int64_t point : points_of(weights, ranks)) {
      const double time = static_cast<double>(point) * kStep;
      std::fill(behind.end() - static_cast<std::ptrdiff_t>(ranks), behind.end(), 0.0);
      behind[n * ranks] = 1.0;
      for (size_t i = n; i-- > 0;) {
        const double due = std::exp(weights[i] + time);
        come[i] = -std::expm1(-due);
        wait[i] = std::exp(-due);
        const std::span<double> counts(behind.data() + i * ranks, ranks);
        std::copy_n(behind.data() + (i + 1) * ranks, ranks, counts.data());
        add_arrival(counts, come[i], wait[i]);
      }
      std::fill(before.begin(), before.end(), 0.0);
      before[0] = 1.0;
      for (size_t i = 0; i < n; ++i) {
        const double now = kStep * std::exp(weights[i] + time) * wait[i];
        const double* after = behind.data() + (i + 1) * ranks;
        double* its = probability.data() + i * ranks;
        for (size_t rank = asked[i].from; now > 0.0 && rank < asked[i].to; ++rank) {
          double there = 0.0;
          for (size_t m = 0; m <= rank; ++m) there += before[m] * after[rank - m];
          its[rank] += now * there;
        }
        add_arrival(before, come[i], wait[i]);
      }
    }
  }
  add_first_rank(weights, ranks, probability);
  for (double& value : probability) value = std::min(value, 1.0);  // rounding
}

void draw_plackett_luce(std::span<const double> log_weights, size_t k, Rng& random, std::vector<uint32_t>& places) {
  const std::vector<double> weights = without_gaps(log_weights);
  std::vector<double> arrival(weights.size());  // ln of the waiting time
  for (size_t at = 0; at < weights.size(); ++at) {
    const double drawn = 1.0 - random.uniform();  // in (0, 1]
    arrival[at] = std::log(-std::log(drawn)) - weights[at];
  }
  places.resize(weights.size());
  std::iota(places.begin(), places.end(), 0u);
  const size_t length = std::min(k, places.size());
  std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(length), places.end(),
                    [&](uint32_t a, uint32_t b) { return arrival[a] != arrival[b] ? arrival[a] < arrival[b] : a < b; });
  places.resize(length);
}

}  // namespace rec
