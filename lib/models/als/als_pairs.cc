#include "models/als/als_pairs.h"

#include <algorithm>

#include "data/decay.h"

namespace rec {

Csr als_pairs(const Interactions& data, const AlsOptions& options) {
  Csr pairs = csr_by_user(data, options.confidence != Confidence::kNone ? data.value : std::vector<float>{});
  for (float& value : pairs.weight) value = options.weight(value);
  if (options.half_life.amount > 0) {
    const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
    const Csr decay =
        csr_by_user(data, decay_weights(data.timestamp, options.half_life.amount, now), PairWeight::kGreatest);
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
  ItemBag bag = bag_of(history);
  if (options.confidence == Confidence::kNone) {
    bag.value.clear();
  } else {
    for (float& value : bag.value) value = options.weight(value);
  }
  if (options.half_life.amount > 0 && !history.timestamp.empty()) {
    const double now = std::max(options.now.value_or(0.0).time.value, newest(history.timestamp));
    std::vector<float> decay(bag.item.size(), 0.0f);
    for (size_t at = 0; at < history.item.size(); ++at) {
      const auto place =
          static_cast<size_t>(std::lower_bound(bag.item.begin(), bag.item.end(), history.item[at]) - bag.item.begin());
      decay[place] = std::max(decay[place], decay_weight(history.timestamp[at], options.half_life.amount, now));
    }
    for (size_t at = 0; at < decay.size(); ++at) decay[at] *= bag.value.empty() ? 1.0f : bag.value[at];
    bag.value = std::move(decay);
  }
  return {std::move(bag.item), std::move(bag.value)};
}

}  // namespace rec
