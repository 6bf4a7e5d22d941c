#include "data/id_table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

// The first eight bytes as a number that orders like the bytes.
uint64_t prefix_of(std::string_view name) {
  char first[8] = {};
  std::memcpy(first, name.data(), std::min<size_t>(8, name.size()));
  uint64_t value;
  std::memcpy(&value, first, 8);
  return __builtin_bswap64(value);
}

}  // namespace

IdTable::IdTable(std::string bytes, std::vector<uint64_t> offsets) : bytes_(std::move(bytes)), offsets_(std::move(offsets)) {
  if (offsets_.empty() || offsets_.front() != 0 || offsets_.back() != bytes_.size() ||
      !std::is_sorted(offsets_.begin(), offsets_.end()) || offsets_.size() > kNoId) {
    fail("id table: offsets do not match the ids");
  }
}

uint64_t IdTable::hash(std::string_view name) { return XXH3_64bits(name.data(), name.size()); }

void IdTable::insert_new(uint64_t hash, uint32_t id) {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].id != kNoId) at = (at + 1) & mask;
  slots_[at] = {static_cast<uint32_t>(hash >> 32), id};
}

void IdTable::grow() {
  slots_.assign(std::max<size_t>(64, slots_.size() * 2), Slot{});
  for (uint32_t id = 0; id < size(); ++id) insert_new(hash((*this)[id]), id);
}

uint32_t IdTable::find(std::string_view name) const {
  if (slots_.empty()) return kNoId;
  const uint64_t h = hash(name);
  const auto tag = static_cast<uint32_t>(h >> 32);
  const size_t mask = slots_.size() - 1;
  for (size_t at = h & mask; slots_[at].id != kNoId; at = (at + 1) & mask) {
    if (slots_[at].tag == tag && (*this)[slots_[at].id] == name) return slots_[at].id;
  }
  return kNoId;
}

uint32_t IdTable::intern(std::string_view name) {
  if (const uint32_t id = find(name); id != kNoId) return id;
  if (size() + 1 >= kNoId) fail("more than {} different ids", kNoId - 1);
  if ((size() + 1) * 2 > slots_.size()) grow();
  const auto id = static_cast<uint32_t>(size());
  bytes_.append(name);
  offsets_.push_back(bytes_.size());
  insert_new(hash(name), id);
  return id;
}

void IdTable::index() {
  if (!slots_.empty() || size() == 0) return;
  size_t capacity = 64;
  while (capacity < 2 * size()) capacity *= 2;
  slots_.assign(capacity, Slot{});
  for (uint32_t id = 0; id < size(); ++id) {
    if (find((*this)[id]) != kNoId) fail("id \"{}\" is in the table twice", printable((*this)[id]));
    insert_new(hash((*this)[id]), id);
  }
}

bool IdTable::is_sorted() const {
  for (uint32_t id = 1; id < size(); ++id) {
    if (!((*this)[id - 1] < (*this)[id])) return false;
  }
  return true;
}

std::vector<uint32_t> IdTable::sorted_order(int threads) const {
  struct Key {
    uint64_t prefix;
    uint32_t id;
  };
  std::vector<Key> keys(size());
  for (uint32_t id = 0; id < size(); ++id) keys[id] = {prefix_of((*this)[id]), id};
  auto less = [this](const Key& a, const Key& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return (*this)[a.id] < (*this)[b.id];
  };
  const size_t parts = static_cast<size_t>(std::max(1, threads));
  auto cut = [&](size_t part) { return keys.begin() + static_cast<std::ptrdiff_t>(keys.size() * part / parts); };
  parallel_for(parts, threads, [&](size_t part, int) { std::sort(cut(part), cut(part + 1), less); });
  for (size_t part = 1; part < parts; ++part) std::inplace_merge(keys.begin(), cut(part), cut(part + 1), less);
  std::vector<uint32_t> order(size());
  for (size_t at = 0; at < keys.size(); ++at) order[at] = keys[at].id;
  return order;
}

IdTable IdTable::reordered(const std::vector<uint32_t>& order) const {
  IdTable table;
  table.bytes_.reserve(bytes_.size());
  table.offsets_.reserve(offsets_.size());
  for (const uint32_t id : order) {
    table.bytes_.append((*this)[id]);
    table.offsets_.push_back(table.bytes_.size());
  }
  table.index();
  return table;
}

}  // namespace rec
