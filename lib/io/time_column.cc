#include "io/time_column.h"

#include <fmt/core.h>

#include "base/error.h"
#include "io/line_cursor.h"

namespace rec {

TimeKind first_time_kind(std::string_view text, int position, const Layout& layout) {
  LineCursor cursor(text, layout.width);
  Line line;
  while (cursor.next(line)) {
    if (line.n_fields != layout.n_fields) continue;
    const auto time = parse_time(line.fields[static_cast<size_t>(position)]);
    if (time) return time->date ? TimeKind::kDates : TimeKind::kNumbers;
  }
  return TimeKind::kUnknown;
}

TimeField checked_time(const std::optional<TimeField>& time, std::string_view field, int position, TimeKind kind) {
  if (!time) bad_time(position + 1, field);
  if (kind != (time->date ? TimeKind::kDates : TimeKind::kNumbers)) {
    bad_field(position + 1,
              fmt::format("{} in a table whose timestamps are {}: \"{}\"", time->date ? "a date" : "a number",
                          time->date ? "numbers" : "dates", printable(field)));
  }
  return *time;
}

}  // namespace rec
