#include "data/id_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/id_hash.h"

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

IdTable::IdTable(std::string bytes, std::vector<uint64_t> offsets)
    : bytes_(std::move(bytes)), offsets_(std::move(offsets)) {
  check_offsets();
}

IdTable::IdTable(std::string_view bytes, std::span<const uint64_t> offsets, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), mapped_bytes_(bytes), mapped_offsets_(offsets) {
  check_offsets();
}

void IdTable::check_offsets() const {
  const std::span<const uint64_t> all = offsets();
  if (all.empty() || all.front() != 0 || all.back() != bytes().size() || !std::is_sorted(all.begin(), all.end()) ||
      all.size() > kNoId) {
    fail("id table: offsets do not match the ids");
  }
}

inline IdTable::Key IdTable::key_of(std::string_view name) {
  const char* bytes = name.data();
  const size_t n = name.size();
  uint64_t head;
  if (n > 8) {
    head = id_hash(name);
  } else if (n >= 4) {  // two loads that overlap
    uint32_t first, last;
    std::memcpy(&first, bytes, 4);
    std::memcpy(&last, bytes + n - 4, 4);
    head = first | uint64_t{last} << (8 * (n - 4));
  } else {
    head = 0;
    for (size_t at = 0; at < n; ++at) head |= uint64_t{static_cast<unsigned char>(bytes[at])} << (8 * at);
  }
  return {head, static_cast<uint32_t>(n)};
}

inline size_t IdTable::first_slot(const Key& key) const {
  // The head of a long id is a hash already; that of a short one is chosen by who made the id.
  return static_cast<size_t>(id_hash(key.head ^ uint64_t{key.length} << 56) >> shift_);
}

inline size_t IdTable::slot_of(const Key& key, std::string_view name) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = first_slot(key);; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.id == kNoId) return at;
    if (slot.key == key && (key.length <= 8 || (*this)[slot.id] == name)) return at;
  }
}

// REQUIRES: a power of two, at least twice the number of ids.
void IdTable::set_capacity(size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  shift_ = 64 - std::countr_zero(slots);
  for (const Slot& slot : old) {
    if (slot.id == kNoId) continue;
    size_t at = first_slot(slot.key);
    while (slots_[at].id != kNoId) at = (at + 1) & (slots - 1);
    slots_[at] = slot;
  }
}

uint32_t IdTable::find(std::string_view name) const {
  if (slots_.empty()) return bisect(name);
  return slots_[slot_of(key_of(name), name)].id;
}

inline uint32_t IdTable::intern_key(const Key& key, std::string_view name) {
  size_t at = 0;
  if (slots_.empty()) index();  // does nothing unless the ids came as a blob
  if (!slots_.empty()) {
    at = slot_of(key, name);
    if (slots_[at].id != kNoId) return slots_[at].id;
  }
  if (size() + 1 >= kNoId) fail("more than {} different ids", kNoId - 1);
  if (owner_) {
    bytes_ = mapped_bytes_;
    offsets_.assign(mapped_offsets_.begin(), mapped_offsets_.end());
    owner_.reset();
  }
  if (name.size() > UINT32_MAX) fail("an id of more than {} bytes", UINT32_MAX);
  if ((size() + 1) * 2 > slots_.size()) {
    set_capacity(std::max<size_t>(64, slots_.size() * 2));
    at = slot_of(key, name);
  }
  const auto id = static_cast<uint32_t>(size());
  bytes_.append(name);
  offsets_.push_back(bytes_.size());
  slots_[at] = {key, id};
  return id;
}

