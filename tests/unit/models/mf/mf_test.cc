#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "data/pair_means.h"
#include "models/inference/model.h"
#include "models/mf/mf_trainer.h"
#include "oracle.h"
#include "small_data.h"

namespace rec::mf_test {
namespace {

using oracle::Dense;

// A side with random means and covariances.
struct RandomSide {
  Matrix mean;
  Matrix variance;
  std::vector<float> second;
  RandomSide(size_t rows, size_t N, unsigned seed) : mean(rows, N), variance(rows, N), second(rows * triangle(N)) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, 1.0f);
    for (size_t row = 0; row < rows; ++row) {
      Dense root(N, N);
      for (size_t f = 0; f < N; ++f) {
        mean(row, f) = normal(random);
        for (size_t k = 0; k < N; ++k) root(f, k) = 0.3f * normal(random);
      }
      const Dense covariance = root * root.transposed();
      for (size_t f = 0; f < N; ++f) {
        variance(row, f) = static_cast<float>(covariance(f, f));
        for (size_t k = 0; k <= f; ++k)
          second[row * triangle(N) + triangle(f) + k] =
              static_cast<float>(covariance(f, k)) + mean(row, f) * mean(row, k);
      }
    }
  }
  double moment(size_t row, size_t f, size_t k) const {
    return second[row * triangle(mean.cols()) + triangle(std::max(f, k)) + std::min(f, k)];
  }
};

// E[(r - r̂)²] where w = [p, b] is certain: r̂ = p·q + b + b_i.
double expected_square(const RandomSide& items, size_t item, double r, const Dense& w) {
  const size_t F = items.mean.cols() - 1;
  double first = w(F) + items.mean(item, F);
  for (size_t f = 0; f < F; ++f) first += w(f) * items.mean(item, f);
  // Var r̂ with the coefficients [p, 1] of [q, b_i].
  double variance = 0.0;
  for (size_t f = 0; f <= F; ++f) {
    for (size_t k = 0; k <= F; ++k) {
      const double a = f == F ? 1.0 : w(f), b = k == F ? 1.0 : w(k);
      variance += a * b * (items.moment(item, f, k) - static_cast<double>(items.mean(item, f)) * items.mean(item, k));
    }
  }
  return (r - first) * (r - first) + variance;
}

TEST_CASE("mf: a row's posterior is where the gradient of its objective vanishes, by finite differences") {
  for (const auto& [N, weight] : {std::pair<size_t, std::vector<float>>{1, {}},
                                  {2, {}},
                                  {5, {}},
                                  {1, {0.5f, 3.0f, 1.0f, 2.0f}},
                                  {5, {0.5f, 3.0f, 1.0f, 2.0f}}}) {
    const auto c = [&, &its = weight](size_t at) { return its.empty() ? 1.0 : static_cast<double>(its[at]); };
    const RandomSide items(6, N, 3);
    const std::vector<uint32_t> index{0, 2, 3, 5};
    const std::vector<float> value{0.5f, -1.0f, 2.0f, 0.25f};
    const std::vector<float> prior(N, 0.4f);
    std::vector<double> precision(N, 1.5);
    precision[N - 1] = 3.0;
    const double noise = 0.7;
    const auto objective = [&](const Dense& w) {
      double sum = 0.0;
      for (size_t at = 0; at < index.size(); ++at)
        sum += 0.5 * c(at) * expected_square(items, index[at], value[at], w) / noise;
      for (size_t f = 0; f < N; ++f) sum += 0.5 * precision[f] * (w(f) - prior[f]) * (w(f) - prior[f]);
      return sum;
    };
    MfSums sums(N);
    sums.set_values(value, weight);
    for (size_t at = 0; at < index.size(); ++at) {
      for (size_t f = 0; f < N; ++f) {
        const double first = items.mean(index[at], f);
        sums.moments[f] += c(at) * first;
        sums.weighted[f] += c(at) * value[at] * first;
        for (size_t k = 0; k <= f; ++k) sums.moments[N + triangle(f) + k] += c(at) * items.moment(index[at], f, k);
      }
    }
    std::vector<float> mean(N), variance(N);
    MfSolver::Row row{mean.data(), sums.moments.data(), variance.data()};
    MfSolver(noise, precision).solve(sums, prior.data(), row);
    const double* const second = sums.moments.data() + N;
    Dense w(N);
    for (size_t f = 0; f < N; ++f) w(f) = mean[f];
    Dense hessian(N, N);
    const double step = 1e-4;
    const auto moved = [&](size_t f, double by, size_t k, double by2) {
      Dense at = w;
      at(f) += by;
      at(k) += by2;
      return objective(at);
    };
    for (size_t f = 0; f < N; ++f) {
      CHECK(std::abs((moved(f, step, f, 0) - moved(f, -step, f, 0)) / (2 * step)) < 1e-4);
      for (size_t k = 0; k < N; ++k) {
        hessian(f, k) = (moved(f, step, k, step) - moved(f, step, k, -step) - moved(f, -step, k, step) +
                         moved(f, -step, k, -step)) /
                        (4 * step * step);
      }
    }
    // The covariance is the inverse of the curvature.
    const Dense covariance = oracle::inverse(hessian);
    for (size_t f = 0; f < N; ++f) {
      CHECK(variance[f] == doctest::Approx(covariance(f, f)).epsilon(1e-4));
      for (size_t k = 0; k <= f; ++k)
        CHECK(second[triangle(f) + k] == doctest::Approx(covariance(f, k) + w(f) * w(k)).epsilon(1e-3));
    }
    CHECK(row.log_precision == doctest::Approx(std::log(oracle::determinant(hessian))).epsilon(1e-4));
    // E over w of the squares: at the mean, plus the curvature of the squares times the covariance.
    double squares = 0.0;
    for (size_t at = 0; at < index.size(); ++at) squares += c(at) * expected_square(items, index[at], value[at], w);
    Dense data_curvature = noise * hessian;
    for (size_t f = 0; f < N; ++f) data_curvature(f, f) -= precision[f] * noise;
    CHECK(row.squares == doctest::Approx(squares + (data_curvature * covariance).trace()).epsilon(1e-3));
  }
}

