// String ids (opaque bytes) to dense numbers 0..n-1 and back. The bytes lie in
// one arena; an id costs no allocation of its own. Reading is thread-safe,
// intern() is not.
#pragma once

#include <cstdint>
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

  size_t size() const { return offsets_.size() - 1; }
  // Valid until the next intern().
  std::string_view operator[](uint32_t id) const {
    return {bytes_.data() + offsets_[id], static_cast<size_t>(offsets_[id + 1] - offsets_[id])};
  }

  // The number of `name`, a new one (size()) at its first appearance.
  // Throws Error beyond 2^32 - 2 ids.
  uint32_t intern(std::string_view name);
  // The number of `name`, or kNoId. REQUIRES: index() was called since the table
  // was made from a blob.
  uint32_t find(std::string_view name) const;
  // Builds the hash index of a table made from a blob; throws Error if an id is
  // there twice. Does nothing if it is there already.
  void index();

  // The numbers in ascending byte order of their ids.
  std::vector<uint32_t> sorted_order(int threads = 1) const;
  bool is_sorted() const;
  // The table whose id i is this table's id order[i].
  IdTable reordered(const std::vector<uint32_t>& order) const;

  const std::string& bytes() const { return bytes_; }
  const std::vector<uint64_t>& offsets() const { return offsets_; }

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t id = kNoId;
  };
  static uint64_t hash(std::string_view name);
  void grow();
  void insert_new(uint64_t hash, uint32_t id);

  std::string bytes_;
  std::vector<uint64_t> offsets_{0};
  std::vector<Slot> slots_;  // open addressing, at most half full
};

}  // namespace rec
