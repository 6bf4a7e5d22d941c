#include "eval/compare_predictions.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

// Means over rows, and the root of one.
bool is_of_rows(const MetricInfo& info) { return info.lower_is_better && info.parameter == MetricParameter::kNone; }

void check_same_rows(const PredictionTable& a, const PredictionTable& b) {
  const auto differ = [&](size_t row, const char* what, const auto& in_b, const auto& in_a) {
    fail("{}: row {} has {} {}, {} has {}: --compare needs the same rows in the same order", b.name, row + 1, what,
         in_b, a.name, in_a);
  };
  if (a.rows.label.size() != b.rows.label.size())
    fail("{}: {} rows, {} has {}: --compare needs the same rows in the same order", b.name, b.rows.label.size(), a.name,
         a.rows.label.size());
  if (a.rows.user.empty() != b.rows.user.empty())
    fail("{}: no column user, which {} has", a.rows.user.empty() ? a.name : b.name,
         a.rows.user.empty() ? b.name : a.name);
  const auto weight = [](const PredictionTable& table, size_t row) {
    return table.rows.weight.empty() ? 1.0 : table.rows.weight[row];
  };
  for (size_t row = 0; row < a.rows.label.size(); ++row) {
    if (a.rows.label[row] != b.rows.label[row]) differ(row, "label", b.rows.label[row], a.rows.label[row]);
    if (weight(a, row) != weight(b, row)) differ(row, "weight", weight(b, row), weight(a, row));
    if (a.rows.user.empty()) continue;
    const std::string_view in_a = a.users[a.rows.user[row]], in_b = b.users[b.rows.user[row]];
    if (in_a != in_b) differ(row, "user", printable(in_b), printable(in_a));
  }
}

// The rows of each unit: users in byte order, or each row by itself.
struct Units {
  std::vector<uint64_t> begin{0};
  std::vector<uint32_t> row;

  size_t size() const { return begin.size() - 1; }
};

Units units_of(const PredictionTable& table) {
  const size_t rows = table.rows.label.size();
  Units units;
  units.row.resize(rows);
  std::iota(units.row.begin(), units.row.end(), 0u);
  if (table.rows.user.empty()) {
    units.begin.resize(rows + 1);
    std::iota(units.begin.begin(), units.begin.end(), uint64_t{0});
    return units;
  }
  const std::vector<uint32_t> place = places_in(table.users.sorted_order());
  std::stable_sort(units.row.begin(), units.row.end(),
                   [&](uint32_t a, uint32_t b) { return place[table.rows.user[a]] < place[table.rows.user[b]]; });
  units.begin.assign(table.users.size() + 1, 0);
  for (const uint32_t user : table.rows.user) ++units.begin[place[user] + size_t{1}];
  std::partial_sum(units.begin.begin(), units.begin.end(), units.begin.begin());
  return units;
}

EvaluatedUsers values_of(const PredictionTable& table, std::span<const Metric> metrics, const Units& units,
                         int threads) {
  EvaluatedUsers values;
  values.users.resize(units.size());
  std::iota(values.users.begin(), values.users.end(), 0u);
  values.values.resize(units.size() * metrics.size());
  constexpr size_t kUnitsAtOnce = 1024;
  parallel_for((units.size() + kUnitsAtOnce - 1) / kUnitsAtOnce, threads, [&](size_t block, int) {
    Predictions own;
    for (size_t unit = block * kUnitsAtOnce; unit < std::min(units.size(), (block + 1) * kUnitsAtOnce); ++unit) {
      own.label.clear();
      own.prediction.clear();
      own.weight.clear();
      for (uint64_t at = units.begin[unit]; at < units.begin[unit + 1]; ++at) {
        const uint32_t row = units.row[at];
        own.label.push_back(table.rows.label[row]);
        own.prediction.push_back(table.rows.prediction[row]);
        if (!table.rows.weight.empty()) own.weight.push_back(table.rows.weight[row]);
      }
      own.user.assign(own.label.size(), 0);
      for (size_t metric = 0; metric < metrics.size(); ++metric) {
        const MetricInfo& info = *metrics[metric].info;
        values.values[unit * metrics.size() + metric] =
            info.by_user != nullptr ? info.by_user(own).value.front() : info.prediction(own, metrics[metric].parameter);
      }
    }
  });
  return values;
}

}  // namespace

void check_comparable(std::span<const Metric> metrics) {
  for (const Metric& metric : metrics) {
    if (metric.info->by_user == nullptr && !is_of_rows(*metric.info))
      fail_usage("--compare does not apply to {}, which is no mean over users or rows", metric.name);
  }
}

std::vector<Comparison> compare_predictions(std::span<const Metric> metrics, const PredictionTable& baseline,
                                            std::span<const PredictionTable> others, const CompareOptions& options,
                                            const BootstrapOptions& bootstrap, int threads) {
  for (const PredictionTable& other : others) check_same_rows(baseline, other);
  const bool by_row = baseline.rows.user.empty();
  for (const Metric& metric : metrics) {
    if (by_row && (!is_of_rows(*metric.info) || metric.info->name == "rmse"))
      fail("{}: no column user, which --compare needs for {}{}", baseline.name, metric.name,
           is_of_rows(*metric.info) ? "; mse has a value of each row" : "");
  }
  if (by_row && !baseline.rows.weight.empty())
    fail("{}: no column user, which --compare needs where rows have weights", baseline.name);
  const Units units = units_of(baseline);
  const EvaluatedUsers base = values_of(baseline, metrics, units, threads);
  std::vector<EvaluatedUsers> values;
  for (const PredictionTable& other : others) values.push_back(values_of(other, metrics, units, threads));
  std::vector<const EvaluatedUsers*> addresses;
  for (const EvaluatedUsers& its : values) addresses.push_back(&its);
  std::vector<Comparison> comparisons = compare_rankings(metrics, base, addresses, options, bootstrap, threads);
  for (Comparison& comparison : comparisons) {
    comparison.of = by_row ? ComparedBy::kRowsOfPredictions : ComparedBy::kUsersOfPredictions;
    if (comparison.users == 0) fail("{}: no user has a value of {}", baseline.name, comparison.metric);
  }
  return comparisons;
}

}  // namespace rec
