#include "train/validation.h"

#include <doctest/doctest.h>

#include "data/user_items.h"
#include "small_data.h"

namespace rec {
namespace {

Truth held_out() {
  TruthOptions options;
  options.repeats = Repeats::kFirst;
  return make_truth(as_user_items(random_rows(22, 30, 25, 80)), options, "valid");
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
  const double expected = Validation(held_out(), metric, train, by_user).evaluate(known, 2);
  CHECK(Validation(held_out(), metric, train, by_user, true).evaluate(unknown, 2) == expected);
  CHECK(Validation(held_out(), metric, train, by_user).evaluate(unknown, 2) != expected);
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

}  // namespace rec
