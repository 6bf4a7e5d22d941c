#include "models/mf/mf.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/small_inverse.h"

namespace rec {
namespace {

void multiply_add(double a, const float* x, size_t n, double* y) {
  for (size_t at = 0; at < n; ++at) y[at] += a * static_cast<double>(x[at]);
}

const Artefact::Tensor& tensor_of(const Artefact& artefact, const char* name, uint64_t cols) {
  const Artefact::Tensor* tensor = artefact.find(name);
  if (tensor == nullptr) fail("model: no tensor \"{}\"", name);
  if (tensor->cols() != cols) fail("model: tensor \"{}\" has {} columns, expected {}", name, tensor->cols(), cols);
  return *tensor;
}

}  // namespace

void MfOptions::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Factors; 0: biases alone").range(0, 512);
  table.add("-e,--epochs", epochs, "N", "Passes over the data; with --valid the greatest number of them").at_least(1);
  table.flag("--implicit", implicit, "Learn also from which items a user has rated, whatever the ratings (SVD++)")
      .not_in_model();
  table.add("--implicit-reg", implicit_reg, "L", "Regularisation of the vectors that --implicit learns")
      .above(0)
      .needs("--implicit", [this] { return implicit; })
      .in_model_as([this] { return fmt::format("{}", implicit ? implicit_reg : 0.0); });
  describe_prior_mean(table, features, feature_regularization, feature_use);
  table.add("--seed", seed, "N", "Seed of the first vectors of the items").needs("--dim above 0", [this] {
    return dim > 0;
  });
}

void MfOptions::check() const { check_ranges(*this); }

void MfSums::set_values(std::span<const float> value, std::span<const float> weight) {
  count = values = squares = 0.0;
  for (size_t at = 0; at < value.size(); ++at) {
    const auto c = static_cast<double>(weight_at(weight, at));
    const auto r = static_cast<double>(value[at]);
    count += c;
    values += c * r;
    squares += c * r * r;
  }
}

MfSums sums_of_history(const MfSide& fixed, std::span<const uint32_t> index, std::span<const float> value) {
  const size_t N = fixed.mean.cols;
  MfSums sums(N);
  sums.set_values(value, {});
  double* cells = sums.moments.data() + N;
  for (size_t at = 0; at < index.size(); ++at) {
    const float* mean = fixed.mean.row(index[at]);
    const float* variance = fixed.variance.row(index[at]);
    multiply_add(1.0, mean, N, sums.moments.data());
    multiply_add(static_cast<double>(value[at]), mean, N, sums.weighted.data());
    for (size_t f = 0; f < N; ++f) {
      multiply_add(static_cast<double>(mean[f]), mean, f + 1, cells + triangle(f));
      cells[triangle(f) + f] += static_cast<double>(variance[f]);
    }
  }
  return sums;
}

void MfSolver::solve(const MfSums& given, const float* prior_mean, Row& row) const {
  const size_t N = precision_.size();
  const size_t F = N - 1;
  const double* sums = given.moments.data();
  const double* cells = sums + N;
  const double* weighted = given.weighted.data();
  // The regressors are g = [q, 1], the targets r - b: A = Σ c E[ggᵀ], b = Σ c E[(r - b) g].
  const double* last = cells + triangle(F);
  const size_t stride = small_stride(N);
  std::vector<double> A(triangle(N)), b(N), from(N), mean(N);
  std::copy_n(cells, triangle(F), A.begin());
  std::copy_n(sums, F, A.begin() + static_cast<std::ptrdiff_t>(triangle(F)));
  A[triangle(F) + F] = given.count;
  for (size_t f = 0; f < F; ++f) b[f] = weighted[f] - last[f];
  b[F] = given.values - sums[F];
  const double squares = given.squares + last[F] - 2.0 * weighted[F];

  AlignedBuffer<double> covariance(N * stride, 0.0);  // the inverse of A / σ² + diag(Λ)
  for (size_t f = 0; f < N; ++f) {
    for (size_t k = 0; k <= f; ++k)
      covariance[f * stride + k] = covariance[k * stride + f] = A[triangle(f) + k] / noise_;
    covariance[f * stride + f] += precision_[f];
    from[f] = b[f] / noise_ + (prior_mean != nullptr ? precision_[f] * static_cast<double>(prior_mean[f]) : 0.0);
  }
  if (!small_spd_invert(covariance.data(), N, &row.log_precision))
    fail("mf: the system of a row with pairs of weight {} is not positive definite", given.count);
  for (size_t k = 0; k < N; ++k) {
    for (size_t f = 0; f < N; ++f) mean[f] += covariance[k * stride + f] * from[k];
  }
  for (size_t f = 0; f < N; ++f) row.mean[f] = static_cast<float>(mean[f]);
  if (row.moments == nullptr) return;
  row.squares = squares;
  for (size_t f = 0; f < N; ++f) {
    row.squares -= 2.0 * mean[f] * b[f];
    row.variance[f] = static_cast<float>(covariance[f * stride + f]);
    row.moments[f] = mean[f];
    for (size_t k = 0; k <= f; ++k) {
      const double second = covariance[f * stride + k] + mean[f] * mean[k];
      row.moments[N + triangle(f) + k] = second;
      row.squares += (f == k ? 1.0 : 2.0) * second * A[triangle(f) + k];
    }
  }
}

