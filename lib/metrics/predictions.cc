#include "metrics/predictions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "metrics/compensated_sum.h"

namespace rec {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double weight_of(const Predictions& rows, size_t row) { return rows.weight.empty() ? 1.0 : rows.weight[row]; }

template <class Loss>
double weighted_mean(const Predictions& rows, Loss&& loss) {
  CompensatedSum total;
  CompensatedSum weights;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = weight_of(rows, row);
    total.add(weight * loss(rows.label[row], rows.prediction[row]));
    weights.add(weight);
  }
  return weights.value() > 0.0 ? total.value() / weights.value() : kUndefined;
}

struct Scored {
  double prediction;
  size_t row;
};

// auc of the rows named in `order`, which is sorted here.
double auc_of(const Predictions& rows, std::span<Scored> order) {
  std::sort(order.begin(), order.end(), [](const Scored& a, const Scored& b) {
    return a.prediction != b.prediction ? a.prediction < b.prediction : a.row < b.row;
  });
  CompensatedSum positives;
  CompensatedSum negatives;
  CompensatedSum won;
  for (size_t begin = 0; begin < order.size();) {
    double tied_positives = 0.0;
    double tied_negatives = 0.0;
    size_t end = begin;
    for (; end < order.size() && order[end].prediction == order[begin].prediction; ++end) {
      const size_t row = order[end].row;
      (rows.label[row] > 0.5 ? tied_positives : tied_negatives) += weight_of(rows, row);
    }
    if (tied_positives > 0.0) won.add(tied_positives * (negatives.value() + 0.5 * tied_negatives));
    positives.add(tied_positives);
    negatives.add(tied_negatives);
    begin = end;
  }
  const double pairs = positives.value() * negatives.value();
  return pairs > 0.0 ? won.value() / pairs : kUndefined;
}

}  // namespace

double auc(const Predictions& rows) {
  std::vector<Scored> order(rows.label.size());
  for (size_t row = 0; row < order.size(); ++row) order[row] = {rows.prediction[row], row};
  return auc_of(rows, order);
}

UserAucs auc_by_user(const Predictions& rows) {
  // Counting sort by user keeps the rows of a user in row order.
  std::vector<size_t> begin;
  for (const uint32_t user : rows.user) {
    if (user + size_t{2} > begin.size()) begin.resize(user + size_t{2});
    ++begin[user + size_t{1}];
  }
  for (size_t user = 1; user < begin.size(); ++user) begin[user] += begin[user - 1];
  std::vector<Scored> order(rows.user.size());
  std::vector<size_t> next = begin;
  for (size_t row = 0; row < order.size(); ++row) {
    order[next[rows.user[row]]++] = {rows.prediction[row], row};
  }
  UserAucs users;
  for (size_t user = 0; user + 1 < begin.size(); ++user) {
    const std::span<Scored> mine(order.data() + begin[user], begin[user + 1] - begin[user]);
    double weight = 0.0;
    for (const Scored& scored : mine) weight += weight_of(rows, scored.row);
    users.value.push_back(auc_of(rows, mine));
    users.weight.push_back(weight);
  }
  return users;
}

GroupedAuc gauc(const Predictions& rows) {
  const UserAucs users = auc_by_user(rows);
  GroupedAuc result{kUndefined, 0, 0};
  CompensatedSum total;
  CompensatedSum weights;
  for (size_t user = 0; user < users.value.size(); ++user) {
    if (std::isnan(users.value[user])) {
      ++result.users_left_out;
      continue;
    }
    ++result.users;
    total.add(users.weight[user] * users.value[user]);
    weights.add(users.weight[user]);
  }
  if (result.users > 0) result.value = total.value() / weights.value();
  return result;
}

double logloss_term(double label, double prediction, double clip) {
  const double p = std::clamp(prediction, clip, 1.0 - clip);
  // A term of weight 0 is left out, not multiplied: most labels are 0 or 1.
  double loss = 0.0;
  if (label > 0.0) loss -= label * std::log(p);
  if (label < 1.0) loss -= (1.0 - label) * std::log1p(-p);
  return loss;
}

double logloss(const Predictions& rows, double clip) {
  return weighted_mean(rows, [clip](double label, double prediction) { return logloss_term(label, prediction, clip); });
}

double mse(const Predictions& rows) {
  return weighted_mean(rows,
                       [](double label, double prediction) { return (prediction - label) * (prediction - label); });
}

double rmse(const Predictions& rows) { return std::sqrt(mse(rows)); }

double mae(const Predictions& rows) {
  return weighted_mean(rows, [](double label, double prediction) { return std::fabs(prediction - label); });
}

uint32_t ece_bin(double prediction, uint32_t bins) {
  return std::min(static_cast<uint32_t>(prediction * bins), bins - 1);
}

double ece(const Predictions& rows, uint32_t bins) {
  std::vector<CompensatedSum> surplus(bins);
  CompensatedSum weights;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = weight_of(rows, row);
    surplus[ece_bin(rows.prediction[row], bins)].add(weight * (rows.prediction[row] - rows.label[row]));
    weights.add(weight);
  }
  if (!(weights.value() > 0.0)) return kUndefined;
  CompensatedSum total;
  for (const CompensatedSum& bin : surplus) total.add(std::fabs(bin.value()));
  return total.value() / weights.value();
}

double calibration(const Predictions& rows) {
  CompensatedSum predicted;
  CompensatedSum observed;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    predicted.add(weight_of(rows, row) * rows.prediction[row]);
    observed.add(weight_of(rows, row) * rows.label[row]);
  }
  return observed.value() != 0.0 ? predicted.value() / observed.value() : kUndefined;
}

}  // namespace rec
