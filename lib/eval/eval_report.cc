#include "eval/eval_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/number.h"
#include "eval/comparison_report.h"

namespace rec {
namespace {

void append_value(std::string& line, const ReportRow& row) {
  if (row.is_count) {
    append_integer(line, static_cast<uint64_t>(row.value));
  } else if (std::isnan(row.value)) {
    line += "nan";
  } else {
    append_number(line, row.value);
  }
}

std::string without_spaces(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void append_bound(std::string& line, const std::optional<double>& bound) {
  line += '\t';
  if (!bound) return;
  if (std::isnan(*bound)) {
    line += "nan";
  } else {
    append_number(line, *bound);
  }
}

bool has_interval(const ReportRow& row) { return row.low || row.high; }

void write_row(Output& out, const std::string& name, const ReportRow& row, bool intervals) {
  std::string line = name + '\t';
  append_value(line, row);
  if (intervals) {
    append_bound(line, row.low);
    append_bound(line, row.high);
  }
  out.write(line + '\n');
}

}  // namespace

void write_report(Output& out, std::span<const ReportRow> rows, bool header) {
  const bool intervals = std::any_of(rows.begin(), rows.end(), has_interval);
  if (header) out.write(intervals ? "metric\tvalue\tlow\thigh\n" : "metric\tvalue\n");
  for (const ReportRow& row : rows) write_row(out, row.name, row, intervals);
}

void write_segments(Output& out, std::span<const ReportRow> rows, std::span<const SegmentRows> segments, bool header) {
  const bool intervals = std::any_of(rows.begin(), rows.end(), has_interval);
  if (header) out.write(intervals ? "metric\tsegment\tvalue\tlow\thigh\n" : "metric\tsegment\tvalue\n");
  for (const ReportRow& row : rows) write_row(out, row.name + '\t', row, intervals);
  for (const SegmentRows& segment : segments) {
    for (const ReportRow& row : segment.rows) write_row(out, row.name + '\t' + segment.segment, row, intervals);
  }
}

void write_per_user(Output& out, const PerUserTable& table, bool header) {
  std::string line = "user";
  for (const std::string& metric : table.metrics) line += '\t' + metric;
  if (header) out.write(line + '\n');
  for (size_t user = 0; user < table.users.size(); ++user) {
    line.assign(table.users[user]);
    for (size_t metric = 0; metric < table.metrics.size(); ++metric) {
      append_bound(line, table.values[user * table.metrics.size() + metric]);
    }
    line += '\n';
    out.write(line);
  }
}

namespace {

void add_rows(std::span<const ReportRow> rows, nlohmann::ordered_json& json) {
  for (const ReportRow& row : rows) {
    if (row.is_count) {
      json["counts"][row.name] = static_cast<uint64_t>(row.value);
      continue;
    }
    json["metrics"][row.name] = row.value;
    if (row.low && row.high) json["intervals"][row.name] = {*row.low, *row.high};
  }
}

}  // namespace

void write_json(Output& out, const ReportTables& tables) {
  nlohmann::ordered_json json;  // NaN is written as null
  add_rows(tables.rows, json);
  if (const PerUserTable* table = tables.per_user; table != nullptr) {
    auto users = nlohmann::ordered_json::array();
    for (size_t user = 0; user < table->users.size(); ++user) {
      nlohmann::ordered_json entry;
      entry["user"] = table->users[user];
      for (size_t metric = 0; metric < table->metrics.size(); ++metric) {
        entry[table->metrics[metric]] = table->values[user * table->metrics.size() + metric];
      }
      users.push_back(std::move(entry));
    }
    json["per_user"] = std::move(users);
  }
  for (const SegmentRows& segment : tables.segments) add_rows(segment.rows, json["segments"][segment.segment]);
  if (!tables.comparisons.empty()) json["comparisons"] = comparisons_json(tables.comparisons);
  out.write(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

void write_metric_list(Output& out) {
  out.write("metric\ttable\texplanation\tformula\trange\tties\tsource\n");
  for (const MetricInfo& info : all_metrics()) {
    const std::string_view parameter = info.parameter == MetricParameter::kOptionalK      ? "[@k]"
                                       : info.parameter == MetricParameter::kOptionalBins ? "[@bins]"
                                                                                          : "";
    out.write(fmt::format("{}{}\t{}\t{}\t{}\t{}\t{}\t{}\n", info.name, parameter, metric_kind_name(info.kind),
                          info.explanation, info.formula, info.range, info.ties, info.source));
  }
}

Requirement parse_requirement(const std::string& text) {
  const size_t at = text.find_first_of("<>");
  if (at != std::string::npos) {
    const size_t length = at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
    const std::string name = without_spaces(text.substr(0, at));
    const auto bound = parse_number<double>(without_spaces(text.substr(at + length)));
    if (!name.empty() && name.find('=') == std::string::npos && bound)
      return {text, name, text.substr(at, length), *bound};
  }
  fail_usage("--require \"{}\": expected METRIC>=VALUE (or <=, >, <)", printable(text));
}

std::vector<std::string> failed_requirements(std::span<const Requirement> requirements,
                                             std::span<const ReportRow> rows) {
  std::vector<std::string> failed;
  for (const Requirement& requirement : requirements) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const ReportRow& r) { return r.name == requirement.name; });
    if (row == rows.end()) fail_usage("--require \"{}\": no such row in the output", printable(requirement.text));
    const double value = row->value;
    const bool holds = requirement.comparison == ">="   ? value >= requirement.bound
                       : requirement.comparison == "<=" ? value <= requirement.bound
                       : requirement.comparison == ">"  ? value > requirement.bound
                                                        : value < requirement.bound;
    if (holds) continue;
    std::string found;
    append_value(found, *row);
    failed.push_back(fmt::format("required {}, found {}", requirement.text, found));
  }
  return failed;
}

}  // namespace rec
