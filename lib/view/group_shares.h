// Who is seen: how the places of the lists on a page are divided among groups of items, as a part of the page. Symbols:
// G groups. For one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/features.h"

namespace rec {

class GroupShares {
 public:
  // What is shared out: the places of the ranking; the same, each by what it is seen (1 / log2(rank + 1), as
  // rec-rank --exposure has it); that of the second ranking; the items of the history, of each user; those of the
  // table.
  enum Column : size_t { kPlaces, kExposure, kCompared, kHistory, kCatalogue, kColumns };

  // kind: whose categories are the groups; throws Error where the table lacks it.
  GroupShares(FeatureTable features, const std::string& kind);
  GroupShares(const GroupShares&) = delete;
  GroupShares& operator=(const GroupShares&) = delete;

  // An item of several groups counts for each by its share (its values / their sum).
  void add(Column column, std::string_view item, double weight);

  // A section with a row for each group, the most exposed first, the last for items of no group. with: the columns that
  // are shown. users: whose lists these are.
  std::string html(const std::array<bool, kColumns>& with, size_t users) const;

  uint64_t bad_lines() const { return features_.bad_lines; }
  const std::string& name() const { return features_.name; }
  uint64_t places() const { return places_; }
  uint64_t places_without_group() const { return without_group_; }

 private:
  using Sums = std::array<double, kColumns>;

  // The rows of the table, as sums: groups by exposure, those beyond the most that are shown as one.
  struct Row {
    std::string name;  // HTML
    Sums sums{};
    bool is_rest = false;
  };
  std::vector<Row> rows() const;

  const FeatureTable features_;
  const FeatureKind& kind_;
  std::vector<Sums> sums_;  // G + 1: the last of items without a group
  uint64_t places_ = 0, without_group_ = 0;
};

}  // namespace rec
