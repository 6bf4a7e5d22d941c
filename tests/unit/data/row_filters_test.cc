#include "data/row_filters.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace rec::row_filters_test {

namespace {

struct Row {
  const char* user;
  const char* item;
  double time;
};

Interactions table(const std::vector<Row>& rows) {
  Interactions data;
  for (const Row& row : rows) {
    data.user.push_back(data.users.intern(row.user));
    data.item.push_back(data.items.intern(row.item));
    data.timestamp.push_back(row.time);
  }
  return data;
}

// "k": kept, "-": removed.
std::string text_of(const Parts& parts) {
  std::string text;
  for (const Part part : parts) text += part == Part::kRemoved ? '-' : 'k';
  return text;
}

Interactions random_log(unsigned seed) {
  std::mt19937 random(seed);
  Interactions data;
  for (int user = 0; user < 5; ++user) data.users.intern("u" + std::to_string(user));
  for (int item = 0; item < 4; ++item) data.items.intern("i" + std::to_string(item));
  for (int row = 0; row < 60; ++row) {
    data.user.push_back(static_cast<uint32_t>(random() % 5));
    data.item.push_back(static_cast<uint32_t>(random() % 4));
    data.timestamp.push_back(static_cast<double>(random() % 40));
  }
  return data;
}

}  // namespace

TEST_CASE("row filters: a row within the window of one that stays is a repeat") {
  const Interactions data = table(
      {{"a", "x", 10}, {"a", "x", 14}, {"a", "y", 11}, {"b", "x", 11}, {"a", "x", 15}, {"a", "x", 16}, {"a", "y", 11}});
  Parts parts(data.size(), Part::kTrain);
  // 14 and 15 are within 5 of 10; 16 is not, though it is of 15.
  CHECK(remove_repeats_within(data, by_time(data), 5, parts) == 3);
  CHECK(text_of(parts) == "k-kk-k-");
  parts.assign(data.size(), Part::kTrain);
  CHECK(remove_repeats_within(data, by_time(data), 0, parts) == 1);
  CHECK(text_of(parts) == "kkkkkk-");
}

TEST_CASE("row filters: all rows of a burst go, whatever the order of the input") {
  const Interactions data = table({{"a", "x", 100},
                                   {"a", "y", 130},
                                   {"a", "z", 159},
                                   {"a", "x", 160},
                                   {"a", "y", 260},
                                   {"b", "x", 130},
                                   {"b", "y", 189}});
  Parts parts(data.size(), Part::kTrain);
  const BurstsRemoved removed = remove_bursts(data, by_time(data), 2, 60, parts);
  CHECK(text_of(parts) == "----kkk");  // 100 to 159, and 130 to 160
  CHECK(removed.rows == 4);
  CHECK(removed.users == 1);
  CHECK(removed.most_rows == 3);
}

TEST_CASE("row filters: a burst is what a window of a minute shows at every place") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const Interactions data = random_log(seed);
    Parts parts(data.size(), Part::kTrain);
    const uint64_t most = 1 + seed % 4;
    const double minute = 1 + seed % 7;
    remove_bursts(data, by_time(data), most, minute, parts);
    for (size_t row = 0; row < data.size(); ++row) {
      bool burst = false;  // is there a window that has the row and more than `most`?
      for (size_t first = 0; first < data.size(); ++first) {
        const double from = data.timestamp[first];
        if (data.timestamp[row] < from || data.timestamp[row] >= from + minute) continue;
        size_t within = 0;
        for (size_t other = 0; other < data.size(); ++other) {
          within += data.user[other] == data.user[row] && data.timestamp[other] >= from &&
                    data.timestamp[other] < from + minute;
        }
        burst = burst || within > most;
      }
      CHECK((parts[row] == Part::kRemoved) == burst);
    }
  }
}

TEST_CASE("row filters: the first rows of a day stay") {
  Interactions data =
      table({{"a", "x", 9}, {"a", "y", 0}, {"a", "z", 5}, {"a", "x", 10}, {"b", "x", 3}, {"a", "x", -1}});
  Parts parts(data.size(), Part::kTrain);
  const DaysRemoved removed = remove_beyond_day(data, by_time(data), 2, 10, parts);
  CHECK(text_of(parts) == "-kkkkk");
  CHECK(removed.rows == 1);
  CHECK(removed.users == 1);
  CHECK(removed.most_rows == 3);
  // What rounding took from a time before midnight keeps it on its day.
  data.timestamp_rest = {0, 0, 0, -1e-9, 0, 0};
  parts.assign(data.size(), Part::kTrain);
  CHECK(remove_beyond_day(data, by_time(data), 2, 10, parts).most_rows == 4);
}

TEST_CASE("row filters: what is removed already counts no more") {
  const Interactions data = table({{"a", "x", 1}, {"a", "x", 1}, {"a", "y", 2}});
  Parts parts{Part::kRemoved, Part::kTrain, Part::kTrain};
  CHECK(remove_repeats_within(data, by_time(data), 10, parts) == 0);
  CHECK(remove_bursts(data, by_time(data), 2, 10, parts).rows == 0);
  CHECK(remove_beyond_day(data, by_time(data), 2, 10, parts).rows == 0);
}

}  // namespace rec::row_filters_test
