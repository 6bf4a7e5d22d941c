#include "data/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::split_test {

namespace {

struct Row {
  const char* user;
  const char* item;
  float value;
  double time;
};

Interactions table(const std::vector<Row>& rows) {
  Interactions data;
  for (const Row& row : rows) {
    data.user.push_back(data.users.intern(row.user));
    data.item.push_back(data.items.intern(row.item));
    data.value.push_back(row.value);
    data.timestamp.push_back(row.time);
  }
  return data;
}

Parts all_train(const Interactions& data) { return Parts(data.size(), Part::kTrain); }

// "tvT-": train, validation, test, removed.
std::string text_of(const Parts& parts) {
  std::string text;
  for (const Part part : parts) text += "tvT-"[static_cast<size_t>(part)];
  return text;
}

std::string split_text(const Interactions& data, const SplitPlan& plan, SplitNotes* notes = nullptr) {
  Parts parts = all_train(data);
  const SplitNotes said = split_rows(data, plan, parts);
  if (notes != nullptr) *notes = said;
  check_no_leak(data, plan.method, parts);
  return text_of(parts);
}

Interactions ten_rows() {  // times 9 5 0 1 2 3 4 6 7 8
  std::vector<Row> rows;
  for (const double time : {9, 5, 0, 1, 2, 3, 4, 6, 7, 8}) rows.push_back({"u", "i", 1, time});
  return table(rows);
}

SplitPlan plan_for(SplitMethod method, double test = 0.2, double valid = 0.0) {
  SplitPlan plan;
  plan.method = method;
  plan.test_fraction = test;
  plan.valid_fraction = valid;
  return plan;
}

}  // namespace

TEST_CASE("split by time: the latest rows, whatever their order") {
  SplitNotes notes;
  CHECK(split_text(ten_rows(), plan_for(SplitMethod::kTime), &notes) == "TttttttttT");
  CHECK(notes.test_from == 8);
  CHECK(std::isinf(notes.valid_from.value));
  CHECK(split_text(ten_rows(), plan_for(SplitMethod::kTime, 0.2, 0.3), &notes) == "TvtttttvvT");
  CHECK(notes.valid_from == 5);
}

TEST_CASE("split by time: a timestamp is never divided") {
  const Interactions data =
      table({{"a", "x", 1, 1}, {"b", "x", 1, 2}, {"c", "x", 1, 2}, {"d", "x", 1, 2}, {"e", "x", 1, 3}});
  CHECK(split_text(data, plan_for(SplitMethod::kTime, 0.4)) == "tTTTT");
  CHECK(split_text(data, plan_for(SplitMethod::kTime, 0.2)) == "ttttT");
  CHECK(split_text(data, plan_for(SplitMethod::kTime, 0.2, 0.2)) == "tvvvT");
}

TEST_CASE("split by time: cut times") {
  SplitPlan plan = plan_for(SplitMethod::kTime);
  plan.test_from = 7.5;
  CHECK(split_text(ten_rows(), plan) == "TttttttttT");
  plan.valid_from = 4;
  CHECK(split_text(ten_rows(), plan) == "TvttttvvvT");
}

TEST_CASE("split by time: without timestamps the input's order is time") {
  Interactions data = ten_rows();
  data.timestamp.clear();
  CHECK(split_text(data, plan_for(SplitMethod::kTime, 0.2, 0.1)) == "tttttttvTT");
}

TEST_CASE("split by user's time: shares of each user, the first row is always train") {
  SplitNotes notes;
  CHECK(split_text(ten_rows(), plan_for(SplitMethod::kUserTime, 0.2, 0.1), &notes) == "TtttttttvT");
  CHECK(notes.short_users == 0);
  const Interactions one = table({{"a", "x", 1, 1}, {"b", "x", 1, 2}, {"b", "y", 1, 1}});
  CHECK(split_text(one, plan_for(SplitMethod::kUserTime, 0.5, 0.4), &notes) == "tTt");
  CHECK(notes.short_users == 1);
}

