// Items that are to stand at a rank of their own. Symbols: k list length. Read-only
// while ranking, so threads share it.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/id_hash.h"
#include "data/id_table.h"
#include "rank/rank.h"

namespace rec {

class Pins {
 public:
  // rank: from 1. user: empty is every user; a user's own pin of an item goes before
  // it. False if that user (or everyone) has a pin for that item already.
  [[nodiscard]] bool add(std::string_view user, std::string_view item, uint32_t rank);
  bool empty() const { return rank_.empty(); }

  // A candidate, by its place among them, and the rank where it is to stand, from 1.
  struct Place {
    uint32_t rank;
    uint32_t candidate;
  };
  // The pinned candidates by rank, at most one a rank and none beyond k. Of several
  // that want one rank a user's own comes first, then the lower item id; the others
  // stand at the next rank that is free. A pin whose item is no candidate has no
  // effect.
  void places(std::string_view user, std::span<const Candidate> candidates, size_t k, std::vector<Place>& places) const;

 private:
  static uint64_t key(uint32_t user, uint32_t item) { return uint64_t{user} << 32 | item; }

  IdTable users_;
  IdTable items_;
  std::unordered_map<uint64_t, uint32_t, IdHash> rank_;  // by user (kNoId: everyone) and item
};

}  // namespace rec
