// Whether the candidates have anything to do with the tables beside them: exclusions, item lists,
// features, histories. Thread rule: a Meeting belongs to one thread; add() puts several together.
#pragma once

#include <string>
#include <vector>

#include "data/groups.h"
#include "data/overlap.h"

namespace rec {

// What the candidates are looked up in.
struct SideTable {
  MatchedTable ids;
  bool may_miss = false;  // having nothing in common is worth a note, and no warning: a list of blocked items
};

// The candidates of a stream against each of `tables`.
class Meeting {
 public:
  // Looks at a user's candidates; columns 0 and 1 are the user and the item.
  void look(const std::vector<SideTable>& tables, const Group& group);
  // As if what `later` has seen were looked at now; later is empty then.
  void add(Meeting& later);
  // What to say, in the order of the tables: whether it is a warning, and the text. name: of the candidates.
  struct Line {
    bool warning;
    std::string text;
  };
  std::vector<Line> lines(const std::vector<SideTable>& tables, const std::string& name) const;

 private:
  struct Seen {
    StreamIds users;
    StreamIds items;
  };
  std::vector<Seen> seen_;  // by table
};

}  // namespace rec
