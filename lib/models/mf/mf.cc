#include "models/mf/mf.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "base/error.h"

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

void MfSolver::solve(std::span<const uint32_t> index, std::span<const float> value, std::span<const float> weight,
                     const float* prior_mean, Row& row, Scratch& scratch) const {
  const size_t N = precision_.size();
  const size_t F = N - 1;
  const size_t T = triangle(N);
  // Sums over the pairs, each c times: E[wwᵀ], E[w], r·E[w].
  scratch.cells.assign(T + 2 * N, 0.0);
  double* cells = scratch.cells.data();
  double* sums = cells + T;
  double* weighted = sums + N;
  double squares = 0.0;
  double count = 0.0;
  double values = 0.0;
  for (size_t at = 0; at < index.size(); ++at) {
    const float* mean = fixed_.mean.row(index[at]);
    const double c = weight.empty() ? 1.0 : static_cast<double>(weight[at]);
    const auto r = static_cast<double>(value[at]);
    count += c;
    values += c * r;
    multiply_add(c, mean, N, sums);
    multiply_add(c * r, mean, N, weighted);
    squares += c * r * r;
    if (fixed_.second != nullptr) {
      if (at + 1 < index.size()) {
        const float* next = fixed_.second + index[at + 1] * T;
        for (size_t f = 0; f < T; f += 16) __builtin_prefetch(next + f);
      }
      multiply_add(c, fixed_.second + index[at] * T, T, cells);
    } else {
      const float* variance = fixed_.variance.row(index[at]);
      for (size_t f = 0; f < N; ++f) {
        multiply_add(c * static_cast<double>(mean[f]), mean, f + 1, cells + triangle(f));
        cells[triangle(f) + f] += c * static_cast<double>(variance[f]);
      }
    }
  }
  // The regressors are g = [q, 1], the targets r - b: A = Σ c E[ggᵀ], b = Σ c E[(r - b) g].
  using Dense = Eigen::MatrixXd;
  const auto size = static_cast<Eigen::Index>(N);
  Dense A(size, size);
  Eigen::VectorXd b(size);
  const double* last = cells + triangle(F);
  for (size_t f = 0; f < F; ++f) {
    for (size_t k = 0; k <= f; ++k)
      A(static_cast<Eigen::Index>(f), static_cast<Eigen::Index>(k)) = cells[triangle(f) + k];
    A(size - 1, static_cast<Eigen::Index>(f)) = sums[f];
    b(static_cast<Eigen::Index>(f)) = weighted[f] - last[f];
  }
  A(size - 1, size - 1) = count;
  b(size - 1) = values - sums[F];
  squares += last[F] - 2.0 * weighted[F];

  Dense precision = A / noise_;
  Eigen::VectorXd mean = b / noise_;
  for (Eigen::Index f = 0; f < size; ++f) {
    const double prior = precision_[static_cast<size_t>(f)];
    precision(f, f) += prior;
    if (prior_mean != nullptr) mean(f) += prior * static_cast<double>(prior_mean[f]);
  }
  const Eigen::LLT<Dense, Eigen::Lower> factor(precision.selfadjointView<Eigen::Lower>());
  if (factor.info() != Eigen::Success) fail("mf: a system of {} pairs is not positive definite", index.size());
  factor.solveInPlace(mean);
  for (Eigen::Index f = 0; f < size; ++f) row.mean[f] = static_cast<float>(mean(f));
  row.log_precision = 2.0 * factor.matrixLLT().diagonal().array().log().sum();
  if (row.second == nullptr) return;
  const Dense covariance = factor.solve(Dense::Identity(size, size));
  row.squares = squares - 2.0 * mean.dot(b);
  for (Eigen::Index f = 0; f < size; ++f) {
    row.variance[f] = static_cast<float>(covariance(f, f));
    for (Eigen::Index k = 0; k <= f; ++k) {
      const double second = covariance(f, k) + mean(f) * mean(k);
      row.second[triangle(static_cast<size_t>(f)) + static_cast<size_t>(k)] = static_cast<float>(second);
      row.squares += (f == k ? 1.0 : 2.0) * second * A(f, k);
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
    const MfSolver solver({rows_, nullptr, variance_}, noise_, precision_);
    MfSolver::Scratch scratch;
    MfSolver::Row row;
    row.mean = mean.data();
    solver.solve(index, value, {}, prior.data(), row, scratch);
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
