#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/inference/model.h"
#include "models/knn/knn_trainer.h"
#include "models/knn/nearest.h"
#include "small_data.h"

namespace rec::knn_test {
namespace {

// Users a: x y, b: x y z, c: z.
Interactions three_users() {
  RowsBuilder rows;
  rows.add("a", "x", 1);
  rows.add("a", "y", 2);
  rows.add("b", "x", 3);
  rows.add("b", "y", 1);
  rows.add("b", "z", 2);
  rows.add("c", "z", 4);
  return rows.build();
}

SimilarityOptions plain() {
  SimilarityOptions options;
  options.shrink = 0.0;
  options.asymmetry = 0.5;
  return options;
}

// s_ji for items j, i of three_users().
double similarity(const SimilarityOptions& options, bool values, uint32_t j, uint32_t i) {
  const Interactions data = three_users();
  const Csr by_user = csr_by_user(data, values ? data.value : std::vector<float>{});
  const Csr by_item = transpose(by_user, 3);
  const Similarities similarities(by_item.view(), by_user.view(), options);
  const SparseView rows = similarities.rows();
  NearestRows::Scratch scratch;
  std::vector<Scored> found;
  NearestRows(similarities).find(rows.row(j), rows.row_weight(j), similarities.left(j), j, 3, found, scratch);
  for (const Scored& one : found) {
    if (one.index == i) return one.score;
  }
  return 0.0;
}

TEST_CASE("knn: similarities by hand") {
  const uint32_t x = 0, y = 1, z = 2;
  SimilarityOptions options = plain();
  CHECK(similarity(options, false, x, y) == doctest::Approx(1.0));
  CHECK(similarity(options, false, x, z) == doctest::Approx(0.5));
  CHECK(similarity(options, true, x, y) == doctest::Approx((1 * 2 + 3 * 1) / std::sqrt(10.0 * 5.0)));
  options.shrink = 2;
  CHECK(similarity(options, false, x, z) == doctest::Approx(1.0 / (2 + 2)));
  options.asymmetry = 1;  // all of the speaker's norm: x has 1 + 9
  CHECK(similarity(options, true, x, y) == doctest::Approx(5.0 / (10 + 2)));
  CHECK(similarity(options, true, y, x) == doctest::Approx(5.0 / (5 + 2)));

  options = plain();
  options.kind = Similarity::kJaccard;
  CHECK(similarity(options, false, x, y) == doctest::Approx(1.0));
  CHECK(similarity(options, true, x, z) == doctest::Approx(1.0 / 3));
  options.shrink = 1;
  CHECK(similarity(options, false, x, z) == doctest::Approx(1.0 / 4));

  options = plain();
  options.kind = Similarity::kTfidf;
  const double a = std::log(3) - std::log(3), b = std::log(3) - std::log(4), c = std::log(3) - std::log(2);
  CHECK(similarity(options, false, x, z) == doctest::Approx(b * b / std::sqrt((a * a + b * b) * (b * b + c * c))));
  CHECK(similarity(options, true, y, z) ==
        doctest::Approx(std::sqrt(2.0) * b * b / std::sqrt((2 * a * a + b * b) * (2 * b * b + 4 * c * c))));

  options = plain();
  options.kind = Similarity::kBm25;
  options.k1 = 1.2;
  options.b = 0.75;
  const auto bm25 = [](double value, double sum, double mean) {
    return value * 2.2 / (1.2 * (0.25 + 0.75 * sum / mean) + value);
  };
  CHECK(similarity(options, false, x, z) == doctest::Approx(bm25(1, 2, 2) * bm25(1, 2, 2) * b * b));
  CHECK(similarity(options, true, x, z) == doctest::Approx(bm25(3, 4, 13 / 3.0) * bm25(2, 6, 13 / 3.0) * b * b));

  options = plain();
  options.kind = Similarity::kRp3beta;
  options.alpha = 1;
  options.beta = 0.5;
  // From x to a user (½ each), from a to y (½), from b to y (⅓), punished by √2.
  CHECK(similarity(options, false, x, y) == doctest::Approx((0.5 / 2 + 0.5 / 3) / std::sqrt(2)));
  CHECK(similarity(options, true, x, z) == doctest::Approx(3.0 / 4 * 2 / 6 / std::sqrt(6)));
  options.alpha = 2;
  CHECK(similarity(options, true, x, z) == doctest::Approx(9.0 / 16 * 4 / 36 / std::sqrt(6)));
}

// All rows against all, in double; the twin of NearestRows.
std::vector<std::vector<double>> brute_force(const Similarities& S, size_t columns) {
  const size_t R = S.size();
  std::vector<std::vector<double>> dense(R, std::vector<double>(columns, 0.0)), out(R, std::vector<double>(R, 0.0));
  for (size_t row = 0; row < R; ++row) {
    const auto index = S.rows().row(row);
    for (size_t at = 0; at < index.size(); ++at) {
      const double weight =
          S.column_weight().empty() ? 1.0 : std::sqrt(static_cast<double>(S.column_weight()[index[at]]));
      dense[row][index[at]] = S.valued() ? S.rows().row_weight(row)[at] : weight;
    }
  }
  for (size_t j = 0; j < R; ++j) {
    for (size_t i = 0; i < R; ++i) {
      if (i == j) continue;
      double c = 0.0;
      for (size_t f = 0; f < columns; ++f) c += dense[j][f] * dense[i][f];
      const double l = S.left(j), r = S.right()[i];
      if (c == 0.0) continue;
      out[j][i] = S.form() == Similarities::Form::kProduct
                      ? c * l * r
                      : c / ((S.form() == Similarities::Form::kRatio ? l * r : l + r - c) + S.shrink());
    }
  }
  return out;
}

TEST_CASE("knn: the nearest rows are those of all against all, in sparse and dense tables") {
  for (const auto& [users, items, rows] : {std::tuple{60, 40, 900}, {300, 400, 900}, {30, 5, 60}}) {
    const Interactions data = random_rows(7, users, items, rows);
    const size_t I = data.items.size();
    for (const Similarity kind :
         {Similarity::kCosine, Similarity::kTfidf, Similarity::kBm25, Similarity::kJaccard, Similarity::kRp3beta}) {
      for (const bool values : {false, true}) {
        CAPTURE(name_in(kSimilarities, kind));
        CAPTURE(values);
        CAPTURE(items);
        SimilarityOptions options;
        options.kind = kind;
        options.shrink = 0.5;
        options.asymmetry = 0.3;
        const Csr by_user = csr_by_user(data, values ? data.value : std::vector<float>{});
        const Csr by_item = transpose(by_user, I);
        const Similarities S(by_item.view(), by_user.view(), options);
        const auto expected = brute_force(S, data.users.size());
        const size_t keep = 5;
        const Csr nearest = NearestRows(S).all(keep, 2);
        for (size_t j = 0; j < I; ++j) {
          std::vector<double> sorted;
          for (const double s : expected[j]) {
            if (s > 0) sorted.push_back(s);
          }
          std::sort(sorted.rbegin(), sorted.rend());
          REQUIRE(nearest.row_size(j) == std::min(keep, sorted.size()));
          const double least = nearest.row_size(j) == 0 ? 0.0 : sorted[nearest.row_size(j) - 1];
          for (uint64_t at = nearest.begin[j]; at < nearest.begin[j + 1]; ++at) {
            CHECK(nearest.weight[at] == doctest::Approx(expected[j][nearest.index[at]]).epsilon(1e-4));
            CHECK(nearest.weight[at] >= least * (1 - 1e-4));
          }
        }
      }
    }
  }
}

TEST_CASE("knn: equal similarities go by number, and a row of more than 65535 columns is counted right") {
  // Users of item 0: all; of items 1 and 2: the first 70000.
  Csr by_item;
  const uint32_t users = 70010;
  by_item.begin = {0};
  for (const uint32_t last : {users, users - 10, users - 10}) {
    for (uint32_t user = 0; user < last; ++user) by_item.index.push_back(user);
    by_item.begin.push_back(by_item.index.size());
  }
  const Csr by_user = transpose(by_item, users);
  const Similarities S(by_item.view(), by_user.view(), plain());
  const Csr nearest = NearestRows(S).all(1, 1);
  CHECK(nearest.index == std::vector<uint32_t>{1, 2, 1});
  CHECK(nearest.weight[0] == doctest::Approx(std::sqrt(70000.0 / 70010)));
  CHECK(nearest.weight[1] == doctest::Approx(1.0));
}

TEST_CASE("knn item: of every item the nearest are kept, and a history adds them up") {
  const Interactions data = three_users();
  KnnOptions options;
  options.neighbours = 1;
  Model model(fit_knn_items(data, csr_by_user(data, {}), csr_by_user(data, {}), options, 1));
  // y is x's nearest and x y's; z's are x and y, of which x is the first.
  const SparseView S = model.neighbours();
  REQUIRE(S.rows() == 3);
  CHECK(std::vector<uint32_t>(S.row(0).begin(), S.row(0).end()) == std::vector<uint32_t>{1, 2});
  CHECK(std::vector<uint32_t>(S.row(1).begin(), S.row(1).end()) == std::vector<uint32_t>{0});
  CHECK(S.row(2).empty());
}

TEST_CASE("knn user: the nearest users' histories, oneself among them") {
  const Interactions data = three_users();
  KnnOptions options;
  options.similarity = plain();
  options.neighbours = 2;
  Model model(fit_knn_users(data, csr_by_user(data, {}), options));
  Behaviour h;
  REQUIRE(model.encoder().encode_user(0, h));
  CHECK(h.row == std::vector<uint32_t>{0, 1});
  CHECK(h.weight[0] == doctest::Approx(1.0));
  CHECK(h.weight[1] == doctest::Approx(2 / std::sqrt(6.0)));
  const std::vector<uint32_t> z{2};
  REQUIRE(model.encoder().encode_history({z, {}}, h));
  CHECK(h.row == std::vector<uint32_t>{1, 2});
  CHECK_FALSE(model.encoder().encode_history({{}, {}}, h));
  CHECK_FALSE(model.encoder().encode_user(kNoId, h));
}

TEST_CASE("knn: negative values and options out of range") {
  RowsBuilder rows;
  rows.add("a", "x", -1);
  rows.add("a", "y", 1);
  const Interactions data = rows.build();
  KnnOptions options;
  CHECK_NOTHROW(fit_knn_items(data, csr_by_user(data, data.value), csr_by_user(data, data.value), options, 1));
  options.similarity.kind = Similarity::kBm25;
  CHECK_THROWS_AS(fit_knn_items(data, csr_by_user(data, data.value), csr_by_user(data, data.value), options, 1), Error);
  SimilarityOptions read;
  CHECK_THROWS_AS(read_options({{"similarity", "pearson"}}, read), Error);
  CHECK_THROWS_AS(read_options({{"b", "1.5"}}, read), Error);
  const auto bad = [](double SimilarityOptions::*option, double value) {
    SimilarityOptions similarity;
    similarity.*option = value;
    CHECK_THROWS_AS(check_ranges(similarity), UsageError);
  };
  bad(&SimilarityOptions::shrink, -1.0);
  bad(&SimilarityOptions::asymmetry, 1.5);
  bad(&SimilarityOptions::alpha, std::nan(""));
  bad(&SimilarityOptions::beta, -0.1);
  bad(&SimilarityOptions::k1, -0.1);
  bad(&SimilarityOptions::b, 1.1);
  options = {};
  options.neighbours = 0;
  CHECK_THROWS_AS(options.check(), UsageError);
}

}  // namespace
}  // namespace rec::knn_test
