#include "models/common/encoder.h"

#include <algorithm>

namespace rec {

ItemBag bag_of(const History& history) {
  std::vector<std::pair<uint32_t, float>> pairs(history.item.size());
  for (size_t at = 0; at < pairs.size(); ++at)
    pairs[at] = {history.item[at], history.value.empty() ? 1.0f : history.value[at]};
  std::sort(pairs.begin(), pairs.end());
  ItemBag bag;
  bag.item.reserve(pairs.size());
  bag.value.reserve(pairs.size());
  for (auto pair = pairs.begin(); pair != pairs.end();) {
    const uint32_t item = pair->first;
    double sum = 0.0;
    for (; pair != pairs.end() && pair->first == item; ++pair) sum += static_cast<double>(pair->second);
    bag.item.push_back(item);
    bag.value.push_back(static_cast<float>(sum));
  }
  return bag;
}

}  // namespace rec
