#include "models/als/als_history_parts.h"

#include <Eigen/Dense>

#include "base/error.h"

namespace rec {

void als_history_parts(const FixedFactors& side, const AlsPairs& pairs, HistoryParts& parts) {
  const auto F = static_cast<Eigen::Index>(side.dim());
  const auto H = static_cast<Eigen::Index>(pairs.index.size());
  const bool has_prior = pairs.prior != nullptr;
  const double ridge = side.ridge(pairs.weight_sum());
  Eigen::MatrixXd A(F, F);
  for (Eigen::Index row = 0; row < F; ++row) {
    for (Eigen::Index col = row; col < F; ++col)
      A(col, row) = side.unobserved_weight() *
                    static_cast<double>(side.gram()(static_cast<size_t>(row), static_cast<size_t>(col)));
    A(row, row) += ridge;
  }
  // c y of each pair, and r m.
  Eigen::MatrixXd sides(F, H + (has_prior ? 1 : 0));
  Eigen::VectorXd y(F);
  for (Eigen::Index j = 0; j < H; ++j) {
    const auto at = static_cast<size_t>(j);
    const float* from = side.vectors().row(pairs.index[at]);
    for (Eigen::Index f = 0; f < F; ++f) y(f) = static_cast<double>(from[f]);
    const double c = pairs.weight.empty() ? 1.0 : static_cast<double>(pairs.weight[at]);
    A.selfadjointView<Eigen::Lower>().rankUpdate(y, c);
    sides.col(j) = c * y;
  }
  for (Eigen::Index f = 0; has_prior && f < F; ++f) sides(f, H) = ridge * static_cast<double>(pairs.prior[f]);
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(A);
  if (factor.info() != Eigen::Success)
    fail("als: a system of {} pairs is not positive definite; give a larger --reg or --unobserved-weight", H);
  factor.solveInPlace(sides);
  parts.part.resize(static_cast<size_t>(H), static_cast<size_t>(F));
  for (Eigen::Index j = 0; j < H; ++j) {
    for (Eigen::Index f = 0; f < F; ++f)
      parts.part(static_cast<size_t>(j), static_cast<size_t>(f)) = static_cast<float>(sides(f, j));
  }
  parts.rest.assign(has_prior ? static_cast<size_t>(F) : 0, 0.0f);
  for (Eigen::Index f = 0; has_prior && f < F; ++f)
    parts.rest[static_cast<size_t>(f)] = static_cast<float>(sides(f, H));
}

}  // namespace rec
