#include "metrics/interleaving.h"

#include <vector>

#include "metrics/distributions.h"

namespace rec {

InterleavingResult compare_teams(std::span<const TeamClicks> users, const BootstrapOptions& options, int threads) {
  InterleavingResult result{};
  std::vector<double> score;  // 1 a win of A, 0 of B, 1/2 a tie
  for (const TeamClicks& clicks : users) {
    if (clicks.a == 0 && clicks.b == 0) continue;
    result.wins_a += clicks.a > clicks.b;
    result.wins_b += clicks.b > clicks.a;
    result.ties += clicks.a == clicks.b;
    score.push_back(clicks.a > clicks.b ? 1.0 : clicks.a < clicks.b ? 0.0 : 0.5);
  }
  const std::vector<double> one(score.size(), 1.0);
  const RatioEstimate mean = estimate_ratio(score, one);
  result.delta = mean.value - 0.5;
  result.interval = ratio_interval(mean, options.confidence);
  if (options.resamples > 0 && !score.empty()) {
    const size_t groups[] = {score.size()};
    const auto statistic = [&](std::span<const std::vector<uint16_t>> counts, std::span<double> values) {
      values[0] = resampled_sum(counts[0], score) / static_cast<double>(score.size());
    };
    result.interval = percentile_interval(bootstrap(groups, 1, options, threads, statistic), options.confidence);
  }
  result.interval.low -= 0.5;
  result.interval.high -= 0.5;
  result.p = sign_test_p(result.wins_a, result.wins_a + result.wins_b);
  return result;
}

}  // namespace rec
