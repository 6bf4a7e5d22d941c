// Small interaction sets for tests of models and scoring.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/interactions.h"
#include "data/user_items.h"

namespace rec {

// Rows (user, item[, value]) with names made of the numbers; ids are renumbered
// in byte order as read_interactions does.
struct RowsBuilder {
  std::vector<std::string> users, items;
  std::vector<float> values;
  void add(const std::string& user, const std::string& item, float value = 1.0f) {
    users.push_back(user);
    items.push_back(item);
    values.push_back(value);
  }
  Interactions build() const {
    Interactions data;
    IdTable user_ids, item_ids;
    for (const auto& user : users) user_ids.intern(user);
    for (const auto& item : items) item_ids.intern(item);
    data.users = user_ids.reordered(user_ids.sorted_order());
    data.items = item_ids.reordered(item_ids.sorted_order());
    for (const auto& user : users) data.user.push_back(data.users.find(user));
    for (const auto& item : items) data.item.push_back(data.items.find(item));
    data.value = values;
    return data;
  }
};

// A checkerboard with a known answer: users and items of equal parity belong
// together, and user u has all of its n / 2 items but one, (u + 2) mod n.
inline Interactions checkerboard(int n = 20) {
  RowsBuilder rows;
  for (int user = 0; user < n; ++user) {
    for (int item = user % 2; item < n; item += 2) {
      if (item != (user + 2) % n) rows.add("u" + std::to_string(user), "i" + std::to_string(item));
    }
  }
  return rows.build();
}

// The same with values: 5 for equal parity, 1 for the others.
inline Interactions rated_checkerboard(int n = 20) {
  RowsBuilder rows;
  for (int user = 0; user < n; ++user) {
    for (int item = 0; item < n; ++item) {
      if (item != (user + 2) % n)
        rows.add("u" + std::to_string(user), "i" + std::to_string(item), item % 2 == user % 2 ? 5.0f : 1.0f);
    }
  }
  return rows.build();
}

// Random rows, some of them more than once; values in [0, 5).
inline Interactions random_rows(unsigned seed, int users, int items, int rows) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(0.0f, 5.0f);
  RowsBuilder builder;
  for (int row = 0; row < rows; ++row) {
    // Squared: popular items are a few.
    const double u = std::uniform_real_distribution<double>(0, 1)(random);
    builder.add("u" + std::to_string(static_cast<int>(random() % static_cast<unsigned>(users))),
                "i" + std::to_string(static_cast<int>(u * u * items)), value(random));
  }
  return builder.build();
}

inline UserItems as_user_items(const Interactions& data) {
  UserItems lists;
  lists.users = data.users;
  lists.items = data.items;
  lists.begin.assign(data.users.size() + 1, 0);
  for (const uint32_t user : data.user) ++lists.begin[user + 1];
  for (size_t user = 1; user < lists.begin.size(); ++user) lists.begin[user] += lists.begin[user - 1];
  std::vector<uint64_t> next(lists.begin.begin(), lists.begin.end() - 1);
  lists.item.resize(data.size());
  lists.value.resize(data.value.size());
  for (size_t row = 0; row < data.size(); ++row) {
    const uint64_t to = next[data.user[row]]++;
    lists.item[to] = data.item[row];
    if (!data.value.empty()) lists.value[to] = data.value[row];
  }
  return lists;
}

// The smallest model of neighbours: S_ji = n_ij / sqrt(n_i n_j), the cosine of the
// items' users. With vectors: a small dense part besides.
inline Artefact cooccurrence_model(const Interactions& data, bool vectors) {
  const Csr by_user = csr_by_user(data, {});
  const size_t I = data.items.size();
  std::vector<std::vector<double>> both(I, std::vector<double>(I, 0.0));
  for (size_t user = 0; user < by_user.rows(); ++user) {
    for (const uint32_t i : by_user.view().row(user)) {
      for (const uint32_t j : by_user.view().row(user)) both[i][j] += 1.0;
    }
  }
  Csr S;
  S.begin.push_back(0);
  for (size_t j = 0; j < I; ++j) {
    for (size_t i = 0; i < I; ++i) {
      if (i == j || both[j][i] == 0.0) continue;
      S.index.push_back(static_cast<uint32_t>(i));
      S.weight.push_back(static_cast<float>(both[j][i] / std::sqrt(both[i][i] * both[j][j])));
    }
    S.begin.push_back(S.index.size());
  }
  Artefact artefact;
  artefact.items = data.items;
  artefact.users = data.users;
  artefact.meta = {{"model", "test"},
                   {"encoder", "history"},
                   {"attention", "neighbours"},
                   {"predictor", "neighbours"},
                   {"neighbours", "items.neighbours"},
                   {"history-weight", "one"}};
  std::vector<float> counts(I);
  for (size_t i = 0; i < I; ++i) counts[i] = static_cast<float>(both[i][i]);
  artefact.add("items.count", counts);
  artefact.add_sparse("items.neighbours", std::move(S));
  artefact.add_sparse("users.history", by_user);
  if (vectors) {
    Matrix source(I, 3), target(I, 3);
    for (size_t i = 0; i < I; ++i) {
      for (size_t f = 0; f < 3; ++f) {
        source(i, f) = 0.01f * static_cast<float>((i + f) % 5);
        target(i, f) = 0.02f * static_cast<float>((i * f + 1) % 4);
      }
    }
    artefact.add("items.source", source);
    artefact.add("items.factors", target);
  }
  return artefact;
}

// Uniform in [-1, 1).
inline float uniform_value(std::mt19937& random) {
  return static_cast<float>(static_cast<int32_t>(random() >> 7) - (1 << 24)) * 0x1p-24f;
}

// Random weights of every form of models/inference/scorer.h that has some.
inline void add_pair_weights(Artefact& artefact, size_t factors, unsigned seed) {
  std::mt19937 random(seed);
  const auto add = [&](const std::string& name, size_t rows, size_t cols) {
    std::vector<float> values(rows * cols);
    for (float& value : values) value = uniform_value(random);
    std::copy(values.begin(), values.end(), artefact.add_empty(name, {rows, cols}));
  };
  add("bilinear.weight", factors, factors);
  add("additive.user", 19, factors);
  add("additive.item", 19, factors);
  add("additive.weight", 19, 1);
  artefact.meta["heads"] = "3";
  add("heads.user", 15, factors);
  add("heads.item", 15, factors);
  const size_t sizes[] = {2 * factors, 18, 20, 1};
  for (size_t layer = 1; layer <= 3; ++layer) {
    add("mlp." + std::to_string(layer) + ".weight", sizes[layer], sizes[layer - 1]);
    add("mlp." + std::to_string(layer) + ".bias", sizes[layer], 1);
  }
  add("sum.weight", factors, 1);
  add("sum.bias", 1, 1);
}

}  // namespace rec
