#include "data/data_checks.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace rec::data_checks_test {

namespace {

constexpr double kStart = 1767225600;  // 2026-01-01
constexpr double kNow = kStart + 400 * 86400.0;

Interactions table() { return {}; }

void add(Interactions& data, const std::string& user, const std::string& item, double time, float value = 1) {
  data.user.push_back(data.users.intern(user));
  data.item.push_back(data.items.intern(item));
  data.timestamp.push_back(time);
  data.value.push_back(value);
}

// 200 users, each on a day of their own with 3 of 40 items, an hour apart: nothing to say against it.
Interactions clean() {
  Interactions data = table();
  for (int user = 0; user < 200; ++user) {
    for (int row = 0; row < 3; ++row) {
      add(data, "u" + std::to_string(user), "i" + std::to_string((user * 7 + row * 11) % 40),
          kStart + user * 86400.0 + row * 3600.0);
    }
  }
  return data;
}

Finding find(const std::vector<Finding>& findings, const std::string& check) {
  for (const Finding& finding : findings) {
    if (finding.check == check) return finding;
  }
  FAIL("no check ", check);
  return {};
}

Finding check(const Interactions& data, const std::string& name) {
  return find(check_interactions(data, {.burst = 10, .now = kNow}, 1), name);
}

void says(const Interactions& data, const std::string& name, double value, Verdict verdict) {
  CAPTURE(name);
  const Finding finding = check(data, name);
  CHECK(finding.value == doctest::Approx(value));
  CHECK(finding.verdict == verdict);
  CHECK(finding.next.empty() == (verdict == Verdict::kOk));
}

}  // namespace

TEST_CASE("data checks: a clean table has no verdict but ok") {
  const auto findings = check_interactions(clean(), {.burst = 10, .now = kNow}, 1);
  for (const Finding& finding : findings) {
    CAPTURE(finding.check);
    CHECK(finding.verdict == Verdict::kOk);
  }
  CHECK(find(findings, "rows").value == 600);
  CHECK(find(findings, "users").value == 200);
  CHECK(find(findings, "items").value == 40);
  CHECK(find(findings, "density").value == doctest::Approx(600.0 / 200 / 40));
  CHECK(find(findings, "rows_per_item_p50").value == 15);
  CHECK(find(findings, "time_first").text == "2026-01-01T00:00:00Z");
  CHECK(find(findings, "time_unit").text == "seconds");
  CHECK(find(findings, "most_rows_a_minute").value == 1);
  CHECK(find(findings, "most_rows_a_day").value == 3);
}

TEST_CASE("data checks: an empty table") {
  const auto findings = check_interactions(table(), {}, 1);
  CHECK(find(findings, "rows").verdict == Verdict::kWarn);
  CHECK(findings.size() == 3);
}

TEST_CASE("data checks: each finds what was planted, and no other of its kind") {
  SUBCASE("equal rows, and events that come again") {
    Interactions data = clean();
    add(data, "u0", "i0", kStart);
    add(data, "u0", "i0", kStart, 2);
    says(data, "duplicate_rows", 1, Verdict::kNote);
    says(data, "repeated_events", 2, Verdict::kNote);
    for (int more = 0; more < 6; ++more) add(data, "u0", "i0", kStart);
    says(data, "duplicate_rows", 7, Verdict::kWarn);
  }
  SUBCASE("rows of the future") {
    Interactions data = clean();
    add(data, "u0", "i1", kNow + 1);
    add(data, "u0", "i2", kNow);
    says(data, "future_rows", 1, Verdict::kWarn);
    says(data, "longest_gap_days", 200.875 + 0.0415, Verdict::kNote);
  }
  SUBCASE("seconds among milliseconds") {
    Interactions data = clean();
    for (double& time : data.timestamp.own()) time *= 1000;
    add(data, "u0", "i1", kStart);
    add(data, "u0", "i2", 0);
    says(data, "other_unit_rows", 1, Verdict::kWarn);
    says(data, "unset_time_rows", 1, Verdict::kWarn);
    CHECK(check(data, "time_unit").text == "milliseconds");
    says(data, "future_rows", 0, Verdict::kOk);
  }
  SUBCASE("rows that are not in time order") {
    Interactions data = clean();
    add(data, "u0", "i1", kStart - 5);
    says(data, "out_of_order_rows", 1, Verdict::kNote);
  }
  SUBCASE("last items of the same time") {
    Interactions data = clean();
    for (int user = 0; user < 11; ++user) {
      add(data, "u" + std::to_string(user), "i39", kStart + user * 86400.0 + 7200);
      if (user == 0) says(data, "tied_last_item_share", .005, Verdict::kNote);
    }
    says(data, "tied_last_item_share", .055, Verdict::kWarn);
    says(data, "tied_rows", 22, Verdict::kOk);
  }
  SUBCASE("a burst") {
    Interactions data = clean();
    for (int row = 0; row < 11; ++row) add(data, "bot", "i" + std::to_string(row), kStart + row);
    says(data, "burst_rows", 11, Verdict::kWarn);
    says(data, "users_with_bursts", 1, Verdict::kOk);
    says(data, "most_rows_a_minute", 11, Verdict::kOk);
  }
  SUBCASE("a user of too many rows") {
    Interactions data = clean();
    for (int row = 0; row < 40; ++row) add(data, "many", "i" + std::to_string(row), kStart + row * 86400.0);
    says(data, "top_user_share", 40.0 / 640, Verdict::kWarn);
  }
  SUBCASE("users with the same sequence") {
    Interactions data = clean();
    for (const char* user : {"p", "q", "r"}) {
      for (int row = 0; row < 5; ++row)
        add(data, user, "i" + std::to_string(row == 4 && *user == 'r' ? 9 : row), kStart + row * 86400.0 + *user);
    }
    says(data, "users_with_equal_sequences", 2, Verdict::kNote);  // 1 % of 203 users
  }
  SUBCASE("a user for each row") {
    Interactions data = table();
    for (int row = 0; row < 120; ++row)
      add(data, "r" + std::to_string(row), "i" + std::to_string(row % 9), kStart + row * 86400.0);
    says(data, "users_a_row", 1, Verdict::kWarn);
    says(data, "users_with_one_row", 120, Verdict::kNote);
  }
  SUBCASE("swapped columns") {
    Interactions data = clean();
    std::swap(data.user, data.item);
    std::swap(data.users, data.items);
    CHECK(check(data, "user_item_spread").verdict == Verdict::kWarn);
  }
  SUBCASE("times of no unit, and no times") {
    Interactions data = clean();
    for (double& time : data.timestamp.own()) time = (time - kStart) / 3600;
    CHECK(check(data, "time_unit").text == "unknown");
    CHECK(check(data, "time_unit").verdict == Verdict::kNote);
    data.timestamp.clear();
    CHECK(check(data, "time_unit").text == "none");
  }
}

