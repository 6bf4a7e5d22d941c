#include "data/interactions_tsv.h"
#include "data/user_items.h"

namespace rec {

UserItems read_user_items(const std::string& path, const ReadOptions& options, OptionalColumns wanted, int threads) {
  LoadedInteractions loaded = read_interactions(path, options, wanted, threads);
  Interactions& data = loaded.data;
  UserItems lists;
  lists.bad_lines = loaded.bad_lines;
  lists.begin.assign(data.users.size() + 1, 0);
  for (const uint32_t user : data.user) ++lists.begin[user + 1];
  for (size_t user = 1; user < lists.begin.size(); ++user) lists.begin[user] += lists.begin[user - 1];
  std::vector<uint64_t> next(lists.begin.begin(), lists.begin.end() - 1);
  lists.item.resize(data.size());
  lists.value.resize(data.value.size());
  lists.timestamp.resize(data.timestamp.size());
  lists.timestamp_rest.resize(data.timestamp_rest.size());
  for (size_t row = 0; row < data.size(); ++row) {
    const uint64_t to = next[data.user[row]]++;
    lists.item[to] = data.item[row];
    if (!data.value.empty()) lists.value[to] = data.value[row];
    if (!data.timestamp.empty()) lists.timestamp[to] = data.timestamp[row];
    if (!data.timestamp_rest.empty()) lists.timestamp_rest[to] = data.timestamp_rest[row];
  }
  lists.users = std::move(data.users);
  lists.items = std::move(data.items);
  return lists;
}

}  // namespace rec
