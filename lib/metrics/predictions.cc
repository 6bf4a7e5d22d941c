#include "metrics/predictions.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "metrics/compensated_sum.h"
#include "metrics/scaling.h"
#include "metrics/undefined.h"

namespace rec {
namespace {

double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::fabs(value));
  return most;
}

int common_exponent(const Predictions& rows) {
  return scaling_exponent(std::max(largest(rows.label), largest(rows.prediction)));
}

// Σ w loss / Σ w; the loss must be of a moderate size.
template <class Loss>
double weighted_mean(const Predictions& rows, Loss&& loss) {
  const int exponent = scaling_exponent(largest(rows.weight));
  CompensatedSum total;
  CompensatedSum weights;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = scaled_down(weight_of(rows, row), exponent);
    total.add(weight * loss(rows.label[row], rows.prediction[row]));
    weights.add(weight);
  }
  return weights.value() > 0.0 ? total.value() / weights.value() : kUndefined;
}

// Of errors / 2^exponent.
double mean_square(const Predictions& rows, int exponent) {
  return weighted_mean(rows, [exponent](double label, double prediction) {
    const double error = scaled_down(prediction, exponent) - scaled_down(label, exponent);
    return error * error;
  });
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
  // A label's weights may have any unit: auc has it above and below the line.
  double most[2] = {0.0, 0.0};
  for (const Scored& scored : order) {
    double& side = most[rows.label[scored.row] > 0.5 ? 1 : 0];
    side = std::max(side, weight_of(rows, scored.row));
  }
  const int exponent[2] = {scaling_exponent(most[0]), scaling_exponent(most[1])};
  CompensatedSum positives;
  CompensatedSum negatives;
  CompensatedSum won;
  for (size_t begin = 0; begin < order.size();) {
    double tied_positives = 0.0;
    double tied_negatives = 0.0;
    size_t end = begin;
    for (; end < order.size() && order[end].prediction == order[begin].prediction; ++end) {
      const size_t row = order[end].row;
      const bool positive = rows.label[row] > 0.5;
      (positive ? tied_positives : tied_negatives) += scaled_down(weight_of(rows, row), exponent[positive ? 1 : 0]);
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

PredictionScale scale_of(const Predictions& rows) {
  PredictionScale scale;
  scale.label = scaling_exponent(largest(rows.label));
  scale.prediction = scaling_exponent(largest(rows.prediction));
  scale.value = common_exponent(rows);
  scale.weight = scaling_exponent(largest(rows.weight));
  double most[2] = {0.0, 0.0};
  for (size_t row = 0; row < rows.weight.size(); ++row) {
    double& side = most[rows.label[row] > 0.5 ? 1 : 0];
    side = std::max(side, rows.weight[row]);
  }
  for (const size_t side : {0, 1}) scale.side[side] = scaling_exponent(most[side]);
  return scale;
}

double auc(const Predictions& rows) {
  std::vector<Scored> order(rows.label.size());
  for (size_t row = 0; row < order.size(); ++row) order[row] = {rows.prediction[row], row};
  return auc_of(rows, order);
}

UserValues auc_by_user(const Predictions& rows) {
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
  const int exponent = scaling_exponent(largest(rows.weight));
  UserValues users;
  for (size_t user = 0; user + 1 < begin.size(); ++user) {
    const std::span<Scored> mine(order.data() + begin[user], begin[user + 1] - begin[user]);
    double weight = 0.0;
    for (const Scored& scored : mine) weight += scaled_down(weight_of(rows, scored.row), exponent);
    users.value.push_back(auc_of(rows, mine));
    users.weight.push_back(weight);
  }
  return users;
}

GroupedAuc gauc(const Predictions& rows) {
  const UserValues users = auc_by_user(rows);
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
  const int exponent = common_exponent(rows);
  return scaled_up(mean_square(rows, exponent), 2 * exponent);
}

double rmse(const Predictions& rows) {
  const int exponent = common_exponent(rows);
  return scaled_up(std::sqrt(mean_square(rows, exponent)), exponent);
}

double mae(const Predictions& rows) {
  const int exponent = common_exponent(rows);
  return scaled_up(weighted_mean(rows,
                                 [exponent](double label, double prediction) {
                                   return std::fabs(scaled_down(prediction, exponent) - scaled_down(label, exponent));
                                 }),
                   exponent);
}

uint32_t ece_bin(double prediction, uint32_t bins) {
  return std::min(static_cast<uint32_t>(prediction * bins), bins - 1);
}

double ece(const Predictions& rows, uint32_t bins) {
  const int exponent = scaling_exponent(largest(rows.weight));
  std::vector<CompensatedSum> surplus(bins);
  CompensatedSum weights;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = scaled_down(weight_of(rows, row), exponent);
    surplus[ece_bin(rows.prediction[row], bins)].add(weight * (rows.prediction[row] - rows.label[row]));
    weights.add(weight);
  }
  if (!(weights.value() > 0.0)) return kUndefined;
  CompensatedSum total;
  for (const CompensatedSum& bin : surplus) total.add(std::fabs(bin.value()));
  return total.value() / weights.value();
}

double calibration(const Predictions& rows) {
  const PredictionScale scale = scale_of(rows);
  CompensatedSum predicted;
  CompensatedSum observed;
  for (size_t row = 0; row < rows.label.size(); ++row) {
    const double weight = scaled_down(weight_of(rows, row), scale.weight);
    predicted.add(weight * scaled_down(rows.prediction[row], scale.prediction));
    observed.add(weight * scaled_down(rows.label[row], scale.label));
  }
  if (observed.value() == 0.0) return kUndefined;
  return scaled_up(predicted.value() / observed.value(), scale.prediction - scale.label);
}

}  // namespace rec
