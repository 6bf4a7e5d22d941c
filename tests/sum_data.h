// Users' rows in parts and sums of them, for tests of what is added up over users.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "data/artefact.h"
#include "small_data.h"

namespace rec {

// i0, i1, ... in byte order.
inline IdTable item_list(int count) {
  IdTable ids;
  for (int item = 0; item < count; ++item) ids.intern("i" + std::to_string(item));
  return ids.reordered(ids.sorted_order());
}

inline RowsBuilder without(const RowsBuilder& rows, std::string_view user) {
  RowsBuilder left;
  for (size_t row = 0; row < rows.users.size(); ++row) {
    if (rows.users[row] != user) left.add(rows.users[row], rows.items[row], rows.values[row]);
  }
  return left;
}

// Each user in one of `parts`, of which those without a row are left out.
inline std::vector<RowsBuilder> parted(const RowsBuilder& rows, size_t parts, uint64_t seed) {
  std::vector<RowsBuilder> all(parts);
  for (size_t row = 0; row < rows.users.size(); ++row) {
    Rng random(seed + std::hash<std::string>{}(rows.users[row]));
    all[random.below(parts)].add(rows.users[row], rows.items[row], rows.values[row]);
  }
  std::erase_if(all, [](const RowsBuilder& part) { return part.users.empty(); });
  return all;
}

// All that a file of the sums holds.
template <class Sums>
std::string content(const Sums& sums) {
  const Artefact artefact = to_artefact(sums);
  artefact.check();
  std::string bytes(artefact.items.bytes());
  for (const auto& [key, value] : artefact.meta) bytes += key + "=" + value + "\n";
  for (const auto& tensor : artefact.tensors())
    bytes += tensor.name + std::string(static_cast<const char*>(tensor.data), tensor.bytes());
  return bytes;
}

}  // namespace rec
