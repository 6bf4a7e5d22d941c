#include "eval/eval_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "eval/comparison_report.h"

namespace rec {
namespace {

void append_bound(const ReportTable& table, std::string& line, const std::optional<double>& bound) {
  line += '\t';
  if (bound) table.append(line, *bound);
}

bool has_interval(const ReportRow& row) { return row.low || row.high; }

void write_row(ReportTable& table, const std::string& name, const ReportRow& row, bool intervals) {
  std::string line = name + '\t';
  if (row.is_count) {
    append_integer(line, static_cast<uint64_t>(row.value));
  } else {
    table.append(line, row.value);
  }
  if (intervals) {
    append_bound(table, line, row.low);
    append_bound(table, line, row.high);
  }
  table.row(line);
}

}  // namespace

void write_report(ReportTable& table, std::span<const ReportRow> rows) {
  const bool intervals = std::any_of(rows.begin(), rows.end(), has_interval);
  table.header(intervals ? "metric\tvalue\tlow\thigh" : "metric\tvalue");
  for (const ReportRow& row : rows) write_row(table, row.name, row, intervals);
}

void write_segments(ReportTable& table, std::span<const ReportRow> rows, std::span<const SegmentRows> segments) {
  const bool intervals = std::any_of(rows.begin(), rows.end(), has_interval);
  table.header(intervals ? "metric\tsegment\tvalue\tlow\thigh" : "metric\tsegment\tvalue");
  for (const ReportRow& row : rows) write_row(table, row.name + '\t' + kAllSegment, row, intervals);
  for (const SegmentRows& segment : segments) {
    for (const ReportRow& row : segment.rows) write_row(table, row.name + '\t' + segment.segment, row, intervals);
  }
}

void write_per_user(ReportTable& table, const PerUserTable& users) {
  std::string line = "user";
  for (const std::string& metric : users.metrics) line += '\t' + metric;
  table.header(line);
  for (size_t user = 0; user < users.users.size(); ++user) {
    line.assign(users.users[user]);
    for (size_t metric = 0; metric < users.metrics.size(); ++metric) {
      line += '\t';
      table.append(line, users.values[user * users.metrics.size() + metric]);
    }
    table.row(line);
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

}  // namespace rec
