// A hash of ids for tables in memory, seeded anew in each process: nobody can make up ids that
// meet in one place of a table. Nothing that is written may depend on it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
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

// A set of ids that only grows. Ids are told apart by their bytes; an id costs its bytes, a
// few for its length, and 16 to 32 for its place. For one thread.
class IdSet {
 public:
  // false: `id` was there. Throws Error beyond 2^40 bytes of ids.
  bool insert(std::string_view id);
  size_t size() const { return size_; }

 private:
  // The upper 24 bits of a hash, and the place in bytes_ plus 1; 0 is free.
  using Slot = uint64_t;
  std::string_view at(Slot slot) const;
  void grow();

  std::string bytes_;  // of each id: its length, 7 bits a byte, then itself
  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace rec