uint32_t IdTable::bisect(std::string_view name) const {
  uint32_t first = 0;
  auto last = static_cast<uint32_t>(size());
  while (first < last) {
    const uint32_t middle = first + (last - first) / 2;
    if ((*this)[middle] < name) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first < size() && (*this)[first] == name ? first : kNoId;
}

void IdTable::expect(size_t finds) {
  // Ten ids enter the index in the time that one is found by bisection.
  if (finds >= size() / 10) index();
}

uint32_t IdTable::intern(std::string_view name) { return intern_key(key_of(name), name); }

void IdTable::intern_all(std::span<const std::string_view> names, uint32_t* ids) {
  constexpr size_t kBlock = 32;
  Key keys[kBlock];
  for (size_t begin = 0; begin < names.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, names.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      keys[i] = key_of(names[begin + i]);
      if (!slots_.empty()) __builtin_prefetch(&slots_[first_slot(keys[i])]);
    }
    for (size_t i = 0; i < count; ++i) ids[begin + i] = intern_key(keys[i], names[begin + i]);
  }
}

void IdTable::find_all(std::span<const std::string_view> names, uint32_t* ids) const {
  constexpr size_t kBlock = 32;
  Key keys[kBlock];
  for (size_t at = 0; slots_.empty() && at < names.size(); ++at) ids[at] = bisect(names[at]);
  for (size_t begin = 0; begin < names.size() && !slots_.empty(); begin += kBlock) {
    const size_t count = std::min(kBlock, names.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      keys[i] = key_of(names[begin + i]);
      __builtin_prefetch(&slots_[first_slot(keys[i])]);
    }
    for (size_t i = 0; i < count; ++i) ids[begin + i] = slots_[slot_of(keys[i], names[begin + i])].id;
  }
}

void IdTable::index() {
  if (!slots_.empty() || size() == 0) return;
  set_capacity(std::max<size_t>(64, std::bit_ceil(2 * size())));
  for (uint32_t id = 0; id < size(); ++id) {
    const std::string_view name = (*this)[id];
    const Key key = key_of(name);
    const size_t at = slot_of(key, name);
    if (slots_[at].id != kNoId) fail("id \"{}\" is in the table twice", printable(name));
    slots_[at] = {key, id};
  }
}

bool IdTable::is_sorted() const {
  for (uint32_t id = 1; id < size(); ++id) {
    if (!((*this)[id - 1] < (*this)[id])) return false;
  }
  return true;
}

std::vector<uint32_t> IdTable::sorted_order(int threads) const {
  struct SortKey {
    uint64_t prefix;
    uint32_t id;
  };
  std::vector<SortKey> keys(size());
  for (uint32_t id = 0; id < size(); ++id) keys[id] = {prefix_of((*this)[id]), id};
  auto less = [this](const SortKey& a, const SortKey& b) {
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
  table.bytes_.reserve(bytes().size());
  table.offsets_.reserve(offsets().size());
  for (const uint32_t id : order) {
    table.bytes_.append((*this)[id]);
    table.offsets_.push_back(table.bytes_.size());
  }
  table.index();
  return table;
}

std::vector<uint32_t> places_in(const std::vector<uint32_t>& order) {
  std::vector<uint32_t> place(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) place[order[at]] = at;
  return place;
}

IdTable united(const std::vector<const IdTable*>& tables, int threads, std::vector<std::vector<uint32_t>>& renumber) {
  IdTable all;
  renumber.clear();
  for (const IdTable* table : tables) {
    std::vector<uint32_t>& numbers = renumber.emplace_back(table->size());
    for (uint32_t id = 0; id < table->size(); ++id) numbers[id] = all.intern((*table)[id]);
  }
  const std::vector<uint32_t> order = all.sorted_order(threads);
  const std::vector<uint32_t> place = places_in(order);
  for (std::vector<uint32_t>& numbers : renumber) {
    for (uint32_t& number : numbers) number = place[number];
  }
  return all.reordered(order);
}

std::vector<uint32_t> match_ids(const IdTable& from, const IdTable& to) {
  std::vector<uint32_t> numbers(from.size());
  for (uint32_t id = 0; id < from.size(); ++id) numbers[id] = to.find(from[id]);
  return numbers;
}

}  // namespace rec
