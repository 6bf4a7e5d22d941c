#include "eval/learning_curves.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::learning_curves_test {

namespace {

const std::string kHeader = "epoch\tseconds\tobjective\tndcg@10\n";

std::string error_of(const std::string& text, const std::string& name = "log.tsv") {
  const TempFolder folder;
  const std::string path = folder.file(name, text);
  try {
    read_learning_curve(path);
  } catch (const Error& error) {
    const std::string what = error.what();
    CHECK(what.starts_with(path + ":"));
    return what.substr(path.size());
  }
  return "no error";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

LearningCurve curve(const std::string& log, const std::string& metric, std::vector<double> objective,
                    std::vector<double> value) {
  LearningCurve its;
  its.log = log;
  its.metric = metric;
  for (uint32_t epoch = 1; epoch <= objective.size(); ++epoch) {
    its.epoch.push_back(epoch);
    its.seconds.push_back(0.5);
  }
  its.objective = std::move(objective);
  its.value = std::move(value);
  return its;
}

}  // namespace

TEST_CASE("a log is read, and the best epoch is the first of equal ones") {
  const TempFolder folder;
  const LearningCurve its =
      read_learning_curve(folder.file("log.tsv", kHeader + "1\t0.5\t3\t0.25\r\n2\t0.25\t2\t0.5\n4\t0.25\t1e-3\t0.5\n"));
  CHECK(its.metric == "ndcg@10");
  CHECK(its.epoch == std::vector<uint32_t>{1, 2, 4});
  CHECK(its.objective == std::vector<double>{3, 2, 0.001});
  CHECK(its.value == std::vector<double>{0.25, 0.5, 0.5});
  CHECK(its.total_seconds() == 1.0);
  CHECK(its.best() == 1);
  CHECK(its.note.empty());
}

TEST_CASE("of errors the least is the best; without a metric there is none") {
  for (const char* metric : {"rmse", "mse", "mae", "logloss"})
    CHECK(curve("", metric, {1, 1, 1}, {3, 1, 2}).best() == 1);
  for (const char* metric : {"auc", "gauc", "hit@1", "map"}) CHECK(curve("", metric, {1, 1, 1}, {1, 2, 3}).best() == 2);
  CHECK(!curve("", "", {1, 2}, {}).best());
  CHECK(!curve("", "auc", {}, {}).best());
}

TEST_CASE("a log that grows: a half line is left out, with a word") {
  const TempFolder folder;
  for (const char* half : {"2", "2\t0.", "2\t0.5\t2\t0.", "2\t0.5\t2\t0.375", "x"}) {
    const LearningCurve its = read_learning_curve(folder.file("log.tsv", kHeader + "1\t0.5\t3\t0.25\n" + half));
    CHECK(its.epoch.size() == 1);
    CHECK(holds(its.note, "log.tsv: the last line is not complete"));
  }
  const LearningCurve begun = read_learning_curve(folder.file("log.tsv", kHeader));
  CHECK(begun.epoch.empty());
  CHECK(begun.note.empty());
}

TEST_CASE("a compressed log that is cut off is read as far as it goes") {
  const TempFolder folder;
  const std::string path = folder.path("log.tsv.gz");
  {
    Output out(path, Sync::kNo, Buffering::kRows, Appearance::kGrowing);
    out.write(kHeader + "1\t0.5\t3\t0.25\n");
    out.flush();
    out.write("2\t0.5\t3\t0.5\n");
    out.finish();
  }
  CHECK(read_learning_curve(path).epoch.size() == 2);
  const std::string all = folder.read("log.tsv.gz");
  const LearningCurve its = read_learning_curve(folder.file("cut.tsv.gz", all.substr(0, all.size() - 9)));
  CHECK(its.epoch.size() >= 1);
  CHECK(holds(its.note, "end too early"));
  CHECK_THROWS_AS(read_learning_curve(folder.file("cut.tsv.gz", all.substr(0, 12))), Error);
}

TEST_CASE("a log in CSV, as --log FILE.csv writes it") {
  const TempFolder folder;
  const LearningCurve its = read_learning_curve(folder.file("log.csv", "epoch,seconds,objective\n1,0.5,3\n"));
  CHECK(its.metric.empty());
  CHECK(its.objective == std::vector<double>{3});
}

TEST_CASE("what is no log is an error that says where") {
  CHECK(holds(error_of(""), ": no log of rec-embed --log: it has no complete line"));
  CHECK(holds(error_of("epoch\tseconds\tobj"), ": no log of rec-embed --log: it has no complete line"));
  CHECK(holds(error_of("user\titem\n"), ":1: no log of rec-embed --log"));
  CHECK(holds(error_of("\n"), ":1: no log of rec-embed --log"));
  CHECK(holds(error_of("epoch\tseconds\n1\t2\n"), ":1: no log of rec-embed --log"));
  CHECK(holds(error_of("epoch\tseconds\tobjective\t\n"), ":1: no log of rec-embed --log"));
  CHECK(holds(error_of("epoch\tseconds\tobjective\ta\tb\n"), ":1: no log of rec-embed --log"));
  CHECK(holds(error_of(kHeader + "1\t0.5\t3\n"), ":2: expected 4 fields, found 3"));
  CHECK(holds(error_of(kHeader + "1\t0.5\t3\tnan\n"), ":2: field 4: not a number: \"nan\""));
  CHECK(holds(error_of(kHeader + "1\t0.5\tx\t1\n"), ":2: field 3: not a number: \"x\""));
  CHECK(holds(error_of(kHeader + "0\t1\t1\t1\n"),
              ":2: field 1: expected an epoch above 0 and at most 4294967295, found \"0\""));
  CHECK(holds(error_of(kHeader + "2\t1\t1\t1\n2\t1\t1\t1\n"),
              ":3: field 1: expected an epoch above 2 and at most 4294967295, found \"2\""));
}

TEST_CASE("curves: the objectives, then a part for each metric with its best value") {
  const std::vector<LearningCurve> curves{curve("a.log", "ndcg@10", {3, 2}, {0.25, 0.125}),
                                          curve("empty.log", "auc", {}, {}), curve("b.log", "rmse", {4}, {0.5}),
                                          curve("c.log", "", {5, 4}, {})};
  const std::string script = learning_curve_script(curves, "dumb");
  CHECK(holds(script, "$objective0 << EOD\n\"a.log\"\n1 3\n2 2\nEOD\n"));
  CHECK(holds(script, "$objective2 << EOD\n\"b.log\"\n1 4\nEOD\n"));
  CHECK(holds(script, "$objective3 << EOD\n\"c.log\"\n1 5\n2 4\nEOD\n"));
  CHECK(
      holds(script, "$metric0 << EOD\n\"ndcg@10, a.log\"\n1 0.25\n2 0.125\nEOD\n$metric0_best << EOD\n1 0.25\nEOD\n"));
  CHECK(holds(script, "$metric2 << EOD\n\"rmse, b.log\"\n1 0.5\nEOD\n"));
  CHECK(holds(script, "layout 1,3\n"));
  CHECK(!holds(script, "empty.log"));
  CHECK(!holds(script, "auc"));
  CHECK(!holds(script, "\nset logscale"));
  CHECK_THROWS_AS(learning_curve_script(std::span(curves).subspan(1, 1), "dumb"), Error);
}

TEST_CASE("objectives that are far apart are drawn by their logarithm, if they have one") {
  const auto script = [](std::vector<double> objective) {
    const std::vector<LearningCurve> one{curve("a", "", std::move(objective), {})};
    return learning_curve_script(one, "dumb");
  };
  CHECK(holds(script({1, 21}), "\nset logscale y\n"));
  CHECK(!holds(script({1, 20}), "\nset logscale y\n"));
  CHECK(!holds(script({0, 21}), "\nset logscale y\n"));
  CHECK(!holds(script({-1, 21}), "\nset logscale y\n"));
}

TEST_CASE("names of logs and metrics stand in data blocks alone, within quotes") {
  for (const std::string name : {"`touch x`", "\".system('x').\"", "EOD", "$objective0", "'@x", "a\nEOD\nb", "\\"}) {
    const std::vector<LearningCurve> one{curve(name, name, {1, 2}, {1, 2})};
    const std::string safe = learning_curve_script(std::vector{curve("N", "M", {1, 2}, {1, 2})}, "dumb");
    std::string rest = learning_curve_script(one, "dumb");
    // Without the two lines that hold the names nothing tells this script from another one.
    for (const char* block : {"$objective0 << EOD\n", "$metric0 << EOD\n"}) {
      const size_t at = rest.find(block) + std::string(block).size();
      const std::string line = rest.substr(at, rest.find('\n', at) - at);
      CHECK(line.size() >= 2);
      CHECK(line.front() == '"');
      CHECK(line.find('"', 1) == line.size() - 1);
      CHECK(!holds(line, "\\"));
      rest.replace(at, line.size(), block[1] == 'o' ? "\"N\"" : "\"M, N\"");
    }
    CHECK(rest == safe);
  }
}

}  // namespace rec::learning_curves_test