TEST_CASE("leave one out: last in time, equal times in input order, short users stay") {
  SplitNotes notes;
  const Interactions data =
      table({{"a", "x", 1, 3}, {"a", "y", 1, 1}, {"b", "x", 1, 5}, {"b", "y", 1, 5}, {"c", "x", 1, 1}});
  CHECK(split_text(data, plan_for(SplitMethod::kLeaveOneOut), &notes) == "TttTt");
  CHECK(notes.short_users == 1);
  CHECK(notes.tied_users == 1);
  SplitPlan plan = plan_for(SplitMethod::kLeaveOneOut);
  plan.valid_rows = 1;
  CHECK(split_text(data, plan, &notes) == "ttttt");
  CHECK(notes.short_users == 3);
  CHECK(split_text(ten_rows(), plan) == "Tttttttttv");
}

TEST_CASE("leave k out") {
  SplitPlan plan = plan_for(SplitMethod::kLeaveKOut);
  plan.test_rows = plan.valid_rows = 3;
  CHECK(split_text(ten_rows(), plan) == "TvttttvvTT");
  plan.test_rows = plan.valid_rows = 5;  // 10 rows: none for train
  CHECK(split_text(ten_rows(), plan) == "tttttttttt");
  plan.test_rows = plan.valid_rows = UINT32_MAX;
  CHECK(split_text(ten_rows(), plan) == "tttttttttt");
}

TEST_CASE("split by hash: about the share, the same for every order of rows, another for another seed") {
  Interactions data;
  for (int row = 0; row < 20000; ++row) {
    data.user.push_back(data.users.intern("u" + std::to_string(row % 2000)));
    data.item.push_back(data.items.intern("i" + std::to_string(row * 7 % 2003)));
  }
  for (const SplitMethod method : {SplitMethod::kHashUser, SplitMethod::kHashItem, SplitMethod::kHashRow}) {
    SplitPlan plan = plan_for(method, 0.2, 0.1);
    const std::string text = split_text(data, plan);
    CHECK(std::count(text.begin(), text.end(), 'T') == doctest::Approx(4000).epsilon(0.15));
    CHECK(std::count(text.begin(), text.end(), 'v') == doctest::Approx(2000).epsilon(0.15));
    Interactions reversed;
    for (size_t row = data.size(); row-- > 0;) {
      reversed.user.push_back(reversed.users.intern(data.users[data.user[row]]));
      reversed.item.push_back(reversed.items.intern(data.items[data.item[row]]));
    }
    std::string back = split_text(reversed, plan);
    std::reverse(back.begin(), back.end());
    CHECK((back == text));
    plan.seed = 2;
    CHECK((split_text(data, plan) != text));
  }
}

TEST_CASE("split by hash: the ids' bytes and the seed alone decide, for ever") {
  // A change here changes everybody's splits: say so in CHANGELOG.
  const Interactions data = table({{"1", "10", 1, 1},
                                   {"2", "20", 1, 1},
                                   {"3", "30", 1, 1},
                                   {"4", "40", 1, 1},
                                   {"5", "50", 1, 1},
                                   {"6", "60", 1, 1}});
  CHECK(split_text(data, plan_for(SplitMethod::kHashUser, 0.4)) == "tttTTt");
  CHECK(split_text(data, plan_for(SplitMethod::kHashItem, 0.4)) == "ttTttt");
  CHECK(split_text(data, plan_for(SplitMethod::kHashRow, 0.4)) == "ttttTt");
}

TEST_CASE("duplicates: which of them stays") {
  const Interactions data =
      table({{"a", "x", 2, 3}, {"a", "x", 3, 1}, {"a", "y", 1, 1}, {"b", "x", 1, 1}, {"a", "x", 3, 2}});
  auto left = [&](DuplicateRows policy) {
    Parts parts = all_train(data);
    const size_t removed = remove_duplicates(data, policy, parts);
    const std::string text = text_of(parts);
    CHECK(removed == static_cast<size_t>(std::count(text.begin(), text.end(), '-')));
    return text;
  };
  CHECK(left(DuplicateRows::kKeep) == "ttttt");
  CHECK(left(DuplicateRows::kFirst) == "-ttt-");
  CHECK(left(DuplicateRows::kLast) == "t-tt-");
  CHECK(left(DuplicateRows::kMax) == "-ttt-");
  CHECK(error_of<Error>([&] { left(DuplicateRows::kError); }) ==
        "user \"a\" and item \"x\" stand together in more than one row (2 such rows in all)");
}

TEST_CASE("min value: equal stays, also where a float is not the decimal") {
  const Interactions data = table({{"a", "x", 4.1f, 1}, {"a", "y", 4.0f, 1}, {"a", "z", 5, 1}});
  Parts parts = all_train(data);
  CHECK(remove_below(data, 4.1, parts) == 1);
  CHECK(text_of(parts) == "t-t");
}

