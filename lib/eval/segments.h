// Groups of users or items that metrics are taken of separately.
// Symbols: S segments, U users and I items of the truth.
#pragma once

#include <string>
#include <vector>

#include "eval/eval_ranking.h"
#include "metrics/metric_table.h"

namespace rec {

// A column of a user or item table. Immutable once read.
struct Segments {
  bool of_items = false;
  std::vector<std::string> names;  // S, in byte order
  std::vector<uint64_t> begin;     // U + 1 or I + 1
  std::vector<uint32_t> segment;   // those that a user or item belongs to, ascending
  uint64_t without = 0;            // users with something relevant, or items of the truth, in none
  uint64_t bad_lines = 0;

  bool belongs(uint32_t id, uint32_t which) const;
};

// what: FILE:COLUMN. The file has a header, whose first name is user or item; a field
// may hold several segments split by "|", or none; rows of the same id add up. Ids
// that the truth does not have are passed over. all_users: those with nothing relevant
// count as well. Throws Error for another file,
// UsageError where there is no colon.
Segments read_segments(const std::string& what, const ReadOptions& options, const Truth& truth, bool all_users);

// The evaluated users of a segment with their values. Of users: those of the
// segment. Of items: the lists stay what they are, only the segment's items are
// relevant, and users to whom none of them is are left out,
// or count as 0 where users without anything relevant do.
EvaluatedUsers segment_values(const Segments& segments, uint32_t which, const Truth& truth,
                              const RankingEvaluation& evaluation, std::span<const Metric> metrics,
                              const RankingOptions& options);

}  // namespace rec
