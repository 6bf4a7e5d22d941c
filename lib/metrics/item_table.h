// What metrics beyond accuracy know of the items: how popular they are in training,
// what features they have, which of them make up the catalogue.
// Symbols: I items, U users of the truth, C features.
// Thread rule: immutable once made; any number of threads may read it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/features.h"
#include "data/id_table.h"
#include "data/interactions.h"
#include "metrics/ranked_list.h"

namespace rec {

struct ItemTable {
  IdTable ids;                     // I: of all tables that were read
  std::vector<char> in_catalogue;  // I
  uint64_t catalogue = 0;          // how many are in it
  // Of the training rows; empty without them.
  std::vector<uint32_t> popularity;        // I: users who have the item
  std::vector<uint32_t> place;             // I: by popularity from 0, equal ones by id (bytes)
  std::vector<double> history_popularity;  // U: mean popularity of the user's training items; NaN without any
  uint64_t train_users = 0;
  // If asked for: the training items of each user of the truth.
  std::vector<uint64_t> history_begin;  // U + 1
  std::vector<uint32_t> history;        // ascending within a user
  // Features of all kinds, as sparse vectors; empty without them.
  std::vector<uint64_t> feature_begin;  // I + 1
  std::vector<uint32_t> feature;        // ascending within an item
  std::vector<float> feature_value;     // above 0

  std::span<const uint32_t> history_of(uint32_t user) const {
    return {history.data() + history_begin[user],
            static_cast<size_t>(history_begin[user + size_t{1}] - history_begin[user])};
  }
  std::span<const uint32_t> features_of(uint32_t item) const {
    return {feature.data() + feature_begin[item],
            static_cast<size_t>(feature_begin[item + size_t{1}] - feature_begin[item])};
  }
};

// The tables that go into an ItemTable; null: not read.
struct ItemSources {
  const IdTable* items = nullptr;       // the catalogue; without it, the items of `train` are
  const Interactions* train = nullptr;  // a pair that comes again counts once
  const FeatureTable* features = nullptr;
  bool histories = false;  // whether ItemTable::history is wanted
};

// users: of the truth, whose histories are looked for in the training rows.
ItemTable make_item_table(const ItemSources& sources, const IdTable& users);

// One user's list as a metric of its items sees it.
struct ListedItems {
  std::span<const uint32_t> items;  // of the table, from the first place on; kNoId: in none of its sources
  std::span<const Hit> hits;
  uint32_t user;  // of the truth
  const ItemTable& table;
};

// The user's value, NaN where there is none. REQUIRES: k >= 1 (kWholeList: no cut).
using ItemsFunction = double (*)(const ListedItems& list, uint32_t k);

// One value of all lists. listed: how often each item of the catalogue is in a list.
using ExposureFunction = double (*)(std::span<const uint64_t> listed);

}  // namespace rec
