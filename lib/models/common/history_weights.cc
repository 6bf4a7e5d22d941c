#include "models/common/history_weights.h"

#include <algorithm>

#include "data/decay.h"

namespace rec {

ItemBag weigh_history(const History& history, const HistoryWeights& weights) {
  ItemBag bag = bag_of(history);
  if (weights.confidence == Confidence::kNone) {
    bag.value.clear();
  } else {
    for (float& value : bag.value) value = confidence_weight(weights.confidence, weights.scale, value);
  }
  if (weights.half_life > 0 && !history.timestamp.empty()) {
    const double now = std::max(weights.now.value_or(0.0), newest(history.timestamp));
    std::vector<float> decay(bag.item.size(), 0.0f);
    for (size_t at = 0; at < history.item.size(); ++at) {
      const auto place =
          static_cast<size_t>(std::lower_bound(bag.item.begin(), bag.item.end(), history.item[at]) - bag.item.begin());
      decay[place] = std::max(decay[place], decay_weight(history.timestamp[at], weights.half_life, now));
    }
    for (size_t at = 0; at < decay.size(); ++at) decay[at] *= bag.value.empty() ? 1.0f : bag.value[at];
    bag.value = std::move(decay);
  }
  return bag;
}

void describe_half_life(OptionTable& table, Duration& half_life, std::optional<TimeField>& now) {
  table
      .add("--half-life", half_life, "T",
           "Halve the weight of a pair with each T of its age: as 30d (s, m, h, d, w), or a number in the unit of the "
           "timestamps")
      .above(0)
      .none(0);
  table.add("--now", now, "T", "The time from which ages are counted, a number or a date")
      .default_text("the newest timestamp")
      .needs("--half-life", [&half_life] { return half_life.amount > 0; })
      .in_model_if([&half_life] { return half_life.amount > 0; });
}

}  // namespace rec
