#include "features/feature_stats.h"

#include <algorithm>

namespace rec {

std::vector<FeatureKindStats> feature_stats(const FeatureTable& features) {
  std::vector<FeatureKindStats> all;
  for (const FeatureKind& kind : features.kinds) {
    FeatureKindStats stats;
    stats.kind = kind.name;
    stats.categories = kind.categories.size();
    stats.values = kind.rows.entries();
    for (size_t item = 0; item < kind.rows.rows(); ++item) stats.items += kind.rows.row_size(item) > 0;
    if (features.ids.size() > 0) {
      stats.share = static_cast<double>(stats.items) / static_cast<double>(features.ids.size());
    }
    if (stats.values > 0) {
      const auto [least, greatest] = std::minmax_element(kind.rows.weight.begin(), kind.rows.weight.end());
      stats.least = *least;
      stats.greatest = *greatest;
      double sum = 0.0;
      for (const float value : kind.rows.weight) sum += static_cast<double>(value);
      stats.mean = sum / static_cast<double>(stats.values);
      std::vector<uint64_t> items_with(stats.categories);
      for (const uint32_t category : kind.rows.index) ++items_with[category];
      const auto most = std::max_element(items_with.begin(), items_with.end());
      stats.commonest = kind.categories[static_cast<uint32_t>(most - items_with.begin())];
      stats.commonest_items = *most;
    }
    all.push_back(std::move(stats));
  }
  return all;
}

}  // namespace rec
