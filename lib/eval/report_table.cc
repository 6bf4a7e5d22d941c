#include "eval/report_table.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

// Calls each(column, field, is_last) for the fields of a line.
template <typename Each>
void for_each_field(std::string_view line, const Each& each) {
  for (size_t column = 0;; ++column) {
    const size_t tab = line.find('\t');
    each(column, printable(line.substr(0, tab)), tab == std::string_view::npos);
    if (tab == std::string_view::npos) return;
    line.remove_prefix(tab + 1);
  }
}

template <typename Each>
void for_each_line(std::string_view lines, const Each& each) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    each(lines.substr(0, end));
    lines.remove_prefix(std::min(lines.size(), end + 1));
  }
}

}  // namespace

std::string aligned_columns(std::string_view lines) {
  std::vector<size_t> widths;
  for_each_line(lines, [&](std::string_view line) {
    for_each_field(line, [&](size_t column, const std::string& field, bool) {
      if (column == widths.size()) widths.push_back(0);
      widths[column] = std::max(widths[column], characters(field));
    });
  });
  std::string text;
  for_each_line(lines, [&](std::string_view line) {
    for_each_field(line, [&](size_t column, const std::string& field, bool last) {
      text += field;
      if (!last) text.append(widths[column] - characters(field) + 2, ' ');
    });
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  });
  return text;
}

void ReportTable::header(std::string_view names) {
  if (style_.header) row(names);
}

void ReportTable::row(std::string_view line) {
  if (style_.aligned) {
    (waiting_ += line) += '\n';
  } else {
    out_.write(line);
    out_.write("\n");
  }
}

void ReportTable::finish() { out_.write(aligned_columns(waiting_)); }

void ReportTable::append(std::string& line, double value) const {
  if (std::isnan(value)) {
    line += "nan";
  } else if (style_.digits > 0) {
    line += fmt::format("{:.{}g}", value, style_.digits);
  } else {
    append_number(line, value);
  }
}

}  // namespace rec