TEST_CASE("mf: every epoch raises the evidence bound") {
  const Interactions data = random_rows(5, 40, 30, 500);
  for (const int dim : {0, 1, 4}) {
    CAPTURE(dim);
    MfOptions options;
    options.dim = dim;
    MfTrainer trainer(data, csr_of_means(data), options, 2);
    trainer.epoch();
    double last = trainer.objective();
    for (int epoch = 0; epoch < 15; ++epoch) {
      trainer.epoch();
      CHECK(trainer.objective() <= last + 1e-6);
      last = trainer.objective();
    }
  }
}

TEST_CASE(
    "mf: weights, the first epoch of biases alone from its normal equations, and the bound that every epoch raises") {
  Interactions data = random_rows(5, 40, 30, 500);
  std::vector<float> weights;
  std::mt19937 random(2);
  for (size_t row = 0; row < data.size(); ++row) weights.push_back(0.25f + static_cast<float>(random() % 8));
  data.weight = weights;
  const size_t U = data.users.size(), I = data.items.size();
  Dense value(U, I), weight(U, I), count(U, I);
  for (size_t row = 0; row < data.size(); ++row) {
    value(data.user[row], data.item[row]) +=
        static_cast<double>(data.weight[row]) * static_cast<double>(data.value[row]);
    weight(data.user[row], data.item[row]) += static_cast<double>(data.weight[row]);
    count(data.user[row], data.item[row]) += 1.0;
  }
  double n = 0.0, sum = 0.0, squares = 0.0;
  for (size_t u = 0; u < U; ++u) {
    for (size_t i = 0; i < I; ++i) {
      if (count(u, i) == 0.0) continue;
      value(u, i) /= weight(u, i);
      weight(u, i) /= count(u, i);
      n += weight(u, i), sum += weight(u, i) * value(u, i), squares += weight(u, i) * value(u, i) * value(u, i);
    }
  }
  const double mean = sum / n;
  const double scale = std::sqrt(squares / n - mean * mean);
  const auto biases = [&](const Dense& its_value, const Dense& its_weight, const Dense& others) {
    Dense b(its_value.rows());
    for (size_t r = 0; r < its_value.rows(); ++r) {
      double above = 0.0, below = 6.0;
      for (size_t c = 0; c < its_value.cols(); ++c) {
        if (its_weight(r, c) == 0.0) continue;
        above += its_weight(r, c) * ((its_value(r, c) - mean) / scale - others(c)) / 0.6;
        below += its_weight(r, c) / 0.6;
      }
      b(r) = above / below;
    }
    return b;
  };
  MfOptions options;
  options.dim = 0;
  MfTrainer trainer(data, csr_of_means(data), options, 2, {}, pair_weights(data));
  trainer.epoch();
  const Dense of_users = biases(value, weight, Dense(I));
  const Dense of_items = biases(value.transposed(), weight.transposed(), of_users);
  for (size_t u = 0; u < U; ++u) CHECK(trainer.users().mean(u, 0) == doctest::Approx(of_users(u)).epsilon(1e-4));
  for (size_t i = 0; i < I; ++i) CHECK(trainer.items().mean(i, 0) == doctest::Approx(of_items(i)).epsilon(1e-4));

  options.dim = 3;
  MfTrainer factors(data, csr_of_means(data), options, 2, {}, pair_weights(data));
  MfTrainer on_one(data, csr_of_means(data), options, 1, {}, pair_weights(data));
  double last = HUGE_VAL;
  for (int epoch = 0; epoch < 15; ++epoch) {
    factors.epoch();
    on_one.epoch();
    if (epoch > 0) CHECK(factors.objective() <= last + 1e-6);
    last = factors.objective();
  }
  CHECK(factors.users().moments == on_one.users().moments);
}

