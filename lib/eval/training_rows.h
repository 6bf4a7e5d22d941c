// What training rows have to do with a truth and with lists: pairs of the truth that training has
// seen, and listed items that their user has in training. The first makes figures too good, the
// second (lists made without --exclude) too bad. Thread rule: TrainingPairs is immutable, TrainingRows as ListObserver.
#pragma once

#include <vector>

#include "eval/match_lists.h"

namespace rec {

// Which items each user of a truth has in training.
class TrainingPairs {
 public:
  // Both must outlive this.
  TrainingPairs(const Truth& truth, const Interactions& train);
  bool has(uint32_t user, std::string_view item) const;  // user: of the truth
  // Relevant pairs of the truth that are training rows.
  uint64_t of_truth() const { return of_truth_; }

 private:
  const Interactions& train_;
  std::vector<uint64_t> begin_{0};  // for each user of the truth
  std::vector<uint32_t> item_;      // items of train_, ascending within a user
  uint64_t of_truth_ = 0;
};

class TrainingRows : public ListObserver {
 public:
  // next: sees every list as well; may be null. Both must outlive this.
  TrainingRows(const TrainingPairs& pairs, ListObserver* next) : pairs_(pairs), next_(next) {}

  void expect(size_t pieces) override;
  void list(size_t piece, uint32_t user, std::span<const std::string_view> items, std::span<const Hit> hits) override;

  // Rows of the lists of users of the truth, and those whose item the user has in training.
  uint64_t rows() const;
  uint64_t rows_seen() const;

 private:
  struct Counts {
    uint64_t rows = 0;
    uint64_t seen = 0;
  };

  const TrainingPairs& pairs_;
  ListObserver* next_;
  std::vector<Counts> counts_;  // by piece
};

}  // namespace rec
