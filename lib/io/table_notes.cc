#include "io/table_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/time.h"
#include "io/column_names.h"
#include "io/foreign_header.h"

namespace rec {
namespace {

// Values: whole numbers from here on are taken for seconds since 1970 (3 March 1973), or for smaller units.
constexpr double kLeastTime = 1e8;
// Ids, which may be as large: dates, or seconds or milliseconds from 1995 to 2040, in as many rows at least.
constexpr double kFirstSecond = 788918400;
constexpr double kLastSecond = 2208988800;
constexpr size_t kRowsOfTimes = 20;
constexpr size_t kMostUnused = 8;  // names to print

std::string field_name(const Layout& layout, size_t field) {
  return field < layout.names.size() ? layout.names[field] : fmt::format("field {}", field + 1);
}

size_t column_of(const TableSpec& spec, std::string_view name) {
  const auto found = std::find_if(spec.columns.begin(), spec.columns.end(),
                                  [&](const TableSpec::Column& column) { return column.name == name; });
  return static_cast<size_t>(found - spec.columns.begin());
}

}  // namespace

namespace {

bool reads_as_time(std::string_view id) {
  const auto time = parse_time(id);
  if (!time || time->date) return time.has_value();
  const double value = time->time.value;
  const auto within = [&](double unit) { return value >= kFirstSecond * unit && value <= kLastSecond * unit; };
  return std::floor(value) == value && (within(1) || within(1000));
}

void doubt_ids(const TableSpec& spec, const Layout& layout, std::string_view text, std::vector<std::string>& doubts) {
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (spec.columns[column].kind != TableSpec::Kind::kId || !layout.has(column)) continue;
    const auto at = static_cast<size_t>(layout.position[column]);
    size_t rows = 0;
    bool times = true;
    look_ahead(text, at + 1, [&](const Line& line) {
      ++rows;
      times = times && line.n_fields > at && reads_as_time(line.fields[at]);
    });
    if (times && rows >= kRowsOfTimes) {
      doubts.push_back(fmt::format("the {}s ({}) look like times: --columns says which column is which",
                                   spec.columns[column].name, field_name(layout, at)));
    }
  }
}

}  // namespace

std::string columns_note(const TableSpec& spec, const Layout& layout, const std::vector<bool>& used) {
  std::vector<std::string> names;
  std::vector<std::string> unused;
  std::vector<char> known(layout.n_fields, 0);
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (!layout.has(column)) continue;
    const auto field = static_cast<size_t>(layout.position[column]);
    const std::string& name = spec.columns[column].name;
    const bool plain = layout.header ? layout.names[field] == name : field == column;
    known[field] = 1;
    (used[column] ? names : unused).push_back(plain ? name : field_name(layout, field) + " as " + name);
  }
  std::vector<std::string> map;
  for (size_t field = 0; field < layout.n_fields; ++field) {
    if (known[field]) continue;
    unused.push_back(field_name(layout, field));
    for (size_t column = 0; column < spec.columns.size() && layout.header; ++column) {
      const std::string entry = spec.columns[column].name + "=" + layout.names[field];
      const bool again = std::any_of(map.begin(), map.end(), [&](const std::string& other) {
        return other.starts_with(spec.columns[column].name + "=");
      });
      if (layout.has(column) || again || !name_rank(spec.columns[column].name, layout.names[field])) continue;
      map.push_back(entry);
      break;
    }
  }
  if (!map.empty()) {  // whole: a map on the command line replaces the one that was there
    for (size_t column = spec.columns.size(); column-- > 0;) {
      if (!layout.has(column)) continue;
      const std::string& name = layout.names[static_cast<size_t>(layout.position[column])];
      if (name != spec.columns[column].name) map.insert(map.begin(), spec.columns[column].name + "=" + name);
    }
  }
  if (unused.size() > kMostUnused) {
    const size_t more = unused.size() - kMostUnused;
    unused.resize(kMostUnused);
    unused.push_back(fmt::format("{} more", more));
  }
  std::string text = fmt::format("columns {}", fmt::join(names, ", "));
  if (!unused.empty()) text += fmt::format("; unused: {}", fmt::join(unused, ", "));
  if (!map.empty())
    text += fmt::format(" (--columns {} would read more)", shell_word(fmt::format("{}", fmt::join(map, ","))));
  return text;
}

std::vector<std::string> column_doubts(const TableSpec& spec, const Layout& layout, std::string_view text) {
  std::vector<std::string> doubts;
  doubt_ids(spec, layout, text, doubts);
  const size_t value = column_of(spec, "value");
  const size_t timestamp = column_of(spec, "timestamp");
  if (value == spec.columns.size() || timestamp == spec.columns.size() || !layout.has(value)) return doubts;
  const auto at = static_cast<size_t>(layout.position[value]);
  size_t rows = 0;
  bool times = true;
  look_ahead(text, at + 1, [&](const Line& line) {
    const auto number = line.n_fields > at ? parse_number<double>(line.fields[at]) : std::nullopt;
    ++rows;
    times = times && number && *number >= kLeastTime && std::floor(*number) == *number;
  });
  if (rows == 0 || !times) return doubts;
  std::string map;
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (column == value || (column == timestamp && layout.has(timestamp)) ||
        !layout.has(column == timestamp ? value : column))
      continue;
    const auto field = static_cast<size_t>(layout.position[column == timestamp ? value : column]);
    map += (map.empty() ? "" : ",") + spec.columns[column].name + "=" +
           (layout.header ? layout.names[field] : fmt::format("{}", field + 1));
  }
  doubts.push_back(fmt::format("the values ({}) look like times{}", field_name(layout, at),
                               layout.has(timestamp) ? std::string() : ": say --columns " + shell_word(map)));
  return doubts;
}

}  // namespace rec
