// What is relevant to whom: the held-out items of each user, with their gains.
// Symbols: U users, N relevant (user, item) pairs.
// Thread rule: immutable once made; any number of threads may read it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/user_items.h"

namespace rec {

// What becomes of an item that comes twice for one user.
enum class Repeats { kFail, kFirst };

struct TruthOptions {
  double min_value = 0.0;            // rows with a lower value are not relevant; a gain must be > 0 in any case
  bool binary = false;               // every relevant item has gain 1, whatever its value
  Repeats repeats = Repeats::kFail;  // kFirst: the first row of the input counts
  bool judged = false;               // whether the items that are not relevant are kept
  bool whole_values = false;         // values are cut to whole numbers, towards 0: trec_eval's grades
};

// Users and items are numbered in byte order of their ids, so that sums over
// users in number order do not depend on the order of the input.
struct Truth {
  IdTable users;  // U, those without a relevant item too
  IdTable items;
  std::vector<uint64_t> begin{0};  // U + 1: user u owns the pairs [begin[u], begin[u+1])
  std::vector<uint32_t> item;      // N, ascending within a user
  std::vector<double> gain;        // N, > 0: the value, 1 without a value column
  std::vector<double> ideal;       // N, each user's gains descending
  // The items that are not relevant, M of them; empty unless TruthOptions::judged.
  std::vector<uint64_t> miss_begin;  // U + 1
  std::vector<uint32_t> miss_item;   // M, ascending within a user
  std::vector<char> miss_judged;     // M: 0 where the value is below 0, which is in the pool, but not judged
  double top_gain = 0.0;             // the largest of all
  uint64_t fractions = 0;            // values that TruthOptions::whole_values changed
  uint64_t repeats = 0;              // rows dropped by Repeats::kFirst
  uint64_t users_without_relevant = 0;

  size_t relevant(uint32_t user) const { return static_cast<size_t>(begin[user + size_t{1}] - begin[user]); }
  // Items of the user that were judged not relevant.
  uint32_t nonrelevant(uint32_t user) const {
    if (miss_begin.empty()) return 0;
    uint32_t count = 0;
    for (uint64_t at = miss_begin[user]; at < miss_begin[user + size_t{1}]; ++at) count += miss_judged[at] != 0 ? 1 : 0;
    return count;
  }
  std::span<const double> ideal_of(uint32_t user) const { return {ideal.data() + begin[user], relevant(user)}; }
};

// `name` is the file, for messages. Throws Error where a pair comes twice under
// Repeats::kFail.
Truth make_truth(UserItems lists, const TruthOptions& options, const std::string& name, int threads);

}  // namespace rec
