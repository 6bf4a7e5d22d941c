#include "models/common/described_users.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rec::described_users_test {
namespace {

// Two users of two factors.
Artefact two_users(size_t start) {
  Artefact artefact;
  const std::vector<float> users{1.0f, 2.0f, 3.0f, 5.0f};
  artefact.add("users.factors", ConstMatrixView{users.data(), 2, 2, 2});
  if (start > 0) artefact.add(kNewUser, std::vector<float>(start, 0.5f));
  return artefact;
}

TEST_CASE("described users: the row without a history; with one, what it is above that of nobody") {
  const Artefact artefact = two_users(2);
  const DescribedUsers users(artefact, 2);
  Behaviour h;
  h.row = {7};
  REQUIRE(users.encode(1, h));
  CHECK(h.dense == std::vector<float>{3.0f, 5.0f});
  CHECK(h.row.empty());
  CHECK_FALSE(users.encode(2, h));
  CHECK_FALSE(users.encode(kNoId, h));
  std::vector<float> with_history{10.0f, 20.0f};
  users.add(0, with_history);
  CHECK(with_history == std::vector<float>{10.5f, 21.5f});
  users.add(kNoId, with_history);
  users.add(2, with_history);
  CHECK(with_history == std::vector<float>{10.5f, 21.5f});
}

TEST_CASE("described users: a model without the tensors describes nobody, one with others is an error") {
  const Artefact none;
  Behaviour h;
  CHECK_FALSE(DescribedUsers(none, 2).encode(0, h));
  const Artefact without_start = two_users(0);
  CHECK_FALSE(DescribedUsers(without_start, 2).encode(0, h));
  const Artefact artefact = two_users(2);
  CHECK_THROWS_WITH_AS(DescribedUsers(artefact, 3), "model: the history has dimension 3, \"users.factors\" 2", Error);
  const Artefact longer = two_users(3);
  CHECK_THROWS_WITH_AS(DescribedUsers(longer, 2), "model: tensor \"new.users.factors\" has 3 values, expected 2",
                       Error);
}

}  // namespace
}  // namespace rec::described_users_test
