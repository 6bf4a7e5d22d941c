#include "data/interactions.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace rec::interactions_test {

namespace {

Interactions example() {  // rows: (u1,i2) (u0,i1) (u1,i0) (u1,i2)
  Interactions data;
  for (const char* name : {"u0", "u1", "u2"}) data.users.intern(name);
  for (const char* name : {"i0", "i1", "i2"}) data.items.intern(name);
  data.user = {1, 0, 1, 1};
  data.item = {2, 1, 0, 2};
  return data;
}

using Indices = std::vector<uint32_t>;
using Starts = std::vector<uint64_t>;
using Weights = std::vector<float>;

}  // namespace

TEST_CASE("csr_by_user: ascending items, duplicates collapse, empty rows stay") {
  const Csr csr = csr_by_user(example(), {});
  CHECK(csr.rows() == 3);
  CHECK(csr.begin == Starts{0, 1, 3, 3});
  CHECK(csr.index == Indices{1, 0, 2});
  CHECK(csr.weight.empty());
  CHECK(csr.row_size(1) == 2);
}

TEST_CASE("csr_by_user: what becomes of a pair's weights") {
  const Weights weight{4, 1, 2, 3};
  CHECK(csr_by_user(example(), weight).weight == Weights{1, 2, 7});
}

TEST_CASE("csr_by_user: rows by user or in any order, on any number of threads, give the same") {
  Interactions data;
  for (int id = 1000; id < 2000; ++id) data.users.intern(std::to_string(id));
  for (int id = 100; id < 120; ++id) data.items.intern(std::to_string(id));
  std::vector<std::array<uint32_t, 3>> rows;
  for (uint32_t row = 0; row < 20000; ++row) rows.push_back({row * 7919 % 990, row * row % 19, row % 5});
  const auto fill = [&](Weights& weight) {
    data.drop_rows();
    weight.clear();
    for (const auto& [user, item, value] : rows) {
      data.user.push_back(user);
      data.item.push_back(item);
      weight.push_back(static_cast<float>(value));
    }
  };
  Weights weight;
  fill(weight);
  const Csr any = csr_by_user(data, weight);
  const Csr plain = csr_by_user(data, {});
  const Csr greatest = csr_by_user(data, weight, PairWeight::kGreatest, 3);
  std::sort(rows.begin(), rows.end());
  fill(weight);
  const Csr sorted = csr_by_user(data, weight, PairWeight::kSum, 2);
  CHECK(any.begin == sorted.begin);
  CHECK(any.index == sorted.index);
  CHECK(any.weight == sorted.weight);
  CHECK(plain.begin == any.begin);
  CHECK(plain.index == any.index);
  CHECK(plain.weight.empty());
  CHECK(greatest.weight == csr_by_user(data, weight, PairWeight::kGreatest).weight);
  for (size_t row = 0, at = 0; row < rows.size(); ++at) {  // the slow way
    const size_t first = row;
    float sum = 0;
    for (; row < rows.size() && rows[row][0] == rows[first][0] && rows[row][1] == rows[first][1]; ++row)
      sum += static_cast<float>(rows[row][2]);
    CHECK(any.index[at] == rows[first][1]);
    CHECK(any.weight[at] == sum);
    CHECK(greatest.weight[at] == static_cast<float>(rows[row - 1][2]));
  }
}

TEST_CASE("transpose: twice is the same, and columns without entries stay") {
  const Csr csr = csr_by_user(example(), std::vector<float>{4, 1, 2, 3});
  const Csr columns = transpose(csr, 4);
  CHECK(columns.begin == Starts{0, 1, 2, 3, 3});
  CHECK(columns.index == Indices{1, 0, 1});
  CHECK(columns.weight == Weights{2, 1, 7});
  const Csr back = transpose(columns, 3);
  CHECK(back.begin == csr.begin);
  CHECK(back.index == csr.index);
  CHECK(back.weight == csr.weight);
}

TEST_CASE("by_time: ascending times, equal ones in input order") {
  Interactions data = example();
  CHECK(by_time(data).row == Indices{1, 0, 2, 3});  // without timestamps: input order
  data.timestamp = {5, 0, 4, 5};
  const Sequences sequences = by_time(data);
  CHECK(sequences.begin == Starts{0, 1, 4, 4});
  CHECK(sequences.row == Indices{1, 2, 0, 3});
}

TEST_CASE("no interactions at all") {
  const Interactions none;
  CHECK(csr_by_user(none, {}).rows() == 0);
  CHECK(transpose(csr_by_user(none, {}), 2).begin == Starts{0, 0, 0});
  CHECK(by_time(none).begin == Starts{0});
}

TEST_CASE("csr_by_user: a sum of repeated pairs does not depend on the order of the rows") {
  const std::vector<float> values{1e8f, 1.0f, -1e8f, 3e-3f, 1.0f, 7.25f};
  std::vector<size_t> order{0, 1, 2, 3, 4, 5};
  std::vector<float> sums;
  do {
    Interactions data;
    data.users.intern("u");
    data.items.intern("i");
    std::vector<float> weight;
    for (const size_t at : order) {
      data.user.push_back(0);
      data.item.push_back(0);
      weight.push_back(values[at]);
    }
    const Csr csr = csr_by_user(data, weight);
    REQUIRE(csr.entries() == 1);
    sums.push_back(csr.weight[0]);
  } while (std::next_permutation(order.begin(), order.end()));
  for (const float sum : sums) CHECK(sum == sums[0]);
  CHECK(sums[0] == doctest::Approx(9.253));
}

}  // namespace rec::interactions_test
