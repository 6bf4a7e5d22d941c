#include "eval/json_report.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "eval/comparison_report.h"

namespace rec {
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

nlohmann::ordered_json comparisons_json(std::span<const Comparison> comparisons) {
  auto array = nlohmann::ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    nlohmann::ordered_json entry;
    entry["metric"] = comparison.metric;
    entry[path_column(comparison)] = comparison.ranking;
    if (!comparison.segment.empty()) entry["segment"] = comparison.segment;
    entry[units_column(comparison)] = comparison.users;
    for (const auto& [name, value] : numbers_of(comparison)) entry[name] = value;  // NaN is written as null
    array.push_back(std::move(entry));
  }
  return array;
}

}  // namespace

void write_json(Output& out, const ReportTables& tables) {
  out.no_table();
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

}  // namespace rec
