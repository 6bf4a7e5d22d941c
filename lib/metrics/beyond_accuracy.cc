#include "metrics/beyond_accuracy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "metrics/undefined.h"

namespace rec {
namespace {

std::span<const uint32_t> cut(const ListedItems& list, uint32_t k) {
  return list.items.first(std::min<size_t>(list.items.size(), k));
}

uint32_t popularity_of(const ListedItems& list, uint32_t item) {
  return item == kNoId ? 0 : list.table.popularity[item];
}

double one_minus_jaccard(const ItemTable& table, uint32_t a, uint32_t b) {
  const auto first = table.features_of(a);
  const auto second = table.features_of(b);
  size_t shared = 0;
  for (size_t i = 0, j = 0; i < first.size() && j < second.size();) {
    shared += first[i] == second[j] ? 1 : 0;
    const bool step_second = second[j] <= first[i];
    i += first[i] <= second[j] ? 1 : 0;
    j += step_second ? 1 : 0;
  }
  return 1.0 - static_cast<double>(shared) / static_cast<double>(first.size() + second.size() - shared);
}

double one_minus_cosine(const ItemTable& table, uint32_t a, uint32_t b) {
  const auto first = table.features_of(a);
  const auto second = table.features_of(b);
  const float* first_value = table.feature_value.data() + table.feature_begin[a];
  const float* second_value = table.feature_value.data() + table.feature_begin[b];
  const auto squares = [](const float* value, size_t count) {
    double sum = 0.0;
    for (size_t at = 0; at < count; ++at) sum += static_cast<double>(value[at]) * static_cast<double>(value[at]);
    return sum;
  };
  double product = 0.0;
  for (size_t i = 0, j = 0; i < first.size() && j < second.size();) {
    if (first[i] == second[j]) {
      product += static_cast<double>(first_value[i++]) * static_cast<double>(second_value[j++]);
    } else if (first[i] < second[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  const double sizes = squares(first_value, first.size()) * squares(second_value, second.size());
  return std::max(0.0, 1.0 - product / std::sqrt(sizes));
}

template <class Distance>
double mean_of_pairs(const ListedItems& list, uint32_t k, Distance&& distance) {
  const std::span<const uint32_t> items = cut(list, k);
  const auto has_features = [&list](uint32_t item) { return item != kNoId && !list.table.features_of(item).empty(); };
  double sum = 0.0;
  uint64_t pairs = 0;
  for (size_t first = 0; first < items.size(); ++first) {
    if (!has_features(items[first])) continue;
    for (size_t second = first + 1; second < items.size(); ++second) {
      if (!has_features(items[second])) continue;
      sum += distance(list.table, items[first], items[second]);
      ++pairs;
    }
  }
  return pairs == 0 ? kUndefined : sum / static_cast<double>(pairs);
}

}  // namespace

double novelty(const ListedItems& list, uint32_t k) {
  const auto items = cut(list, k);
  if (items.empty()) return kUndefined;
  double sum = 0.0;
  for (const uint32_t item : items) sum += std::log2(std::max(1u, popularity_of(list, item)));
  return std::log2(static_cast<double>(list.table.train_users)) - sum / static_cast<double>(items.size());
}

double average_popularity(const ListedItems& list, uint32_t k) {
  const auto items = cut(list, k);
  if (items.empty()) return kUndefined;
  uint64_t sum = 0;
  for (const uint32_t item : items) sum += popularity_of(list, item);
  return static_cast<double>(sum) / static_cast<double>(items.size());
}

double popularity_lift(const ListedItems& list, uint32_t k) {
  return average_popularity(list, k) / list.table.history_popularity[list.user] - 1.0;
}

double diversity(const ListedItems& list, uint32_t k) { return mean_of_pairs(list, k, one_minus_jaccard); }

double diversity_cosine(const ListedItems& list, uint32_t k) { return mean_of_pairs(list, k, one_minus_cosine); }

double repeat_share(const ListedItems& list, uint32_t k) {
  const auto items = cut(list, k);
  if (items.empty()) return kUndefined;
  const auto history = list.table.history_of(list.user);
  const auto repeated = std::count_if(items.begin(), items.end(), [&history](uint32_t item) {
    return item != kNoId && std::binary_search(history.begin(), history.end(), item);
  });
  return static_cast<double>(repeated) / static_cast<double>(items.size());
}

double explore_share(const ListedItems& list, uint32_t k) { return 1.0 - repeat_share(list, k); }

double serendipity(const ListedItems& list, uint32_t k) {
  const size_t places = k == kWholeList ? list.items.size() : k;
  if (places == 0) return 0.0;
  size_t unexpected = 0;
  for (const Hit& hit : list.hits) {
    if (hit.position >= k) break;
    const uint32_t item = list.items[hit.position];
    unexpected += item == kNoId || list.table.place[item] >= places ? 1 : 0;
  }
  return static_cast<double>(unexpected) / static_cast<double>(places);
}

double coverage(std::span<const uint64_t> listed) {
  const auto covered = std::count_if(listed.begin(), listed.end(), [](uint64_t count) { return count > 0; });
  return listed.empty() ? kUndefined : static_cast<double>(covered) / static_cast<double>(listed.size());
}

double gini(std::span<const uint64_t> listed) {
  std::vector<uint64_t> sorted(listed.begin(), listed.end());
  std::sort(sorted.begin(), sorted.end());
  const auto items = static_cast<double>(sorted.size());
  double weighted = 0.0;
  double sum = 0.0;
  for (size_t at = 0; at < sorted.size(); ++at) {
    const auto count = static_cast<double>(sorted[at]);
    weighted += (2.0 * static_cast<double>(at + 1) - items - 1.0) * count;
    sum += count;
  }
  return sum == 0.0 ? kUndefined : weighted / (items * sum);
}

double entropy(std::span<const uint64_t> listed) {
  const auto sum = static_cast<double>(std::accumulate(listed.begin(), listed.end(), uint64_t{0}));
  if (sum == 0.0) return kUndefined;
  double bits = 0.0;
  for (const uint64_t count : listed) {
    if (count > 0) bits -= static_cast<double>(count) / sum * std::log2(static_cast<double>(count) / sum);
  }
  return bits;
}

}  // namespace rec
