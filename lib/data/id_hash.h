// A hash of ids for tables in memory, seeded anew in each process: nobody can make up ids that
// meet in one place of a table. Nothing that is written may depend on it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

// Drawn once a process; constant afterwards.
struct IdHashSeeds {
  uint64_t text;
  uint64_t first;
  uint64_t second;
};
extern const IdHashSeeds kIdHashSeeds;

uint64_t id_hash(std::string_view id);
// Of a number, for tables whose keys an input chooses.
inline uint64_t id_hash(uint64_t number) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{number ^ kIdHashSeeds.first} * kIdHashSeeds.second;
  const uint64_t mixed = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (mixed ^ (mixed >> 32)) * 0x9e3779b97f4a7c15u;
}

// For std::unordered_set and std::unordered_map; the keys are ids or numbers.
struct IdHash {
  size_t operator()(std::string_view id) const { return id_hash(id); }
  size_t operator()(uint64_t number) const { return id_hash(number); }
};

// A set of ids that only grows. Ids are told apart by their bytes. An id costs its own bytes, one
// or two for its length, 10 to 15 for its place, and room to grow by a quarter. For one thread.
class IdSet {
 public:
  // false: `id` was there. Throws Error beyond 2^40 bytes of ids.
  bool insert(std::string_view id);
  // insert() for each of ids, in order, by all threads; the place of the first that was there, or ids.size().
  size_t insert_all(std::span<const std::string_view> ids, int threads);
  size_t size() const { return size_; }

 private:
  // The upper 24 bits of a hash, and the place in bytes plus 1; 0 is free.
  using Slot = uint64_t;
  // The ids of one value of the lowest bits of the hash. Parts grow at different times, so what
  // is held twice while one grows is little, and threads may fill several.
  struct Part {
    std::vector<char> bytes;  // of each id: its length, 7 bits a byte, then itself
    std::vector<Slot> slots;
    size_t size = 0;

    bool insert(std::string_view id, uint64_t hash);
    size_t first_place(uint64_t hash) const;
    std::string_view at(Slot slot) const;
    void grow();
  };

  std::vector<Part> parts_;
  size_t size_ = 0;
};

}  // namespace rec
