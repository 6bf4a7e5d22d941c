// One user's list from the candidates in order: pins, then the rest one by one as a
// selector or the order of the keys proposes them and the rules admit them. Symbols:
// n candidates, k list length. For one thread; its memory is kept from list to list.
#pragma once

#include <memory>
#include <vector>

#include "rank/list_rules.h"
#include "rank/pins.h"
#include "rank/selector.h"

namespace rec {

class ListBuilder {
 public:
  // selector: nothing keeps the order. pool: the selector sees the first max(pool, k)
  // candidates; those behind follow in their order where the list has room left.
  // rules and pins must outlive this.
  ListBuilder(const ListRules& rules, const Pins& pins, std::unique_ptr<Selector> selector, size_t pool)
      : rules_(rules), checker_(rules), pins_(pins), selector_(std::move(selector)), pool_(pool) {}

  // candidates: as of keep_best, best first, each item once. Leaves the list in it.
  // Pinned items are on the list from the start: the rules count them, without ever
  // refusing one, and the selector sees them as listed. One whose rank lies behind the
  // end of a list that came up short stands at its end.
  void build(std::string_view user, std::vector<Candidate>& candidates, size_t k, RankCounts& counts);

 private:
  enum class State : uint8_t { kOpen, kListed, kRefused };
  // Lists the candidate or refuses it, as the rules say.
  bool offer(const std::vector<Candidate>& candidates, size_t candidate, RankCounts& counts);

  const ListRules& rules_;
  ListRules::Checker checker_;
  const Pins& pins_;
  std::unique_ptr<Selector> selector_;
  size_t pool_;
  std::vector<Pins::Place> places_;
  std::vector<double> relevance_;
  std::vector<State> state_;      // n
  std::vector<uint32_t> chosen_;  // without the pinned
  std::vector<Candidate> list_;
};

}  // namespace rec
