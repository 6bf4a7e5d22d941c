#include "eval/match_lists.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "data/id_hash.h"

namespace rec {
namespace {

struct ListColumn {
  enum : size_t { kUser, kItem, kScore, kRank };
};

// One user's list, put in order and looked up in the truth. Its memory is kept
// from list to list.
class ListMatcher {
 public:
  struct Found {
    std::span<const Hit> hits;
    std::span<const Miss> misses;
    std::span<const std::string_view> items;  // from the first place on; empty unless asked for
    uint32_t length;                          // without dropped rows
    uint64_t dropped;
  };

  ListMatcher(const Truth& truth, std::span<const uint64_t> item_hashes, const MatchOptions& options,
              const Layout& layout, std::string name)
      : truth_(truth), item_hashes_(item_hashes), options_(options), name_(std::move(name)) {
    if (layout.has(ListColumn::kRank) && options.ties != Ties::kTrec) {
      key_ = ListColumn::kRank;
    } else if (layout.has(ListColumn::kScore)) {
      key_ = ListColumn::kScore;
    }
  }

  // user: kNoId where the truth does not have it.
  Found match(uint32_t user, const Group& group, bool want_items) {
    put_in_order(group);
    fill_with_truth(user, group.rows);
    hits_.clear();
    misses_.clear();
    items_.clear();
    size_t kept = 0;
    for (const uint32_t row : order_) {
      const std::string_view item = group.field(row, ListColumn::kItem);
      Slot& slot = find(group, item);
      const bool listed = slot.row != kNotListed;
      if (listed) {
        if (options_.repeats == Repeats::kFail) {
          fail("{}: user \"{}\" has item \"{}\" twice; pass --duplicates first to count its better place", name_,
               printable(group.user), printable(item));
        }
        continue;
      }
      slot.row = row;
      if (slot.is_miss()) {
        misses_.push_back({static_cast<uint32_t>(kept), truth_.miss_judged[slot.entry & ~kMiss] != 0});
      } else if (slot.entry != kNoEntry) {
        hits_.push_back({.position = static_cast<uint32_t>(kept),
                         .gain = truth_.gain[slot.entry],
                         .entry = static_cast<uint32_t>(slot.entry - truth_.begin[user])});
      }
      if (want_items) items_.push_back(item);
      order_[kept++] = row;
    }
    const uint64_t dropped = order_.size() - kept;
    order_.resize(kept);
    if (options_.ties == Ties::kExpected) spread_ties();
    return {hits_, misses_, items_, static_cast<uint32_t>(kept), dropped};
  }

  // Of the list last matched: do the places k and k + 1 (from 1) have equal keys?
  bool tie_across(uint32_t k) const {
    return key_ != kNoKey && k < order_.size() && keys_[order_[k - 1]] == keys_[order_[k]];
  }

 private:
  static constexpr size_t kNoKey = SIZE_MAX;
  static constexpr uint32_t kNotListed = UINT32_MAX;
  static constexpr uint64_t kNoEntry = UINT64_MAX;
  static constexpr uint64_t kMiss = uint64_t{1} << 62;  // set in the entry of an item that is not relevant

  // An item of the truth, of the list, or of both.
  struct Slot {
    uint64_t hash = 0;
    uint64_t entry = kNoEntry;  // in the truth
    uint32_t row = kNotListed;
    bool used = false;

    bool is_miss() const { return entry != kNoEntry && (entry & kMiss) != 0; }
  };

  bool comes_before(const Group& group, uint32_t a, uint32_t b) const {
    if (keys_[a] != keys_[b]) return keys_[a] < keys_[b];
    const int items = group.field(a, ListColumn::kItem).compare(group.field(b, ListColumn::kItem));
    if (items != 0) return options_.ties == Ties::kTrec ? items > 0 : items < 0;
    return a < b;
  }

  // Gives every hit the first place of its tie and the number of places in it.
  void spread_ties() {
    if (key_ == kNoKey) return;
    size_t first = 0;
    size_t end = 0;  // the tie is [first, end)
    for (Hit& hit : hits_) {
      if (hit.position >= end) {
        const double key = keys_[order_[hit.position]];
        first = end = hit.position;
        while (first > 0 && keys_[order_[first - 1]] == key) --first;
        while (end < order_.size() && keys_[order_[end]] == key) ++end;
      }
      hit.position = static_cast<uint32_t>(first);
      hit.tied = static_cast<uint32_t>(end - first);
    }
  }

