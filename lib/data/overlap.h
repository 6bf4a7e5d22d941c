// Whether two tables that a run matches by their ids have any in common, and what to say where
// they have none: silence there would pass for a result. Used by every tool, for every pair of tables.
// Thread rule: values; a StreamIds belongs to one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"

namespace rec {

// Distinct ids of one column. Of a table that streams past, those that StreamIds kept.
struct IdColumn {
  const IdTable* ids = nullptr;  // nullptr: the table has no such column
  bool more = false;             // the column has more than these
  bool met = false;              // one of them was found in the other table already
};

struct MatchedTable {
  std::string name;  // as messages call it: "ranking.tsv"
  IdColumn users;
  IdColumn items;
};

enum class IdKind { kUser, kItem };

// One sentence for people where no user (no item) of `a` is one of `b`: how many each has, and an
// example of each; and why, if it shows: the users of one are the items of the other, or the ids
// differ by leading zeros, case, quotes, spaces or a ".0" at the end alone. The same whatever order
// the ids have in hash tables. "" where the tables meet, or one has no such ids at all.
// REQUIRES: IdTable::find() works on the tables.
std::string unmet(IdKind kind, const MatchedTable& a, const MatchedTable& b);
// Both kinds: no, one or two sentences.
std::vector<std::string> unmet(const MatchedTable& a, const MatchedTable& b);

// The ids of a column that streams past, kept until the first that the other table has: at no cost
// behind that, and 100,000 at most.
class StreamIds {
 public:
  static constexpr size_t kMost = 100000;

  // known: whether the other table has `id`.
  void add(std::string_view id, bool known) {
    if (!met_) keep(id, known);
  }
  // As if the ids of `later` were added now.
  void add(const StreamIds& later);

  bool met() const { return met_; }
  size_t size() const { return ids_.size(); }
  // Lives as long as this.
  IdColumn column() const { return {&ids_, more_, met_}; }

 private:
  void keep(std::string_view id, bool known);

  bool met_ = false;
  bool more_ = false;
  IdTable ids_;
};

}  // namespace rec
