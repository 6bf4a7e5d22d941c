#include "data/sessions.h"

namespace rec {

Sessions find_sessions(const Interactions& data, double gap) {
  Sessions sessions;
  sessions.of.resize(data.size());
  const Sequences sequences = by_time(data);
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    uint64_t place = 0;
    for (uint64_t at = sequences.begin[user]; at < sequences.begin[user + 1]; ++at) {
      const uint64_t row = sequences.row[at];
      const Time time = data.time(row);
      if (place == 0 || between(sessions.last.back(), time) > gap) {
        sessions.place.push_back(++place);
        sessions.last.push_back(time);
      }
      sessions.last.back() = time;
      sessions.of[row] = sessions.last.size() - 1;
    }
  }
  return sessions;
}

}  // namespace rec
