#include "models/common/prune.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>

#include "base/error.h"
#include "data/quantise.h"
#include "models/common/popularity.h"
#include "small_data.h"

namespace rec::prune_test {
namespace {

// A model of als whose vectors have energies that fall by the factor.
Artefact falling_model(size_t users, size_t items, size_t factors) {
  std::mt19937 random(5);
  Artefact model;
  model.meta = {{"model", "als"}, {"dim", fmt::format("{}", factors)}};
  for (size_t user = 0; user < users; ++user) model.users.intern(fmt::format("u{:05}", user));
  for (size_t item = 0; item < items; ++item) model.items.intern(fmt::format("i{:05}", item));
  Matrix X(users, factors), Y(items, factors);
  for (Matrix* rows : {&X, &Y}) {
    for (size_t r = 0; r < rows->rows(); ++r) {
      for (size_t f = 0; f < factors; ++f)
        (*rows)(r, f) = uniform_value(random) * std::pow(0.6f, static_cast<float>(f));
      for (size_t f = 0; f + 1 < factors; ++f) (*rows)(r, f + 1) += 0.3f * (*rows)(r, f);  // no column is alone
    }
  }
  model.add("items.factors", Y);
  model.add("users.factors", X);
  return model;
}

double product(const Artefact& model, size_t user, size_t item) {
  const ConstMatrixView h = model.find("users.factors")->view(), x = model.find("items.factors")->view();
  double sum = 0.0;
  for (size_t f = 0; f < h.cols; ++f) sum += static_cast<double>(h(user, f)) * static_cast<double>(x(item, f));
  return sum;
}

std::string failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("prune: factors lose the share of the energy that is said, and one fewer would lose too much") {
  const Artefact model = falling_model(60, 80, 10);
  size_t before = 11;
  for (const double loss : {0.0, 1e-6, 1e-3, 0.02, 0.3, 0.99}) {
    CAPTURE(loss);
    const Pruned pruned = prune_factors(model, loss);
    CHECK(pruned.before == 10);
    CHECK(pruned.after <= before);
    before = pruned.after;
    CHECK(pruned.lost <= loss);
    CHECK(pruned.model.find("items.factors")->cols() == pruned.after);
    CHECK(pruned.model.find("users.factors")->cols() == pruned.after);
    CHECK(pruned.model.text("dim") == fmt::format("{}", pruned.after));
    // The slow way: all products before and after.
    double all = 0.0, gone = 0.0;
    for (size_t user = 0; user < 60; ++user) {
      for (size_t item = 0; item < 80; ++item) {
        const double was = product(model, user, item);
        all += was * was;
        gone += std::pow(was - product(pruned.model, user, item), 2);
      }
    }
    CHECK(gone / all == doctest::Approx(pruned.lost).epsilon(1e-3).scale(1e-9));
    CHECK(gone / all <= loss + 1e-9);
  }
  CHECK(before == 1);
  CHECK(prune_factors(model, 0.0).after == 10);
}

TEST_CASE("prune: items below a count go, with their rows and columns") {
  RowsBuilder rows;
  for (const char* user : {"u", "v", "w"}) {
    rows.add(user, "b");
    rows.add(user, "c");
  }
  rows.add("u", "a");
  const Artefact model = cooccurrence_model(rows.build(), true);
  const Pruned pruned = prune_items(model, 2);
  CHECK(pruned.before == 3);
  CHECK(pruned.after == 2);
  CHECK(pruned.lost == doctest::Approx(1.0 / 7.0));
  pruned.model.check();
  CHECK(pruned.model.items[0] == "b");
  CHECK(pruned.model.find("items.factors")->view()(0, 2) == model.find("items.factors")->view()(1, 2));
  const SparseView& S = pruned.model.find_sparse("items.neighbours")->view;
  CHECK(S.rows() == 2);
  CHECK(std::vector<uint32_t>(S.index.begin(), S.index.end()) == std::vector<uint32_t>{1, 0});
  CHECK(S.weight[0] == doctest::Approx(1.0));
  CHECK(pruned.model.find_sparse("users.history")->view.entries() == 6);
  CHECK(failure([&] { prune_items(model, 4); }) == "no item has 4 users or more: nothing would be left");
  CHECK(failure([&] { prune_items(falling_model(2, 2, 2), 1); }) ==
        "the model has no tensor \"items.count\", which says how many users an item has");
}

TEST_CASE("prune: items and factors of a quantised model go as one after the other of its float32 values") {
  Artefact model = falling_model(40, 30, 8);
  std::vector<float> counts(30, 2.0f);
  counts[3] = 1.0f;
  model.add("items.count", counts);
  for (const Dtype type : {Dtype::kInt8, Dtype::kBfloat16}) {
    const Artefact small = quantised(model, type, 1);
    const Pruned both = prune_factors(prune_items(small, 2).model, 0.1);
    const Pruned slow = prune_factors(prune_items(dequantised(small), 2).model, 0.1);
    CHECK(both.after == slow.after);
    CHECK(both.lost == slow.lost);
    CHECK(product(both.model, 5, 7) == product(slow.model, 5, 7));
  }
}

TEST_CASE("prune: the greatest weights of each row stay, of equal ones the first") {
  RowsBuilder rows;
  for (const char* item : {"a", "b", "c", "d"}) rows.add("u", item);
  for (const char* item : {"a", "b"}) rows.add("v", item);
  const Artefact model = cooccurrence_model(rows.build(), false);
  const Pruned pruned = prune_neighbours(model, 1);
  pruned.model.check();
  CHECK(pruned.before == 12);
  CHECK(pruned.after == 4);
  const SparseView& S = pruned.model.find_sparse("items.neighbours")->view;
  CHECK(std::vector<uint32_t>(S.index.begin(), S.index.end()) == std::vector<uint32_t>{1, 0, 3, 2});
  // Rows of a, b: 1, 1/2, 1/2; of c, d: 1/2, 1/2, 1 (squares).
  CHECK(pruned.lost == doctest::Approx(0.5));
  CHECK(prune_neighbours(model, 3).lost == 0.0);
  CHECK(failure([&] { prune_neighbours(falling_model(2, 2, 2), 1); }) ==
        "the model has no weights of neighbours, as rec-embed knn and ease learn them");
}

TEST_CASE("prune: factors of other models are refused") {
  Artefact model = falling_model(3, 3, 3);
  model.meta["model"] = "mf";
  CHECK(failure([&] { prune_factors(model, 0.1); }) ==
        "factors are pruned in models of als and svd; this one is of mf");
}

}  // namespace
}  // namespace rec::prune_test
