// Ranking: each user's best candidates in order, filtered. Symbols: k list length.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "data/user_items.h"

namespace rec {

// Which candidates may be listed. Read-only while ranking, so threads share it.
class CandidateFilter {
 public:
  // Pairs that may not be listed: a user's seen items. Several may be added.
  void exclude(UserItems seen) { seen_.push_back(std::move(seen)); }
  // Only these items may be listed; several lists add up.
  void allow(const IdTable& items);
  // These items may not be listed.
  void block(const IdTable& items);

  // The lists of exclude(), in that order.
  const std::vector<UserItems>& excluded() const { return seen_; }
  bool empty() const { return seen_.empty() && !has_allow_ && blocked_.size() == 0; }
  bool admits(std::string_view item) const;

  // One user's seen items, as numbers of each table.
  class User {
   public:
    User(const CandidateFilter& filter, std::string_view user);
    bool admits(std::string_view item) const;

   private:
    const CandidateFilter& filter_;
    std::vector<std::vector<uint32_t>> seen_;  // ascending
  };

 private:
  std::vector<UserItems> seen_;
  bool has_allow_ = false;
  IdTable allowed_;
  IdTable blocked_;
};

struct RankOptions {
  size_t k = 10;
  double min_score = -std::numeric_limits<double>::infinity();
};

struct RankCounts {
  uint64_t rows_in = 0;
  uint64_t rows_out = 0;
  uint64_t users = 0;
  uint64_t short_lists = 0;      // users with fewer than k rows
  uint64_t filtered = 0;         // rows that exclude, allow, block or min_score removed
  uint64_t duplicates = 0;       // rows passed over because their item was listed already
  uint64_t capped = 0;           // candidates passed over because a category was full
  uint64_t near_duplicates = 0;  // candidates passed over because one much like them was listed
  uint64_t pinned = 0;           // rows at the rank that a pin gave them
  uint64_t unguided = 0;         // users of whom the selector knew nothing: no history to calibrate to
  // Candidates that the side tables lack:
  uint64_t without_features = 0;
  uint64_t without_vector = 0;
  uint64_t without_counts = 0;
  uint64_t without_users = 0;
  uint64_t unlisted = 0;       // rows of a policy log whose item is no candidate of the user
  uint64_t users_logged = 0;   // users with rows of a policy log
  uint64_t without_title = 0;  // rows written
  RankCounts& operator+=(const RankCounts& other);
};

// A candidate of one user: its score (or another ranking key), its item, and its row in
// the input.
struct Candidate {
  double score;
  std::string_view item;
  uint32_t row;
};

// Leaves the k best in `candidates`, best first: higher score first, equal scores
// by item id ascending (bytes). An item is listed once, by its best row (equal
// rows: the earlier one); rows passed over on the way to k count as duplicates.
void keep_best(std::vector<Candidate>& candidates, size_t k, uint64_t& duplicates);

}  // namespace rec
