#include "models/linear/ease_trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "data/pair_means.h"
#include "oracle.h"

namespace rec::ease_test {
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

// ease_alignment.h in double: each column is solved as it is stated, with the whole matrix and a multiplier for the
// weight of itself.
TEST_CASE("ease: aligned columns are the constrained least squares of their targets, the same bytes by any threads") {
  using oracle::Dense;
  constexpr size_t U = 60, I = 205, C = 9;
  std::vector<std::vector<float>> dense = random_dense(U, I);
  for (size_t u = 0; u < U; ++u) {
    for (const size_t item : {3u, 77u, 200u}) dense[u][item] = 0.0f;  // new
    if (u > 1) dense[u][10] = 0.0f;                                   // of two users at most
  }
  dense[0][10] = dense[1][10] = 1.0f;
  std::mt19937 rng(11);
  std::vector<std::vector<float>> f(I, std::vector<float>(C, 0.0f));
  for (std::vector<float>& row : f) {
    float squares = 0.0f;
    for (float& value : row) {
      if (rng() % 3 == 0) value = 0.25f * static_cast<float>(1 + rng() % 4);
      squares += value * value;
    }
    for (float& value : row) value = squares > 0.0f ? value / std::sqrt(squares) : 0.0f;
  }
  for (const double dropout : {0.0, 0.3}) {
    EaseOptions options;
    options.regularization = 5.0;
    options.dropout = dropout;
    options.neighbours = I;
    options.align = 1.5;
    options.align_users = 4;
    const double w = 2.0;
    std::vector<std::vector<float>> joined = dense, features(I, std::vector<float>(C));
    for (size_t c = 0; c < C; ++c) {
      joined.emplace_back(I);
      for (size_t i = 0; i < I; ++i) joined.back()[i] = features[i][c] = static_cast<float>(w) * f[i][c];
    }
    const Csr rows = csr_of(features);
    const Csr by_user = csr_of(joined);
    const EaseFeatures known{rows, w, U};
    const Neighbours got = fit_ease(by_user, I, options, 1, &known);
    const Neighbours again = fit_ease(by_user, I, options, 3, &known);
    CHECK(again.weights.index == got.weights.index);
    CHECK(again.weights.weight == got.weights.weight);

    Dense X(U, I), both(U + C, I), F(I, C), G(I, I);
    for (size_t i = 0; i < I; ++i) {
      for (size_t u = 0; u < U + C; ++u) both(u, i) = static_cast<double>(joined[u][i]);
      for (size_t u = 0; u < U; ++u) X(u, i) = static_cast<double>(dense[u][i]);
      for (size_t c = 0; c < C; ++c) F(i, c) = static_cast<double>(f[i][c]);
    }
    for (size_t i = 0; i < I; ++i) {
      for (size_t j = 0; j < I; ++j) {
        for (size_t c = 0; c < C && i != j; ++c) G(i, j) += F(i, c) * F(j, c);
      }
    }
    const Dense targets = X * G;
    std::vector<double> users(I, 0.0);
    double product = 0.0, squares = 0.0;
    for (size_t j = 0; j < I; ++j) {
      for (size_t u = 0; u < U; ++u) users[j] += X(u, j) > 0.0 ? 1.0 : 0.0;
      for (size_t u = 0; u < U; ++u) {
        product += X(u, j) * targets(u, j);
        squares += users[j] > 0.0 ? targets(u, j) * targets(u, j) : 0.0;
      }
    }
    const Dense S = both.transposed() * both;
    size_t aligned = 0;
    double worst = 0.0, largest = 0.0, apart = 0.0;
    EaseOptions plain = options;
    plain.align = 0.0;
    const Neighbours unaligned = fit_ease(by_user, I, plain, 2, &known);
    for (size_t j = 0; j < I; ++j) {
      const double a = 1.5 * product / squares * std::max(0.0, 1.0 - users[j] / 4.0);
      aligned += a > 0.0;
      // [S + Λ, e_j; e_jᵀ, 0] [b; μ] = [S (e_j + a G_j); 0]
      Dense system(I + 1, I + 1), right(I + 1, 1);
      for (size_t i = 0; i < I; ++i) {
        for (size_t k = 0; k < I; ++k) {
          system(i, k) = S(i, k) + (i == k ? S(i, i) * dropout / (1.0 - dropout) + 5.0 : 0.0);
          right(i, 0) += S(i, k) * ((k == j ? 1.0 : 0.0) + a * G(k, j));
        }
      }
      if (a == 0.0 && j % 40 != 0) continue;
      system(j, I) = system(I, j) = 1.0;
      const Dense want = oracle::solve(system, right);
      for (uint32_t i = 0; i < I; ++i) {
        const auto weight = static_cast<double>(weight_of(got.weights, i, static_cast<uint32_t>(j)));
        worst = std::max(worst, std::abs(weight - want(i, 0)));
        largest = std::max(largest, std::abs(want(i, 0)));
        const auto other = static_cast<double>(weight_of(unaligned.weights, i, static_cast<uint32_t>(j)));
        apart = std::max(apart, a > 0.0 ? std::abs(weight - other) : 0.0);
        if (a == 0.0) CHECK(weight == other);
      }
    }
    CHECK(aligned >= 4);
    CHECK(worst < 3e-5 * largest);
    CHECK(apart > 0.02 * largest);
  }
}

}  // namespace rec::ease_test
