// Lists of items for users, held in memory: seen items, truth, histories, allow
// and block lists. Symbols: U users, N entries.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "data/interactions.h"

namespace rec {

struct Interactions;
struct ReadOptions;  // io/table.h, which this header keeps from metrics and models

// The rows of an interactions table by user, each user's in input order. Both id
// tables number in byte order of the ids. Immutable and thread-safe once read.
struct UserItems {
  IdTable users;  // U
  IdTable items;
  std::vector<uint64_t> begin{0};      // U + 1
  std::vector<uint32_t> item;          // N: numbers of `items`
  std::vector<float> value;            // N, or empty: no such column
  std::vector<double> timestamp;       // N, or empty: no such column
  std::vector<double> timestamp_rest;  // N, or empty: all 0 (data/interactions.h)
  uint64_t bad_lines = 0;

  size_t size() const { return item.size(); }
  // REQUIRES: timestamps.
  Time time(size_t entry) const { return {timestamp[entry], timestamp_rest.empty() ? 0.0 : timestamp_rest[entry]}; }
  // Entry range of user number `user`; empty for kNoId.
  std::pair<size_t, size_t> range(uint32_t user) const {
    if (user == kNoId) return {0, 0};
    return {static_cast<size_t>(begin[user]), static_cast<size_t>(begin[user + 1])};
  }
  std::span<const uint32_t> items_of(uint32_t user) const {
    const auto [first, last] = range(user);
    return {item.data() + first, last - first};
  }
};

// Reads an interactions table (`path`, "-" is stdin) into lists.
UserItems read_user_items(const std::string& path, const ReadOptions& options, OptionalColumns wanted, int threads);

// The rows of those users of `data` that are among `users`, each user's in time order
// (equal times, or no times: input order), with values and times where there are.
// REQUIRES: both tables of `data` are indexed.
UserItems histories_of(const Interactions& data, const IdTable& users);

}  // namespace rec
