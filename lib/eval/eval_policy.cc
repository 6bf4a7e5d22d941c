#include "eval/eval_policy.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/number.h"
#include "data/id_table.h"
#include "metrics/ratio.h"

namespace rec {
namespace {

struct PolicyColumn {
  enum : size_t { kUser, kItem, kReward, kPropensity, kTarget, kPredicted, kExpected, kRank };
};

double probability_field(const Layout& layout, const Line& line, size_t column, const char* what, bool zero_allowed) {
  const int position = layout.position[column];
  const double value = number_field(line, position);
  if (value > 1.0 || value < 0.0 || (value == 0.0 && !zero_allowed)) {
    bad_field(position + 1, fmt::format("expected a {} in {}0, 1], found \"{}\"", what, zero_allowed ? "[" : "(",
                                        printable(line.fields[static_cast<size_t>(position)])));
  }
  return value;
}

bool has_weights(const Layout& layout) {
  return layout.has(PolicyColumn::kPropensity) && layout.has(PolicyColumn::kTarget);
}

struct Row {
  PolicyRow values;
  uint32_t rank;  // 0: not asked for
  bool clipped;
};

Row parse_row(const Layout& layout, const Line& line, const PolicyOptions& options) {
  double propensity = 1.0;
  double target = 1.0;
  if (has_weights(layout)) {
    propensity = probability_field(layout, line, PolicyColumn::kPropensity, "propensity", false);
    target = probability_field(layout, line, PolicyColumn::kTarget, "target probability", true);
  }
  Row row{};
  const auto number = [&](size_t column) {
    return layout.has(column) ? number_field(line, layout.position[column]) : 0.0;
  };
  const double reward = number(PolicyColumn::kReward);
  const double predicted = number(PolicyColumn::kPredicted);
  row.values = policy_row(reward, propensity, target, options.limits, predicted, number(PolicyColumn::kExpected));
  row.rank = options.by_rank ? rank_field(line, layout.position[PolicyColumn::kRank]) : 0;
  row.clipped = target / propensity > options.limits.clip;
  return row;
}

void check_columns(const Layout& layout, const std::string& name, std::span<const Metric> metrics,
                   const PolicyOptions& options) {
  for (const Metric& metric : metrics) {
    const std::string_view its = metric.info->name;
    const auto needs = [&](size_t column, const char* its_name) {
      if (!layout.has(column)) fail("{}: no column {}, which {} needs", name, its_name, metric.name);
    };
    const bool corrects = its == "dr" || its == "sndr" || its == "switch_dr" || its == "dros";
    if (its != "dm") needs(PolicyColumn::kReward, "reward");
    if (its != "dm" && its != "logged") {
      needs(PolicyColumn::kPropensity, "propensity");
      needs(PolicyColumn::kTarget, "target");
    }
    if (corrects || its == "dm") needs(PolicyColumn::kExpected, "expected");
    if (corrects) needs(PolicyColumn::kPredicted, "predicted");
  }
  if (options.by_rank && !layout.has(PolicyColumn::kRank)) fail("{}: no column rank, which --by-rank needs", name);
}

// Σ part / Σ whole, a number a unit.
struct Ratio {
  ScaledSums part;
  ScaledSums whole;

  void resize(size_t units) {
    part.resize(units);
    whole.resize(units);
  }
  void add(size_t unit, const PolicyTerm& term) {
    part.add(unit, term.part, term.part_exponent);
    whole.add(unit, term.whole, term.whole_exponent);
  }
  RatioPart sums() const { return {part.sums(), whole.sums(), part.exponent(), whole.exponent()}; }
  double resampled(std::span<const uint16_t> counts) const {
    return scaled_up(resampled_sum(counts, part.sums()) / resampled_sum(counts, whole.sums()),
                     part.exponent() - whole.exponent());
  }
};

// The sums of all rows, or of those of a rank.
class Tally {
 public:
  explicit Tally(std::span<const Metric> metrics)
      : metrics_(metrics), ratios_(metrics.size()), corrections_(metrics.size()) {}

  // unit: its number, or kNoId where each row is one.
  void add(uint32_t unit, const PolicyRow& row) {
    const size_t at = unit == kNoId ? rows_ : unit;
    if (at >= units_) resize(std::max(at + 1, units_ + units_ / 2));
    seen_[at] = true;
    ++rows_;
    size_.add(row.weight, row.weight_exponent);
    for (size_t metric = 0; metric < metrics_.size(); ++metric) {
      const MetricInfo& info = *metrics_[metric].info;
      ratios_[metric].add(at, info.policy(row));
      if (info.policy_correction != nullptr) corrections_[metric].add(at, info.policy_correction(row));
    }
  }

