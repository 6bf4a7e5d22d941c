#include "eval/eval_policy.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "data/id_table.h"
#include "metrics/ratio.h"

namespace rec {
namespace {

enum Column : size_t { kUser, kItem, kReward, kPropensity, kTarget, kPredicted, kExpected };

double probability_field(const Layout& layout, const Line& line, Column column, const char* what, bool zero_allowed) {
  const int position = layout.position[column];
  const double value = number_field(line, position);
  if (value > 1.0 || value < 0.0 || (value == 0.0 && !zero_allowed)) {
    bad_field(position + 1, fmt::format("expected a {} in {}0, 1], found \"{}\"", what, zero_allowed ? "[" : "(",
                                        printable(line.fields[static_cast<size_t>(position)])));
  }
  return value;
}

struct Row {
  PolicyRow values;
  bool clipped;
};

Row parse_row(const Layout& layout, const Line& line, double clip) {
  const double propensity = probability_field(layout, line, kPropensity, "propensity", false);
  const double target = probability_field(layout, line, kTarget, "target probability", true);
  Row row{};
  const auto number = [&](Column column) {
    return layout.has(column) ? number_field(line, layout.position[column]) : 0.0;
  };
  const double reward = number(kReward);
  const double predicted = number(kPredicted);
  row.values = policy_row(reward, propensity, target, clip, predicted, number(kExpected));
  row.clipped = target / propensity > clip;
  return row;
}

void check_columns(const Layout& layout, const std::string& name, std::span<const Metric> metrics) {
  for (const Metric& metric : metrics) {
    const bool model = metric.info->name == "dm" || metric.info->name == "dr";
    if (model && !layout.has(kExpected)) fail("{}: no column expected, which {} needs", name, metric.name);
    if (metric.info->name == "dr" && !layout.has(kPredicted)) fail("{}: no column predicted, which dr needs", name);
  }
}

// Sums of one metric, a number a user.
struct Sums {
  ScaledSums part;
  ScaledSums whole;
};

struct Piece {
  std::vector<std::string_view> users;  // dead with the batch
  std::vector<Row> rows;
};

std::vector<Interval> resampled(std::span<const Sums> sums, size_t users, const BootstrapOptions& options,
                                int threads) {
  const size_t groups[] = {users};
  const auto statistic = [&](std::span<const std::vector<uint16_t>> counts, std::span<double> values) {
    for (size_t metric = 0; metric < sums.size(); ++metric) {
      const ScaledSums& part = sums[metric].part;
      const ScaledSums& whole = sums[metric].whole;
      values[metric] = scaled_up(resampled_sum(counts[0], part.sums()) / resampled_sum(counts[0], whole.sums()),
                                 part.exponent() - whole.exponent());
    }
  };
  return percentile_intervals(bootstrap(groups, sums.size(), options, threads, statistic), sums.size(),
                              options.confidence);
}

}  // namespace

TableSpec policy_spec() {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  return {"policy log",
          {{"user", true, TableSpec::Kind::kId, false},
           {"item", true, TableSpec::Kind::kId, false},
           {"reward", true, kNumber},
           {"propensity", true, kNumber},
           {"target", true, kNumber},
           {"predicted", false, kNumber},
           {"expected", false, kNumber}}};
}

PolicyEvaluation evaluate_policy(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                 const PolicyOptions& options, const BootstrapOptions& bootstrap, int threads) {
  TableReader reader(path, policy_spec(), read);
  const Layout& layout = reader.layout();
  bool more = reader.next();
  if (more) check_columns(layout, reader.name(), metrics);
  PolicyEvaluation evaluation;
  EffectiveSize size;
  IdTable users;
  std::vector<Sums> sums(metrics.size());
  std::vector<Piece> pieces;
  std::vector<uint32_t> ids;
  const auto parts = static_cast<size_t>(std::max(1, threads)) * 2;
  for (; more; more = reader.next()) {
    pieces.assign(parts, Piece{});
    reader.parse(threads, parts, [&](size_t at, const Line& line) {
      const Row row = parse_row(layout, line, options.clip);
      if (layout.has(kUser)) pieces[at].users.push_back(id_field(line, layout.position[kUser], "user"));
      pieces[at].rows.push_back(row);
    });
    for (const Piece& piece : pieces) {
      ids.resize(piece.rows.size());
      if (layout.has(kUser)) {
        users.intern_all(piece.users, ids.data());
      } else {
        std::iota(ids.begin(), ids.end(), static_cast<uint32_t>(evaluation.rows));  // every row is a unit
      }
      const size_t units = layout.has(kUser) ? users.size() : evaluation.rows + piece.rows.size();
      for (Sums& sum : sums) {
        sum.part.resize(units);
        sum.whole.resize(units);
      }
      for (size_t row = 0; row < piece.rows.size(); ++row) {
        const Row& values = piece.rows[row];
        size.add(values.values.weight, values.values.weight_exponent);
        evaluation.clipped += values.clipped;
        for (size_t metric = 0; metric < metrics.size(); ++metric) {
          const PolicyTerm term = metrics[metric].info->policy(values.values);
          sums[metric].part.add(ids[row], term.part, term.part_exponent);
          sums[metric].whole.add(ids[row], term.whole, term.whole_exponent);
        }
      }
      evaluation.rows += piece.rows.size();
    }
  }
  if (evaluation.rows == 0) fail("{}: no rows to evaluate", reader.name());
  evaluation.bad_lines = reader.bad_lines();
  evaluation.has_users = layout.has(kUser);
  evaluation.users = evaluation.has_users ? users.size() : evaluation.rows;
  evaluation.effective_size = size.value();
  evaluation.mean_weight = size.mean(evaluation.rows);
  for (const Sums& sum : sums) {
    const RatioEstimate estimate =
        estimate_ratio(sum.part.sums(), sum.whole.sums(), sum.part.exponent(), sum.whole.exponent());
    evaluation.values.push_back(estimate.value);
    evaluation.intervals.push_back(ratio_interval(estimate, bootstrap.confidence));
  }
  if (bootstrap.resamples > 0) evaluation.intervals = resampled(sums, evaluation.users, bootstrap, threads);
  return evaluation;
}

}  // namespace rec
