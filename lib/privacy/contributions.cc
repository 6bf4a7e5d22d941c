#include "privacy/contributions.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace rec {

Csr bounded_contributions(const Interactions& data, const IdTable& items, size_t max_per_user) {
  std::vector<uint32_t> column(data.items.size());
  for (uint32_t item = 0; item < column.size(); ++item) column[item] = items.find(data.items[item]);
  const Csr all = csr_by_user(data, {});
  Csr kept;
  kept.begin = {0};
  std::vector<std::pair<uint64_t, uint32_t>> row;  // hash and column
  for (uint32_t user = 0; user < all.rows(); ++user) {
    const std::string_view id = data.users[user];
    const uint64_t of_user = XXH3_64bits(id.data(), id.size());
    row.clear();
    for (uint64_t at = all.begin[user]; at < all.begin[user + 1]; ++at) {
      const uint32_t item = column[all.index[at]];
      if (item == kNoId) continue;
      const std::string_view name = items[item];
      row.emplace_back(XXH3_64bits_withSeed(name.data(), name.size(), of_user), item);
    }
    if (row.size() > max_per_user) {
      std::sort(row.begin(), row.end());
      row.resize(max_per_user);
    }
    const auto first = static_cast<std::ptrdiff_t>(kept.index.size());
    for (const auto& [hash, item] : row) kept.index.push_back(item);
    std::sort(kept.index.begin() + first, kept.index.end());
    kept.begin.push_back(kept.index.size());
  }
  return kept;
}

}  // namespace rec
