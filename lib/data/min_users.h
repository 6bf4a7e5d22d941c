// k-anonymity of figures about groups of users, by a threshold: what rests on fewer than K users is not written.
// It is no differential privacy (privacy/): who knows all users but one may still learn of that one. Thread rule:
// pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rec {

struct LeftOut {
  std::vector<bool> out;  // by group
  size_t small = 0;       // groups with fewer than K users
  size_t more = 0;        // others, left out beside them

  size_t groups() const { return small + more; }
};

// Groups of 1 to K - 1 users are left out; a group without users says nothing of anybody and stays. Where all that
// is left out has fewer than K users together, it could be told from the total, so the smallest group that has users
// (of equal ones the first) is left out too, until they are K or no group is left.
LeftOut groups_below(std::span<const uint64_t> users, uint64_t least);

// "2 of 7 segments left out: ...", or "" where none is. noun: "segment".
std::string left_out_note(const LeftOut& left, std::string_view noun, uint64_t least);

}  // namespace rec
