// Event logs, policy logs and interleaved lists against slow twins that keep sums in
// maps: random tables of more than one block of text, with users in several
// variants; and the same rows whatever the number of threads.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "eval/evaluate.h"
#include "temp_folder.h"

namespace rec::eval_log_property_test {

namespace {

std::map<std::string, ReportRow> rows_of(const EvaluationOptions& options) {
  std::map<std::string, ReportRow> rows;
  for (const ReportRow& row : evaluate(options).rows) rows[row.name] = row;
  return rows;
}

// The rows with 1, 2 and 5 threads, which must be the same to the last bit.
std::map<std::string, ReportRow> same_rows(EvaluationOptions options) {
  options.threads = 1;
  const auto rows = rows_of(options);
  for (const int threads : {2, 5}) {
    options.threads = threads;
    const auto others = rows_of(options);
    REQUIRE(others.size() == rows.size());
    for (const auto& [name, row] : rows) {
      const ReportRow& other = others.at(name);
      const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
      CHECK_MESSAGE(same(row.value, other.value), name);
      CHECK_MESSAGE(same(row.low.value_or(0), other.low.value_or(0)), name);
      CHECK_MESSAGE(same(row.high.value_or(0), other.high.value_or(0)), name);
    }
  }
  return rows;
}

struct Sums {
  double x = 0.0;
  double y = 0.0;
};

// Σx/Σy and its variance by user, from the definition with covariances.
std::pair<double, double> ratio_of(const std::vector<Sums>& users) {
  const double n = static_cast<double>(users.size());
  double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
  for (const Sums& user : users) {
    mx += user.x / n;
    my += user.y / n;
  }
  for (const Sums& user : users) {
    xx += (user.x - mx) * (user.x - mx) / (n - 1);
    xy += (user.x - mx) * (user.y - my) / (n - 1);
    yy += (user.y - my) * (user.y - my) / (n - 1);
  }
  const double ratio = mx / my;
  return {ratio, (xx - 2 * ratio * xy + ratio * ratio * yy) / (my * my) / n};
}

}  // namespace

TEST_CASE("experiments equal a twin with a map of users and variants") {
  Rng rng(1);
  for (int round = 0; round < 3; ++round) {
    const uint64_t many = round == 0 ? 70'000 : 500;  // 1.4 MB, then less than one block
    std::string text = "item\tvariant\tuser\tclicks\timpressions\n";
    std::map<std::pair<std::string, std::string>, Sums> sums;
    std::map<std::string, std::set<std::string>> variants_of;
    for (uint64_t row = 0; row < many; ++row) {
      const std::string user = "u" + std::to_string(rng.below(many / 10));
      const std::string variant = rng.below(50) == 0 ? "other" : user.size() % 2 == 0 ? "even" : "odd";
      const uint64_t impressions = 1 + rng.below(5);
      const uint64_t clicks = rng.below(impressions + 1);
      text += "i\t" + variant + '\t' + user + '\t' + std::to_string(clicks) + '\t' + std::to_string(impressions) + '\n';
      Sums& sum = sums[{variant, user}];
      sum.x += static_cast<double>(clicks);
      sum.y += static_cast<double>(impressions);
      variants_of[user].insert(variant);
    }
    const TempFolder folder;
    EvaluationOptions options;
    options.path = folder.file("events.tsv", text);
    options.metrics = {"ctr"};
    options.experiment.control = "odd";
    options.bootstrap.resamples = round == 0 ? 0 : 20;
    const auto rows = same_rows(options);
    std::map<std::string, std::vector<Sums>> by_variant;
    for (const auto& [key, sum] : sums) by_variant[key.first].push_back(sum);
    const auto [control, control_variance] = ratio_of(by_variant["odd"]);
    for (const auto& [variant, users] : by_variant) {
      const auto [value, variance] = ratio_of(users);
      CHECK(rows.at("ctr[" + variant + "]").value == doctest::Approx(value).epsilon(1e-12));
      CHECK(rows.at("users[" + variant + "]").value == static_cast<double>(users.size()));
      if (variant == "odd") continue;
      CHECK(rows.at("ctr.t[" + variant + "]").value ==
            doctest::Approx((value - control) / std::sqrt(variance + control_variance)).epsilon(1e-9));
    }
    size_t several = 0;
    for (const auto& [user, variants] : variants_of) several += variants.size() > 1;
    CHECK(several > 0);
    CHECK(rows.at("users_in_several_variants").value == static_cast<double>(several));
    CHECK(rows.at("users").value == static_cast<double>(variants_of.size()));
  }
}

TEST_CASE("the streaming rates of a log equal those that keep sums by user") {
  Rng rng(2);
  std::string text = "user\titem\tclick\tconversion\n";
  for (int row = 0; row < 3000; ++row) {
    const bool click = rng.below(3) == 0;
    text += "u" + std::to_string(rng.below(100)) + "\ti\t" + (click ? "1" : "0") + '\t' +
            (click && rng.below(2) == 0 ? "1" : "0") + '\n';
  }
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("events.tsv", text);
  options.metrics = {"ctr,cr,cvr"};
  const auto streamed = same_rows(options);
  options.bootstrap.resamples = 50;
  const auto kept = same_rows(options);
  for (const char* name : {"ctr", "cr", "cvr"}) {
    CHECK(streamed.at(name).value == doctest::Approx(kept.at(name).value).epsilon(1e-14));
    CHECK(*kept.at(name).low < kept.at(name).value);
  }
  CHECK(kept.at("users").value == 100);
  CHECK(!streamed.contains("users"));
}

TEST_CASE("policy logs equal a twin with a map of users") {
  Rng rng(3);
  std::string text;
  std::map<std::string, Sums> ips;
  std::map<std::string, Sums> snips;
  for (int row = 0; row < 40'000; ++row) {
    const std::string user = "u" + std::to_string(rng.below(900));
    const double reward = static_cast<double>(rng.below(9));
    const double propensity = static_cast<double>(1 + rng.below(8)) / 8.0;
    const double target = static_cast<double>(rng.below(9)) / 8.0;
    text += user + "\titem\t" + std::to_string(reward) + '\t' + std::to_string(propensity) + '\t' +
            std::to_string(target) + '\n';
    const double weight = std::min(target / propensity, 3.0);
    ips[user].x += weight * reward;
    ips[user].y += 1.0;
    snips[user].x += weight * reward;
    snips[user].y += weight;
  }
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("log.tsv", text);
  options.metrics = {"ips,snips"};
  options.policy.limits.clip = 3.0;
  const auto rows = same_rows(options);
  for (const auto& [name, sums] : {std::pair{"ips", ips}, std::pair{"snips", snips}}) {
    std::vector<Sums> users;
    for (const auto& [user, sum] : sums) users.push_back(sum);
    const auto [value, variance] = ratio_of(users);
    CHECK(rows.at(name).value == doctest::Approx(value).epsilon(1e-12));
    CHECK(*rows.at(name).high - *rows.at(name).low == doctest::Approx(2 * 1.9626 * std::sqrt(variance)).epsilon(1e-4));
  }
}

TEST_CASE("doubly robust values of each rank equal a twin with a map of users") {
  Rng rng(9);
  std::string text = "rank\tuser\titem\texpected\tpredicted\treward\tpropensity\ttarget\n";
  // By rank ("" for all), metric and user; sndr's second ratio stands by itself.
  std::map<std::string, std::map<std::string, std::map<std::string, Sums>>> sums;
  for (int row = 0; row < 20'000; ++row) {
    const std::string user = "u" + std::to_string(rng.below(400));
    const std::string rank = std::to_string(1 + rng.below(3));
    const double reward = static_cast<double>(rng.below(9));
    const double predicted = static_cast<double>(rng.below(9));
    const double expected = static_cast<double>(rng.below(9));
    const double propensity = static_cast<double>(1 + rng.below(8)) / 8.0;
    const double target = static_cast<double>(rng.below(9)) / 8.0;
    text += rank + '\t' + user + "\titem";
    for (const double number : {expected, predicted, reward, propensity, target}) text += '\t' + std::to_string(number);
    text += '\n';
    const double w = target / propensity;
    for (const std::string& segment : {std::string(), rank}) {
      const auto add = [&](const char* metric, double x, double y) {
        Sums& its = sums[segment][metric][user];
        its.x += x;
        its.y += y;
      };
      add("switch_dr", expected + (w <= 1.5 ? w * (reward - predicted) : 0.0), 1.0);
      add("dros", expected + 5.0 * w / (w * w + 5.0) * (reward - predicted), 1.0);
      add("sndr", expected, 1.0);
      add("second", w * (reward - predicted), w);
    }
  }
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("log.tsv", text);
  options.metrics = {"switch_dr,dros,sndr"};
  options.policy.limits.switch_weight = 1.5;
  options.policy.limits.shrinkage = 5.0;
  options.policy.by_rank = true;
  const Evaluation evaluation = evaluate(options);
  REQUIRE(evaluation.segments.size() == 3);
  for (const auto& [segment, metrics] : sums) {
    std::span<const ReportRow> rows = evaluation.rows;
    if (!segment.empty()) {
      const SegmentRows& its = evaluation.segments[static_cast<size_t>(segment[0] - '1')];
      CHECK(its.segment == segment);
      rows = its.rows;
    }
    const auto row_of = [&](std::string_view name) {
      return *std::find_if(rows.begin(), rows.end(), [&](const ReportRow& row) { return row.name == name; });
    };
    for (const char* name : {"switch_dr", "dros"}) {
      std::vector<Sums> users;
      for (const auto& [user, sum] : metrics.at(name)) users.push_back(sum);
      const auto [value, variance] = ratio_of(users);
      CHECK(row_of(name).value == doctest::Approx(value).epsilon(1e-12));
      CHECK(*row_of(name).high - *row_of(name).low == doctest::Approx(2 * 1.966 * std::sqrt(variance)).epsilon(1e-3));
    }
    double x = 0, y = 0, second_x = 0, second_y = 0;
    for (const auto& [user, sum] : metrics.at("sndr")) {
      x += sum.x;
      y += sum.y;
      second_x += metrics.at("second").at(user).x;
      second_y += metrics.at("second").at(user).y;
    }
    CHECK(row_of("sndr").value == doctest::Approx(x / y + second_x / second_y).epsilon(1e-12));
    double squares = 0;
    for (const auto& [user, sum] : metrics.at("sndr")) {
      const Sums& second = metrics.at("second").at(user);
      const double influence = (sum.x - x / y * sum.y) / y + (second.x - second_x / second_y * second.y) / second_y;
      squares += influence * influence * 400.0 / 399.0;
    }
    CHECK(*row_of("sndr").high - *row_of("sndr").low == doctest::Approx(2 * 1.966 * std::sqrt(squares)).epsilon(1e-3));
  }
}

TEST_CASE("interleaved lists equal a twin with a map of pairs") {
  Rng rng(4);
  std::string lists;
  std::string clicks;
  std::map<std::string, std::map<std::string, char>> team;
  std::set<std::pair<std::string, std::string>> clicked;
  for (int user = 0; user < 3000; ++user) {
    const std::string id = "user" + std::to_string(user);
    for (int item = 0; item < 10; ++item) {
      const std::string name = "i" + std::to_string(item);
      const char its = rng.below(2) == 0 ? 'A' : 'B';
      team[id][name] = its;
      lists += id + '\t' + name + "\t0.5\t" + std::to_string(item + 1) + '\t' + its + '\n';
      if (rng.below(its == 'A' ? 5 : 6) != 0) continue;
      clicked.insert({id, name});
      for (uint64_t time = 0; time <= rng.below(2); ++time) clicks += id + '\t' + name + '\n';
    }
    if (rng.below(20) == 0) clicks += id + "\tnot_listed\n";
  }
  std::map<std::string, int> lead;
  for (const auto& [user, item] : clicked) lead[user] += team[user][item] == 'A' ? 1 : -1;
  double wins_a = 0, wins_b = 0, ties = 0;
  for (const auto& [user, value] : lead) (value > 0 ? wins_a : value < 0 ? wins_b : ties) += 1.0;
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("lists.tsv", lists);
  options.interleaving.clicks = folder.file("clicks.tsv", clicks);
  options.metrics = {"delta_ab"};
  const auto rows = same_rows(options);
  CHECK(rows.at("wins_a").value == wins_a);
  CHECK(rows.at("wins_b").value == wins_b);
  CHECK(rows.at("ties").value == ties);
  CHECK(rows.at("clicks").value == static_cast<double>(clicked.size()));
  CHECK(rows.at("clicks_elsewhere").value > 0);
  CHECK(rows.at("delta_ab").value == doctest::Approx((wins_a + ties / 2) / (wins_a + wins_b + ties) - 0.5));
}

}  // namespace rec::eval_log_property_test
