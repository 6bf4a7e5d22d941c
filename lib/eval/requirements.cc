#include "eval/requirements.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/number.h"
#include "eval/comparison_report.h"

namespace rec {
namespace {

std::string without_spaces(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// "ctr.difference[new]" with ".low": "ctr.difference.low[new]".
std::string with_part(const std::string& name, const char* part) {
  const size_t bracket = std::min(name.find('['), name.size());
  return name.substr(0, bracket) + part + name.substr(bracket);
}

void add_row(ReportRow row, const std::string& brackets, std::vector<ReportRow>& rows) {
  row.name += brackets;
  if (row.low) rows.push_back({.name = with_part(row.name, ".low"), .value = *row.low});
  if (row.high) rows.push_back({.name = with_part(row.name, ".high"), .value = *row.high});
  rows.push_back(std::move(row));
}

std::string file_stem(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  const size_t dot = file.rfind('.');
  return dot == 0 || dot == std::string::npos ? file : file.substr(0, dot);
}

void add_comparison(const Comparison& comparison, const std::string& brackets, std::vector<ReportRow>& rows) {
  rows.push_back({.name = comparison.metric + ".users" + brackets,
                  .value = static_cast<double>(comparison.users),
                  .is_count = true});
  for (const auto& [column, value] : numbers_of(comparison)) {
    const std::string_view name = column;
    const std::string part = name == "low" || name == "high" ? fmt::format("difference.{}", name) : std::string(name);
    rows.push_back({.name = fmt::format("{}.{}{}", comparison.metric, part, brackets), .value = value});
  }
}

// The names that one may have meant: rows of the same column or, if there are none, of the same metric.
std::string names_beside(const std::string& name, std::span<const ReportRow> rows) {
  constexpr size_t kShown = 8;
  for (const char* const ends : {"[", ".["}) {
    const std::string start = name.substr(0, name.find_first_of(ends));
    std::string names;
    size_t shown = 0;
    for (const ReportRow& row : rows) {
      if (!row.name.starts_with(start)) continue;
      if (++shown > kShown) return names + ", ...";
      names += (names.empty() ? "" : ", ") + printable(row.name);
    }
    if (!names.empty()) return names;
  }
  return "";
}

}  // namespace

Requirement parse_requirement(const std::string& text) {
  const size_t at = text.find_first_of("<>");
  if (at != std::string::npos) {
    const size_t length = at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
    const std::string name = without_spaces(text.substr(0, at));
    const auto bound = parse_number<double>(without_spaces(text.substr(at + length)));
    if (!name.empty() && name.substr(0, name.find('[')).find('=') == std::string::npos && bound)
      return {text, name, text.substr(at, length), *bound};
  }
  fail_usage("--require \"{}\": expected METRIC>=VALUE (or <=, >, <)", printable(text));
}

std::vector<ReportRow> rows_to_require(std::span<const ReportRow> rows, std::span<const SegmentRows> segments,
                                       std::span<const Comparison> comparisons) {
  std::vector<ReportRow> all;
  for (const ReportRow& row : rows) add_row(row, "", all);
  for (const SegmentRows& segment : segments) {
    for (const ReportRow& row : segment.rows) add_row(row, fmt::format("[{}]", segment.segment), all);
  }
  const bool one = std::all_of(comparisons.begin(), comparisons.end(), [&](const Comparison& comparison) {
    return comparison.ranking == comparisons.front().ranking;
  });
  for (const Comparison& comparison : comparisons) {
    const std::string segment = comparison.segment.empty() ? "" : fmt::format("[{}]", comparison.segment);
    add_comparison(comparison, fmt::format("[{}]", comparison.ranking) + segment, all);
    const std::string stem = file_stem(comparison.ranking);
    const bool stem_is_unique = std::all_of(comparisons.begin(), comparisons.end(), [&](const Comparison& other) {
      return other.ranking == comparison.ranking || (file_stem(other.ranking) != stem && other.ranking != stem);
    });
    if (stem != comparison.ranking && stem_is_unique)
      add_comparison(comparison, fmt::format("[{}]", stem) + segment, all);
    if (one) add_comparison(comparison, segment, all);
  }
  return all;
}

std::vector<std::string> failed_requirements(std::span<const Requirement> requirements,
                                             std::span<const ReportRow> rows) {
  std::vector<std::string> failed;
  for (const Requirement& requirement : requirements) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const ReportRow& r) { return r.name == requirement.name; });
    if (row == rows.end()) {
      const std::string names = names_beside(requirement.name, rows);
      fail_usage("--require \"{}\": no such row in the output{}", printable(requirement.text),
                 names.empty() ? "" : "; there are " + names);
    }
    const double value = row->value;
    const bool holds = requirement.comparison == ">="   ? value >= requirement.bound
                       : requirement.comparison == "<=" ? value <= requirement.bound
                       : requirement.comparison == ">"  ? value > requirement.bound
                                                        : value < requirement.bound;
    if (holds) continue;
    std::string found;
    if (row->is_count) {
      append_integer(found, static_cast<uint64_t>(value));
    } else if (std::isnan(value)) {
      found = "nan";
    } else {
      append_number(found, value);
    }
    failed.push_back(fmt::format("required {}, found {}", requirement.text, found));
  }
  return failed;
}

}  // namespace rec
