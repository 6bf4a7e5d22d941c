#include "models/common/prior_mean.h"

#include <algorithm>
#include <numeric>

#include "linalg/sparse_product.h"

namespace rec {
namespace {

constexpr int kSteps = 64;
constexpr double kSmall = 1e-10;  // a column is solved when its residual's square fell to this share

// Σ_c a_cf b_cf s_c for each column f; s empty: 1.
std::vector<double> column_products(const Matrix& a, const Matrix& b, const std::vector<double>& scale) {
  std::vector<double> sums(a.cols(), 0.0);
  for (size_t row = 0; row < a.rows(); ++row) {
    const double s = scale.empty() ? 1.0 : scale[row];
    for (size_t f = 0; f < sums.size(); ++f)
      sums[f] += s * static_cast<double>(a(row, f)) * static_cast<double>(b(row, f));
  }
  return sums;
}

}  // namespace

void describe_prior_mean(OptionTable& table, FeatureOptions& features, double& rho, FeatureUse& use) {
  const OptionTable::Section section(table, "Features");
  const auto given = [&features] { return features.given(); };
  const char* const needed = "--item-features or --user-features";
  features.describe(table);
  table.add("--feature-reg", rho, "R", "L2 regularisation of what a feature adds to a vector")
      .above(0)
      .needs(needed, given)
      .in_model_if(given);
  table
      .choice("--feature-use", use, kFeatureUses,
              "all: every vector is drawn to what its features say; new: only items and users without rows get their "
              "vectors from features")
      .needs(needed, given)
      .in_model_if(given);
}

PriorMean::PriorMean(Csr features, size_t categories, std::vector<double> ridge, double rho, size_t dim, int threads)
    : features_(std::move(features)),
      by_category_(transpose(features_, categories)),
      ridge_(std::move(ridge)),
      threads_(threads),
      weights_(categories, dim),
      means_(features_.rows(), dim) {
  const auto fitted = std::count_if(ridge_.begin(), ridge_.end(), [](double r) { return r > 0.0; });
  const double sum = std::accumulate(ridge_.begin(), ridge_.end(), 0.0);
  weight_decay_ = rho * (fitted > 0 && sum > 0.0 ? sum / static_cast<double>(fitted) : 1.0);
  diagonal_.assign(categories, weight_decay_);
  for (size_t c = 0; c < categories; ++c) {
    for (uint64_t at = by_category_.begin[c]; at < by_category_.begin[c + 1]; ++at) {
      const double f = static_cast<double>(by_category_.weight[at]);
      const double r = ridge_[by_category_.index[at]];
      diagonal_[c] += r * f * f;
      by_category_.weight[at] = static_cast<float>(r * f);
    }
  }
}

uint64_t PriorMean::memory(size_t rows, size_t categories, size_t entries, size_t dim) {
  const uint64_t F = pad16(dim) * sizeof(float);
  return 2 * rows * F + 5 * categories * F + 2 * entries * 8 + rows * 24 + categories * 24;
}

void PriorMean::fit(ConstMatrixView vectors) {
  const size_t C = weights_.rows();
  const size_t F = weights_.cols();
  const auto decay = static_cast<float>(weight_decay_);
  Matrix rows(features_.rows(), F);
  for (size_t row = 0; row < rows.rows(); ++row) {
    for (size_t f = 0; f < F; ++f) rows(row, f) = vectors.row(row)[f] - means_(row, f);
  }
  Matrix residual(C, F);
  sparse_times_dense(by_category_.view(), rows, residual, threads_);
  std::vector<double> inverse(C);
  for (size_t c = 0; c < C; ++c) {
    inverse[c] = 1.0 / diagonal_[c];
    for (size_t f = 0; f < F; ++f) residual(c, f) -= decay * weights_(c, f);
  }
  Matrix direction(C, F);
  Matrix image(C, F);
  std::vector<double> now = column_products(residual, residual, inverse);
  std::vector<double> before(F, 0.0);
  const std::vector<double> first = now;
  for (int step = 0; step < kSteps; ++step) {
    if (std::equal(now.begin(), now.end(), first.begin(), [](double a, double b) { return a <= kSmall * b; })) break;
    for (size_t c = 0; c < C; ++c) {
      for (size_t f = 0; f < F; ++f) {
        const double again = before[f] > 0.0 ? now[f] / before[f] * static_cast<double>(direction(c, f)) : 0.0;
        direction(c, f) = static_cast<float>(inverse[c] * static_cast<double>(residual(c, f)) + again);
      }
    }
    sparse_times_dense(features_.view(), direction, rows, threads_);
    sparse_times_dense(by_category_.view(), rows, image, threads_);
    for (size_t c = 0; c < C; ++c) {
      for (size_t f = 0; f < F; ++f) image(c, f) += decay * direction(c, f);
    }
    const std::vector<double> curvature = column_products(direction, image, {});
    std::vector<float> length(F, 0.0f);
    for (size_t f = 0; f < F; ++f) {
      if (curvature[f] > 0.0 && now[f] > kSmall * first[f]) length[f] = static_cast<float>(now[f] / curvature[f]);
    }
    for (size_t c = 0; c < C; ++c) {
      for (size_t f = 0; f < F; ++f) {
        weights_(c, f) += length[f] * direction(c, f);
        residual(c, f) -= length[f] * image(c, f);
      }
    }
    before = now;
    now = column_products(residual, residual, inverse);
  }
  sparse_times_dense(features_.view(), weights_, means_, threads_);
}

void PriorMean::set(ConstMatrixView weights) {
  for (size_t c = 0; c < weights_.rows(); ++c) std::copy_n(weights.row(c), weights_.cols(), weights_.row(c));
  sparse_times_dense(features_.view(), weights_, means_, threads_);
}

double PriorMean::penalty(ConstMatrixView vectors) const {
  double sum = 0.0;
  for (size_t row = 0; row < means_.rows(); ++row) {
    if (ridge_[row] <= 0.0) continue;
    double squares = 0.0;
    for (size_t f = 0; f < means_.cols(); ++f) {
      const double miss = static_cast<double>(vectors.row(row)[f]) - static_cast<double>(means_(row, f));
      squares += miss * miss;
    }
    sum += ridge_[row] * squares;
  }
  double weights = 0.0;
  for (size_t c = 0; c < weights_.rows(); ++c) {
    for (size_t f = 0; f < weights_.cols(); ++f) {
      const auto w = static_cast<double>(weights_(c, f));
      weights += w * w;
    }
  }
  return sum + weight_decay_ * weights;
}

}  // namespace rec