TEST_CASE("mf: biases alone, the first epoch by hand") {
  // Mean 2.5, deviation s = sqrt(1.25). With noise 0.6 and precision 6 at the start,
  // a's bias is s (Σ (r - 2.5) / s / 0.6) / (2 / 0.6 + 6) = -2 / 5.6, and x's, once
  // the users' biases (which cancel) are taken off, -1 / 5.6.
  RowsBuilder rows;
  rows.add("a", "x", 1);
  rows.add("a", "y", 2);
  rows.add("b", "x", 3);
  rows.add("b", "y", 4);
  MfOptions options;
  options.dim = 0;
  const Interactions data = rows.build();
  MfTrainer trainer(data, csr_of_means(data), options, 1);
  trainer.epoch();
  Model model(trainer.artefact());
  Behaviour h;
  REQUIRE(model.encoder().encode_user(0, h));
  REQUIRE(h.dense.size() == 2);
  CHECK(h.dense[0] == doctest::Approx(2.5 - 2 / 5.6));
  CHECK(h.dense[1] == 1.0f);
  // The average user and the average item: biases cancel.
  REQUIRE(model.encoder().encode_unknown(h));
  CHECK(h.dense[0] == doctest::Approx(2.5));
  CHECK(model.parts().unknown_item[0] == 1.0f);
  CHECK(model.parts().unknown_item[1] == doctest::Approx(0.0));
  CHECK(model.value_range().least == 1.0f);
  CHECK(model.value_range().greatest == 4.0f);
  CHECK(model.item_vectors()(0, 0) == 1.0f);
  CHECK(model.item_vectors()(0, 1) == doctest::Approx(-1 / 5.6));
  CHECK(model.item_vectors()(1, 1) == doctest::Approx(1 / 5.6));
  // Precisions: two users, of mean square (2 / 5.6)² / 1.25 and variance 0.6 / 5.6.
  CHECK(trainer.users().precision[0] == doctest::Approx(1 / (4 / 5.6 / 5.6 / 1.25 + 0.6 / 5.6)));
}

TEST_CASE("mf: a repeated pair counts once, with its mean") {
  RowsBuilder once, twice;
  for (auto* rows : {&once, &twice}) {
    rows->add("a", "y", 1);
    rows->add("b", "x", 4);
  }
  once.add("a", "x", 3);
  twice.add("a", "x", 2);
  twice.add("a", "x", 4);
  MfOptions options;
  options.dim = 2;
  const Interactions data[] = {once.build(), twice.build()};
  MfTrainer one(data[0], csr_of_means(data[0]), options, 1), two(data[1], csr_of_means(data[1]), options, 1);
  one.epoch();
  two.epoch();
  for (size_t f = 0; f < 3; ++f) CHECK(one.users().mean(0, f) == two.users().mean(0, f));
}

TEST_CASE("mf: constant values are predicted as they are") {
  RowsBuilder rows;
  for (int user = 0; user < 5; ++user) rows.add("u" + std::to_string(user), "i" + std::to_string(user % 3), 4.0f);
  MfOptions options;
  options.dim = 2;
  options.implicit = true;
  const Interactions data = rows.build();
  MfTrainer trainer(data, csr_of_means(data), options, 1);
  for (int epoch = 0; epoch < 30; ++epoch) trainer.epoch();
  Model model(trainer.artefact());
  Behaviour h;
  REQUIRE(model.encoder().encode_user(1, h));
  float r = 0.0f;
  for (size_t f = 0; f < 4; ++f) r += h.dense[f] * model.item_vectors()(2, f);
  CHECK(r == doctest::Approx(4.0));
}

