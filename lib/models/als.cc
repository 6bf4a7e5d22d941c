#include "models/als.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/cholesky.h"
#include "linalg/dot.h"
#include "linalg/gram.h"
#include "linalg/syrk.h"

namespace rec {
namespace {

// Rows gathered before each rank-k update: they stay in the first-level cache.
size_t rows_per_chunk(size_t padded) { return std::clamp<size_t>(8192 / padded, 16, 128); }

constexpr size_t kPrefetchAhead = 8;

void prefetch_row(const float* row, size_t floats) {
  for (size_t at = 0; at < floats; at += kLanes16) __builtin_prefetch(row + at);
}

}  // namespace

void AlsOptions::check() const {
  if (dim < 1 || dim > 1024) fail_usage("--dim: expected 1 to 1024, found {}", dim);
  if (epochs < 1) fail_usage("--epochs: expected at least 1, found {}", epochs);
  if (!(unobserved_weight >= 0) || !std::isfinite(unobserved_weight)) fail_usage("--unobserved-weight: expected at least 0, found {}", unobserved_weight);
  if (!(regularization >= 0) || !std::isfinite(regularization)) fail_usage("--reg: expected at least 0, found {}", regularization);
  if (!(unobserved_weight + regularization > 0)) fail_usage("--unobserved-weight and --reg cannot both be 0");
  if (!(std::abs(exponent) <= 4)) fail_usage("--reg-exponent: expected -4 to 4, found {}", exponent);
  if (!(confidence_scale > 0) || !std::isfinite(confidence_scale)) {
    fail_usage("--confidence-scale: expected more than 0, found {}", confidence_scale);
  }
  if (!(stddev > 0) || !std::isfinite(stddev)) fail_usage("--stddev: expected more than 0, found {}", stddev);
}

Confidence confidence_of(const std::string& name) {
  if (name == "none") return Confidence::kNone;
  if (name == "linear") return Confidence::kLinear;
  if (name == "log") return Confidence::kLog;
  fail_usage("unknown confidence \"{}\" (expected none, linear or log)", printable(name));
}

const char* name_of(Confidence confidence) {
  if (confidence == Confidence::kLinear) return "linear";
  return confidence == Confidence::kLog ? "log" : "none";
}

float AlsOptions::weight(float value) const {
  if (confidence == Confidence::kNone) return 1.0f;
  if (value < 0) fail("als: value {} is negative, confidence {} expects at least 0", value, name_of(confidence));
  const auto v = static_cast<double>(value);
  return static_cast<float>(1.0 + confidence_scale * (confidence == Confidence::kLog ? std::log1p(v) : v));
}

AlsSolver::AlsSolver(ConstMatrixView fixed, const AlsOptions& options, int threads)
    : fixed_(fixed), options_(options), gram_(gram_upper(fixed, threads)), scaled_(gram_) {
  const auto alpha = static_cast<float>(options.unobserved_weight);
  float* cell = scaled_.data();
  for (size_t at = 0; at < scaled_.rows() * scaled_.stride(); ++at) cell[at] *= alpha;
}

double AlsSolver::ridge(double weight_sum) const {
  const double base = weight_sum + options_.unobserved_weight * static_cast<double>(fixed_.rows);
  return options_.regularization * std::pow(base, options_.exponent);
}

void AlsSolver::solve(std::span<const uint32_t> index, std::span<const float> weight, float* x, Scratch& scratch) const {
  const size_t F = fixed_.cols;
  const size_t padded = scaled_.cols();
  const size_t chunk = rows_per_chunk(padded);
  if (scratch.A.size() != padded * padded) {
    scratch.A.resize(padded * padded);
    scratch.b.resize(padded);
    scratch.rows.assign(chunk * padded, 0.0f);  // the padding stays zero
  }
  float* A = scratch.A.data();
  float* b = scratch.b.data();
  for (size_t row = 0; row < padded; ++row) {
    const size_t from = row / kLanes16 * kLanes16;
    std::copy_n(scaled_.row(row) + from, padded - from, A + row * padded + from);
  }
  std::fill_n(b, padded, 0.0f);

  double weight_sum = 0.0;
  for (size_t first = 0; first < index.size(); first += chunk) {
    const size_t n = std::min(chunk, index.size() - first);
    for (size_t at = 0; at < std::min(n, kPrefetchAhead); ++at) prefetch_row(fixed_.row(index[first + at]), F);
    for (size_t at = 0; at < n; ++at) {
      if (at + kPrefetchAhead < n) prefetch_row(fixed_.row(index[first + at + kPrefetchAhead]), F);
      const float* y = fixed_.row(index[first + at]);
      float* row = scratch.rows.data() + at * padded;
      if (weight.empty()) {
        std::copy_n(y, F, row);
        for (size_t f = 0; f < F; ++f) b[f] += y[f];
        weight_sum += 1.0;
      } else {
        const float c = weight[first + at];
        const float root = std::sqrt(c);
        for (size_t f = 0; f < F; ++f) row[f] = root * y[f];
        axpy(c, y, F, b);
        weight_sum += static_cast<double>(c);
      }
    }
    syrk_add_upper(scratch.rows.data(), n, padded, A, padded);
  }
  const auto ridge_here = static_cast<float>(ridge(weight_sum));
  for (size_t f = 0; f < F; ++f) A[f * padded + f] += ridge_here;
  if (F < padded) cholesky_pad(A, b, F, padded, padded);
  if (!cholesky_solve_upper(A, b, padded, padded)) {
    fail("als: a system of {} pairs is not positive definite; give a larger --reg or --unobserved-weight", index.size());
  }
  std::copy_n(b, F, x);
}

AlsEncoder::AlsEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
  if (users != nullptr) users_ = users->view();
  if (users != nullptr && users_.cols != items_.cols) fail("model: users have {} factors, items {}", users_.cols, items_.cols);
  options_.dim = static_cast<int>(items_.cols);
  options_.unobserved_weight = artefact.number("unobserved-weight");
  options_.regularization = artefact.number("reg");
  options_.exponent = artefact.number("reg-exponent");
  options_.confidence = confidence_of(artefact.text("confidence"));
  options_.confidence_scale = artefact.number("confidence-scale");
}

bool AlsEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

bool AlsEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  ItemBag bag = bag_of(history);
  if (options_.confidence == Confidence::kNone) {
    bag.value.clear();
  } else {
    for (float& value : bag.value) value = options_.weight(value);
  }
  h.dense.resize(items_.cols);
  AlsSolver::Scratch scratch;
  solver_->solve(bag.item, bag.value, h.dense.data(), scratch);
  return true;
}

void AlsEncoder::prepare(int threads) {
  if (!solver_) solver_ = std::make_unique<AlsSolver>(items_, options_, threads);
}

}  // namespace rec
