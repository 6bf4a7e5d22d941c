// A ranking, list by list, put in order and looked up in the truth. The ranking
// streams past, what is kept is the places of its hits: memory is bounded by the
// truth. Symbols: U users of the truth.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/groups.h"
#include "data/overlap.h"
#include "metrics/ranked_list.h"
#include "metrics/truth.h"

namespace rec {

// How equal keys (scores or ranks) are ordered.
enum class Ties {
  kById,      // by item id ascending (bytes)
  kTrec,      // trec_eval 10's order: by score alone; equal scores by item id descending
  kExpected,  // none: hits say which places they may have (Hit::tied)
};

struct MatchOptions {
  std::string path = "-";
  ReadOptions read;
  Grouping grouping = Grouping::kAuto;
  Ties ties = Ties::kById;
  // Whether users whose truth has nothing relevant are measured: they count as 0 under
  // every metric of hits, as in trec_eval; metrics of the list alone keep their value.
  bool all_users = false;
  Repeats repeats = Repeats::kFail;  // kFirst: an item's better place counts, the places behind it move up
  int threads = 1;
};

// What else is measured on the lists while they stream past. A piece is worked on
// by one thread at a time.
class ListObserver {
 public:
  virtual ~ListObserver() = default;
  // Before every batch.
  virtual void expect(size_t pieces) = 0;
  // user: kNoId where the truth has none of that name. items: from the first place
  // on, dead after the call. Every list of the ranking, in no order.
  virtual void list(size_t piece, uint32_t user, std::span<const std::string_view> items,
                    std::span<const Hit> hits) = 0;
};

struct MatchedLists {
  static constexpr uint32_t kNoList = UINT32_MAX;
  struct TiesAt {
    uint32_t k;
    uint64_t users;
  };
  bool header = false;               // whether the ranking had one
  bool in_line_order = false;        // whether it had neither a score nor a rank
  std::vector<Hit> hits;             // user u's stand from truth.begin[u] on: a list has at most as many as the truth
  std::vector<uint32_t> count;       // U
  std::vector<uint32_t> length;      // U; kNoList: no list, or not measured
  std::vector<Miss> misses;          // user u's stand from truth.miss_begin[u] on; empty without those of the truth
  std::vector<uint32_t> miss_count;  // U, or empty
  std::string last_line;             // of the ranking, one TAB between fields
  StreamIds users;                   // of the ranking, against those of the truth
  StreamIds items;                   // the same
  uint64_t users_without_truth = 0;  // with a list, but no row of the truth
  uint64_t duplicates = 0;           // rows dropped by Repeats::kFirst
  uint64_t bad_lines = 0;
  std::vector<TiesAt> ties;  // for each cut: users whose places k and k + 1 have equal keys

  bool has_list(uint32_t user) const { return length[user] != kNoList; }
  // What a metric sees of the user.
  RankedList list_of(const Truth& truth, uint32_t user) const {
    RankedList list{
        {hits.data() + truth.begin[user], count[user]}, has_list(user) ? length[user] : 0, truth.ideal_of(user)};
    list.top_gain = truth.top_gain;
    if (miss_count.empty()) return list;
    list.misses = {misses.data() + truth.miss_begin[user], miss_count[user]};
    list.nonrelevant = truth.nonrelevant(user);
    return list;
  }
};

// The ranking table: user item [score [rank]]. A list's order is that of the
// rank column if there is one, else score descending, else the order of the
// lines. cuts: the k for which ties are counted. observer: may be null.
// Throws Error for a malformed line, and for an item listed twice under
// Repeats::kFail (users of the truth; with an observer, all users).
TableSpec ranking_spec();
MatchedLists match_lists(const Truth& truth, std::span<const uint32_t> cuts, const MatchOptions& options,
                         ListObserver* observer = nullptr);

}  // namespace rec
