// rec-eval's work on small tables whose results are known by hand.
#include "eval/evaluate.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <map>
#include <string>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::evaluate_test {

namespace {

struct Setting {
  std::string metrics;
  Repeats repeats = Repeats::kFail;
  Missing missing = Missing::kZero;
  Ties ties = Ties::kById;
  double min_value = 0.0;
  bool binary = false;
};

Evaluation run(const std::string& table, const std::string& truth, const Setting& setting) {
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("table.tsv", table);
  options.truth = folder.file("truth.tsv", truth);
  options.metrics = {setting.metrics};
  options.min_value = setting.min_value;
  options.binary = setting.binary;
  options.ranking.repeats = setting.repeats;
  options.ranking.missing = setting.missing;
  options.ranking.ties = setting.ties;
  options.per_user = kind_of(options) == MetricKind::kRanking;
  return evaluate(options);
}

std::map<std::string, double> rows(const Evaluation& evaluation) {
  std::map<std::string, double> rows;
  for (const ReportRow& row : evaluation.rows) rows[row.name] = row.value;
  return rows;
}

double mrr(const std::string& table, const std::string& truth, Setting setting = {}) {
  setting.metrics = "mrr";
  return rows(run(table, truth, setting)).at("mrr");
}

std::string refusal(const std::string& table, const std::string& truth, const Setting& setting) {
  const std::string text = error_of<Error>([&] { run(table, truth, setting); });
  const size_t colon = text.find(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);  // without the file's name
}

}  // namespace

TEST_CASE("without score and rank, the order of the lines is the list") {
  CHECK(mrr("u\tc\nu\tb\nu\ta\n", "u\tb\n") == 0.5);
}

TEST_CASE("scores order the list, equal ones by id") {
  CHECK(mrr("u\ta\t1\nu\tb\t3\nu\tc\t2\n", "u\tc\n") == 0.5);
  CHECK(mrr("u\tc\t1\nu\tb\t1\nu\ta\t1\n", "u\ta\n") == 1.0);
  CHECK(mrr("u\tc\t1\nu\tb\t1\nu\ta\t1\n", "u\ta\n", {.metrics = "", .ties = Ties::kTrec}) ==
        doctest::Approx(1.0 / 3.0));
}

TEST_CASE("ids are compared as bytes") {
  // "B" < "a" < "é" (0xc3 0xa9)
  CHECK(mrr("u\t\xc3\xa9\t1\nu\ta\t1\nu\tB\t1\n", "u\t\xc3\xa9\n") == doctest::Approx(1.0 / 3.0));
  CHECK(mrr("u\t10\t1\nu\t9\t1\n", "u\t10\n") == 1.0);
}

TEST_CASE("the rank column rules over the score; its gaps mean nothing") {
  CHECK(mrr("u\ta\t9\t30\nu\tb\t1\t7\nu\tc\t5\t11\n", "u\tb\n") == 1.0);
  CHECK(mrr("u\ta\t9\t30\nu\tb\t1\t7\nu\tc\t5\t11\n", "u\tc\n") == 0.5);
  // trec_eval ignores the rank
  CHECK(mrr("u\ta\t9\t30\nu\tb\t1\t7\nu\tc\t5\t11\n", "u\ta\n", {.metrics = "", .ties = Ties::kTrec}) == 1.0);
}

TEST_CASE("users are averaged over the truth; counts say who was not there") {
  const std::string table = "a\tx\na\ty\nb\tx\nnobody\tx\nnothing\tx\n";
  const std::string truth = "a\ty\t1\nb\tx\t1\nc\tx\t1\nnothing\tx\t0\n";
  const auto zero = rows(run(table, truth, {.metrics = "mrr"}));
  CHECK(zero.at("mrr") == 0.5);  // 1/2, 1, 0
  CHECK(zero.at("users") == 3);
  CHECK(zero.at("users_missing") == 1);
  CHECK(zero.at("users_without_truth") == 1);
  CHECK(zero.at("users_without_relevant") == 1);
  CHECK(zero.at("duplicates") == 0);
  const auto skip = rows(run(table, truth, {.metrics = "mrr", .missing = Missing::kSkip}));
  CHECK(skip.at("mrr") == 0.75);
  CHECK(skip.at("users") == 2);
  CHECK(skip.at("users_missing") == 1);
}

