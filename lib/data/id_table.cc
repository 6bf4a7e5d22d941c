#include "data/id_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/parallel_for.h"
#include "base/parallel_sort.h"
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
    if (slot.has(key) && (key.length <= 8 || (*this)[slot.id] == name)) return at;
  }
}

// REQUIRES: a power of two, at least twice the number of ids.
void IdTable::set_capacity(size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  shift_ = 64 - std::countr_zero(slots);
  for (const Slot& slot : old) {
    if (slot.id == kNoId) continue;
    size_t at = first_slot(slot.key());
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
  slots_[at] = {key.head, key.length, id};
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

// Each thread fills a range of the slots; what finds its range full comes last, one after the other.
bool IdTable::fill_index(int threads) {
  const size_t ranges = static_cast<size_t>(threads);
  std::vector<size_t> first(size());
  parallel_for(ranges, threads, [&](size_t range, int) {
    for (size_t id = size() * range / ranges; id < size() * (range + 1) / ranges; ++id)
      first[id] = first_slot(key_of((*this)[static_cast<uint32_t>(id)]));
  });
  std::vector<std::vector<uint32_t>> late(ranges);
  std::atomic<bool> twice = false;
  parallel_for(ranges, threads, [&](size_t range, int) {
    const size_t begin = slots_.size() * range / ranges;
    const size_t end = slots_.size() * (range + 1) / ranges;
    for (uint32_t id = 0; id < size(); ++id) {
      if (first[id] < begin || first[id] >= end) continue;
      const std::string_view name = (*this)[id];
      const Key key = key_of(name);
      size_t at = first[id];
      const auto is_other = [&](const Slot& slot) {
        return slot.id != kNoId && !(slot.has(key) && (key.length <= 8 || (*this)[slot.id] == name));
      };
      while (at < end && is_other(slots_[at])) ++at;
      if (at == end) {
        late[range].push_back(id);
      } else if (slots_[at].id != kNoId) {
        twice = true;
      } else {
        slots_[at] = {key.head, key.length, id};
      }
    }
  });
  for (const auto& its : late) {
    for (const uint32_t id : its) {
      const Key key = key_of((*this)[id]);
      Slot& slot = slots_[slot_of(key, (*this)[id])];
      twice = twice || slot.id != kNoId;
      slot = {key.head, key.length, id};
    }
  }
  return !twice;
}

void IdTable::index(int threads) {
  if (!slots_.empty() || size() == 0) return;
  constexpr size_t kFew = 4096;  // what threads are not worth
  const size_t slots = std::max<size_t>(64, std::bit_ceil(2 * size()));
  set_capacity(slots);
  if (threads > 1 && size() >= kFew) {
    if (fill_index(threads)) return;
    slots_.assign(slots, {});  // one after the other again, to name the first that is there twice
  }
  for (uint32_t id = 0; id < size(); ++id) {
    const std::string_view name = (*this)[id];
    const Key key = key_of(name);
    const size_t at = slot_of(key, name);
    if (slots_[at].id != kNoId) fail("id \"{}\" is in the table twice", printable(name));
    slots_[at] = {key.head, key.length, id};
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
  parallel_sort(keys, threads, less);
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

namespace {

// The ids of a table, those of a shard together: shard s has [begin[s], begin[s + 1]).
struct Shards {
  std::vector<uint32_t> id;
  std::vector<uint32_t> begin;

  Shards(const IdTable& table, size_t shards) : id(table.size()), begin(shards + 1, 0) {
    std::vector<uint16_t> shard(table.size());
    for (uint32_t its = 0; its < table.size(); ++its) {
      shard[its] = static_cast<uint16_t>(id_hash(table[its]) % shards);
      ++begin[shard[its] + 1u];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
    for (uint32_t its = 0; its < table.size(); ++its) id[next[shard[its]]++] = its;
  }
  std::span<const uint32_t> of(size_t shard) const {
    return std::span(id).subspan(begin[shard], begin[shard + 1] - begin[shard]);
  }
};

// A table of the ids of all `tables`, which have no id in common, in byte order, with its index. places: of each table,
// the number there of each of its ids.
IdTable merged(const std::vector<const IdTable*>& tables, int threads, std::vector<std::vector<uint32_t>>& places) {
  struct SortKey {
    uint64_t prefix;
    uint32_t table;
    uint32_t id;
  };
  std::vector<size_t> begin(tables.size() + 1, 0);
  for (size_t table = 0; table < tables.size(); ++table) begin[table + 1] = begin[table] + tables[table]->size();
  const size_t count = begin.back();
  if (count >= kNoId) fail("more than {} different ids", kNoId - 1);
  std::vector<SortKey> keys(count);
  places.resize(tables.size());
  parallel_for(tables.size(), threads, [&](size_t table, int) {
    places[table].resize(tables[table]->size());
    for (uint32_t id = 0; id < tables[table]->size(); ++id)
      keys[begin[table] + id] = {prefix_of((*tables[table])[id]), static_cast<uint32_t>(table), id};
  });
  const auto name_of = [&](const SortKey& key) { return (*tables[key.table])[key.id]; };
  parallel_sort(keys, threads, [&](const SortKey& a, const SortKey& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : name_of(a) < name_of(b);
  });

  constexpr size_t kBlock = size_t{1} << 12;
  const size_t blocks = (count + kBlock - 1) / kBlock;
  const auto each = [&](size_t block, auto&& body) {
    for (size_t at = block * kBlock; at < std::min(count, (block + 1) * kBlock); ++at) body(at, keys[at]);
  };
  std::vector<uint64_t> block_begin(blocks + 1, 0);
  parallel_for(blocks, threads, [&](size_t block, int) {
    each(block, [&](size_t, const SortKey& key) { block_begin[block + 1] += name_of(key).size(); });
  });
  std::partial_sum(block_begin.begin(), block_begin.end(), block_begin.begin());
  std::string bytes(block_begin.back(), '\0');
  std::vector<uint64_t> offsets(count + 1, 0);
  parallel_for(blocks, threads, [&](size_t block, int) {
    uint64_t end = block_begin[block];
    each(block, [&](size_t at, const SortKey& key) {
      const std::string_view name = name_of(key);
      name.copy(bytes.data() + end, name.size());
      offsets[at + 1] = end += name.size();
      places[key.table][key.id] = static_cast<uint32_t>(at);
    });
  });
  IdTable all(std::move(bytes), std::move(offsets));
  all.index(threads);
  return all;
}

}  // namespace

IdTable united(const std::vector<const IdTable*>& tables, int threads, std::vector<std::vector<uint32_t>>& renumber) {
  renumber.clear();
  if (tables.size() == 1) return merged(tables, threads, renumber);
  // The same id is in the same shard of each table.
  const size_t shards = 4 * static_cast<size_t>(std::clamp(threads, 1, 256));
  std::vector<std::optional<Shards>> of_table(tables.size());
  renumber.resize(tables.size());
  parallel_for(tables.size(), threads, [&](size_t table, int) {
    of_table[table].emplace(*tables[table], shards);
    renumber[table].resize(tables[table]->size());
  });
  std::vector<IdTable> of_shard(shards);
  parallel_for(shards, threads, [&](size_t shard, int) {
    std::vector<std::string_view> names;
    std::vector<uint32_t> numbers;
    for (size_t table = 0; table < tables.size(); ++table) {
      const std::span<const uint32_t> ids = of_table[table]->of(shard);
      names.clear();
      for (const uint32_t id : ids) names.push_back((*tables[table])[id]);
      numbers.resize(ids.size());
      of_shard[shard].intern_all(names, numbers.data());
      for (size_t at = 0; at < ids.size(); ++at) renumber[table][ids[at]] = numbers[at];
    }
  });
  std::vector<const IdTable*> parts;
  for (const IdTable& part : of_shard) parts.push_back(&part);
  std::vector<std::vector<uint32_t>> places;
  IdTable all = merged(parts, threads, places);
  parallel_for(shards, threads, [&](size_t shard, int) {
    for (size_t table = 0; table < tables.size(); ++table) {
      for (const uint32_t id : of_table[table]->of(shard)) renumber[table][id] = places[shard][renumber[table][id]];
    }
  });
  return all;
}

std::vector<uint32_t> match_ids(const IdTable& from, const IdTable& to) {
  std::vector<uint32_t> numbers(from.size());
  for (uint32_t id = 0; id < from.size(); ++id) numbers[id] = to.find(from[id]);
  return numbers;
}

}  // namespace rec
