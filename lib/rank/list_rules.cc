#include "rank/list_rules.h"

#include <algorithm>

namespace rec {

ListRules::Checker::Checker(const ListRules& rules)
    : rules_(rules), counts_(rules.caps.size()), listed_(rules.duplicates.size()) {
  for (size_t cap = 0; cap < counts_.size(); ++cap)
    counts_[cap].listed.assign(rules.caps[cap].kind->categories.size(), 0);
}

void ListRules::Checker::start() {
  for (Counts& counts : counts_) {
    for (const uint32_t category : counts.touched) counts.listed[category] = 0;
    counts.touched.clear();
  }
  for (auto& list : listed_) list.clear();
}

ListRules::Checker::Verdict ListRules::Checker::check(std::string_view item) {
  for (size_t rule = 0; rule < counts_.size(); ++rule) {
    const Cap& cap = rules_.caps[rule];
    const FeatureKind::Row row = cap.kind->row(cap.items->find(item));
    for (size_t at = 0; at < row.size; ++at) {
      if (counts_[rule].listed[row.category[at]] >= cap.limit) return Verdict::kCapped;
    }
  }
  for (size_t rule = 0; rule < listed_.size(); ++rule) {
    const NearDuplicates& duplicates = rules_.duplicates[rule];
    similar_.resize(listed_[rule].size());
    duplicates.similarity->similarities(duplicates.similarity->number(item), listed_[rule], similar_.data());
    for (const float similarity : similar_) {
      if (static_cast<double>(similarity) >= duplicates.threshold) return Verdict::kNearDuplicate;
    }
  }
  return Verdict::kAdmitted;
}

void ListRules::Checker::take(std::string_view item) {
  for (size_t rule = 0; rule < counts_.size(); ++rule) {
    const FeatureKind::Row row = rules_.caps[rule].kind->row(rules_.caps[rule].items->find(item));
    for (size_t at = 0; at < row.size; ++at) {
      if (counts_[rule].listed[row.category[at]]++ == 0) counts_[rule].touched.push_back(row.category[at]);
    }
  }
  for (size_t rule = 0; rule < listed_.size(); ++rule)
    listed_[rule].push_back(rules_.duplicates[rule].similarity->number(item));
}

}  // namespace rec
