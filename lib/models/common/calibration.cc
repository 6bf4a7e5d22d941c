#include "models/common/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "linalg/vector_exp.h"

namespace rec {
namespace {

// ln(1 + e^z) - y z
double loss_of(double y, double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))) - y * z; }

double sigmoid(double z) { return z >= 0.0 ? 1.0 / (1.0 + std::exp(-z)) : std::exp(z) / (1.0 + std::exp(z)); }

}  // namespace

// Newton's steps, halved until the loss falls (Lin, Lin, Weng 2007), on scores of mean 0 and deviation 1.
PlattScale fit_platt(std::span<const float> scores, std::span<const float> labels) {
  const size_t n = scores.size();
  double mean = 0.0, squares = 0.0, positives = 0.0;
  for (size_t row = 0; row < n; ++row) {
    mean += static_cast<double>(scores[row]) / static_cast<double>(n);
    positives += static_cast<double>(labels[row]);
  }
  for (const float score : scores) squares += (static_cast<double>(score) - mean) * (static_cast<double>(score) - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(n));
  const double one = (positives + 1.0) / (positives + 2.0);
  const double zero = 1.0 / (static_cast<double>(n) - positives + 2.0);
  std::vector<double> u(n), target(n);
  for (size_t row = 0; row < n; ++row) {
    u[row] = (static_cast<double>(scores[row]) - mean) / deviation;
    target[row] = labels[row] > 0.5f ? one : zero;
  }
  const auto loss = [&](double a, double b) {
    double sum = 0.0;
    for (size_t row = 0; row < n; ++row) sum += loss_of(target[row], a * u[row] + b);
    return sum;
  };
  double a = 0.0, b = std::log((positives + 1.0) / (static_cast<double>(n) - positives + 1.0));
  double now = loss(a, b);
  constexpr int kMostSteps = 100;
  for (int step = 0; step < kMostSteps; ++step) {
    double ga = 0.0, gb = 0.0, haa = 1e-12, hab = 0.0, hbb = 1e-12;
    for (size_t row = 0; row < n; ++row) {
      const double p = sigmoid(a * u[row] + b);
      const double slope = p - target[row], curve = p * (1.0 - p);
      ga += slope * u[row];
      gb += slope;
      haa += curve * u[row] * u[row];
      hab += curve * u[row];
      hbb += curve;
    }
    if (std::hypot(ga, gb) < 1e-11 * static_cast<double>(n)) break;
    const double determinant = haa * hbb - hab * hab;
    const double da = -(hbb * ga - hab * gb) / determinant, db = -(haa * gb - hab * ga) / determinant;
    double size = 1.0;
    double then = loss(a + da, b + db);
    while (!(then < now) && size > 1e-10) {
      size *= 0.5;
      then = loss(a + size * da, b + size * db);
    }
    if (!(then < now)) break;  // as near as doubles get
    a += size * da;
    b += size * db;
    now = then;
  }
  return {a / deviation, b - a * mean / deviation};
}

std::vector<Knot> fit_isotonic(std::span<const float> scores, std::span<const float> labels) {
  const size_t n = scores.size();
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  struct Step {
    float first, last;  // scores
    double ones, rows;
    double mean() const { return ones / rows; }
  };
  std::vector<Step> steps;
  for (size_t at = 0; at < n;) {
    const float score = scores[order[at]];
    Step step{score, score, 0.0, 0.0};
    for (; at < n && scores[order[at]] == score; ++at) {
      step.ones += static_cast<double>(labels[order[at]]);
      step.rows += 1.0;
    }
    // Whole numbers, so that equal means are found equal.
    while (!steps.empty() && steps.back().ones * step.rows >= step.ones * steps.back().rows) {
      step.first = steps.back().first;
      step.ones += steps.back().ones;
      step.rows += steps.back().rows;
      steps.pop_back();
    }
    steps.push_back(step);
  }
  const double most = static_cast<double>(n) + 2.0;
  std::vector<Knot> knots;
  for (const Step& step : steps) {
    const auto p = static_cast<float>(std::clamp(step.mean(), 1.0 / most, (most - 1.0) / most));
    knots.push_back({step.first, p});
    if (step.last > step.first) knots.push_back({step.last, p});
  }
  return knots;
}

Calibration::Calibration(std::span<const float> platt, ConstMatrixView knots) : platt_(platt), knots_(knots) {
  if (!platt.empty()) {
    if (!(platt[0] > 0.0f)) fail("model: tensor \"{}\" has a slope of {}, expected above 0", kPlattTensor, platt[0]);
    return;
  }
  for (size_t at = 0; at < knots.rows; ++at) {
    const bool rises = at == 0 || (knots(at, 0) > knots(at - 1, 0) && knots(at, 1) >= knots(at - 1, 1));
    if (!rises || !(knots(at, 1) >= 0.0f && knots(at, 1) <= 1.0f))
      fail("model: tensor \"{}\": row {} does not rise, or is no probability", kIsotonicTensor, at + 1);
  }
}

void Calibration::apply(float* scores, size_t n) const {
  if (!platt_.empty()) {
    for (size_t at = 0; at < n; ++at) scores[at] = platt_[0] * scores[at] + platt_[1];
    sigmoid_all(scores, n);
    return;
  }
  for (size_t at = 0; at < n; ++at) {
    if (std::isnan(scores[at])) continue;  // an error to the caller, as without calibration
    size_t low = 0, high = knots_.rows;    // the first knot beyond the score
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (knots_(middle, 0) > scores[at]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low == 0 || low == knots_.rows) {
      scores[at] = knots_(low == 0 ? 0 : low - 1, 1);
      continue;
    }
    const auto value = [&](size_t knot, size_t col) { return static_cast<double>(knots_(knot, col)); };
    const double share = (static_cast<double>(scores[at]) - value(low - 1, 0)) / (value(low, 0) - value(low - 1, 0));
    const double p = value(low - 1, 1) + share * (value(low, 1) - value(low - 1, 1));
    scores[at] = static_cast<float>(std::min(p, value(low, 1)));
  }
}

}  // namespace rec
