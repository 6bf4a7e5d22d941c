#include "rerank/side_tables.h"

namespace rec {

void Meeting::look(const std::vector<SideTable>& tables, const Group& group) {
  seen_.resize(tables.size());
  for (size_t at = 0; at < tables.size(); ++at) {
    const MatchedTable& ids = tables[at].ids;
    Seen& seen = seen_[at];
    if (ids.users.ids != nullptr && !seen.users.met())
      seen.users.add(group.user, ids.users.ids->find(group.user) != kNoId);
    if (ids.items.ids == nullptr) continue;
    for (size_t row = 0; row < group.rows && !seen.items.met(); ++row) {
      const std::string_view item = group.field(row, 1);
      seen.items.add(item, ids.items.ids->find(item) != kNoId);
    }
  }
}

void Meeting::add(Meeting& later) {
  seen_.resize(std::max(seen_.size(), later.seen_.size()));
  for (size_t at = 0; at < later.seen_.size(); ++at) {
    Seen& from = later.seen_[at];
    seen_[at].users.add(from.users);
    seen_[at].items.add(from.items);
    // What has met once stays so: nothing more is looked up.
    if (!from.users.met()) from.users = {};
    if (!from.items.met()) from.items = {};
  }
}

std::vector<Meeting::Line> Meeting::lines(const std::vector<SideTable>& tables, const std::string& name) const {
  std::vector<Line> lines;
  for (size_t at = 0; at < seen_.size(); ++at) {
    const MatchedTable candidates{.name = name, .users = seen_[at].users.column(), .items = seen_[at].items.column()};
    for (std::string& text : unmet(tables[at].ids, candidates))
      lines.push_back({!tables[at].may_miss, std::move(text)});
  }
  return lines;
}

}  // namespace rec
