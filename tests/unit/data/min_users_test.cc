#include "data/min_users.h"

#include <doctest/doctest.h>

#include <random>

namespace rec::min_users_test {
namespace {

std::vector<bool> out_of(const std::vector<uint64_t>& users, uint64_t least) { return groups_below(users, least).out; }

TEST_CASE("groups_below: groups of fewer users are left out, and nothing can be told from the total") {
  using Out = std::vector<bool>;
  CHECK(out_of({5, 9}, 5) == Out{false, false});
  CHECK(out_of({4, 9, 3}, 5) == Out{true, false, true});             // 7 together
  CHECK(out_of({4, 9, 50, 9}, 5) == Out{true, true, false, false});  // the smallest other, of equal ones the first
  CHECK(out_of({1, 100}, 5) == Out{true, true});
  CHECK(out_of({1}, 5) == Out{true});
  CHECK(out_of({0, 3, 3}, 5) == Out{false, true, true});  // nobody is in the first
  CHECK(out_of({0, 0}, 5) == Out{false, false});
  CHECK(out_of({1, 1, 1}, 1) == Out{false, false, false});
  CHECK(out_of({}, 5).empty());
  const LeftOut left = groups_below(std::vector<uint64_t>{4, 9, 50}, 5);
  CHECK(left_out_note(left, "segment", 5) ==
        "2 of 3 segments left out: 1 of fewer than 5 users, 1 so that the others cannot be told from the total");
  CHECK(left_out_note(groups_below(std::vector<uint64_t>{9}, 5), "segment", 5).empty());
}

TEST_CASE("groups_below: random sizes; what stays has the users, what goes has them together or is everything") {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<uint64_t> users(random() % 8);
    for (uint64_t& size : users) size = random() % 12;
    const uint64_t least = 1 + random() % 10;
    const LeftOut left = groups_below(users, least);
    uint64_t together = 0, stays = 0, small = 0;
    for (size_t group = 0; group < users.size(); ++group) {
      if (left.out[group]) {
        together += users[group];
        CHECK(users[group] > 0);
      } else {
        CHECK((users[group] == 0 || users[group] >= least));
        stays += users[group];
      }
      small += users[group] > 0 && users[group] < least;
    }
    CHECK(left.small == small);
    CHECK((together == 0 || together >= least || stays == 0));
    if (small == 0) CHECK(left.groups() == 0);
  }
}

}  // namespace
}  // namespace rec::min_users_test
