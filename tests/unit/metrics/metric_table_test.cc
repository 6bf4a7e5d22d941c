#include "metrics/metric_table.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <set>

#include "base/error.h"

namespace rec::metric_table_test {

TEST_CASE("of errors and losses a lower value is better") {
  std::string lower;
  for (const MetricInfo& info : all_metrics()) {
    if (info.lower_is_better) lower += std::string(info.name) + ' ';
  }
  CHECK(lower == "logloss rmse mse mae ece ");
  CHECK(find_metric("rmse")->name == "rmse");
  CHECK(find_metric("rmse@3") == nullptr);
}

TEST_CASE("every row of the table is complete and its name unique") {
  std::set<std::string_view> names;
  for (const MetricInfo& info : all_metrics()) {
    CAPTURE(info.name);
    CHECK(names.insert(info.name).second);
    for (const std::string_view text : {info.explanation, info.formula, info.range, info.ties, info.source}) {
      CHECK(!text.empty());
      CHECK(text.find('\t') == std::string_view::npos);
    }
    const int of_rankings = (info.ranking != nullptr) + (info.items != nullptr) + (info.exposure != nullptr);
    CHECK(of_rankings == (info.kind == MetricKind::kRanking ? 1 : 0));
    CHECK((info.expected == nullptr || info.ranking != nullptr));
    CHECK((!info.needs_user || info.by_user != nullptr));
    CHECK((info.by_user == nullptr || info.prediction != nullptr));
    CHECK((info.percent.usual + info.percent.step > 0) == (info.parameter == MetricParameter::kPercent));
    CHECK((info.needs != ItemSource::kNone) == (info.items != nullptr || info.exposure != nullptr));
    CHECK((info.prediction != nullptr) == (info.kind == MetricKind::kPrediction));
    CHECK((info.event != nullptr) == (info.kind == MetricKind::kEvent));
  }
}

TEST_CASE("parse_metric") {
  const Metric metric = parse_metric("ndcg@10");
  CHECK(metric.info->name == "ndcg");
  CHECK(metric.parameter == 10);
  CHECK(metric.name == "ndcg@10");
  CHECK(parse_metric("ndcg").parameter == kWholeList);
  CHECK(parse_metric("ece").parameter == kEceBins);
  CHECK(parse_metric("ece@15").parameter == 15);
}

TEST_CASE("parse_metric refuses what it does not know") {
  for (const char* text :
       {"", "@", "@10", "NDCG@10", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@+1", "ndcg@010", "ndcg@1.5", "ndcg@10 ",
        " ndcg@10", "ndcg@4294967295", "ndcg@99999999999", "rprec@5", "auc@5", "ndcg@5@5", "ece@2000000"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_metric(text), UsageError);
  }
}

TEST_CASE("parse_metrics: spaces around names do not count") {
  const std::vector<std::string> lists{"ndcg@10, recall@5 ", " hit@1"};
  const std::vector<Metric> metrics = parse_metrics(lists);
  REQUIRE(metrics.size() == 3);
  CHECK(metrics[1].name == "recall@5");
  CHECK_THROWS_AS(parse_metrics(std::vector<std::string>{"ndcg@10, ,hit@1"}), UsageError);
}

TEST_CASE("parse_metrics joins lists, drops repetitions, refuses a mix of kinds") {
  const std::vector<std::string> lists{"ndcg@10,recall@20", "ndcg@10", "map"};
  const std::vector<Metric> metrics = parse_metrics(lists);
  REQUIRE(metrics.size() == 3);
  CHECK(metrics[0].name == "ndcg@10");
  CHECK(metrics[1].name == "recall@20");
  CHECK(metrics[2].name == "map");
  CHECK(parse_metrics({}).empty());
  for (const char* text : {"", "ndcg@10,", ",ndcg@10", "ndcg@10,,map", "ndcg@10,auc", "ctr,rmse"}) {
    CAPTURE(text);
    const std::vector<std::string> bad{text};
    CHECK_THROWS_AS(parse_metrics(bad), UsageError);
  }
}

}  // namespace rec::metric_table_test