  // Sets order_ to the rows from the first place to the last.
  void put_in_order(const Group& group) {
    order_.resize(group.rows);
    for (size_t row = 0; row < group.rows; ++row) order_[row] = static_cast<uint32_t>(row);
    if (key_ == kNoKey) return;
    keys_.resize(group.rows);
    const double sign = key_ == ListColumn::kScore ? -1.0 : 1.0;
    bool in_order = true;
    for (size_t row = 0; row < group.rows; ++row) {
      const double number = group.number(row, key_);
      keys_[row] = sign * number;
      if (row > 0 && in_order && !(keys_[row - 1] < keys_[row])) {
        in_order = comes_before(group, static_cast<uint32_t>(row - 1), static_cast<uint32_t>(row));
      }
    }
    if (in_order) return;
    std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return comes_before(group, a, b); });
  }

  void fill_with_truth(uint32_t user, size_t rows) {
    const size_t relevant = user == kNoId ? 0 : truth_.relevant(user);
    const bool judged = user != kNoId && !truth_.miss_begin.empty();
    const size_t misses =
        judged ? static_cast<size_t>(truth_.miss_begin[user + size_t{1}] - truth_.miss_begin[user]) : 0;
    const size_t capacity = std::bit_ceil(2 * (rows + relevant + misses) + 1);
    slots_.assign(capacity, Slot{});
    const auto add = [&](uint32_t item, uint64_t entry) {
      const uint64_t hash = item_hashes_[item];
      size_t at = hash & (capacity - 1);
      while (slots_[at].used) at = (at + 1) & (capacity - 1);
      slots_[at] = {hash, entry, kNotListed, true};
    };
    for (uint64_t at = 0; at < relevant; ++at) add(truth_.item[truth_.begin[user] + at], truth_.begin[user] + at);
    for (uint64_t at = 0; at < misses; ++at) {
      const uint64_t entry = truth_.miss_begin[user] + at;
      add(truth_.miss_item[entry], entry | kMiss);
    }
  }

  // The item's slot, a new one if it has none.
  Slot& find(const Group& group, std::string_view item) {
    const uint64_t hash = id_hash(item);
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (!slot.used) {
        slot.hash = hash;
        slot.used = true;
        return slot;
      }
      if (slot.hash != hash) continue;
      const std::string_view other = slot.is_miss()           ? truth_.items[truth_.miss_item[slot.entry & ~kMiss]]
                                     : slot.entry != kNoEntry ? truth_.items[truth_.item[slot.entry]]
                                                              : group.field(slot.row, ListColumn::kItem);
      if (other == item) return slot;
    }
  }

  const Truth& truth_;
  std::span<const uint64_t> item_hashes_;
  const MatchOptions& options_;
  std::string name_;
  size_t key_ = kNoKey;
  std::vector<double> keys_;     // by row, ascending from the first place on
  std::vector<uint32_t> order_;  // rows by place
  std::vector<Slot> slots_;
  std::vector<Hit> hits_;
  std::vector<Miss> misses_;
  std::vector<std::string_view> items_;
};

// What one thread found in its part of a batch.
struct PieceResult {
  struct List {
    uint32_t user;
    uint32_t length;
    size_t hits;
    size_t misses;
  };
  std::vector<List> lists;
  std::vector<Hit> hits;
  std::vector<Miss> misses;
  std::vector<uint64_t> ties;  // by cut
  StreamIds users;
  StreamIds items;
  uint64_t users_without_truth = 0;
  uint64_t duplicates = 0;
};

