#include "train/validation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/pair_means.h"
#include "data/user_items.h"
#include "models/mf/mf_trainer.h"
#include "small_data.h"

namespace rec::validation_test {
namespace {

Truth held_out() {
  TruthOptions options;
  options.repeats = Repeats::kFirst;
  return make_truth(as_user_items(random_rows(22, 30, 25, 80)), options, "valid", 2);
}

}  // namespace

TEST_CASE("validation: a model without users is given their training histories where that is asked for") {
  const Interactions train = random_rows(21, 30, 25, 300);
  const Csr by_user = csr_by_user(train, {});
  const Artefact with_users = cooccurrence_model(train, false);
  Artefact without;
  without.items = with_users.items;
  without.meta = with_users.meta;
  for (const auto& tensor : with_users.tensors())
    without.add(tensor.name, std::vector<float>(tensor.floats(), tensor.floats() + tensor.rows() * tensor.cols()));
  const SparseView S = with_users.find_sparse("items.neighbours")->view;
  without.add_sparse(
      "items.neighbours",
      Csr{{S.begin.begin(), S.begin.end()}, {S.index.begin(), S.index.end()}, {S.weight.begin(), S.weight.end()}});

  Model known(with_users);
  Model unknown(without);
  const Metric metric = parse_metric("ndcg@5");
  const double expected = RankingValidation(held_out(), metric, train, by_user).evaluate(known, 2);
  CHECK(RankingValidation(held_out(), metric, train, by_user, true).evaluate(unknown, 2) == expected);
  CHECK(RankingValidation(held_out(), metric, train, by_user).evaluate(unknown, 2) != expected);
}

TEST_CASE("validation: an error of values is that of the model's predictions, held in the range of training") {
  RowsBuilder rows;
  const float values[][3] = {{1, 2, 5}, {5, 4, 1}, {3, 3, 3}};
  for (int user = 0; user < 3; ++user) {
    for (int item = 0; item < 3; ++item) {
      if (user != item) rows.add("u" + std::to_string(user), "i" + std::to_string(item), values[user][item]);
    }
  }
  const Interactions train = rows.build();
  MfOptions options;
  options.dim = 0;
  MfTrainer trainer(train, csr_of_means(train), options, 1);
  for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
  Model model(trainer.artefact());
  // Known pairs, unknown user, unknown item, a pair that comes twice.
  RowsBuilder held_out;
  held_out.add("u0", "i0", 1);
  held_out.add("nobody", "i1", 2);
  held_out.add("u2", "nothing", 5);
  held_out.add("u1", "i1", 4);
  held_out.add("u1", "i1", 1);
  const UserItems lists = as_user_items(held_out.build());
  const auto h = [&](std::string_view user) {
    Behaviour behaviour;
    const uint32_t number = model.users().find(user);
    if (number == kNoId)
      REQUIRE(model.encoder().encode_unknown(behaviour));
    else
      REQUIRE(model.encoder().encode_user(number, behaviour));
    return static_cast<double>(behaviour.dense[0]);
  };
  double squares = 0.0, sizes = 0.0;
  for (uint32_t user = 0; user < lists.users.size(); ++user) {
    for (uint64_t at = lists.begin[user]; at < lists.begin[user + 1]; ++at) {
      const uint32_t item = model.items().find(lists.items[lists.item[at]]);
      const double bias =
          static_cast<double>(item == kNoId ? model.parts().unknown_item[1] : model.item_vectors()(item, 1));
      const double miss = std::clamp(h(lists.users[user]) + bias, 1.0, 5.0) - static_cast<double>(lists.value[at]);
      squares += miss * miss;
      sizes += std::abs(miss);
    }
  }
  const ValueValidation rmse(lists, parse_metric("rmse"));
  const double value = rmse.evaluate(model, 1);
  CHECK(value == doctest::Approx(std::sqrt(squares / 5)));
  CHECK(rmse.evaluate(model, 3) == value);
  CHECK(ValueValidation(lists, parse_metric("mae")).evaluate(model, 2) == doctest::Approx(sizes / 5));
  CHECK(rmse.is_better(0.9, 1.0));
  CHECK_FALSE(rmse.is_better(1.0, 1.0));
  CHECK_FALSE(rmse.is_better(1.1, 1.0));
  UserItems other = lists;
  other.value[0] += 1;
  CHECK(ValueValidation(other, parse_metric("rmse")).digest() != rmse.digest());
  for (const char* name : {"rmse", "mse", "mae"}) CHECK(is_error_of_values(parse_metric(name)));
  for (const char* name : {"auc", "logloss", "ndcg@5", "ctr"}) CHECK_FALSE(is_error_of_values(parse_metric(name)));
}

TEST_CASE("held_out_order: rows older than their user's last training row, of users that training knows") {
  RowsBuilder train_rows, held_rows;
  for (const char* user : {"a", "a", "b"}) train_rows.add(user, "x");
  Interactions train = train_rows.build();
  for (const char* user : {"a", "a", "b", "new"}) held_rows.add(user, "y");
  UserItems held_out = as_user_items(held_rows.build());
  CHECK(held_out_order(held_out, train).rows == 0);
  CHECK_FALSE(held_out_order(held_out, train).at_random());
  train.timestamp = {5, 1, 9};
  CHECK(held_out_order(held_out, train).rows == 0);
  held_out.timestamp = {4, 5, 10, 0};
  const HeldOutOrder order = held_out_order(held_out, train);
  CHECK(order.rows == 3);
  CHECK(order.older == 1);
  CHECK(order.at_random());
}

TEST_CASE("histories_of: the wanted users' rows in time order, with what they carry") {
  RowsBuilder rows;
  rows.add("b", "x", 1.0f);
  rows.add("a", "y", 2.0f);
  rows.add("b", "z", 3.0f);
  rows.add("b", "y", 4.0f);
  rows.add("c", "x", 5.0f);
  Interactions data = rows.build();
  data.timestamp = {20, 1, 10, 20, 3};
  IdTable wanted;
  for (const char* name : {"c", "b", "nobody"}) wanted.intern(name);
  const UserItems histories = histories_of(data, wanted);
  REQUIRE(histories.users.size() == 2);
  CHECK(histories.users[0] == "b");
  CHECK(histories.users.find("c") == 1);
  CHECK(histories.begin == std::vector<uint64_t>{0, 3, 4});
  CHECK(histories.value == std::vector<float>{3, 1, 4, 5});
  CHECK(histories.timestamp == std::vector<double>{10, 20, 20, 3});
  CHECK(histories.items[histories.item[0]] == "z");
}

}  // namespace rec::validation_test