TEST_CASE("data checks: the same for every number of threads") {
  std::mt19937 random(3);
  Interactions data = table();
  for (int row = 0; row < 30000; ++row) {
    add(data, "u" + std::to_string(random() % 9000), "i" + std::to_string(random() % 50),
        kStart + static_cast<double>(random() % 100000));
  }
  CHECK(findings_tsv(check_interactions(data, {.now = kNow}, 1), true) ==
        findings_tsv(check_interactions(data, {.now = kNow}, 3), true));
}

TEST_CASE("data checks: held-out rows beside train") {
  Interactions train = table(), test = table();
  add(train, "a", "x", 1);
  add(train, "a", "y", 2);
  add(train, "b", "x", 3);
  add(train, "b", "z", 9);
  add(test, "b", "x", 3);  // leaked; and b has a later row in train
  add(test, "a", "x", 4);  // the pair alone
  add(test, "c", "w", 5);  // cold
  add(test, "a", "w", 6);
  train.users.index();
  train.items.index();
  const auto findings = check_held_out(train, test, "test");
  const auto expect = [&](const char* name, double value, Verdict verdict) {
    CAPTURE(name);
    CHECK(find(findings, name).value == value);
    CHECK(find(findings, name).verdict == verdict);
  };
  expect("test_rows", 4, Verdict::kOk);
  expect("test_cold_users", 1, Verdict::kNote);
  expect("test_cold_items", 1, Verdict::kNote);
  expect("test_cold_rows", 2, Verdict::kOk);
  expect("test_pairs_in_train", 2, Verdict::kNote);
  expect("test_rows_in_train", 1, Verdict::kWarn);
  expect("test_users_with_later_train", 1, Verdict::kWarn);
  expect("train_rows_after_test", 1, Verdict::kNote);
  Interactions other = table();
  add(other, "9", "9", 20);
  CHECK(find(check_held_out(train, other, "valid"), "valid_cold_users").verdict == Verdict::kWarn);
  CHECK(find(check_held_out(train, other, "valid"), "valid_rows_in_train").verdict == Verdict::kOk);
}

TEST_CASE("data checks: as TSV and as JSON") {
  const std::vector<Finding> findings{{"rows", 3, "", Verdict::kOk, ""},
                                      {"density", .5, "", Verdict::kOk, ""},
                                      {"time_unit", 0, "none", Verdict::kNote, "no \"times\""}};
  CHECK(findings_tsv(findings, true) ==
        "check\tvalue\tverdict\tnext\nrows\t3\tok\t\ndensity\t0.5\tok\t\ntime_unit\tnone\tnote\tno \"times\"\n");
  CHECK(findings_json(findings) ==
        "{\n  \"verdict\": \"note\",\n  \"checks\": [\n    {\n      \"check\": \"rows\",\n      \"value\": 3,\n      "
        "\"verdict\": \"ok\"\n    },\n    {\n      \"check\": \"density\",\n      \"value\": 0.5,\n      \"verdict\": "
        "\"ok\"\n    },\n    {\n      \"check\": \"time_unit\",\n      \"value\": \"none\",\n      \"verdict\": "
        "\"note\",\n      \"next\": \"no \\\"times\\\"\"\n    }\n  ]\n}\n");
  CHECK(worst(findings) == Verdict::kNote);
}

}  // namespace rec::data_checks_test
