#include "metrics/concordance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "metrics/compensated_sum.h"
#include "metrics/scaling.h"
#include "metrics/undefined.h"

namespace rec {
namespace {

struct Pairs {
  uint64_t concordant = 0;
  uint64_t all = 0;  // with different labels
};

struct LabelledRow {
  double label;
  double prediction;
};

// Rows by label ascending; for each the rows of lower labels with lower predictions are
// counted in a Fenwick tree over the ranks of predictions.
Pairs count_pairs(std::span<LabelledRow> rows) {
  std::vector<double> predictions;
  for (const LabelledRow& row : rows) predictions.push_back(row.prediction);
  std::sort(predictions.begin(), predictions.end());
  predictions.erase(std::unique(predictions.begin(), predictions.end()), predictions.end());
  std::sort(rows.begin(), rows.end(), [](const LabelledRow& a, const LabelledRow& b) { return a.label < b.label; });
  std::vector<uint64_t> tree(predictions.size() + 1);
  const auto rank_of = [&predictions](double prediction) {
    return static_cast<size_t>(std::lower_bound(predictions.begin(), predictions.end(), prediction) -
                               predictions.begin());
  };
  Pairs pairs;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin;
    for (; end < rows.size() && rows[end].label == rows[begin].label; ++end) {
      pairs.all += begin;
      for (size_t at = rank_of(rows[end].prediction); at > 0; at &= at - 1) pairs.concordant += tree[at];
    }
    for (size_t row = begin; row < end; ++row) {
      for (size_t at = rank_of(rows[row].prediction) + 1; at < tree.size(); at += at & (~at + 1)) ++tree[at];
    }
    begin = end;
  }
  return pairs;
}

}  // namespace

UserValues fcp_by_user(const Predictions& rows) {
  std::vector<std::vector<LabelledRow>> by_user;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    if (rows.user[row] >= by_user.size()) by_user.resize(rows.user[row] + size_t{1});
    by_user[rows.user[row]].push_back({rows.label[row], rows.prediction[row]});
  }
  UserValues users;
  for (std::vector<LabelledRow>& mine : by_user) {
    const Pairs pairs = count_pairs(mine);
    users.value.push_back(pairs.all == 0 ? kUndefined
                                         : static_cast<double>(pairs.concordant) / static_cast<double>(pairs.all));
    users.weight.push_back(static_cast<double>(pairs.all));
  }
  return users;
}

double fcp(const Predictions& rows) {
  const UserValues users = fcp_by_user(rows);
  CompensatedSum concordant;
  CompensatedSum all;
  for (size_t user = 0; user < users.value.size(); ++user) {
    if (std::isnan(users.value[user])) continue;
    concordant.add(std::round(users.value[user] * users.weight[user]));
    all.add(users.weight[user]);
  }
  return all.value() > 0.0 ? concordant.value() / all.value() : kUndefined;
}

double group_auc(const Predictions& rows) {
  const UserValues users = auc_by_user(rows);
  CompensatedSum sum;
  size_t count = 0;
  for (const double value : users.value) {
    if (std::isnan(value)) continue;
    sum.add(value);
    ++count;
  }
  return count > 0 ? sum.value() / static_cast<double>(count) : kUndefined;
}

double r2(const Predictions& rows) {
  const PredictionScale scale = scale_of(rows);
  const auto weight = [&](size_t row) {
    return scaled_down(rows.weight.empty() ? 1.0 : rows.weight[row], scale.weight);
  };
  const auto label = [&](size_t row) { return scaled_down(rows.label[row], scale.label); };
  CompensatedSum weights;
  CompensatedSum labels;
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    if (!(weight(row) > 0.0)) continue;
    weights.add(weight(row));
    labels.add(weight(row) * label(row));
    least = std::min(least, label(row));
    most = std::max(most, label(row));
  }
  if (!(least < most)) return kUndefined;
  const double mean = labels.value() / weights.value();
  CompensatedSum errors;
  CompensatedSum variance;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double error = scaled_down(rows.prediction[row], scale.value) - scaled_down(rows.label[row], scale.value);
    errors.add(weight(row) * error * error);
    variance.add(weight(row) * (label(row) - mean) * (label(row) - mean));
  }
  return 1.0 - scaled_up(errors.value() / variance.value(), 2 * (scale.value - scale.label));
}

}  // namespace rec
