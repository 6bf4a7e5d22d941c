// als against a plain twin: dense normal equations in double, no tiles, no
// Gramian trick, every pair of the U × I matrix written out.
#include <Eigen/Dense>
#include <doctest/doctest.h>

#include <cmath>

#include "models/als_trainer.h"
#include "small_data.h"

namespace rec {
namespace {

// Weight c_ui, and whether the pair is observed.
struct Pairs {
  Eigen::MatrixXd weight;    // U × I; 0: not observed
};

Pairs pairs_of(const Csr& by_user, size_t items) {
  Pairs pairs{Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(by_user.rows()), static_cast<Eigen::Index>(items))};
  for (size_t user = 0; user < by_user.rows(); ++user) {
    for (uint64_t at = by_user.begin[user]; at < by_user.begin[user + 1]; ++at) {
      pairs.weight(static_cast<Eigen::Index>(user), by_user.index[at]) = by_user.weight.empty() ? 1.0 : static_cast<double>(by_user.weight[at]);
    }
  }
  return pairs;
}

// One half step: rows of `out` given `fixed`; weight is rows × fixed.rows().
void naive_half_step(const Eigen::MatrixXd& weight, const Eigen::MatrixXd& fixed, const AlsOptions& o, Eigen::MatrixXd& out) {
  const Eigen::Index F = fixed.cols();
  for (Eigen::Index row = 0; row < weight.rows(); ++row) {
    Eigen::MatrixXd A = Eigen::MatrixXd::Zero(F, F);
    Eigen::VectorXd b = Eigen::VectorXd::Zero(F);
    for (Eigen::Index j = 0; j < fixed.rows(); ++j) {
      const Eigen::VectorXd y = fixed.row(j);
      A += (o.unobserved_weight + weight(row, j)) * y * y.transpose();
      b += weight(row, j) * y;
    }
    const double ridge = o.regularization * std::pow(weight.row(row).sum() + o.unobserved_weight * static_cast<double>(fixed.rows()), o.exponent);
    A += ridge * Eigen::MatrixXd::Identity(F, F);
    out.row(row) = A.ldlt().solve(b);
  }
}

double naive_objective(const Eigen::MatrixXd& weight, const Eigen::MatrixXd& X, const Eigen::MatrixXd& Y, const AlsOptions& o) {
  double loss = 0.0;
  for (Eigen::Index u = 0; u < X.rows(); ++u) {
    for (Eigen::Index i = 0; i < Y.rows(); ++i) {
      const double s = X.row(u).dot(Y.row(i));
      loss += weight(u, i) * (weight(u, i) > 0 ? (s - 1) * (s - 1) : 0.0) + o.unobserved_weight * s * s;
    }
    loss += o.regularization * std::pow(weight.row(u).sum() + o.unobserved_weight * static_cast<double>(Y.rows()), o.exponent) * X.row(u).squaredNorm();
  }
  for (Eigen::Index i = 0; i < Y.rows(); ++i) {
    loss += o.regularization * std::pow(weight.col(i).sum() + o.unobserved_weight * static_cast<double>(X.rows()), o.exponent) * Y.row(i).squaredNorm();
  }
  return loss;
}

Eigen::MatrixXd as_double(const Matrix& m) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols()));
  for (size_t r = 0; r < m.rows(); ++r) {
    for (size_t c = 0; c < m.cols(); ++c) out(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = static_cast<double>(m(r, c));
  }
  return out;
}

double relative_difference(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) { return (a - b).norm() / b.norm(); }

TEST_CASE("als: three epochs equal the naive ones in double, and so does the objective") {
  for (const int dim : {1, 3, 16, 17, 40}) {
    for (const Confidence confidence : {Confidence::kNone, Confidence::kLinear, Confidence::kLog}) {
      AlsOptions o;
      o.dim = dim;
      o.unobserved_weight = 0.05;
      o.regularization = 0.02;
      o.exponent = dim == 3 ? 0.0 : 0.8;
      o.confidence = confidence;
      o.confidence_scale = 0.7;
      CAPTURE(dim);
      CAPTURE(name_of(confidence));
      const Interactions data = random_rows(static_cast<unsigned>(dim), 50, 35, 700);
      Csr by_user = csr_by_user(data, confidence == Confidence::kNone ? std::vector<float>{} : data.value);
      for (float& value : by_user.weight) value = o.weight(value);
      AlsTrainer trainer(by_user, data.items.size(), o, 2);
      const Pairs pairs = pairs_of(by_user, data.items.size());
      Eigen::MatrixXd X = as_double(trainer.users());
      Eigen::MatrixXd Y = as_double(trainer.items());
      double last = HUGE_VAL;
      for (int epoch = 0; epoch < 3; ++epoch) {
        trainer.epoch();
        naive_half_step(pairs.weight, Y, o, X);
        naive_half_step(pairs.weight.transpose(), X, o, Y);
        CHECK(relative_difference(as_double(trainer.users()), X) < 2e-4);
        CHECK(relative_difference(as_double(trainer.items()), Y) < 2e-4);
        const double objective = trainer.objective();
        CHECK(objective == doctest::Approx(naive_objective(pairs.weight, as_double(trainer.users()), as_double(trainer.items()), o)).epsilon(1e-5));
        CHECK(objective <= last * (1 + 1e-6));  // alternating exact minimisation never climbs
        last = objective;
      }
    }
  }
}

TEST_CASE("als: a solved row is a minimum: the gradient there is zero") {
  AlsOptions o;
  o.dim = 8;
  const Interactions data = random_rows(9, 30, 25, 300);
  const Csr by_user = csr_by_user(data, {});
  AlsTrainer trainer(by_user, data.items.size(), o, 1);
  trainer.epoch();
  // After the item half step the items are optimal for the users: check by
  // central differences of the full objective in double.
  const Pairs pairs = pairs_of(by_user, data.items.size());
  const Eigen::MatrixXd X = as_double(trainer.users());
  Eigen::MatrixXd Y = as_double(trainer.items());
  const double at = naive_objective(pairs.weight, X, Y, o);
  for (Eigen::Index i = 0; i < Y.rows(); i += 5) {
    for (Eigen::Index f = 0; f < Y.cols(); ++f) {
      const double step = 1e-3;
      const double kept = Y(i, f);
      Y(i, f) = kept + step;
      const double up = naive_objective(pairs.weight, X, Y, o);
      Y(i, f) = kept - step;
      const double down = naive_objective(pairs.weight, X, Y, o);
      Y(i, f) = kept;
      CHECK(std::abs(up - down) / (2 * step) < 1e-3);
      CHECK(up >= at - 1e-9);
      CHECK(down >= at - 1e-9);
    }
  }
}

TEST_CASE("als: the seed decides the start, nothing else does") {
  const Interactions data = random_rows(5, 20, 20, 200);
  const Csr by_user = csr_by_user(data, {});
  AlsOptions one, two;
  two.seed = 2;
  AlsTrainer a(by_user, data.items.size(), one, 1);
  AlsTrainer b(by_user, data.items.size(), one, 2);
  AlsTrainer c(by_user, data.items.size(), two, 1);
  CHECK(as_double(a.items()) == as_double(b.items()));
  CHECK(as_double(a.items()) != as_double(c.items()));
}

}  // namespace
}  // namespace rec