TEST_CASE("values of the truth are gains; --min-value and --binary change what counts") {
  const std::string table = "u\ta\nu\tb\n";
  const std::string truth = "u\ta\t2\nu\tb\t4\n";
  const double log3 = std::log2(3.0);
  const auto ndcg = [&](const Setting& setting) { return rows(run(table, truth, setting)).at("ndcg"); };
  CHECK(ndcg({.metrics = "ndcg"}) == doctest::Approx((2 + 4 / log3) / (4 + 2 / log3)));
  CHECK(ndcg({.metrics = "ndcg", .min_value = 4}) == doctest::Approx(1 / log3));
  CHECK(ndcg({.metrics = "ndcg", .binary = true}) == 1.0);
}

TEST_CASE("an item twice is an error, or its better place counts") {
  const std::string table = "u\ta\t5\nu\tb\t3\nu\ta\t4\nu\tc\t2\n";
  CHECK(refusal(table, "u\tc\n", {.metrics = "mrr"}) ==
        "user \"u\" has item \"a\" twice; pass --duplicates first to count its better place");
  const auto first = rows(run(table, "u\tc\n", {.metrics = "mrr", .repeats = Repeats::kFirst}));
  CHECK(first.at("mrr") == doctest::Approx(1.0 / 3.0));
  CHECK(first.at("duplicates") == 1);
  // A relevant item counts once.
  CHECK(rows(run(table, "u\ta\n", {.metrics = "recall", .repeats = Repeats::kFirst})).at("recall") == 1.0);
}

TEST_CASE("a pair twice in the truth is an error, or its first row counts") {
  CHECK(refusal("u\ta\n", "u\ta\t1\nu\ta\t2\n", {.metrics = "mrr"}) ==
        "user \"u\" has item \"a\" twice; pass --duplicates first to count the first row only");
  const Evaluation evaluation =
      run("u\ta\nu\tb\n", "u\ta\t1\nu\ta\t7\nu\tb\t2\n", {.metrics = "ndcg", .repeats = Repeats::kFirst});
  const double log3 = std::log2(3.0);
  CHECK(rows(evaluation).at("ndcg") == doctest::Approx((1 + 2 / log3) / (2 + 1 / log3)));
}

TEST_CASE("a constant scorer is warned of, a strict order is not") {
  const std::string constant = "u\ta\t1\nu\tb\t1\nu\tc\t1\n";
  CHECK(run(constant, "u\ta\n", {.metrics = "ndcg@2"}).warnings.size() == 1);
  CHECK(run(constant, "u\ta\n", {.metrics = "ndcg@3"}).warnings.empty());  // nothing behind the cut
  CHECK(run(constant, "u\ta\n", {.metrics = "ndcg"}).warnings.empty());
  CHECK(run("u\ta\t3\nu\tb\t2\nu\tc\t1\n", "u\ta\n", {.metrics = "ndcg@2"}).warnings.empty());
}

TEST_CASE("no user to evaluate is an error") {
  CHECK(refusal("u\ta\n", "u\ta\t0\n", {.metrics = "mrr"}) == "nothing in the truth is relevant");
  CHECK(refusal("", "v\ta\n", {.metrics = "mrr"}) ==
        "no rows to measure, the ranking is empty; look at the command that wrote it");
  CHECK(refusal("u\ta\n", "v\ta\n", {.metrics = "mrr", .missing = Missing::kSkip}) ==
        "1 user (\"u\") against 1 user (\"v\")");
}

TEST_CASE("per user, in byte order of the ids") {
  const Evaluation evaluation = run("b\tx\na\ty\na\tx\n", "b\tx\na\tx\nB\tx\n", {.metrics = "mrr,hit@1"});
  REQUIRE(evaluation.per_user.users.size() == 3);
  CHECK(evaluation.per_user.users[0] == "B");
  CHECK(evaluation.per_user.users[1] == "a");
  CHECK(evaluation.per_user.users[2] == "b");
  CHECK(evaluation.per_user.values == std::vector<double>{0, 0, 0.5, 0, 1, 1});
}

