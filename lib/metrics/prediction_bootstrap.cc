#include "metrics/prediction_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "metrics/concordance.h"
#include "metrics/scaling.h"
#include "metrics/undefined.h"

namespace rec {
namespace {

// A metric of the rows in which unit u counts counts[u] times.
using Statistic = std::function<double(std::span<const uint16_t> counts)>;

struct Units {
  std::vector<uint32_t> of_row;  // empty: every row is its own unit
  size_t count;

  uint32_t operator[](size_t row) const { return of_row.empty() ? static_cast<uint32_t>(row) : of_row[row]; }
};

// Σ counts·part / Σ counts·whole, with the sums of each unit taken beforehand.
Statistic ratio_of_sums(std::vector<double> part, std::vector<double> whole) {
  return [part = std::move(part), whole = std::move(whole)](std::span<const uint16_t> counts) {
    const double total = resampled_sum(counts, whole);
    return total != 0.0 ? resampled_sum(counts, part) / total : kUndefined;
  };
}

// The rows in sizes that can be summed; see PredictionScale.
struct ScaledRows {
  const Predictions& rows;
  PredictionScale scale;

  double weight(size_t row) const { return scaled_down(weight_of(rows, row), scale.weight); }
  double error(size_t row) const {
    return scaled_down(rows.prediction[row], scale.value) - scaled_down(rows.label[row], scale.value);
  }
};

// statistic · 2^exponent.
Statistic scaled(Statistic statistic, int exponent) {
  if (exponent == 0) return statistic;
  return [statistic = std::move(statistic), exponent](std::span<const uint16_t> counts) {
    return scaled_up(statistic(counts), exponent);
  };
}

// part_of, whole_of: a number for each row.
template <class Part, class Whole>
Statistic ratio_by_row(const ScaledRows& scaled, const Units& units, Part&& part_of, Whole&& whole_of) {
  std::vector<double> part(units.count);
  std::vector<double> whole(units.count);
  for (size_t row = 0; row < scaled.rows.label.size(); ++row) {
    const double weight = scaled.weight(row);
    part[units[row]] += weight * part_of(row);
    whole[units[row]] += weight * whole_of(row);
  }
  return ratio_of_sums(std::move(part), std::move(whole));
}

template <class Loss>
Statistic mean_loss(const ScaledRows& rows, const Units& units, Loss&& loss) {
  return ratio_by_row(rows, units, loss, [](size_t) { return 1.0; });
}

struct SortedRow {
  uint32_t unit;
  bool positive;
  bool last_of_tie;
  double weight;
};

// The rows are sorted once: a resample changes their weights alone.
Statistic resampled_auc(const Predictions& rows, const PredictionScale& scale, const Units& units) {
  std::vector<size_t> order(rows.label.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&rows](size_t a, size_t b) { return rows.prediction[a] < rows.prediction[b]; });
  std::vector<SortedRow> sorted;
  for (size_t place = 0; place < order.size(); ++place) {
    const size_t row = order[place];
    const bool last = place + 1 == order.size() || rows.prediction[order[place + 1]] != rows.prediction[row];
    const bool positive = rows.label[row] > 0.5;
    sorted.push_back({units[row], positive, last, scaled_down(weight_of(rows, row), scale.side[positive ? 1 : 0])});
  }
  return [sorted = std::move(sorted)](std::span<const uint16_t> counts) {
    double sum[2] = {0.0, 0.0};   // of negatives and positives below this prediction
    double tied[2] = {0.0, 0.0};  // at it
    double won = 0.0;
    for (const SortedRow& row : sorted) {
      tied[row.positive] += row.weight * counts[row.unit];
      if (!row.last_of_tie) continue;
      won += tied[1] * (sum[0] + 0.5 * tied[0]);
      for (const int side : {0, 1}) {
        sum[side] += tied[side];
        tied[side] = 0.0;
      }
    }
    return sum[0] > 0.0 && sum[1] > 0.0 ? won / (sum[0] * sum[1]) : kUndefined;
  };
}

// Σ weight value / Σ weight over the users with a value.
Statistic resampled_by_user(UserValues users) {
  for (size_t user = 0; user < users.value.size(); ++user) {
    if (std::isnan(users.value[user])) users.value[user] = users.weight[user] = 0.0;
    users.value[user] *= users.weight[user];
  }
  return ratio_of_sums(std::move(users.value), std::move(users.weight));
}

Statistic resampled_group_auc(const Predictions& rows) {
  UserValues users = auc_by_user(rows);
  users.weight.assign(users.value.size(), 1.0);
  return resampled_by_user(std::move(users));
}

// The mean of the labels is that of the resample: Σ w (y - c)² - (Σ w (y - c))² / Σ w.
Statistic resampled_r2(const ScaledRows& of, const Units& units) {
  std::vector<double> weight(units.count);
  std::vector<double> error(units.count);
  std::vector<double> off(units.count);
  std::vector<double> square(units.count);
  double centre = 0.0;
  double total = 0.0;
  const auto label = [&of](size_t row) { return scaled_down(of.rows.label[row], of.scale.label); };
  for (size_t row = 0; row < of.rows.label.size(); ++row) {
    centre += of.weight(row) * label(row);
    total += of.weight(row);
  }
  centre = total > 0.0 ? centre / total : 0.0;
  for (size_t row = 0; row < of.rows.label.size(); ++row) {
    const double y = label(row) - centre;
    weight[units[row]] += of.weight(row);
    error[units[row]] += of.weight(row) * of.error(row) * of.error(row);
    off[units[row]] += of.weight(row) * y;
    square[units[row]] += of.weight(row) * y * y;
  }
  const int exponent = 2 * (of.scale.value - of.scale.label);
  return [weight = std::move(weight), error = std::move(error), off = std::move(off), square = std::move(square),
          exponent](std::span<const uint16_t> counts) {
    const double sum = resampled_sum(counts, off);
    const double squares = resampled_sum(counts, square);
    const double variance = squares - sum * sum / resampled_sum(counts, weight);
    if (!(variance > 1e-12 * squares)) return kUndefined;
    return 1.0 - scaled_up(resampled_sum(counts, error) / variance, exponent);
  };
}

struct BinnedRow {
  uint32_t unit;
  uint32_t bin;
  double surplus;  // weight · (prediction - label)
  double weight;
};

Statistic resampled_ece(const ScaledRows& scaled, const Units& units, uint32_t bins) {
  const Predictions& rows = scaled.rows;
  std::vector<BinnedRow> binned;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = scaled.weight(row);
    binned.push_back(
        {units[row], ece_bin(rows.prediction[row], bins), weight * (rows.prediction[row] - rows.label[row]), weight});
  }
  return [binned = std::move(binned), bins](std::span<const uint16_t> counts) {
    std::vector<double> surplus(bins);
    double total = 0.0;
    for (const BinnedRow& row : binned) {
      surplus[row.bin] += counts[row.unit] * row.surplus;
      total += counts[row.unit] * row.weight;
    }
    double sum = 0.0;
    for (const double bin : surplus) sum += std::fabs(bin);
    return total > 0.0 ? sum / total : kUndefined;
  };
}

