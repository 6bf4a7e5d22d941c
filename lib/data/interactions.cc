#include "data/interactions.h"

#include <algorithm>
#include <numeric>

#include "base/parallel_for.h"

namespace rec {
namespace {

// Turns counts at [1..] into row starts.
void accumulate(std::vector<uint64_t>& begin) {
  for (size_t row = 1; row < begin.size(); ++row) begin[row] += begin[row - 1];
}

constexpr size_t kUsersPerTask = 256;

struct Entry {
  uint32_t item;
  float weight;
};

// A column's values, those of each user together, in the order of the rows. begin: where each user's go.
template <class T>
void put_by_user(std::span<const T> values, std::span<const uint32_t> user, bool sorted,
                 const std::vector<uint64_t>& begin, std::vector<T>& to) {
  if (sorted) {
    to.assign(values.begin(), values.end());
    return;
  }
  to.resize(values.size());
  std::vector<uint64_t> next(begin.begin(), begin.end() - 1);
  for (size_t row = 0; row < values.size(); ++row) to[next[user[row]]++] = values[row];
}

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
  std::vector<uint64_t> begin(users + 1, 0);
  bool sorted = true;
  uint32_t before = 0;
  for (const uint32_t user : data.user) {
    ++begin[user + 1];
    sorted = sorted && before <= user;
    before = user;
  }
  accumulate(begin);

  // One column after the other, and what is mapped goes when it was read: so the peak is low.
  Csr csr;
  data.value.release_pages();
  if (sorted) data.user.release_pages();
  put_by_user<uint32_t>(data.item, data.user, sorted, begin, csr.index);
  data.item.release_pages();
  if (!weight.empty()) put_by_user<float>(weight, data.user, sorted, begin, csr.weight);

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

Csr transpose(const SparseView& rows, size_t columns) {
  Csr out;
  out.begin.assign(columns + 1, 0);
  for (const uint32_t column : rows.index) ++out.begin[column + 1];
  accumulate(out.begin);
  out.index.resize(rows.entries());
  out.weight.resize(rows.weight.size());
  std::vector<uint64_t> next(out.begin.begin(), out.begin.end() - 1);
  for (size_t row = 0; row < rows.rows(); ++row) {
    for (uint64_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at) {
      const uint64_t to = next[rows.index[at]]++;
      out.index[to] = static_cast<uint32_t>(row);
      if (!rows.weight.empty()) out.weight[to] = rows.weight[at];
    }
  }
  return out;
}

std::vector<uint32_t> longest_first(const Csr& rows) {
  std::vector<uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return rows.row_size(a) > rows.row_size(b); });
  return order;
}

Sequences by_time(const Interactions& data) {
  Sequences sequences;
  sequences.begin.assign(data.users.size() + 1, 0);
  for (const uint32_t user : data.user) ++sequences.begin[user + 1];
  accumulate(sequences.begin);
  sequences.row.resize(data.size());
  std::vector<uint64_t> next(sequences.begin.begin(), sequences.begin.end() - 1);
  for (size_t row = 0; row < data.size(); ++row) sequences.row[next[data.user[row]]++] = row;
  if (data.timestamp.empty()) return sequences;
  for (size_t user = 0; user < data.users.size(); ++user) {
    const auto first = sequences.row.begin() + static_cast<std::ptrdiff_t>(sequences.begin[user]);
    const auto last = sequences.row.begin() + static_cast<std::ptrdiff_t>(sequences.begin[user + 1]);
    if (data.timestamp_rest.empty()) {
      std::stable_sort(first, last, [&](uint64_t a, uint64_t b) { return data.timestamp[a] < data.timestamp[b]; });
    } else {
      std::stable_sort(first, last, [&](uint64_t a, uint64_t b) { return data.time(a) < data.time(b); });
    }
  }
  return sequences;
}

}  // namespace rec
