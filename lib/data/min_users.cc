#include "data/min_users.h"

#include <fmt/format.h>

namespace rec {

LeftOut groups_below(std::span<const uint64_t> users, uint64_t least) {
  LeftOut left;
  left.out.assign(users.size(), false);
  uint64_t together = 0;
  for (size_t group = 0; group < users.size(); ++group) {
    if (users[group] == 0 || users[group] >= least) continue;
    left.out[group] = true;
    ++left.small;
    together += users[group];
  }
  while (together > 0 && together < least) {
    size_t smallest = users.size();
    for (size_t group = 0; group < users.size(); ++group) {
      if (left.out[group] || users[group] == 0) continue;
      if (smallest == users.size() || users[group] < users[smallest]) smallest = group;
    }
    if (smallest == users.size()) break;
    left.out[smallest] = true;
    ++left.more;
    together += users[smallest];
  }
  return left;
}

std::string left_out_note(const LeftOut& left, std::string_view noun, uint64_t least) {
  if (left.groups() == 0) return "";
  std::string text = fmt::format("{} of {} {}s left out: {} of fewer than {} users", left.groups(), left.out.size(),
                                 noun, left.small, least);
  if (left.more > 0) text += fmt::format(", {} so that the others cannot be told from the total", left.more);
  return text;
}

}  // namespace rec
