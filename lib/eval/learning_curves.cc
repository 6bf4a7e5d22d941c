#include "eval/learning_curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "base/number.h"
#include "io/byte_source.h"
#include "io/compressor.h"
#include "io/fd.h"
#include "metrics/metric_table.h"

namespace rec {
namespace {

enum Field : size_t { kEpoch, kSeconds, kObjective, kValue };
constexpr std::array<std::string_view, 3> kNames{"epoch", "seconds", "objective"};

// The bytes of a log up to its last complete line; what is left out goes to `note`.
std::string whole_lines(const std::string& path, std::string& note) {
  ByteSource source(path);
  std::string text;
  std::array<char, 65536> block;
  try {
    while (text.size() < kNames[kEpoch].size() || text.starts_with(kNames[kEpoch])) {  // of another file the beginning
      const size_t n = source.read(block.data(), block.size());
      if (n == 0) break;
      text.append(block.data(), n);
    }
  } catch (const Error& error) {  // a compressed log that grows, or was killed, ends too early
    if (text.find('\n') == text.npos) throw;
    note = error.what();
  }
  const size_t end = text.rfind('\n') + 1;  // 0 where there is none
  if (end < text.size() && note.empty()) note = source.name() + ": the last line is not complete and is left out";
  text.resize(end);
  return text;
}

std::vector<std::string_view> fields_of(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  for (size_t end = 0; (end = line.find(delimiter)) != line.npos; line.remove_prefix(end + 1))
    fields.push_back(line.substr(0, end));
  fields.push_back(line);
  return fields;
}

}  // namespace

// Logs have thousandths.
double LearningCurve::total_seconds() const {
  return std::round(1000.0 * std::accumulate(seconds.begin(), seconds.end(), 0.0)) / 1000.0;
}

std::optional<size_t> LearningCurve::best() const {
  if (value.empty()) return std::nullopt;
  const MetricInfo* const known = find_metric(metric);
  const auto found = known != nullptr && known->lower_is_better ? std::min_element(value.begin(), value.end())
                                                                : std::max_element(value.begin(), value.end());
  return static_cast<size_t>(found - value.begin());
}

LearningCurve read_learning_curve(const std::string& path) {
  LearningCurve curve;
  curve.log = path;
  const std::string name = input_name(path);
  const std::string text = whole_lines(path, curve.note);
  const char delimiter = uncompressed_name(path).ends_with(".csv") ? ',' : '\t';
  size_t number = 0, width = 0;
  for (size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    std::string_view line(text.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::vector<std::string_view> fields = fields_of(line, delimiter);
    if (++number == 1) {
      width = fields.size();
      if (!std::equal(kNames.begin(), kNames.end(), fields.begin(), fields.begin() + std::min(width, kNames.size())) ||
          width > kValue + 1 || (width > kValue && fields[kValue].empty()))
        fail(
            "{}:1: no log of rec-embed --log, which begins with epoch, seconds, objective and a metric if there is "
            "one: \"{}\"",
            name, printable(line));
      if (width > kValue) curve.metric = fields[kValue];
      continue;
    }
    if (fields.size() != width)
      fail("{}:{}: expected {} fields, found {}: \"{}\"", name, number, width, fields.size(), printable(line));
    const auto epoch = parse_integer<uint32_t>(fields[kEpoch]);
    const uint32_t last = curve.epoch.empty() ? 0 : curve.epoch.back();
    if (!epoch || *epoch <= last)
      fail("{}:{}: field 1: expected an epoch above {} and at most {}, found \"{}\"", name, number, last,
           std::numeric_limits<uint32_t>::max(), printable(fields[kEpoch]));
    curve.epoch.push_back(*epoch);
    std::array<std::vector<double>*, 4> columns{nullptr, &curve.seconds, &curve.objective, &curve.value};
    for (size_t field = kSeconds; field < width; ++field) {
      const auto its = parse_number<double>(fields[field]);
      if (!its) fail("{}:{}: field {}: not a number: \"{}\"", name, number, field + 1, printable(fields[field]));
      columns[field]->push_back(*its);
    }
    if (curve.seconds.back() < 0.0 || !std::isfinite(curve.total_seconds()))
      fail(
          "{}:{}: field 2: expected seconds, at least 0 and within the range of numbers with those before, found "
          "\"{}\"",
          name, number, printable(fields[kSeconds]));
  }
  if (number == 0) fail("{}: no log of rec-embed --log: it has no complete line", name);
  return curve;
}

void write_learning_curves(ReportTable& table, std::span<const LearningCurve> curves) {
  table.header("log\tepochs\tseconds\tobjective\tmetric\tbest\tbest_epoch");
  for (const LearningCurve& curve : curves) {
    std::string line = escaped(input_name(curve.log));
    line += fmt::format("\t{}\t", curve.epoch.empty() ? 0 : curve.epoch.back());
    table.append(line, curve.total_seconds());
    line += '\t';
    if (!curve.objective.empty()) table.append(line, curve.objective.back());
    line += '\t' + escaped(curve.metric) + '\t';
    const std::optional<size_t> best = curve.best();
    if (best) table.append(line, curve.value[*best]);
    line += '\t';
    if (best) line += std::to_string(curve.epoch[*best]);
    table.row(line);
  }
}

void write_learning_curves_json(Output& out, std::span<const LearningCurve> curves) {
  out.no_table();
  auto logs = nlohmann::ordered_json::array();
  for (const LearningCurve& curve : curves) {
    nlohmann::ordered_json entry;
    entry["log"] = input_name(curve.log);
    entry["epochs"] = curve.epoch.empty() ? 0 : curve.epoch.back();
    entry["seconds"] = curve.total_seconds();
    if (!curve.objective.empty()) entry["objective"] = curve.objective.back();
    if (!curve.metric.empty()) entry["metric"] = curve.metric;
    if (const std::optional<size_t> best = curve.best()) {
      entry["best"] = curve.value[*best];
      entry["best_epoch"] = curve.epoch[*best];
    }
    logs.push_back(std::move(entry));
  }
  nlohmann::ordered_json json;
  json["logs"] = std::move(logs);
  out.write(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

}  // namespace rec
