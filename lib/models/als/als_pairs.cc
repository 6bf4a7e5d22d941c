#include "models/als/als_pairs.h"

#include <algorithm>

#include "data/decay.h"
#include "models/common/history_weights.h"

namespace rec {

Csr als_pairs(const Interactions& data, const AlsOptions& options, int threads) {
  const bool weighted = options.confidence != Confidence::kNone;
  Csr pairs = csr_by_user(data, weighted ? std::span<const float>(data.value) : std::span<const float>(),
                          PairWeight::kSum, threads);
  for (float& value : pairs.weight) value = options.weight(value);
  if (options.half_life.amount > 0) {
    const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
    const Csr decay =
        csr_by_user(data, decay_weights(data.timestamp, options.half_life.amount, now), PairWeight::kGreatest, threads);
    if (pairs.weight.empty()) {
      pairs.weight = decay.weight;
    } else {
      std::transform(pairs.weight.begin(), pairs.weight.end(), decay.weight.begin(), pairs.weight.begin(),
                     std::multiplies<>());
    }
  }
  return pairs;
}

AlsHistory als_history(const History& history, const AlsOptions& options) {
  const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
  ItemBag bag = weigh_history(history, {options.confidence, options.confidence_scale, options.half_life.amount, now});
  return {std::move(bag.item), std::move(bag.value)};
}

}  // namespace rec
