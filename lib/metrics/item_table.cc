#include "metrics/item_table.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace rec {
namespace {

std::vector<uint32_t> intern_all(const IdTable& from, IdTable& ids) {
  std::vector<uint32_t> number(from.size());
  for (uint32_t id = 0; id < number.size(); ++id) number[id] = ids.intern(from[id]);
  return number;
}

void add_popularity(const Interactions& train, std::span<const uint32_t> item_of, const IdTable& users,
                    ItemTable& table) {
  const Csr rows = csr_by_user(train, {});
  table.train_users = train.users.size();
  table.popularity.assign(table.ids.size(), 0);
  for (const uint32_t item : rows.index) ++table.popularity[item_of[item]];

  std::vector<uint32_t> order(table.ids.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&table](uint32_t a, uint32_t b) {
    return table.popularity[a] != table.popularity[b] ? table.popularity[a] > table.popularity[b]
                                                      : table.ids[a] < table.ids[b];
  });
  table.place.resize(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) table.place[order[at]] = at;

  table.history_popularity.assign(users.size(), std::numeric_limits<double>::quiet_NaN());
  for (uint32_t row = 0; row < rows.rows(); ++row) {
    const uint32_t user = users.find(train.users[row]);
    if (user == kNoId || rows.row_size(row) == 0) continue;
    uint64_t sum = 0;
    for (uint64_t at = rows.begin[row]; at < rows.begin[row + size_t{1}]; ++at)
      sum += table.popularity[item_of[rows.index[at]]];
    table.history_popularity[user] = static_cast<double>(sum) / static_cast<double>(rows.row_size(row));
  }
}

void add_histories(const Interactions& train, std::span<const uint32_t> item_of, const IdTable& users,
                   ItemTable& table) {
  const Csr rows = csr_by_user(train, {});
  std::vector<uint32_t> row_of(users.size(), kNoId);
  for (uint32_t row = 0; row < rows.rows(); ++row) {
    const uint32_t user = users.find(train.users[row]);
    if (user != kNoId) row_of[user] = row;
  }
  table.history_begin.push_back(0);
  for (const uint32_t row : row_of) {
    const size_t first = table.history.size();
    for (uint64_t at = row == kNoId ? 0 : rows.begin[row]; row != kNoId && at < rows.begin[row + size_t{1}]; ++at)
      table.history.push_back(item_of[rows.index[at]]);
    std::sort(table.history.begin() + static_cast<ptrdiff_t>(first), table.history.end());
    table.history_begin.push_back(table.history.size());
  }
}

void add_features(const FeatureTable& features, std::span<const uint32_t> item_of, ItemTable& table) {
  std::vector<uint32_t> source(table.ids.size(), kNoId);
  for (uint32_t item = 0; item < item_of.size(); ++item) source[item_of[item]] = item;
  table.feature_begin.push_back(0);
  for (const uint32_t item : source) {
    uint32_t first = 0;  // of the kind's numbers
    for (const FeatureKind& kind : features.kinds) {
      const FeatureKind::Row row = kind.row(item);
      for (size_t at = 0; at < row.size; ++at) {
        table.feature.push_back(first + row.category[at]);
        table.feature_value.push_back(row.value[at]);
      }
      first += static_cast<uint32_t>(kind.categories.size());
    }
    table.feature_begin.push_back(table.feature.size());
  }
}

}  // namespace

ItemTable make_item_table(const ItemSources& sources, const IdTable& users) {
  ItemTable table;
  std::vector<uint32_t> listed;
  std::vector<uint32_t> trained;
  std::vector<uint32_t> described;
  if (sources.items != nullptr) listed = intern_all(*sources.items, table.ids);
  if (sources.train != nullptr) trained = intern_all(sources.train->items, table.ids);
  if (sources.features != nullptr) described = intern_all(sources.features->ids, table.ids);
  table.in_catalogue.assign(table.ids.size(), 0);
  for (const uint32_t item : sources.items != nullptr ? listed : trained) table.in_catalogue[item] = 1;
  table.catalogue = static_cast<uint64_t>(std::count(table.in_catalogue.begin(), table.in_catalogue.end(), 1));
  if (sources.train != nullptr) add_popularity(*sources.train, trained, users, table);
  if (sources.train != nullptr && sources.histories) add_histories(*sources.train, trained, users, table);
  if (sources.features != nullptr) add_features(*sources.features, described, table);
  return table;
}

}  // namespace rec
