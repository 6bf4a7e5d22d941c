#include "data/interactions.h"

#include <algorithm>
#include <numeric>

namespace rec {
namespace {

// Turns counts at [1..] into row starts.
void accumulate(std::vector<uint64_t>& begin) {
  for (size_t row = 1; row < begin.size(); ++row) begin[row] += begin[row - 1];
}

}  // namespace

Csr csr_by_user(const Interactions& data, std::span<const float> weight, PairWeight repeated) {
  const size_t users = data.users.size();
  const bool weighted = !weight.empty();
  struct Entry {
    uint32_t item;
    float weight;
  };
  std::vector<uint64_t> begin(users + 1, 0);
  for (const uint32_t user : data.user) ++begin[user + 1];
  accumulate(begin);
  std::vector<Entry> entries(data.size());
  std::vector<uint64_t> next(begin.begin(), begin.end() - 1);
  for (size_t row = 0; row < data.size(); ++row) {
    entries[next[data.user[row]]++] = {data.item[row], weighted ? weight[row] : 1.0f};
  }

  Csr csr;
  csr.begin.assign(users + 1, 0);
  csr.index.reserve(data.size());
  if (weighted) csr.weight.reserve(data.size());
  for (size_t user = 0; user < users; ++user) {
    const auto first = entries.begin() + static_cast<std::ptrdiff_t>(begin[user]);
    const auto last = entries.begin() + static_cast<std::ptrdiff_t>(begin[user + 1]);
    // A sum is taken in order of the values, so that it does not depend on the
    // input's order.
    std::sort(first, last,
              [](const Entry& a, const Entry& b) { return a.item != b.item ? a.item < b.item : a.weight < b.weight; });
    for (auto entry = first; entry != last;) {
      const uint32_t item = entry->item;
      double sum = 0.0;
      for (; entry != last && entry->item == item; ++entry) {
        const auto its = static_cast<double>(entry->weight);
        sum = repeated == PairWeight::kSum ? sum + its : its;  // they ascend
      }
      csr.index.push_back(item);
      if (weighted) csr.weight.push_back(static_cast<float>(sum));
    }
    csr.begin[user + 1] = csr.index.size();
  }
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
