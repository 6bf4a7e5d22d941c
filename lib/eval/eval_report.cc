#include "eval/eval_report.h"

#include <algorithm>

#include "base/number.h"

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
