// What a table of features holds, kind by kind. Thread rule: a function of its argument.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/features.h"

namespace rec {

struct FeatureKindStats {
  std::string kind;
  uint64_t categories = 0;
  uint64_t items = 0;   // that have a value above 0 of the kind
  double share = 0.0;   // of all items of the table
  uint64_t values = 0;  // pairs of an item and a category
  float least = 0.0f, greatest = 0.0f;
  double mean = 0.0;      // of the values; 0 where there are none
  std::string commonest;  // the category that most items have, the first in byte order of equal ones; "": none
  uint64_t commonest_items = 0;
};

// In byte order of the kinds.
std::vector<FeatureKindStats> feature_stats(const FeatureTable& features);

}  // namespace rec