void match_piece(const Truth& truth, std::span<const uint32_t> cuts, bool all_users, const Group& group, size_t piece,
                 ListMatcher& matcher, ListObserver* observer, PieceResult& result) {
  const uint32_t user = truth.users.find(group.user);
  if (user == kNoId) ++result.users_without_truth;
  result.users.add(group.user, user != kNoId);
  for (size_t row = 0; row < group.rows && !result.items.met(); ++row) {
    const std::string_view item = group.field(row, ListColumn::kItem);
    result.items.add(item, truth.items.find(item) != kNoId);
  }
  const bool measured = user != kNoId && (all_users || truth.relevant(user) > 0);
  if (!measured && observer == nullptr) return;
  const ListMatcher::Found found = matcher.match(user, group, observer != nullptr);
  result.duplicates += found.dropped;
  if (observer != nullptr) observer->list(piece, user, found.items, found.hits);
  if (!measured) return;
  result.lists.push_back({user, found.length, found.hits.size(), found.misses.size()});
  result.misses.insert(result.misses.end(), found.misses.begin(), found.misses.end());
  result.hits.insert(result.hits.end(), found.hits.begin(), found.hits.end());
  for (size_t cut = 0; cut < cuts.size(); ++cut) result.ties[cut] += matcher.tie_across(cuts[cut]) ? 1 : 0;
}

}  // namespace

TableSpec ranking_spec() {
  return {"ranking",
          {{"user"}, {"item"}, {"score", false, TableSpec::Kind::kNumber}, {"rank", false, TableSpec::Kind::kNumber}}};
}

MatchedLists match_lists(const Truth& truth, std::span<const uint32_t> cuts, const MatchOptions& options,
                         ListObserver* observer) {
  std::vector<uint64_t> item_hashes(truth.items.size());
  for (uint32_t item = 0; item < item_hashes.size(); ++item) item_hashes[item] = id_hash(truth.items[item]);

  MatchedLists all;
  all.hits.resize(truth.item.size());
  all.count.assign(truth.users.size(), 0);
  all.length.assign(truth.users.size(), MatchedLists::kNoList);
  if (!truth.miss_begin.empty()) {
    all.misses.resize(truth.miss_item.size());
    all.miss_count.assign(truth.users.size(), 0);
  }
  for (const uint32_t cut : cuts) all.ties.push_back({cut, 0});

  GroupReader reader(options.path, ranking_spec(), options.read, options.grouping);
  all.header = reader.layout().header;
  all.in_line_order = !reader.layout().has(ListColumn::kScore) && !reader.layout().has(ListColumn::kRank);
  if (options.ties == Ties::kTrec && !reader.layout().has(ListColumn::kScore))
    fail("{}: --ties trec needs a score column", reader.name());
  std::vector<ListMatcher> matchers;
  std::vector<PieceResult> results;
  while (reader.next(options.threads)) {
    results.assign(reader.pieces(), PieceResult{});
    for (PieceResult& result : results) result.ties.assign(cuts.size(), 0);
    while (matchers.size() < reader.pieces()) {
      matchers.emplace_back(truth, item_hashes, options, reader.layout(), reader.name());
    }
    if (observer != nullptr) observer->expect(reader.pieces());
    reader.for_each_group(options.threads, [&](size_t piece, const Group& group) {
      match_piece(truth, cuts, options.all_users, group, piece, matchers[piece], observer, results[piece]);
    });
    for (const PieceResult& result : results) {
      all.users.add(result.users);
      all.items.add(result.items);
      const Hit* from = result.hits.data();
      const Miss* misses = result.misses.data();
      for (const PieceResult::List& list : result.lists) {
        std::copy(from, from + list.hits, all.hits.begin() + static_cast<ptrdiff_t>(truth.begin[list.user]));
        from += list.hits;
        all.count[list.user] = static_cast<uint32_t>(list.hits);
        all.length[list.user] = list.length;
        if (all.miss_count.empty()) continue;
        std::copy(misses, misses + list.misses,
                  all.misses.begin() + static_cast<ptrdiff_t>(truth.miss_begin[list.user]));
        misses += list.misses;
        all.miss_count[list.user] = static_cast<uint32_t>(list.misses);
      }
      for (size_t cut = 0; cut < cuts.size(); ++cut) all.ties[cut].users += result.ties[cut];
      all.users_without_truth += result.users_without_truth;
      all.duplicates += result.duplicates;
    }
  }
  all.bad_lines = reader.bad_lines();
  all.last_line = reader.last_line();
  return all;
}

}  // namespace rec
