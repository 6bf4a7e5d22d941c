// What a logging policy showed and what came of it, by user: the rows to which rec-rank --policy adds the
// probability of another policy, and from which rec-embed neural --propensity learns one. Symbols: U users, I items, N
// rows. Immutable and thread-safe once read.
#pragma once

#include <string>
#include <vector>

#include "data/interactions.h"
#include "io/table.h"

namespace rec {

struct PolicyLog {
  struct Row {
    uint32_t item;  // number in `items`
    uint32_t rank;  // from 1; 1 where the log has no ranks
    double reward;
    double propensity;  // in (0, 1]
  };
  IdTable users;  // U
  IdTable items;
  std::vector<uint64_t> begin{0};  // U + 1
  std::vector<Row> rows;           // N: by user, each user's in the order of the log
  bool has_ranks = false;
  std::string name;
  uint64_t bad_lines = 0;

  std::span<const Row> rows_of(uint32_t user) const {
    return {rows.data() + begin[user], static_cast<size_t>(begin[user + size_t{1}] - begin[user])};
  }
};

// The columns: user item reward propensity [rank].
TableSpec policy_log_spec();
// Reads them from `path` ("-" is stdin). Throws Error for a malformed line,
// a propensity outside of (0, 1], a rank that is no whole number from 1 to most_ranks, and a log without rows.
// most_ranks 0: ranks are not read.
PolicyLog read_policy_log(const std::string& path, const ReadOptions& options, size_t most_ranks);

// The rows of a log as a trainer takes them: their value is the reward, their weight the propensity. Sorted by user,
// item, reward, propensity: the order of the log makes no difference. Throws Error for a number that a float cannot
// hold.
Interactions logged_rows(const PolicyLog& log);
// Each of them an entry of a row of users, U × I, with its reward: unlike those of other matrices items may be there
// more than once. REQUIRES: rows sorted by user.
Csr csr_of_rows(const Interactions& rows);

}  // namespace rec
