#include "models/linear/ease_trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "data/pair_means.h"
#include "oracle.h"

namespace rec {
namespace {

Csr csr_of(const std::vector<std::vector<float>>& dense) {
  Csr rows;
  rows.begin.push_back(0);
  for (const std::vector<float>& row : dense) {
    for (size_t c = 0; c < row.size(); ++c) {
      if (row[c] == 0.0f) continue;
      rows.index.push_back(static_cast<uint32_t>(c));
      rows.weight.push_back(row[c]);
    }
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

float weight_of(const Csr& rows, size_t r, uint32_t c) {
  for (uint64_t at = rows.begin[r]; at < rows.begin[r + 1]; ++at) {
    if (rows.index[at] == c) return rows.weight[at];
  }
  return 0.0f;
}

// The formulas of ease_trainer.h, in double.
oracle::Dense naive_ease(const std::vector<std::vector<float>>& dense, const EaseOptions& options) {
  using oracle::Dense;
  const size_t U = dense.size();
  const size_t I = dense[0].size();
  Dense X(U, I);
  for (size_t u = 0; u < U; ++u) {
    for (size_t i = 0; i < I; ++i) X(u, i) = static_cast<double>(dense[u][i]);
  }
  const Dense sums = X.column_sums();
  const Dense speaks = sums.power(-options.history_exponent.value_or(options.item_exponent));
  const Dense hears = sums.power(options.candidate_exponent.value_or(options.item_exponent));
  X = Dense::diagonal(X.row_sums().power(-options.user_exponent)) * X *
      Dense::diagonal(sums.power(-options.item_exponent));
  Dense G = X.transposed() * X;
  for (size_t i = 0; i < I; ++i)
    G(i, i) = G(i, i) * (1.0 + options.dropout / (1.0 - options.dropout)) + options.regularization;
  const Dense P = oracle::inverse(G);
  Dense S(I, I);
  for (size_t i = 0; i < I; ++i) {
    for (size_t j = 0; j < I; ++j) S(i, j) = i == j ? 0.0 : -P(i, j) / P(j, j) * speaks(i) * hears(j);
  }
  return S;
}

std::vector<std::vector<float>> random_dense(size_t users, size_t items) {
  std::mt19937 rng(3);
  std::vector<std::vector<float>> dense(users, std::vector<float>(items, 0.0f));
  for (std::vector<float>& row : dense) {
    row[rng() % items] = 1.0f;
    for (float& value : row) {
      if (rng() % 4 == 0) value = static_cast<float>(1 + rng() % 3);
    }
  }
  return dense;
}

}  // namespace

TEST_CASE("ease: three items by hand") {
  // G + I = [3 2 1; 2 4 2; 1 2 3], 16 times its inverse is [8 -4 0; -4 8 -4; 0 -4 8].
  EaseOptions options;
  options.regularization = 1.0;
  Csr by_user = csr_of({{1, 1, 0}, {0, 1, 1}, {1, 1, 1}});
  by_user.weight.clear();
  const Neighbours got = fit_ease(by_user, 3, options, 1);
  for (const auto& [i, j, want] :
       {std::tuple{0u, 1u, 0.5}, {1u, 0u, 0.5}, {1u, 2u, 0.5}, {2u, 1u, 0.5}, {0u, 2u, 0.0}, {1u, 1u, 0.0}}) {
    CHECK(static_cast<double>(weight_of(got.weights, i, j)) == doctest::Approx(want).epsilon(1e-6));
  }
  CHECK(got.left_out == 0.0);
  options.neighbours = 1;
  const Neighbours cut = fit_ease(by_user, 3, options, 1);
  CHECK(cut.weights.entries() == 3);
  CHECK(cut.left_out == doctest::Approx(0.25));
}

TEST_CASE("ease: the formula in double, for every option, the same bytes for every number of threads") {
  const auto dense = random_dense(300, 230);
  const Csr by_user = csr_of(dense);
  using Exponent = std::optional<double>;
  for (const auto& [dropout, user, item, p, q] : {std::tuple{0.0, 0.0, 0.0, Exponent{}, Exponent{}},
                                                  {0.3, 0.0, 0.0, {}, {}},
                                                  {0.0, 0.5, 0.0, {}, {}},
                                                  {0.2, 0.25, 0.5, {}, {}},
                                                  {0.2, 0.25, 0.5, 0.1, -0.3}}) {
    EaseOptions options;
    options.history_exponent = p;
    options.candidate_exponent = q;
    options.regularization = 3.0;
    options.dropout = dropout;
    options.user_exponent = user;
    options.item_exponent = item;
    options.neighbours = 230;
    const Neighbours got = fit_ease(by_user, 230, options, 1);
    const oracle::Dense want = naive_ease(dense, options);
    double worst = 0.0;
    for (uint32_t i = 0; i < 230; ++i) {
      for (uint32_t j = 0; j < 230; ++j)
        worst = std::max(worst, std::abs(static_cast<double>(weight_of(got.weights, i, j)) - want(i, j)));
    }
    CHECK(worst < 2e-5 * want.largest());
    const Neighbours again = fit_ease(by_user, 230, options, 3);
    CHECK(again.weights.index == got.weights.index);
    CHECK(again.weights.weight == got.weights.weight);
  }
}

TEST_CASE("ease: with roots of weights a user of weight 2 counts as two, and weights of items as an exponent") {
  auto dense = random_dense(120, 40);
  std::vector<float> weights;
  auto twice = dense;
  for (size_t u = 0; u < dense.size(); ++u) {
    const auto n = static_cast<size_t>(std::count_if(dense[u].begin(), dense[u].end(), [](float x) { return x > 0; }));
    weights.insert(weights.end(), n, u % 3 == 0 ? 2.0f : 1.0f);
    if (u % 3 == 0) twice.push_back(dense[u]);
  }
  EaseOptions options;
  options.regularization = 5.0;
  options.neighbours = 40;
  const auto check_equal = [](const Neighbours& a, const Neighbours& b) {
    for (uint32_t i = 0; i < 40; ++i) {
      for (uint32_t j = 0; j < 40; ++j)
        CHECK(weight_of(a.weights, i, j) == doctest::Approx(weight_of(b.weights, i, j)).epsilon(1e-3).scale(0.1));
    }
  };
  check_equal(fit_ease(times_roots(csr_of(dense), weights), 40, options, 1), fit_ease(csr_of(twice), 40, options, 1));

  // A weight n^-1/2 of each item: columns divided by n^1/4, and nothing undone.
  for (std::vector<float>& row : dense) {
    for (float& x : row) x = std::min(x, 1.0f);
  }
  const Csr rows = csr_of(dense);
  std::vector<double> users(40, 0.0);
  for (const uint32_t item : rows.index) users[item] += 1.0;
  weights.clear();
  for (const uint32_t item : rows.index) weights.push_back(static_cast<float>(std::pow(users[item], -0.5)));
  EaseOptions exponents = options;
  exponents.item_exponent = 0.25;
  exponents.history_exponent = 0.0;
  exponents.candidate_exponent = 0.0;
  check_equal(fit_ease(times_roots(rows, weights), 40, options, 1), fit_ease(rows, 40, exponents, 1));
}

TEST_CASE("ease: one item has no neighbour; without regularisation twins are no system") {
  EaseOptions options;
  CHECK(fit_ease(csr_of({{1}, {1}}), 1, options, 1).weights.entries() == 0);
  options.regularization = 0.0;
  CHECK_THROWS_WITH_AS(fit_ease(csr_of({{1, 1}, {1, 1}}), 2, options, 1),
                       "ease: the matrix of 2 items is not positive definite in float32; give a larger --reg", Error);
}

TEST_CASE("ease: options outside their range are usage errors") {
  const auto bad = [](auto change) {
    EaseOptions options;
    change(options);
    CHECK_THROWS_AS(options.check(), UsageError);
  };
  bad([](EaseOptions& o) { o.regularization = -1; });
  bad([](EaseOptions& o) { o.dropout = 1; });
  bad([](EaseOptions& o) { o.user_exponent = 5; });
  bad([](EaseOptions& o) { o.item_exponent = std::nan(""); });
  bad([](EaseOptions& o) { o.history_exponent = 5; });
  bad([](EaseOptions& o) { o.candidate_exponent = -5; });
  bad([](EaseOptions& o) { o.neighbours = 0; });
}

}  // namespace rec
