#include "metrics/truth.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/error.h"
#include "small_data.h"

namespace rec::truth_test {
namespace {

TEST_CASE("truth: the first row of each pair, by item, against maps, for all numbers of threads") {
  const Interactions rows = random_rows(5, 2500, 40, 9000);
  std::map<uint32_t, std::map<uint32_t, double>> pairs;
  uint64_t repeats = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    const bool is_new = pairs[rows.user[row]].emplace(rows.item[row], static_cast<double>(rows.value[row])).second;
    if (!is_new) ++repeats;
  }
  REQUIRE(repeats > 0);
  for (const int threads : {1, 2, 5}) {
    TruthOptions options{.min_value = 2.0, .repeats = Repeats::kFirst, .judged = true};
    const Truth truth = make_truth(as_user_items(rows), options, "truth", threads);
    CHECK(truth.repeats == repeats);
    REQUIRE(truth.begin.size() == rows.users.size() + 1);
    for (uint32_t user = 0; user < rows.users.size(); ++user) {
      std::vector<uint32_t> relevant, other;
      std::vector<double> gain;
      for (const auto& [item, value] : pairs[user]) {
        if (value >= 2.0) {
          relevant.push_back(item);
          gain.push_back(value);
        } else {
          other.push_back(item);
        }
      }
      const auto first = static_cast<ptrdiff_t>(truth.begin[user]),
                 last = static_cast<ptrdiff_t>(truth.begin[user + 1]);
      CHECK(std::vector<uint32_t>(truth.item.begin() + first, truth.item.begin() + last) == relevant);
      CHECK(std::vector<double>(truth.gain.begin() + first, truth.gain.begin() + last) == gain);
      std::sort(gain.begin(), gain.end(), std::greater<>());
      const auto ideal = truth.ideal_of(user);
      CHECK(std::vector<double>(ideal.begin(), ideal.end()) == gain);
      CHECK(std::vector<uint32_t>(truth.miss_item.begin() + static_cast<ptrdiff_t>(truth.miss_begin[user]),
                                  truth.miss_item.begin() + static_cast<ptrdiff_t>(truth.miss_begin[user + 1])) ==
            other);
    }
    options.repeats = Repeats::kFail;
    CHECK_THROWS_AS(make_truth(as_user_items(rows), options, "truth", threads), Error);
  }
}

}  // namespace
}  // namespace rec::truth_test
