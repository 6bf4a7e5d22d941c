// Metrics beyond accuracy, taken from the lists while they stream past: a value a
// user and metric, and the exposure of every item at every cut. Memory is bounded by
// the truth and the catalogue. Symbols: U users of the truth, M metrics.
#pragma once

#include <vector>

#include "eval/match_lists.h"
#include "metrics/metric_table.h"

namespace rec {

class ItemMeasures : public ListObserver {
 public:
  // Metrics of other kinds are passed over. All must outlive this.
  ItemMeasures(const Truth& truth, const ItemTable& table, std::span<const Metric> metrics);

  void expect(size_t pieces) override;
  void list(size_t piece, uint32_t user, std::span<const std::string_view> items, std::span<const Hit> hits) override;

  // The value of a user with a list; that of a user without one.
  double value(uint32_t user, size_t metric) const { return values_[user * width_ + column_[metric]]; }
  double value_without_list(uint32_t user, size_t metric) const;
  // Of all lists of the ranking, users without truth included.
  double aggregate(size_t metric) const;
  // Rows of lists, within the largest cut, whose item is not in the catalogue.
  uint64_t foreign() const { return foreign_; }

 private:
  const Truth& truth_;
  const ItemTable& table_;
  std::span<const Metric> metrics_;
  std::vector<size_t> column_;  // M: of values_, for a metric by user
  size_t width_ = 0;
  uint32_t deepest_ = 0;        // no metric looks further
  std::vector<double> values_;  // U × width_
  struct Exposure {
    uint32_t cut;
    std::vector<uint64_t> listed;  // by item of the table
  };
  std::vector<Exposure> exposures_;
  uint64_t foreign_ = 0;
  std::vector<std::vector<uint32_t>> scratch_;  // by piece: the items of a list
};

}  // namespace rec
