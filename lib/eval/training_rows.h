// What training rows have to do with a truth and with lists: pairs of the truth that training has
// seen, and listed items that their user has in training. The first makes figures too good, the
// second (lists made without --exclude) too bad. Thread rule: as ListObserver.
#pragma once

#include <vector>

#include "eval/match_lists.h"

namespace rec {

class TrainingRows : public ListObserver {
 public:
  // next: sees every list as well; may be null. All must outlive this.
  TrainingRows(const Truth& truth, const Interactions& train, ListObserver* next);

  void expect(size_t pieces) override;
  void list(size_t piece, uint32_t user, std::span<const std::string_view> items, std::span<const Hit> hits) override;

  // Relevant pairs of the truth that are training rows.
  uint64_t pairs_of_truth() const { return pairs_of_truth_; }
  // Rows of the lists of users of the truth, and those whose item the user has in training.
  uint64_t rows() const;
  uint64_t rows_seen() const;

 private:
  struct Counts {
    uint64_t rows = 0;
    uint64_t seen = 0;
  };
  bool has(uint32_t user, std::string_view item) const;  // user: of the truth

  const Interactions& train_;
  ListObserver* next_;
  std::vector<uint64_t> begin_{0};  // for each user of the truth
  std::vector<uint32_t> item_;      // items of train_, ascending within a user
  uint64_t pairs_of_truth_ = 0;
  std::vector<Counts> counts_;  // by piece
};

}  // namespace rec
