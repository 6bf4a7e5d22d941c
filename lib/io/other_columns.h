// The columns of an input that a tool does not use, to be carried along.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "io/table.h"

namespace rec {

// Immutable; threads may share it.
class OtherColumns {
 public:
  // keep: false carries nothing.
  // own: columns of the output; an input's column of that name is left out.
  OtherColumns(const Layout& layout, bool keep, const std::vector<std::string_view>& own) {
    if (!keep) return;
    std::vector<char> used(layout.n_fields, 0);
    for (const int position : layout.position) {
      if (position != Layout::kAbsent) used[static_cast<size_t>(position)] = 1;
    }
    for (size_t field = 0; field < layout.n_fields; ++field) {
      if (used[field] || (layout.header && std::find(own.begin(), own.end(), layout.names[field]) != own.end()))
        continue;
      fields_.push_back(field);
    }
    if (!layout.header) return;
    for (const size_t field : fields_) names_ += "\t" + layout.names[field];
  }
  bool any() const { return !fields_.empty(); }
  // A TAB and the name for each, where the input has a header.
  const std::string& header() const { return names_; }
  // Appends a TAB and the field for each of them.
  void append(std::string_view line, std::string& out) const {
    size_t field = 0;
    auto next = fields_.begin();
    for (size_t at = 0; next != fields_.end();) {
      const size_t tab = std::min(line.find('\t', at), line.size());
      if (field == *next) {
        out += '\t';
        out += line.substr(at, tab - at);
        ++next;
      }
      if (tab == line.size()) break;
      at = tab + 1;
      ++field;
    }
  }

 private:
  std::vector<size_t> fields_;
  std::string names_;
};

}  // namespace rec