  // units: all of the log, or 0 where each row is one.
  PolicyValues values(size_t units, const BootstrapOptions& bootstrap, int threads) {
    resize(units == 0 ? rows_ : units);
    PolicyValues result;
    result.rows = rows_;
    result.users = static_cast<uint64_t>(std::count(seen_.begin(), seen_.end(), true));
    result.effective_size = size_.value();
    result.mean_weight = size_.mean(rows_);
    for (size_t metric = 0; metric < metrics_.size(); ++metric) {
      const RatioPart its = ratios_[metric].sums();
      const RatioEstimate estimate = metrics_[metric].info->policy_correction == nullptr
                                         ? estimate_ratio(its.x, its.y, its.x_exponent, its.y_exponent)
                                         : estimate_ratio_sum(its, corrections_[metric].sums());
      result.values.push_back(estimate.value);
      result.intervals.push_back(ratio_interval(estimate, bootstrap.confidence));
    }
    if (bootstrap.resamples > 0) result.intervals = resampled(bootstrap, threads);
    return result;
  }

 private:
  void resize(size_t units) {
    units_ = units;
    seen_.resize(units);
    for (size_t metric = 0; metric < metrics_.size(); ++metric) {
      ratios_[metric].resize(units);
      if (metrics_[metric].info->policy_correction != nullptr) corrections_[metric].resize(units);
    }
  }

  std::vector<Interval> resampled(const BootstrapOptions& options, int threads) const {
    const size_t groups[] = {units_};
    const auto statistic = [&](std::span<const std::vector<uint16_t>> counts, std::span<double> values) {
      for (size_t metric = 0; metric < metrics_.size(); ++metric) {
        values[metric] = ratios_[metric].resampled(counts[0]);
        if (metrics_[metric].info->policy_correction != nullptr)
          values[metric] += corrections_[metric].resampled(counts[0]);
      }
    };
    return percentile_intervals(bootstrap(groups, metrics_.size(), options, threads, statistic), metrics_.size(),
                                options.confidence);
  }

  std::span<const Metric> metrics_;
  std::vector<Ratio> ratios_;       // one a metric
  std::vector<Ratio> corrections_;  // the same; empty but for those that have one
  EffectiveSize size_;
  std::vector<bool> seen_;
  size_t units_ = 0;
  size_t rows_ = 0;
};

struct PolicyPiece {
  std::vector<std::string_view> users;  // dead with the batch
  std::vector<Row> rows;
};

}  // namespace

TableSpec policy_spec() {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  return {"policy log",
          {{"user", true, TableSpec::Kind::kId, false},
           {"item", true, TableSpec::Kind::kId, false},
           {"reward", true, kNumber, false},
           {"propensity", true, kNumber, false},
           {"target", true, kNumber, false},
           {"predicted", false, kNumber},
           {"expected", false, kNumber},
           {"rank", false, kNumber}}};
}

PolicyEvaluation evaluate_policy(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                 const PolicyOptions& options, const BootstrapOptions& bootstrap, int threads) {
  TableReader reader(path, policy_spec(), read);
  const Layout& layout = reader.layout();
  bool more = reader.next();
  if (more) check_columns(layout, reader.name(), metrics, options);
  PolicyEvaluation evaluation;
  evaluation.has_users = layout.has(PolicyColumn::kUser);
  evaluation.has_weights = has_weights(layout);
  IdTable users;
  Tally all(metrics);
  std::map<uint32_t, Tally> ranks;
  uint64_t rows = 0;
  std::vector<PolicyPiece> pieces;
  std::vector<uint32_t> ids;
  const auto parts = static_cast<size_t>(std::max(1, threads)) * 2;
  for (; more; more = reader.next()) {
    pieces.assign(parts, PolicyPiece{});
    reader.parse(threads, parts, [&](size_t at, const Line& line) {
      const Row row = parse_row(layout, line, options);
      if (evaluation.has_users)
        pieces[at].users.push_back(id_field(line, layout.position[PolicyColumn::kUser], "user"));
      pieces[at].rows.push_back(row);
    });
    for (const PolicyPiece& piece : pieces) {
      ids.assign(piece.rows.size(), kNoId);
      if (evaluation.has_users) users.intern_all(piece.users, ids.data());
      for (size_t row = 0; row < piece.rows.size(); ++row) {
        all.add(ids[row], piece.rows[row].values);
        evaluation.clipped += piece.rows[row].clipped;
        if (!options.by_rank) continue;
        const auto its = ranks.try_emplace(piece.rows[row].rank, metrics).first;
        if (ranks.size() > kMostPolicyRanks)
          fail("{}: more than {} different ranks; is rank another column?", reader.name(), kMostPolicyRanks);
        its->second.add(ids[row], piece.rows[row].values);
      }
      rows += piece.rows.size();
    }
  }
  if (rows == 0) fail("{}: no rows to evaluate", reader.name());
  evaluation.bad_lines = reader.bad_lines();
  evaluation.all = all.values(users.size(), bootstrap, threads);
  for (auto& [rank, tally] : ranks) {
    evaluation.ranks.push_back(tally.values(users.size(), bootstrap, threads));
    evaluation.ranks.back().rank = rank;
  }
  return evaluation;
}

}  // namespace rec
