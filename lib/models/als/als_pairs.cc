#include "models/als/als_pairs.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "data/decay.h"
#include "data/pair_means.h"
#include "models/common/history_weights.h"

namespace rec {
namespace {

void multiply(std::vector<float>& weight, std::vector<float> by) {
  if (by.empty()) return;
  if (weight.empty())
    weight = std::move(by);
  else
    std::transform(weight.begin(), weight.end(), by.begin(), weight.begin(), std::multiplies<>());
}

}  // namespace

Csr als_pairs(const Interactions& data, const AlsOptions& options, int threads) {
  const bool weighted = options.confidence != Confidence::kNone;
  Csr pairs = csr_by_user(data, weighted ? std::span<const float>(data.value) : std::span<const float>(),
                          PairWeight::kSum, threads);
  for (float& value : pairs.weight) value = options.weight(value);
  if (options.half_life.amount > 0) {
    const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
    multiply(pairs.weight, csr_by_user(data, decay_weights(data.timestamp, options.half_life.amount, now),
                                       PairWeight::kGreatest, threads)
                               .weight);
  }
  multiply(pairs.weight, pair_weights(data, threads));
  return pairs;
}

AlsHistory als_history(const History& history, const AlsOptions& options) {
  const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
  ItemBag bag = weigh_history(history, {options.confidence, options.confidence_scale, options.half_life.amount, now});
  return {std::move(bag.item), std::move(bag.value)};
}

}  // namespace rec