Statistic statistic_of(const Predictions& rows, const Units& units, const Metric& metric) {
  const std::string_view name = metric.info->name;
  const ScaledRows of{rows, scale_of(rows)};
  const auto square = [&of](size_t row) { return of.error(row) * of.error(row); };
  if (name == "auc") return resampled_auc(rows, of.scale, units);
  if (name == "gauc") return resampled_by_user(auc_by_user(rows));
  if (name == "group_auc") return resampled_group_auc(rows);
  if (name == "fcp") return resampled_by_user(fcp_by_user(rows));
  if (name == "r2") return resampled_r2(of, units);
  if (name == "ece") return resampled_ece(of, units, metric.parameter);
  if (name == "logloss")
    return mean_loss(of, units, [&rows](size_t row) { return logloss_term(rows.label[row], rows.prediction[row]); });
  if (name == "mae")
    return scaled(mean_loss(of, units, [&of](size_t row) { return std::fabs(of.error(row)); }), of.scale.value);
  if (name == "mse") return scaled(mean_loss(of, units, square), 2 * of.scale.value);
  if (name == "rmse") {
    const auto root = [mse = mean_loss(of, units, square)](std::span<const uint16_t> counts) {
      return std::sqrt(mse(counts));
    };
    return scaled(root, of.scale.value);
  }
  const Statistic calibration = ratio_by_row(
      of, units, [&of](size_t row) { return scaled_down(of.rows.prediction[row], of.scale.prediction); },
      [&of](size_t row) { return scaled_down(of.rows.label[row], of.scale.label); });
  return scaled(calibration, of.scale.prediction - of.scale.label);
}

}  // namespace

std::vector<Interval> bootstrap_predictions(const Predictions& rows, std::span<const Metric> metrics,
                                            const BootstrapOptions& options, int threads) {
  const size_t users =
      rows.user.empty() ? rows.label.size() : *std::max_element(rows.user.begin(), rows.user.end()) + size_t{1};
  const Units units{rows.user, users};
  std::vector<Statistic> statistics;
  for (const Metric& metric : metrics) statistics.push_back(statistic_of(rows, units, metric));
  const size_t groups[] = {units.count};
  const auto all = [&statistics](std::span<const std::vector<uint16_t>> counts, std::span<double> values) {
    for (size_t metric = 0; metric < statistics.size(); ++metric) values[metric] = statistics[metric](counts[0]);
  };
  return percentile_intervals(bootstrap(groups, metrics.size(), options, threads, all), metrics.size(),
                              options.confidence);
}

}  // namespace rec
