#include "score/history_contributions.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/common/popularity.h"
#include "models/linear/ease_trainer.h"
#include "oracle.h"
#include "score/pair_scorer.h"
#include "small_data.h"

namespace rec::history_contributions_test {
namespace {

using oracle::Dense;

Dense vector_of(const float* values, size_t n) {
  Dense out(n);
  for (size_t f = 0; f < n; ++f) out(f) = static_cast<double>(values[f]);
  return out;
}

// Users of the model and new ones, one of them with an item that the model lacks and with no other.
UserItems histories(const Interactions& data) {
  RowsBuilder rows;
  for (int at = 0; at < 12; ++at) {
    const std::string user = at % 2 == 0 ? "new" : std::string(data.users[1]);
    rows.add(user, std::string(data.items[static_cast<uint32_t>(static_cast<size_t>(at) * 5 % data.items.size())]),
             0.5f * static_cast<float>(at));
  }
  rows.add("new", "elsewhere");
  rows.add("lost", "elsewhere");
  return as_user_items(rows.build());
}

// The terms of each candidate, whose sum is checked against the score that rec-score --refold writes.
void check_sums(Model& model, const UserItems& history) {
  const HistoryContributions contributions(model, history, 2);
  const UserVectors users(model, &history, Fallback::kZero, 1, true);
  const PairScorer scorer(model, model.predictor(), users);
  const auto scratch = contributions.make_scratch();
  CHECK_FALSE(contributions.read_user("nobody", *scratch));
  CHECK_FALSE(contributions.read_user("lost", *scratch));
  EncodedUser encoded;
  std::vector<Contribution> terms;
  for (const std::string_view user : {std::string_view("new"), model.users()[1]}) {
    REQUIRE(contributions.read_user(user, *scratch));
    scorer.encode(user, encoded);
    for (uint32_t item = 0; item < model.items().size(); ++item) {
      contributions.explain(item, *scratch, terms);
      double sum = 0.0, size = 0.0;
      for (const Contribution& term : terms) {
        sum += term.value;
        size += std::abs(term.value);
      }
      float score = 0.0f;
      scorer.score(encoded, {&item, 1}, &score);
      CHECK(std::abs(sum - static_cast<double>(score)) <= 1e-5 * size);
    }
    contributions.explain(kNoId, *scratch, terms);
    for (const Contribution& term : terms) CHECK(term.value == 0.0);
  }
}

}  // namespace

TEST_CASE("contributions of als: those of the normal equations in double, and their sum is the score") {
  const Interactions data = random_rows(3, 30, 25, 260);
  AlsOptions o;
  o.regularization = 0.02;
  o.exponent = 0.8;
  for (const int dim : {3, 20}) {
    o.dim = dim;
    o.confidence = dim == 3 ? Confidence::kNone : Confidence::kLinear;
    o.confidence_scale = 2.0;
    AlsTrainer trainer(data, als_pairs(data, o), o, 1);
    for (int epoch = 0; epoch < 4; ++epoch) trainer.epoch();
    Model model(trainer.artefact());
    const UserItems history = histories(data);
    check_sums(model, history);

    const HistoryContributions contributions(model, history, 1);
    const auto scratch = contributions.make_scratch();
    REQUIRE(contributions.read_user("new", *scratch));
    const KnownHistory known =
        known_history(history, history.users.find("new"), match_ids(history.items, model.items()));
    const AlsHistory pairs = als_history({.item = known.item, .value = known.value}, o);
    const auto F = static_cast<size_t>(dim);
    Dense A(F, F);
    double weight = 0.0;
    for (size_t j = 0; j < pairs.item.size(); ++j) {
      const double c = pairs.weight.empty() ? 1.0 : static_cast<double>(pairs.weight[j]);
      oracle::add_outer(A, c, vector_of(model.item_vectors().row(pairs.item[j]), F));
      weight += c;
    }
    for (uint32_t item = 0; item < model.items().size(); ++item)
      oracle::add_outer(A, o.unobserved_weight, vector_of(model.item_vectors().row(item), F));
    A += o.ridge(weight, model.items().size()) * Dense::identity(F);
    const Dense W = oracle::inverse(A);
    std::vector<Contribution> terms;
    for (uint32_t item = 0; item < model.items().size(); ++item) {
      contributions.explain(item, *scratch, terms);
      REQUIRE(terms.size() == pairs.item.size());
      const Dense Wx = W * vector_of(model.item_vectors().row(item), F);
      for (size_t j = 0; j < terms.size(); ++j) {
        const double c = pairs.weight.empty() ? 1.0 : static_cast<double>(pairs.weight[j]);
        CHECK(terms[j].name == model.items()[pairs.item[j]]);
        CHECK(
            terms[j].value ==
            doctest::Approx(c * oracle::dot(vector_of(model.item_vectors().row(pairs.item[j]), F), Wx)).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("contributions of als: what the features of a user add is a term of its own") {
  const Interactions data = random_rows(5, 20, 15, 150);
  AlsOptions o;
  o.dim = 6;
  o.regularization = 0.05;
  AlsTrainer trainer(data, als_pairs(data, o), o, 1);
  trainer.epoch();
  Artefact artefact = trainer.artefact();
  // The user 1 has no pairs: its vector is what its features say.
  std::vector<float> counts(data.users.size(), 1.0f);
  counts[1] = 0.0f;
  artefact.add("users.count", counts);
  Model model(std::move(artefact));
  const UserItems history = histories(data);
  check_sums(model, history);
  const HistoryContributions contributions(model, history, 1);
  const auto scratch = contributions.make_scratch();
  std::vector<Contribution> terms;
  REQUIRE(contributions.read_user(model.users()[1], *scratch));
  contributions.explain(0, *scratch, terms);
  CHECK(terms.back().name == kPriorTerm);
  CHECK(terms.back().value != 0.0);
  REQUIRE(contributions.read_user("new", *scratch));
  contributions.explain(0, *scratch, terms);
  CHECK(terms.back().name != kPriorTerm);
}

TEST_CASE("contributions of ease, neighbours and sums of vectors add up to the score; popularity has none") {
  const Interactions data = random_rows(3, 30, 25, 260);
  const Csr rows = csr_by_user(data, {});
  const UserItems history = histories(data);
  EaseOptions ease;
  ease.regularization = 3.0;
  ease.item_exponent = 0.3;
  Model of_ease(ease_artefact(data, rows, fit_ease(rows, data.items.size(), ease, 1), ease, {}));
  check_sums(of_ease, history);
  Model with_vectors(cooccurrence_model(data, true));
  check_sums(with_vectors, history);
  Artefact weighted = cooccurrence_model(data, true);
  weighted.meta["history-weight"] = "value";
  Model by_value(std::move(weighted));
  check_sums(by_value, history);
  Artefact linear = cooccurrence_model(data, true);
  linear.meta["encoder"] = "linear";
  linear.meta["predictor"] = linear.meta["attention"] = "dot";
  Artefact dense;
  dense.items = linear.items;
  dense.users = linear.users;
  dense.meta = linear.meta;
  dense.meta.erase("neighbours");
  for (const char* name : {"items.source", "items.factors"}) dense.add(name, linear.find(name)->view());
  dense.add_sparse("users.history", rows);
  Model of_vectors(std::move(dense));
  check_sums(of_vectors, history);
  Model popular(fit_popularity(data, item_counts(csr_by_user(data, {}), data.items.size())));
  CHECK_THROWS_AS(HistoryContributions(popular, history, 1), UsageError);
}

}  // namespace rec::history_contributions_test
