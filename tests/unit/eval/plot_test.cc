#include "eval/plot.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "eval/gnuplot.h"

namespace rec::plot_test {

namespace {

std::string script_of(std::vector<ReportRow> rows) {
  Evaluation evaluation;
  evaluation.rows = std::move(rows);
  return plot_script(evaluation, "dumb");
}

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the suffix chooses the terminal") {
  CHECK(plot_terminal("a.svg").starts_with("svg"));
  CHECK(plot_terminal("a.b.png").starts_with("pngcairo"));
  CHECK(plot_terminal("a.pdf").starts_with("pdfcairo"));
  CHECK_THROWS_AS(plot_terminal("a.gif"), UsageError);
  CHECK_THROWS_AS(plot_terminal("-"), UsageError);
}

TEST_CASE("metrics with several cuts are lines over k, in order of k; counts and undefined values are left out") {
  const std::string script =
      script_of({{.name = "ndcg@10", .value = 0.5, .low = 0.4, .high = 0.6, .series = "ndcg", .k = 10},
                 {.name = "ndcg@5", .value = 0.25, .series = "ndcg", .k = 5},
                 {.name = "recall@5", .value = 0.125, .series = "recall", .k = 5},
                 {.name = "hit@5", .value = std::nan(""), .series = "hit", .k = 5},
                 {.name = "users", .value = 7, .is_count = true}});
  CHECK(holds(script, "$line0 << EOD\n\"ndcg\"\n5 0.25 0.25 0.25\n10 0.5 0.4 0.6\nEOD\n"));
  CHECK(holds(script, "$line1 << EOD\n\"recall\"\n5 0.125 0.125 0.125\nEOD\n"));
  CHECK(!holds(script, "hit"));
  CHECK(!holds(script, "users"));
}

TEST_CASE("a comparison shows the lines of every ranking") {
  Evaluation evaluation;
  evaluation.rows = {{.name = "ndcg@5", .value = 0.25, .series = "ndcg", .k = 5}};
  for (const char* ranking : {"old.tsv", "new.tsv"}) {
    evaluation.rankings.push_back({ranking,
                                   {{.name = "ndcg@5", .value = 0.25, .series = "ndcg", .k = 5},
                                    {.name = "ndcg@10", .value = 0.5, .series = "ndcg", .k = 10}}});
  }
  const std::string script = plot_script(evaluation, "dumb");
  CHECK(holds(script, "$line0 << EOD\n\"ndcg, old.tsv\"\n5 0.25 0.25 0.25\n10 0.5 0.5 0.5\nEOD\n"));
  CHECK(holds(script, "$line1 << EOD\n\"ndcg, new.tsv\"\n"));
}

TEST_CASE("one cut, or none, is a row each; with intervals those rows alone") {
  const std::string script =
      script_of({{.name = "ctr", .value = 0.5, .low = 0.25, .high = 0.75}, {.name = "x", .value = 3}});
  CHECK(holds(script, "$rows << EOD\n1 0.5 0.25 0.75 \"ctr\"\nEOD\n"));
  CHECK(holds(script_of({{.name = "ndcg@5", .value = 0.25}}), "1 0.25 0.25 0.25 \"ndcg@5\"\n"));
  CHECK_THROWS_AS(script_of({{.name = "users", .value = 7, .is_count = true}}), Error);
}

TEST_CASE("an experiment shows its ratios, and names cannot leave their quotes") {
  const std::string script =
      script_of({{.name = "ctr[b]", .value = 0.5, .low = 0.25, .high = 0.75},
                 {.name = "ctr.ratio[a\"\\b]", .value = 1.5, .low = 1.25, .high = 2, .is_ratio = true}});
  CHECK(holds(script, "1 1.5 1.25 2 \"ctr.ratio[a'/b]\"\n"));
  CHECK(!holds(script, "ctr[b]"));
  CHECK(holds(script, "ratio to the control"));
}

TEST_CASE("what a name looks like decides nothing, and it stands in a data block alone") {
  for (const char* name : {"ctr[x@5]", "ctr[x@10]", "ctr[.ratio[b]]", "ctr[`touch x`@7]", "EOD", "ctr['@1,'@2]"}) {
    const std::string script = script_of({{.name = name, .value = 0.5}, {.name = "ctr[y@20]", .value = 0.5}});
    const std::string field = " 0.5 0.5 0.5 \"" + printable(name) + "\"\n";
    CHECK(holds(script, ("$rows << EOD\n2" + field).c_str()));
    std::string rest = script;
    rest.erase(rest.find(field), field.size());
    CHECK(!holds(rest, name == std::string("EOD") ? "\nEOD\nEOD" : name));
    CHECK(!holds(script, "logscale"));
    CHECK(!holds(script, "ratio to the control"));
  }
}

TEST_CASE("curves are drawn side by side, empty bins left out") {
  Evaluation evaluation;
  evaluation.curves = {{{0, 0.5, 2, 2, 0.25, 0.5}, {0.5, 1, 0, 0, std::nan(""), std::nan("")}},
                       {{0, 0}, {0, 1}, {1, 1}}};
  const std::string script = plot_script(evaluation, "dumb");
  CHECK(holds(script, "$calibration << EOD\n0.25 0.5\nEOD\n"));
  CHECK(holds(script, "$roc << EOD\n0 0\n0 1\n1 1\nEOD\n"));
}

}  // namespace rec::plot_test
