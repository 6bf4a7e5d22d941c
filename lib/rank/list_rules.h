// What a list may not hold together: too many of a category, near-duplicates.
// Symbols: L the list so far. ListRules is shared by threads, a Checker is not.
#pragma once

#include <vector>

#include "data/features.h"
#include "rank/rank.h"
#include "rank/similarity.h"

namespace rec {

// At most `limit` listed items of each category of a kind; an item of several
// categories counts for each, and one without any is free. All must outlive this.
struct Cap {
  const IdTable* items;
  const FeatureKind* kind;
  uint32_t limit;
};

// No two listed items with sim >= threshold.
struct NearDuplicates {
  const ItemSimilarity* similarity;
  double threshold;
};

struct ListRules {
  std::vector<Cap> caps;
  std::vector<NearDuplicates> duplicates;
  bool empty() const { return caps.empty() && duplicates.empty(); }

  // Both rules only ever shut an item out for good: one that is refused stays refused
  // as the list grows.
  class Checker {
   public:
    explicit Checker(const ListRules& rules);
    enum class Verdict { kAdmitted, kCapped, kNearDuplicate };
    void start();
    Verdict check(std::string_view item);
    // The item is on the list, whatever check() says of it.
    void take(std::string_view item);

   private:
    struct Counts {
      std::vector<uint32_t> listed;  // by category
      std::vector<uint32_t> touched;
    };
    const ListRules& rules_;
    std::vector<Counts> counts_;                 // by cap
    std::vector<std::vector<uint32_t>> listed_;  // by rule of duplicates: the list, as numbers of its similarity
    std::vector<float> similar_;
  };
};

}  // namespace rec
