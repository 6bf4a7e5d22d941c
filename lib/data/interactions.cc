#include "data/interactions.h"

#include <algorithm>
#include <numeric>

#include "base/counting_sort.h"
#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr size_t kUsersPerTask = 256;

struct Entry {
  uint32_t item;
  float weight;
};

// Puts a row's entries at [begin, end) in order, each item once, at its begin; returns how many there are.
size_t merge_pairs(Csr& csr, uint64_t begin, uint64_t end, PairWeight repeated, std::vector<Entry>& scratch) {
  uint32_t* const index = csr.index.data();
  if (csr.weight.empty()) {
    std::sort(index + begin, index + end);
    return static_cast<size_t>(std::unique(index + begin, index + end) - (index + begin));
  }
  scratch.clear();
  for (uint64_t at = begin; at < end; ++at) scratch.push_back({index[at], csr.weight[at]});
  // A sum is taken in order of the values, so that it does not depend on the
  // input's order.
  std::sort(scratch.begin(), scratch.end(),
            [](const Entry& a, const Entry& b) { return a.item != b.item ? a.item < b.item : a.weight < b.weight; });
  uint64_t to = begin;
  for (auto entry = scratch.begin(); entry != scratch.end(); ++to) {
    const uint32_t item = entry->item;
    double sum = 0.0;
    for (; entry != scratch.end() && entry->item == item; ++entry) {
      const auto its = static_cast<double>(entry->weight);
      sum = repeated == PairWeight::kSum ? sum + its : its;  // they ascend
    }
    index[to] = item;
    csr.weight[to] = static_cast<float>(sum);
  }
  return static_cast<size_t>(to - begin);
}

}  // namespace

void Interactions::drop_rows() {
  user.clear();
  item.clear();
  value.clear();
  weight.clear();
  timestamp.clear();
  timestamp_rest.clear();
}

Csr csr_by_user(const Interactions& data, std::span<const float> weight, PairWeight repeated, int threads) {
  const size_t users = data.users.size();
  const auto user_of = [&](size_t row) { return data.user[row]; };
  CountingSort sort(data.size(), users, threads, user_of);
  const std::vector<uint64_t>& begin = sort.begin();
  const auto put = [&]<class T>(std::span<const T> values, std::vector<T>& to) {
    to.resize(values.size());
    sort.place(user_of, [&](size_t row, size_t place) { to[place] = values[row]; });
  };

  // One column after the other, and what is mapped goes when it was read: so the peak is low.
  Csr csr;
  data.value.release_pages();
  if (sort.is_sorted()) data.user.release_pages();
  put(std::span<const uint32_t>(data.item), csr.index);
  data.item.release_pages();
  if (!weight.empty()) put(weight, csr.weight);

  std::vector<uint64_t> distinct(users);
  parallel_for((users + kUsersPerTask - 1) / kUsersPerTask, threads, [&](size_t task, int) {
    std::vector<Entry> scratch;
    for (size_t user = task * kUsersPerTask; user < std::min(users, (task + 1) * kUsersPerTask); ++user)
      distinct[user] = merge_pairs(csr, begin[user], begin[user + 1], repeated, scratch);
  });
  csr.begin.assign(users + 1, 0);
  for (size_t user = 0; user < users; ++user) {
    const uint64_t from = begin[user];
    const uint64_t to = csr.begin[user];
    csr.begin[user + 1] = to + distinct[user];
    if (from == to) continue;
    std::copy_n(csr.index.data() + from, distinct[user], csr.index.data() + to);
    if (!weight.empty()) std::copy_n(csr.weight.data() + from, distinct[user], csr.weight.data() + to);
  }
  csr.index.resize(csr.begin.back());
  if (!weight.empty()) csr.weight.resize(csr.begin.back());
  return csr;
}

Csr transpose(const SparseView& rows, size_t columns, int threads) {
  const auto column_of = [&](size_t entry) { return rows.index[entry]; };
  CountingSort sort(rows.entries(), columns, threads, column_of);
  Csr out;
  out.begin = sort.begin();
  out.index.resize(rows.entries());
  out.weight.resize(rows.weight.size());
  sort.place_shares(column_of, [&](size_t first) {
    size_t row =
        static_cast<size_t>(std::upper_bound(rows.begin.begin(), rows.begin.end(), first) - rows.begin.begin()) - 1;
    return [&, row](size_t entry, size_t place) mutable {
      while (rows.begin[row + 1] <= entry) ++row;
      out.index[place] = static_cast<uint32_t>(row);
      if (!rows.weight.empty()) out.weight[place] = rows.weight[entry];
    };
  });
  return out;
}

std::vector<uint32_t> longest_first(const Csr& rows) {
  std::vector<uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return rows.row_size(a) > rows.row_size(b); });
  return order;
}

Sequences by_time(const Interactions& data, int threads) {
  if (data.size() > UINT32_MAX) fail("more than {} rows", UINT32_MAX);
  const auto user_of = [&](size_t row) { return data.user[row]; };
  CountingSort sort(data.size(), data.users.size(), threads, user_of);
  Sequences sequences;
  sequences.begin = sort.begin();
  sequences.row.resize(data.size());
  sort.place(user_of, [&](size_t row, size_t place) { sequences.row[place] = static_cast<uint32_t>(row); });
  if (data.timestamp.empty()) return sequences;
  parallel_for((data.users.size() + kUsersPerTask - 1) / kUsersPerTask, threads, [&](size_t task, int) {
    for (size_t user = task * kUsersPerTask; user < std::min(data.users.size(), (task + 1) * kUsersPerTask); ++user) {
      const auto first = sequences.row.begin() + static_cast<std::ptrdiff_t>(sequences.begin[user]);
      const auto last = sequences.row.begin() + static_cast<std::ptrdiff_t>(sequences.begin[user + 1]);
      if (data.timestamp_rest.empty()) {
        std::stable_sort(first, last, [&](uint32_t a, uint32_t b) { return data.timestamp[a] < data.timestamp[b]; });
      } else {
        std::stable_sort(first, last, [&](uint32_t a, uint32_t b) { return data.time(a) < data.time(b); });
      }
    }
  });
  return sequences;
}

}  // namespace rec
