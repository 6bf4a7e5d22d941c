// String ids (opaque bytes) to dense numbers 0..n-1 and back. The bytes lie in
// one arena; an id costs no allocation of its own. Reading is thread-safe,
// intern() is not.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

inline constexpr uint32_t kNoId = UINT32_MAX;

class IdTable {
 public:
  IdTable() = default;
  // Takes over ids stored as one blob: id i is [offsets[i], offsets[i+1]).
  // Throws Error if the offsets do not ascend from 0 to the blob's size.
  IdTable(std::string bytes, std::vector<uint64_t> offsets);
  // The same of ids that lie in `owner`: they are not copied before the first intern().
  IdTable(std::string_view bytes, std::span<const uint64_t> offsets, std::shared_ptr<const void> owner);

  size_t size() const { return offsets().size() - 1; }
  // Valid until the next intern().
  std::string_view operator[](uint32_t id) const {
    const uint64_t* begin = offsets().data() + id;
    return {bytes().data() + begin[0], static_cast<size_t>(begin[1] - begin[0])};
  }

  // The number of `name`, a new one (size()) at its first appearance.
  // Throws Error beyond 2^32 - 2 ids, or as index() does.
  uint32_t intern(std::string_view name);
  // intern() for each of names, in order, into ids: faster for many at a time,
  // since their places in memory are fetched ahead.
  void intern_all(std::span<const std::string_view> names, uint32_t* ids);
  // The number of `name`, or kNoId: by the hash index or, without one, by bisection. REQUIRES: index() was called
  // since the table was made from a blob, or its ids are in ascending byte order.
  uint32_t find(std::string_view name) const;
  // find() for each of names, into ids: faster for many at a time, as intern_all().
  void find_all(std::span<const std::string_view> names, uint32_t* ids) const;
  // index(), if so many calls of find() are to come that it takes less time than they take by bisection.
  void expect(size_t finds);
  // Builds the hash index of a table made from a blob; throws Error if an id is
  // there twice. Does nothing if it is there already.
  void index(int threads = 1);

  // The numbers in ascending byte order of their ids.
  std::vector<uint32_t> sorted_order(int threads = 1) const;
  bool is_sorted() const;
  // The table whose id i is this table's id order[i].
  IdTable reordered(const std::vector<uint32_t>& order) const;

  std::string_view bytes() const { return owner_ ? mapped_bytes_ : std::string_view(bytes_); }
  std::span<const uint64_t> offsets() const { return owner_ ? mapped_offsets_ : std::span<const uint64_t>(offsets_); }

 private:
  // What tells ids apart without a look at the arena: the bytes themselves of up
  // to eight, else a hash. Most ids of real tables are short.
  struct Key {
    uint64_t head;
    uint32_t length;
  };
  struct Slot {
    uint64_t head = 0;
    uint32_t length = 0;
    uint32_t id = kNoId;
    bool has(const Key& key) const { return head == key.head && length == key.length; }
    Key key() const { return {head, length}; }
  };
  static Key key_of(std::string_view name);
  size_t first_slot(const Key& key) const;
  // The slot that holds `name`, or the free one where it belongs.
  size_t slot_of(const Key& key, std::string_view name) const;
  uint32_t intern_key(const Key& key, std::string_view name);
  void set_capacity(size_t slots);
  // Whether all ids entered the empty index; not where one is there twice.
  bool fill_index(int threads);
  uint32_t bisect(std::string_view name) const;
  void check_offsets() const;

  std::string bytes_;
  std::vector<uint64_t> offsets_{0};
  std::shared_ptr<const void> owner_;  // of what follows, in place of the two before
  std::string_view mapped_bytes_;
  std::span<const uint64_t> mapped_offsets_;
  std::vector<Slot> slots_;  // open addressing, at most half full
  int shift_ = 0;            // 64 - log2(slots_.size())
};

// The place of each number in `order`, a permutation: places_in(sorted_order())[id] is the number of `id` in the
// reordered table.
std::vector<uint32_t> places_in(const std::vector<uint32_t>& order);

// The union of the tables in byte order, indexed; renumber: for each table, the number there of each of its ids.
IdTable united(const std::vector<const IdTable*>& tables, int threads, std::vector<std::vector<uint32_t>>& renumber);

// For each id of `from`, its number in `to` or kNoId. REQUIRES: as find().
std::vector<uint32_t> match_ids(const IdTable& from, const IdTable& to);

}  // namespace rec
