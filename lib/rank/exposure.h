// Who is seen: the exposure that groups of items get from lists, beside their
// relevance (Singh, Joachims 2018). Symbols: G groups. For one thread; several are
// added up, and the sums do not depend on how the users were divided among them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "data/features.h"
#include "data/id_hash.h"
#include "data/min_users.h"
#include "rank/rank.h"

namespace rec {

class Exposure {
 public:
  // Both must outlive this.
  Exposure(const IdTable& items, const FeatureKind& groups);

  // A user's candidates (best first) and their relevance in [0, 1] (relevance.h), and
  // the list that was made of them. A row at rank r has exposure 1 / log2(r + 1). An item of
  // several groups counts for each by its share (its values / their sum).
  void add(std::span<const Candidate> candidates, std::span<const double> relevance, std::span<const Candidate> list);
  Exposure& operator+=(const Exposure& other);

  struct Line {
    std::string group;       // "" for items without a group
    uint64_t items;          // different items in lists
    uint64_t rows;           // rows of such items
    double exposure_share;   // of the exposure of all lists
    double relevance_share;  // of the relevance of all candidates
    double ratio;            // exposure_share / relevance_share: 1 is in proportion; NaN without relevance
  };
  // The groups in byte order, then items without one, if there are any. min_users: groups that fewer users have in
  // their list (or among their candidates, where no list has them) are left out, as data/min_users.h says; shares are
  // of those that stay. left: which of all.
  std::vector<Line> lines(uint64_t min_users = 0, LeftOut* left = nullptr) const;

 private:
  struct Sums {
    uint64_t rows = 0;
    uint64_t users_listed = 0;      // with the group in their list
    uint64_t users_candidates = 0;  // among their candidates
    uint64_t counted_listed = 0;    // the last user, by number, that each of the two has counted
    uint64_t counted_candidates = 0;
    // In 2^-32, so that their order does not matter.
    uint64_t exposure = 0;
    uint64_t relevance = 0;
  };
  template <class Add>
  void for_each_share(std::string_view item, Add&& add) const;

  const IdTable& items_;
  const FeatureKind& groups_;
  std::vector<Sums> sums_;                           // G + 1: the last for items without a group
  uint64_t users_ = 0;                               // added
  std::vector<uint8_t> listed_;                      // I
  std::unordered_set<std::string, IdHash> foreign_;  // listed items that are not in items_
};

}  // namespace rec
