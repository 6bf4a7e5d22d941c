#include "models/linear/svd_trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "base/error.h"
#include "oracle.h"

namespace rec::svd_test {
namespace {

using oracle::Dense;

constexpr size_t kUsers = 90;
constexpr size_t kItems = 40;

Csr random_rows() {
  std::mt19937 rng(7);
  Csr rows;
  rows.begin.push_back(0);
  for (size_t u = 0; u < kUsers; ++u) {
    for (size_t i = 0; i < kItems; ++i) {
      if (rng() % 5 == 0 || i % 4 == u % 4) rows.index.push_back(static_cast<uint32_t>(i));
    }
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

// M as a matrix: source·targetᵀ + S.
Dense matrix_of(const LinearModel& model) {
  Dense M(kItems, kItems);
  for (size_t i = 0; i < kItems; ++i) {
    for (size_t j = 0; j < kItems; ++j) {
      double& cell = M(i, j);
      for (size_t f = 0; f < model.source.cols(); ++f) {
        cell += static_cast<double>(model.source(i, f)) * static_cast<double>(model.target(j, f));
      }
    }
    if (!model.neighbours) continue;
    const Csr& S = model.neighbours->weights;
    for (uint64_t at = S.begin[i]; at < S.begin[i + 1]; ++at) M(i, S.index[at]) += static_cast<double>(S.weight[at]);
  }
  return M;
}

// The formulas of svd_trainer.h, in double.
Dense naive(const Csr& rows, const SvdModelOptions& options) {
  Dense X(kUsers, kItems);
  for (size_t u = 0; u < kUsers; ++u) {
    for (uint64_t at = rows.begin[u]; at < rows.begin[u + 1]; ++at) X(u, rows.index[at]) = 1.0;
  }
  const Dense sums = X.column_sums();
  X = Dense::diagonal(X.row_sums().power(-options.user_exponent)) * X *
      Dense::diagonal(sums.power(-options.item_exponent));
  const oracle::Svd svd = oracle::svd(X);
  const auto dim = static_cast<size_t>(options.dim);
  const Dense V = svd.V.left_columns(dim);
  const Dense speaks = Dense::diagonal(sums.power(-options.history_exponent.value_or(options.item_exponent)));
  const Dense hears = Dense::diagonal(sums.power(options.candidate_exponent.value_or(options.item_exponent)));
  const Dense ideal = speaks * V * V.transposed() * hears;
  Dense G = X.transposed() * X;
  const Dense one = Dense::identity(kItems);
  if (options.ridge) {
    if (dim == kItems) {  // the filter itself
      return speaks * G * oracle::inverse(G + *options.ridge * one) * hears;
    }
    const auto square = [&](size_t f) { return svd.values[f] * svd.values[f]; };
    const double tail = 1.0 / (square(dim - 1) + *options.ridge);
    Dense response(kItems);
    for (size_t f = 0; f < kItems; ++f) response(f) = square(f) * (f < dim ? 1.0 / (square(f) + *options.ridge) : tail);
    return speaks * svd.V * Dense::diagonal(response) * svd.V.transposed() * hears;
  }
  if (!options.graph_filter) return ideal;
  G = 1.0 / (svd.values[0] * svd.values[0]) * G;
  const Dense sharp = one - options.sharpening * G;
  if (options.history_exponent) {
    return speaks * (G + *options.graph_filter * V * V.transposed()) * sharp * hears;
  }
  return (G + *options.graph_filter * ideal) * sharp;
}

}  // namespace

TEST_CASE("svd: PureSVD, the graph filter and its sharpened form are their formulas") {
  const Csr rows = random_rows();
  SvdModelOptions options;
  options.dim = 4;
  options.neighbours = kItems;
  options.power_iterations = 10;
  for (int form = 0; form < 4; ++form) {
    options.user_exponent = form == 0 ? 0.0 : 0.5;
    options.item_exponent = form == 0 ? 0.0 : 0.4;
    if (form >= 2) options.graph_filter = 0.3;
    options.sharpening = form == 3 ? 2.5 : 0.0;
    const LinearModel got = fit_svd(rows, kItems, options, 1);
    REQUIRE(got.values.size() == 4);
    CHECK(got.neighbours.has_value() == (form >= 2));
    const Dense want = naive(rows, options);
    CHECK((matrix_of(got) - want).largest() < 1e-4 * want.largest());
    const LinearModel again = fit_svd(rows, kItems, options, 3);
    CHECK(std::memcmp(again.target.data(), got.target.data(), kItems * got.target.stride() * sizeof(float)) == 0);
    if (form >= 2) CHECK(again.neighbours->weights.weight == got.neighbours->weights.weight);
  }
}

TEST_CASE("svd: the ridge filter is its formula, and with all factors the linear autoencoder itself") {
  const Csr rows = random_rows();
  SvdModelOptions options;
  options.neighbours = kItems;
  options.power_iterations = 10;
  options.user_exponent = options.item_exponent = 0.5;
  for (const int dim : {4, static_cast<int>(kItems)}) {
    for (const bool exponents : {false, true}) {
      options.dim = dim;
      options.ridge = 0.2;
      if (exponents) options.history_exponent = 0.1;
      if (exponents) options.candidate_exponent = 0.3;
      const LinearModel got = fit_svd(rows, kItems, options, 1);
      REQUIRE(got.values.size() == static_cast<size_t>(dim));
      const Dense want = naive(rows, options);
      CHECK((matrix_of(got) - want).largest() < 1e-4 * want.largest());
      options.ridge.reset();
      options.graph_filter = 0.3;
      options.dim = 4;
      options.sharpening = 2.0;
      CHECK((matrix_of(fit_svd(rows, kItems, options, 1)) - naive(rows, options)).largest() < 1e-4);
      options.graph_filter.reset();
    }
    options.history_exponent.reset();
    options.candidate_exponent.reset();
  }
}

TEST_CASE("issue 3: svd's memory counts no more weights than the Gramian has") {
  constexpr size_t kMany = 100000;  // items; each user has two, and an item of which there is one
  Csr rows;
  rows.begin.push_back(0);
  for (uint32_t u = 0; u < 1000; ++u) {
    for (const uint32_t item : {2 * u, 2 * u + 1, 50000 + u}) rows.index.push_back(item);
    rows.begin.push_back(rows.index.size());
  }
  SvdModelOptions options;
  options.dim = 1;
  options.ridge = 1.0;
  const auto weights = [&](int neighbours) {  // those that are counted beside those of one neighbour
    options.neighbours = 1;
    const uint64_t one = svd_memory(rows, kMany, options, 1);
    options.neighbours = neighbours;
    return static_cast<int64_t>(svd_memory(rows, kMany, options, 1) - one);
  };
  CHECK(weights(kMany) == 0);  // 9 a user, fewer than an item has
  options.ridge.reset();
  options.graph_filter = 0.3;
  CHECK(weights(kMany) == 0);
  options.sharpening = 1.0;  // whose weights reach further
  CHECK(weights(1000) == 2 * 8 * 999 * static_cast<int64_t>(kMany));
  options.sharpening = 0.0;
  for (uint32_t i = 1; i <= 50; ++i) rows.index.push_back(i);
  rows.begin.push_back(rows.index.size());
  for (int copy = 0; copy < 60; ++copy) {
    for (uint32_t i = 1; i <= 50; ++i) rows.index.push_back(i);
    rows.begin.push_back(rows.index.size());
  }
  CHECK(weights(kMany) == 2 * 8 * (9 * 1000 + 61 * 2500 - static_cast<int64_t>(kMany)));
}

TEST_CASE("svd: options outside their range are usage errors") {
  const auto bad = [](auto change) {
    SvdModelOptions options;
    change(options);
    CHECK_THROWS_AS(options.check(), UsageError);
  };
  bad([](SvdModelOptions& o) { o.dim = 0; });
  bad([](SvdModelOptions& o) { o.oversampling = -1; });
  bad([](SvdModelOptions& o) { o.power_iterations = -1; });
  bad([](SvdModelOptions& o) { o.user_exponent = 5; });
  bad([](SvdModelOptions& o) { o.item_exponent = std::nan(""); });
  bad([](SvdModelOptions& o) { o.graph_filter = -0.1; });
  bad([](SvdModelOptions& o) { o.ridge = 0; });
  bad([](SvdModelOptions& o) { o.history_exponent = 5; });
  bad([](SvdModelOptions& o) { o.candidate_exponent = -5; });
  bad([](SvdModelOptions& o) { o.sharpening = std::nan(""); });
  bad([](SvdModelOptions& o) { o.neighbours = 0; });
}

}  // namespace rec::svd_test