MfEncoder::MfEncoder(const Artefact& artefact)
    : mean_(artefact.number("mean")), scale_(artefact.number("scale")), noise_(artefact.number("noise")) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  if (items == nullptr || items->cols() < 2) fail("model: no tensor \"items.factors\" with at least 2 columns");
  items_ = items->view();
  const uint64_t N = items_.cols - 1;
  users_ = tensor_of(artefact, "users.factors", N + 1).view();
  variance_ = tensor_of(artefact, "items.variance", N).view();
  if (artefact.find("items.implicit") != nullptr) implicit_ = tensor_of(artefact, "items.implicit", N).view();
  const Artefact::Tensor& unknown = tensor_of(artefact, kUnknownUser, 1);
  if (unknown.rows() != N + 1)
    fail("model: tensor \"{}\" has {} values, expected {}", kUnknownUser, unknown.rows(), N + 1);
  unknown_ = {unknown.floats(), N + 1};
  const Artefact::Tensor& precision = tensor_of(artefact, "precision", 1);
  if (precision.rows() != N) fail("model: tensor \"precision\" has {} values, expected {}", precision.rows(), N);
  precision_.assign(precision.floats(), precision.floats() + N);
  if (!(scale_ > 0.0 && noise_ > 0.0)) fail("model: scale and noise must be more than 0");
  if (!std::all_of(precision_.begin(), precision_.end(), [](double value) { return value > 0.0; }))
    fail("model: tensor \"precision\" must be more than 0");
}

bool MfEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  h.clear();
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

bool MfEncoder::encode_unknown(Behaviour& h) const {
  h.clear();
  h.dense.assign(unknown_.begin(), unknown_.end());
  return true;
}

bool MfEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty() || (history.value.empty() && implicit_.rows == 0)) return false;
  const size_t N = precision_.size();
  std::vector<float> prior(N, 0.0f);
  // As in training, a repeated pair counts once, with its mean.
  const ItemBag bag = bag_of(history);
  const ItemBag counts = bag_of({history.item, std::vector<float>(history.item.size(), 1.0f)});
  const std::vector<uint32_t>& index = bag.item;
  std::vector<float> value(index.size(), 0.0f);
  for (size_t at = 0; at < bag.value.size(); ++at) {
    value[at] = static_cast<float>((static_cast<double>(bag.value[at] / counts.value[at]) - mean_) / scale_);
  }
  if (implicit_.rows > 0) {
    std::vector<double> sum(N, 0.0);
    for (const uint32_t item : index) multiply_add(1.0, implicit_.row(item), N, sum.data());
    for (size_t f = 0; f < N; ++f) prior[f] = static_cast<float>(sum[f] / std::sqrt(static_cast<double>(index.size())));
  }
  if (history.described < users_.rows) {
    const float* user = users_.row(history.described);
    for (size_t f = 0; f < N; ++f)
      prior[f] += static_cast<float>((static_cast<double>(user[f]) - (f == N - 1 ? mean_ : 0.0)) / scale_);
  }
  std::vector<float> mean = prior;
  if (!history.value.empty()) {
    MfSolver::Row row;
    row.mean = mean.data();
    MfSolver(noise_, precision_).solve(sums_of_history({rows_, variance_}, index, value), prior.data(), row);
  }
  h.clear();
  h.dense.resize(N + 1);
  for (size_t f = 0; f < N; ++f)
    h.dense[f] = static_cast<float>(scale_ * static_cast<double>(mean[f]) + (f == N - 1 ? mean_ : 0.0));
  h.dense[N] = 1.0f;
  return true;
}

void MfEncoder::prepare(int) {
  if (!rows_.empty()) return;
  const size_t F = items_.cols - 2;
  rows_.resize(items_.rows, F + 1);
  for (size_t item = 0; item < items_.rows; ++item) {
    std::copy_n(items_.row(item), F, rows_.row(item));
    rows_(item, F) = static_cast<float>(static_cast<double>(items_(item, F + 1)) / scale_);
  }
}

}  // namespace rec