TEST_CASE("predictions: columns by name, counts, checks by metric") {
  const Evaluation evaluation =
      run("user\tprediction\tlabel\na\t0.9\t1\na\t0.1\t0\nb\t0.5\t1\n", "", {.metrics = "auc,gauc,mae"});
  const auto values = rows(evaluation);
  CHECK(values.at("auc") == 1.0);
  CHECK(values.at("gauc") == 1.0);
  CHECK(values.at("mae") == doctest::Approx(0.7 / 3.0));
  CHECK(values.at("rows") == 3);
  CHECK(values.at("users") == 1);
  CHECK(values.at("users_of_one_label") == 1);
  CHECK(refusal("2\t0.5\n", "", {.metrics = "auc"}) ==
        "field 1: expected a label 0 or 1 (for auc, gauc and curves), found \"2\"");
  CHECK(refusal("1\t1.5\n", "", {.metrics = "logloss"}) ==
        "field 2: expected a prediction in [0, 1] (for logloss, ece and curves), found \"1.5\"");
  CHECK(rows(run("2\t1.5\n", "", {.metrics = "mae"})).at("mae") == 0.5);
  CHECK(refusal("1\t0.5\t-1\n", "", {.metrics = "mae"}) == "field 3: expected a weight >= 0, found -1");
  CHECK(refusal("", "", {.metrics = "gauc"}) == "no rows to evaluate");
  CHECK(run("1\t0.5\n", "", {.metrics = "auc"}).notes.size() == 1);  // undefined
}

TEST_CASE("events: counts and one row an impression are the same") {
  const Evaluation counts = run("u\ti\t100\t5\t1\nv\ti\t50\t0\t0\n", "", {.metrics = "ctr,cr,cvr"});
  const auto values = rows(counts);
  CHECK(values.at("ctr") == 5.0 / 150.0);
  CHECK(values.at("cr") == 0.2);
  CHECK(values.at("cvr") == 1.0 / 150.0);
  CHECK(values.at("impressions") == 150);
  const Evaluation single =
      run("user\titem\tclick\tconversion\nu\ti\t1\t1\nu\tj\t1\t0\nv\ti\t0\t0\nv\tj\t0\t0\n", "", {.metrics = "ctr,cr"});
  CHECK(rows(single).at("ctr") == 0.5);
  CHECK(rows(single).at("cr") == 0.5);
  CHECK(rows(single).at("impressions") == 4);
}

TEST_CASE("events that contradict themselves") {
  CHECK(refusal("u\ti\t4\t5\n", "", {.metrics = "ctr"}) == "field 4: more clicks (5) than impressions (4)");
  CHECK(refusal("u\ti\t4\t2\t3\n", "", {.metrics = "cr"}) == "field 5: more conversions (3) than clicks (2)");
  CHECK(rows(run("u\ti\t4\t2\t3\n", "", {.metrics = "cvr"})).at("cvr") == 0.75);  // a view may convert
  CHECK(refusal("u\ti\t4\t-1\n", "", {.metrics = "ctr"}) == "field 4: expected a count, found \"-1\"");
  CHECK(refusal("u\ti\t4\t1.5\n", "", {.metrics = "ctr"}) == "field 4: expected a count, found \"1.5\"");
  CHECK(refusal("u\ti\t4\t1\n", "", {.metrics = "cr"}) == "no column conversions, which cr needs");
  CHECK(refusal("user\titem\tclick\nu\ti\t2\n", "", {.metrics = "ctr"}) == "field 3: expected 0 or 1, found \"2\"");
}

TEST_CASE("conditions") {
  const Requirement requirement = parse_requirement("ndcg@10>=0.5");
  CHECK(requirement.name == "ndcg@10");
  CHECK(requirement.comparison == ">=");
  CHECK(requirement.bound == 0.5);
  CHECK(parse_requirement("users_missing < 10").name == "users_missing");
  CHECK(parse_requirement("users_missing < 10").bound == 10);
  for (const char* text : {"", "ndcg@10", ">=1", " >=1", "ndcg@10>=", "ndcg@10>=x", "ndcg@10=>1", "ndcg@10 >= 1 2"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_requirement(text), UsageError);
  }
  const std::vector<ReportRow> rows{{.name = "a", .value = 0.5}, {.name = "n", .value = std::nan("")}};
  const auto failures = [&](const char* text) {
    const std::vector<Requirement> requirements{parse_requirement(text)};
    return failed_requirements(requirements, rows);
  };
  CHECK(failures("a>=0.5").empty());
  CHECK(failures("a<=0.5").empty());
  CHECK(failures("a<0.5") == std::vector<std::string>{"required a<0.5, found 0.5"});
  CHECK(failures("a>0.5").size() == 1);
  CHECK(failures("n>=0").size() == 1);
  CHECK(failures("n<=0").size() == 1);
  CHECK_THROWS_AS(failures("b>0"), UsageError);
}

}  // namespace rec::evaluate_test
