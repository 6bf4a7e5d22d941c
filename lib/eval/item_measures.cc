#include "eval/item_measures.h"

#include <algorithm>
#include <atomic>
#include <limits>

namespace rec {

ItemMeasures::ItemMeasures(const Truth& truth, const ItemTable& table, std::span<const Metric> metrics)
    : truth_(truth), table_(table), metrics_(metrics) {
  for (const Metric& metric : metrics) {
    column_.push_back(width_);
    if (metric.info->items != nullptr) ++width_;
    if (metric.info->items != nullptr || metric.info->exposure != nullptr)
      deepest_ = std::max(deepest_, metric.parameter);
    if (metric.info->exposure == nullptr) continue;
    const auto same_cut = [&](const Exposure& exposure) { return exposure.cut == metric.parameter; };
    if (std::none_of(exposures_.begin(), exposures_.end(), same_cut)) {
      exposures_.push_back({metric.parameter, std::vector<uint64_t>(table.ids.size(), 0)});
    }
  }
  values_.assign(truth.users.size() * width_, std::numeric_limits<double>::quiet_NaN());
}

void ItemMeasures::expect(size_t pieces) {
  if (scratch_.size() < pieces) scratch_.resize(pieces);
}

void ItemMeasures::list(size_t piece, uint32_t user, std::span<const std::string_view> items,
                        std::span<const Hit> hits) {
  std::vector<uint32_t>& numbers = scratch_[piece];
  numbers.clear();
  for (const std::string_view item : items.first(std::min<size_t>(items.size(), deepest_))) {
    numbers.push_back(table_.ids.find(item));
  }
  // Whole numbers are added in any order, so threads may share the counts.
  if (!exposures_.empty()) {
    uint64_t foreign = 0;
    for (const uint32_t item : numbers) foreign += item == kNoId || table_.in_catalogue[item] == 0 ? 1 : 0;
    std::atomic_ref(foreign_).fetch_add(foreign, std::memory_order_relaxed);
  }
  for (Exposure& exposure : exposures_) {
    const size_t places = std::min<size_t>(numbers.size(), exposure.cut);
    for (size_t place = 0; place < places; ++place) {
      if (numbers[place] == kNoId) continue;
      std::atomic_ref(exposure.listed[numbers[place]]).fetch_add(1, std::memory_order_relaxed);
    }
  }
  if (user == kNoId) return;
  const ListedItems listed{numbers, hits, user, table_};
  for (size_t metric = 0; metric < metrics_.size(); ++metric) {
    const ItemsFunction function = metrics_[metric].info->items;
    if (function != nullptr) values_[user * width_ + column_[metric]] = function(listed, metrics_[metric].parameter);
  }
}

double ItemMeasures::value_without_list(uint32_t user, size_t metric) const {
  return metrics_[metric].info->items({{}, {}, user, table_}, metrics_[metric].parameter);
}

double ItemMeasures::aggregate(size_t metric) const {
  const auto exposure = std::find_if(exposures_.begin(), exposures_.end(), [&](const Exposure& candidate) {
    return candidate.cut == metrics_[metric].parameter;
  });
  std::vector<uint64_t> catalogue;
  for (size_t item = 0; item < exposure->listed.size(); ++item) {
    if (table_.in_catalogue[item] != 0) catalogue.push_back(exposure->listed[item]);
  }
  return metrics_[metric].info->exposure(catalogue);
}

}  // namespace rec
