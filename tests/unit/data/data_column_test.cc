#include "data/data_column.h"

#include <doctest/doctest.h>

#include <memory>
#include <numeric>

namespace rec::data_column_test {
namespace {

using Numbers = std::vector<uint32_t>;

DataColumn<uint32_t> shared_column(const std::shared_ptr<Numbers>& numbers) { return {*numbers, numbers, false}; }

TEST_CASE("DataColumn: numbers of others are shared, and copied before they change") {
  const auto numbers = std::make_shared<Numbers>(Numbers{3, 1, 2});
  DataColumn<uint32_t> column = shared_column(numbers);
  CHECK(column.data() == numbers->data());
  DataColumn<uint32_t> other = column;
  CHECK(other.data() == numbers->data());
  other.own()[0] = 7;
  CHECK(other == Numbers{7, 1, 2});
  CHECK(column == Numbers{3, 1, 2});
  other.push_back(8);
  CHECK(other == Numbers{7, 1, 2, 8});
  column.append(Numbers{4});
  CHECK(column == Numbers{3, 1, 2, 4});
  CHECK(*numbers == Numbers{3, 1, 2});
  CHECK(numbers.use_count() == 1);
}

TEST_CASE("DataColumn: copies of own numbers are apart, a move takes them along") {
  DataColumn<uint32_t> column{1, 2, 3};
  DataColumn<uint32_t> copy = column;
  copy.own()[1] = 9;
  CHECK(column == Numbers{1, 2, 3});
  CHECK(copy == Numbers{1, 9, 3});
  const uint32_t* const place = column.data();
  DataColumn<uint32_t> moved = std::move(column);
  CHECK(moved.data() == place);
  std::swap(moved, copy);
  CHECK(moved == Numbers{1, 9, 3});
  CHECK(copy == Numbers{1, 2, 3});
  copy.resize(2);
  CHECK(copy == Numbers{1, 2});
  copy.clear();
  CHECK(copy.empty());
}

TEST_CASE("DataColumn: numbers that the caller sets are its own") {
  std::span<uint32_t> room;
  DataColumn<uint32_t> column = DataColumn<uint32_t>::unset(3, room);
  std::iota(room.begin(), room.end(), 5u);
  CHECK(column == Numbers{5, 6, 7});
  const DataColumn<uint32_t> copy = column;
  column.own()[1] = 0;
  CHECK(column == Numbers{5, 0, 7});
  CHECK(copy == Numbers{5, 6, 7});
  CHECK(DataColumn<uint32_t>::unset(0, room).empty());
}

TEST_CASE("DataColumn: the owner lives as long as a column has its numbers") {
  auto numbers = std::make_shared<Numbers>(Numbers{3, 1, 2});
  const std::weak_ptr<Numbers> alive = numbers;
  DataColumn<uint32_t> column = shared_column(numbers);
  numbers.reset();
  CHECK(std::accumulate(column.begin(), column.end(), 0u) == 6);
  CHECK_FALSE(alive.expired());
  column.clear();
  CHECK(alive.expired());
}

}  // namespace
}  // namespace rec::data_column_test