TEST_CASE("mf: the implicit prior is the ridge regression of the vectors on the pairs") {
  const Interactions data = random_rows(8, 25, 15, 150);
  const Csr rows = csr_by_user(data, {});
  const Csr transposed = transpose(rows, data.items.size());
  const size_t R = rows.rows(), C = data.items.size(), N = 3;
  Matrix vectors(R, N);
  Dense W(R, C), V(R, N);
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (size_t row = 0; row < R; ++row) {
    for (size_t f = 0; f < N; ++f) V(row, f) = vectors(row, f) = normal(random);
    for (uint64_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at)
      W(row, rows.index[at]) = 1.0 / std::sqrt(static_cast<double>(rows.row_size(row)));
  }
  ImplicitPrior prior(rows, transposed, N, 0.5);
  for (int call = 0; call < 3; ++call) prior.fit(vectors, 2);  // warm starts go on
  const Dense y = oracle::solve(W.transposed() * W + 0.5 * Dense::identity(C), W.transposed() * V);
  const Dense z = W * y;
  for (size_t f = 0; f < N; ++f) {
    for (size_t c = 0; c < C; ++c) CHECK(prior.weights()(c, f) == doctest::Approx(y(c, f)).epsilon(1e-3));
    for (size_t r = 0; r < R; ++r) CHECK(prior.means()(r, f) == doctest::Approx(z(r, f)).epsilon(1e-3));
  }
}

TEST_CASE("mf: a history without values says something only with the implicit part") {
  const Interactions data = random_rows(5, 40, 30, 500);
  for (const bool implicit : {false, true}) {
    MfOptions options;
    options.dim = 3;
    options.implicit = implicit;
    MfTrainer trainer(data, csr_of_means(data), options, 1);
    trainer.epoch();
    trainer.epoch();
    Model model(trainer.artefact());
    model.encoder().prepare(1);
    const std::vector<uint32_t> items{3, 4};
    Behaviour h;
    CHECK(model.encoder().encode_history({items, {}}, h) == implicit);
    CHECK_FALSE(model.encoder().encode_history({{}, {}}, h));
  }
}

TEST_CASE("mf: resumed as uninterrupted, whatever the threads; a state of another shape is refused") {
  const Interactions data = random_rows(5, 40, 30, 500);
  for (const bool implicit : {false, true}) {
    for (const int dim : {0, 3}) {
      CAPTURE(implicit);
      CAPTURE(dim);
      MfOptions options;
      options.dim = dim;
      options.implicit = implicit;
      MfTrainer whole(data, csr_of_means(data), options, 1);
      for (int epoch = 0; epoch < 5; ++epoch) whole.epoch();
      MfTrainer first(data, csr_of_means(data), options, 2);
      for (int epoch = 0; epoch < 2; ++epoch) first.epoch();
      const Artefact state = first.state();
      MfTrainer second(data, csr_of_means(data), options, 3);
      second.restore(state);
      const Artefact restored = second.artefact(), stopped = first.artefact();
      CHECK(restored.meta == stopped.meta);
      for (int epoch = 0; epoch < 3; ++epoch) second.epoch();
      CHECK(second.objective() == whole.objective());
      const Artefact got = second.artefact(), expected = whole.artefact();
      CHECK(got.meta == expected.meta);
      for (const auto& tensor : expected.tensors()) {
        CAPTURE(tensor.name);
        const size_t n = tensor.rows() * tensor.cols();
        CHECK(std::equal(tensor.floats(), tensor.floats() + n, got.find(tensor.name)->floats()));
        const Artefact::Tensor* before = stopped.find(tensor.name);
        CHECK(std::equal(before->floats(), before->floats() + n, restored.find(tensor.name)->floats()));
      }
      MfOptions wider = options;
      wider.dim = dim + 1;
      MfTrainer other(data, csr_of_means(data), wider, 1);
      CHECK_THROWS_AS(other.restore(state), Error);
      Artefact cut = state;
      cut.meta["progress.item-precision"] = "1";
      if (dim > 0) CHECK_THROWS_AS(second.restore(cut), Error);
    }
  }
}

TEST_CASE("mf: options out of range") {
  MfOptions options;
  options.dim = -1;
  CHECK_THROWS_AS(options.check(), UsageError);
  options = {};
  options.epochs = 0;
  CHECK_THROWS_AS(options.check(), UsageError);
  options = {};
  options.implicit_reg = 0.0;
  CHECK_THROWS_AS(options.check(), UsageError);
}

}  // namespace
}  // namespace rec::mf_test