TEST_CASE("core: to the fixed point, counts of what fell") {
  // x has two rows, but one is of user b, who has only one.
  const Interactions data = table(
      {{"a", "x", 1, 1}, {"a", "y", 1, 1}, {"a", "z", 1, 1}, {"b", "x", 1, 1}, {"c", "y", 1, 1}, {"c", "z", 1, 1}});
  Parts parts = all_train(data);
  const CoreRemoved removed = keep_core(data, 2, 2, parts);
  CHECK(text_of(parts) == "-tt-tt");
  CHECK(removed.rows == 2);
  CHECK(removed.users == 1);
  CHECK(removed.items == 1);
  parts = all_train(data);
  CHECK(keep_core(data, 0, 0, parts).rows == 0);
  CHECK(keep_core(data, 3, 0, parts).users == 2);
  CHECK(text_of(parts) == "ttt---");
  parts = all_train(data);
  CHECK(keep_core(data, 9, 9, parts).rows == 6);
}

TEST_CASE("core: a long chain that falls from its ends") {
  Interactions data;
  for (int row = 0; row < 200000; ++row) {  // user k has items k and k + 1
    data.user.push_back(data.users.intern("u" + std::to_string(row / 2)));
    data.item.push_back(data.items.intern("i" + std::to_string((row + 1) / 2)));
  }
  Parts parts = all_train(data);
  CHECK(keep_core(data, 2, 2, parts).rows == data.size());
}

TEST_CASE("leak check: fails loudly") {
  const Interactions data = table({{"a", "x", 1, 1}, {"a", "y", 1, 2}, {"b", "x", 1, 3}, {"b", "y", 1, 4}});
  auto error = [&](SplitMethod method, const Parts& parts) {
    return error_of<Error>([&] { check_no_leak(data, method, parts); });
  };
  const auto t = Part::kTrain, v = Part::kValid, T = Part::kTest, r = Part::kRemoved;
  CHECK(error(SplitMethod::kTime, {t, t, v, T}) == "");
  CHECK(error(SplitMethod::kTime, {t, T, t, T}) == "the future leaks: train has time 3, test has 2");
  CHECK(error(SplitMethod::kTime, {t, T, v, T}) == "the future leaks: validation has time 3, test has 2");
  CHECK(error(SplitMethod::kTime, {t, T, r, T}) == "");
  CHECK(error(SplitMethod::kLeaveOneOut, {t, T, t, T}) == "");
  CHECK(error(SplitMethod::kUserTime, {T, t, t, T}) == "the future leaks: user \"a\": train has time 2, test has 1");
  CHECK(error(SplitMethod::kHashUser, {t, t, T, T}) == "");
  CHECK(error(SplitMethod::kHashUser, {t, t, T, v}) == "user \"b\": rows in both validation and test");
  CHECK(error(SplitMethod::kHashItem, {t, T, v, T}) == "item \"x\": rows in both train and validation");
  const Interactions tied = table({{"a", "x", 1, 1}, {"a", "y", 1, 1}});
  CHECK(error_of<Error>([&] {
          check_no_leak(tied, SplitMethod::kTime, {t, T});
        }) == "the future leaks: train has time 1, test has 1");
  CHECK(error_of<Error>([&] { check_no_leak(tied, SplitMethod::kLeaveOneOut, {t, T}); }) == "");
}

TEST_CASE("counts: rows, users, items, cold ones") {
  const Interactions data = table({{"a", "x", 1, 1}, {"a", "y", 1, 2}, {"b", "x", 1, 3}, {"b", "z", 1, 4}});
  Parts parts{Part::kTrain, Part::kTest, Part::kTest, Part::kTest};
  CHECK(rows_after_test(data, parts) == 0);
  const PartCounts test = count_part(data, parts, Part::kTest);
  CHECK(test.rows == 3);
  CHECK(test.users == 2);
  CHECK(test.items == 3);
  CHECK(test.cold_users == 1);
  CHECK(test.cold_items == 2);
  CHECK(test.cold_rows == 3);
  CHECK(remove_cold(data, parts) == 3);
  CHECK(rows_after_test(data, {Part::kTest, Part::kTrain, Part::kTrain, Part::kTest}) == 2);
}

}  // namespace rec::split_test
