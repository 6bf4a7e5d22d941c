#include "base/counting_sort.h"
#include "data/interactions_tsv.h"
#include "data/user_items.h"

namespace rec {

UserItems read_user_items(const std::string& path, const ReadOptions& options, OptionalColumns wanted, int threads) {
  LoadedInteractions loaded = read_interactions(path, options, wanted, threads);
  Interactions& data = loaded.data;
  UserItems lists;
  lists.bad_lines = loaded.bad_lines;
  const auto user_of = [&](size_t row) { return data.user[row]; };
  CountingSort sort(data.size(), data.users.size(), threads, user_of);
  lists.begin = sort.begin();
  lists.item.resize(data.size());
  lists.value.resize(data.value.size());
  lists.timestamp.resize(data.timestamp.size());
  lists.timestamp_rest.resize(data.timestamp_rest.size());
  sort.place(user_of, [&](size_t row, size_t to) {
    lists.item[to] = data.item[row];
    if (!data.value.empty()) lists.value[to] = data.value[row];
    if (!data.timestamp.empty()) lists.timestamp[to] = data.timestamp[row];
    if (!data.timestamp_rest.empty()) lists.timestamp_rest[to] = data.timestamp_rest[row];
  });
  lists.users = std::move(data.users);
  lists.items = std::move(data.items);
  return lists;
}

}  // namespace rec
