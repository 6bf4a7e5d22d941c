#include "data/user_items.h"

#include "data/interactions.h"

namespace rec {

UserItems histories_of(const Interactions& data, const IdTable& users) {
  UserItems histories;
  histories.items = data.items;
  const Sequences sequences = by_time(data);
  std::vector<bool> wanted(data.users.size(), false);
  for (uint32_t user = 0; user < users.size(); ++user) {
    const uint32_t number = data.users.find(users[user]);
    if (number != kNoId) wanted[number] = true;
  }
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    if (!wanted[user]) continue;
    histories.users.intern(data.users[user]);  // they ascend as in `data`
    for (uint64_t at = sequences.begin[user]; at < sequences.begin[user + 1]; ++at) {
      const uint64_t row = sequences.row[at];
      histories.item.push_back(data.item[row]);
      if (!data.value.empty()) histories.value.push_back(data.value[row]);
      if (!data.timestamp.empty()) histories.timestamp.push_back(data.timestamp[row]);
      if (!data.timestamp_rest.empty()) histories.timestamp_rest.push_back(data.timestamp_rest[row]);
    }
    histories.begin.push_back(histories.item.size());
  }
  return histories;
}

}  // namespace rec
