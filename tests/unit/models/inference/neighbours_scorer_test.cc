#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "models/common/history_encoder.h"
#include "models/inference/model.h"
#include "models/inference/scorer_kinds.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::neighbours_scorer_test {
namespace {

TEST_CASE("neighbours: a list after another user has sums of its own user alone") {
  const Interactions data = random_rows(3, 9, 30, 90);
  const Model model(cooccurrence_model(data, false));
  const auto scorer = make_neighbours_scorer(model.parts());
  const auto users = scorer->make_users(1);
  std::vector<uint32_t> items{0, 5, kNoId, 11};
  std::vector<float> fresh(items.size()), again(items.size());
  Behaviour one, other;
  REQUIRE(model.encoder().encode_user(1, one));
  REQUIRE(model.encoder().encode_user(2, other));
  scorer->prepare(one, 0, *users);
  scorer->score_items(0, items, *users, fresh.data());
  CHECK(fresh[2] == 0.0f);
  scorer->prepare(other, 0, *users);
  scorer->score_items(0, items, *users, again.data());
  scorer->prepare(one, 0, *users);
  scorer->score_items(0, items, *users, again.data());
  CHECK(again == fresh);
}

TEST_CASE("neighbours: the attention over a history is each item's part of the evidence") {
  for (const bool vectors : {false, true}) {
    CAPTURE(vectors);
    const Interactions data = random_rows(4, 9, 30, 90);
    const Model model(cooccurrence_model(data, vectors));
    const auto scorer = make_neighbours_scorer(model.parts());
    CHECK(scorer->history_obstacle().empty());
    CHECK_FALSE(scorer->history_has_temperature());
    const auto users = scorer->make_users(1);
    const std::vector<uint32_t> history{4, 2, 7, 2};
    std::vector<uint32_t> items;
    REQUIRE(scorer->read_history(model.encoder(), {history, {}, {}}, *users, items));
    REQUIRE(items == std::vector<uint32_t>{2, 4, 7});
    bool any = false;
    for (uint32_t candidate = 0; candidate < model.items().size(); ++candidate) {
      std::vector<double> evidence;
      double sum = 0.0;
      for (const uint32_t j : items) {
        double c = 0.0;
        const auto row = model.neighbours().row(j);
        for (size_t at = 0; at < row.size(); ++at) {
          if (row[at] == candidate) c = static_cast<double>(model.neighbours().row_weight(j)[at]);
        }
        for (size_t f = 0; vectors && f < 3; ++f) {
          c += static_cast<double>(model.artefact().find(kItemSource)->view()(j, f)) *
               static_cast<double>(model.item_vectors()(candidate, f));
        }
        evidence.push_back(std::max(0.0, c));
        sum += evidence.back();
      }
      any |= sum > 0.0;
      float weights[3];
      scorer->history_attention(candidate, items, 1.0, *users, weights);
      for (size_t j = 0; j < 3; ++j)
        CHECK(static_cast<double>(weights[j]) ==
              doctest::Approx(sum > 0.0 ? evidence[j] / sum : 1.0 / 3.0).epsilon(1e-5));
    }
    CHECK(any);
    float weights[3];
    scorer->history_attention(kNoId, items, 1.0, *users, weights);
    CHECK(weights[1] == static_cast<float>(1.0 / 3.0));
  }
}

TEST_CASE("neighbours: similar items are those of the row of S; users are no items") {
  const Interactions data = random_rows(5, 9, 12, 60);
  const Model model(cooccurrence_model(data, false));
  const auto scorer = make_neighbours_scorer(model.parts());
  std::vector<float> out(model.items().size());
  scorer->similarities(3, *scorer->make_users(1), out.data());
  const auto row = model.neighbours().row(3);
  size_t found = 0;
  for (uint32_t item = 0; item < out.size(); ++item) {
    const auto at = std::find(row.begin(), row.end(), item);
    found += at != row.end();
    CHECK(out[item] ==
          (at == row.end() ? -HUGE_VALF : model.neighbours().row_weight(3)[static_cast<size_t>(at - row.begin())]));
  }
  CHECK(found == row.size());
  ScorerParts of_users = model.parts();
  of_users.neighbours_are_items = false;
  const auto other = make_neighbours_scorer(of_users);
  CHECK(other->history_obstacle() == "the model's neighbours are users, not items of the history");
  CHECK_THROWS_AS(other->similarities(3, *other->make_users(1), out.data()), UsageError);
}

}  // namespace
}  // namespace rec::neighbours_scorer_test
