// trec_eval's metrics, and those of graded gains, by hand. The example: eight places;
// relevant items at ranks 1 (grade 2), 4 and 6 (grade 1), one relevant item (grade 1)
// not listed; judged not relevant at ranks 2 and 5, one more not listed; the item at
// rank 3 is in the pool, but not judged; 7 and 8 nobody judged.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "metrics/average_precision.h"
#include "metrics/concordance.h"
#include "metrics/gain_based.h"
#include "metrics/judged.h"
#include "metrics/recall_levels.h"
#include "metrics/set_based.h"
#include "metrics/trec_measures.h"

namespace rec::trec_metrics_test {

namespace {

struct Example {
  std::vector<Hit> hits{{0, 2.0}, {3, 1.0}, {5, 1.0}};
  std::vector<Miss> misses{{1, true}, {2, false}, {4, true}};
  std::vector<double> ideal{2.0, 1.0, 1.0, 1.0};
  RankedList list{hits, 8, ideal, misses, 3, 2.0};
};

const RankedList kNothing{};

}  // namespace

TEST_CASE_FIXTURE(Example, "bpref and infAP") {
  // 1, 1 - min(1, 4) / min(3, 4), 1 - 2/3; over 4 relevant items.
  CHECK(bpref(list, kWholeList) == doctest::Approx((1.0 + 2.0 / 3.0 + 1.0 / 3.0) / 4.0));
  CHECK(log_bpref(list, kWholeList) == doctest::Approx(std::log(0.5)));
  // Rank 4: 1/4 + 3/4 (1 hit, 1 miss, 1 pooled)/3 1/2; rank 6: 1/6 + 5/6 (2 + 2 + 1)/5 2/4.
  const double at4 = 0.25 + 0.75 * (3.0 / 3.0) * 0.5;
  const double at6 = 1.0 / 6.0 + 5.0 / 6.0 * (5.0 / 5.0) * 0.5;
  CHECK(inf_ap(list, kWholeList) == doctest::Approx((1.0 + at4 + at6) / 4.0).epsilon(1e-4));
  CHECK(bpref(kNothing, kWholeList) == 0.0);
  CHECK(inf_ap(kNothing, kWholeList) == 0.0);
  CHECK(log_average_precision(list, kWholeList) == doctest::Approx(std::log((1.0 + 0.5 + 0.5) / 4.0)));
  CHECK(log_average_precision(kNothing, kWholeList) == std::log(1e-5));
}

TEST_CASE_FIXTURE(Example, "what was judged") {
  CHECK(judged_share(list, 5) == 0.8);
  CHECK(unjudged_share(list, 5) == doctest::Approx(0.2));
  CHECK(unjudged_share(list, 20) == 3.0 / 20.0);
  CHECK(unjudged_share(list, kWholeList) == 3.0 / 8.0);
  CHECK(nonrelevant_listed(list, kWholeList) == 2.0);
  CHECK(utility(list, kWholeList) == 3.0 - 5.0);
  CHECK(set_map(list, kWholeList) == 3.0 / 8.0 * (3.0 / 4.0));
  // Nobody judged ranks 3, 7 and 8.
  const double resid = 0.1 * (std::pow(0.9, 2) + std::pow(0.9, 6) + std::pow(0.9, 7)) + std::pow(0.9, 8);
  CHECK(rbp_residual(list, 90) == doctest::Approx(resid));
  CHECK(rbp_residual(kNothing, 90) == 0.0);
}

TEST_CASE_FIXTURE(Example, "precision at levels of recall") {
  CHECK(interpolated_precision(list, 0) == 1.0);
  CHECK(interpolated_precision(list, 10) == 1.0);   // 0.4 of a hit
  CHECK(interpolated_precision(list, 50) == 0.5);   // two hits
  CHECK(interpolated_precision(list, 70) == 0.5);   // 2.8: three hits
  CHECK(interpolated_precision(list, 100) == 0.0);  // the fourth was not found
  CHECK(eleven_point_average(list, kWholeList) == doctest::Approx((4.0 * 1.0 + 5.0 * 0.5) / 11.0));
  CHECK(precision_at_multiple(list, 20) == 1.0);  // 1.7: one place
  CHECK(precision_at_multiple(list, 100) == 0.5);
  CHECK(precision_at_multiple(list, 200) == 3.0 / 8.0);
}

TEST_CASE_FIXTURE(Example, "metrics of graded gains") {
  CHECK(rank_biased_precision(list, 90) ==
        doctest::Approx(0.1 * (1.0 + 0.5 * std::pow(0.9, 3) + 0.5 * std::pow(0.9, 5))));
  // Stops with 3/4, 1/4, 1/4.
  CHECK(expected_reciprocal_rank_graded(list, kWholeList) ==
        doctest::Approx(0.75 + 0.25 * 0.25 / 4.0 + 0.25 * 0.75 * 0.25 / 6.0));
  CHECK(expected_reciprocal_rank_graded(list, 5) == doctest::Approx(0.75 + 0.25 * 0.25 / 4.0));
  CHECK(binary_g(list, kWholeList) == doctest::Approx((1.0 + 1.0 / std::log2(4.0) + 1.0 / std::log2(5.0)) / 4.0));
  // Costs 2, 3, 4, 5, 6, 7: log2(2 + 2 - 2), log2(2 + 5 - 3), log2(2 + 7 - 4).
  CHECK(graded_g(list, kWholeList) == doctest::Approx((2.0 + 1.0 / std::log2(4.0) + 1.0 / std::log2(5.0)) / 5.0));
  const double ideal4 = 2.0 + 1.0 / std::log2(3.0) + 0.5 + 1.0 / std::log2(5.0);
  const double dcg4 = 2.0 + 1.0 / std::log2(5.0);
  const double dcg6 = dcg4 + 1.0 / std::log2(7.0);
  CHECK(ndcg_at_relevant(list, kWholeList) ==
        doctest::Approx((1.0 + dcg4 / ideal4 + dcg6 / ideal4 + dcg6 / ideal4) / 4.0));
  // Behind the first place, behind the fourth, and at the end.
  CHECK(ndcg_at_levels(list, kWholeList) == doctest::Approx((1.0 + dcg4 / ideal4 + dcg6 / ideal4) / 3.0));
}

TEST_CASE("names of trec_eval") {
  CHECK(find_trec_measure("P_5")->parameter == 5);
  CHECK(find_trec_measure("P_7")->info->name == "precision");
  CHECK(find_trec_measure("ndcg_cut_1000")->info->name == "ndcg");
  CHECK(find_trec_measure("iprec_at_recall_0.10")->parameter == 10);
  CHECK(!find_trec_measure("P_05"));
  CHECK(!find_trec_measure("P_"));
  CHECK(!find_trec_measure("precision_5"));
  CHECK(trec_set("all_trec").size() == 97);
  CHECK(trec_set("official").size() == 28);
  CHECK(trec_set("set").size() == 9);
  const std::vector<std::string> lists{"iprec_at_recall,P_5,rbp@80"};
  const std::vector<Metric> metrics = parse_metrics(lists);
  CHECK(metrics.size() == 13);
  CHECK(metrics[1].name == "iprec_at_recall@10");
  CHECK(metrics[12].parameter == 80);
}

TEST_CASE("fcp, group_auc and r2") {
  // User 0: pairs (3, 1), (3, 2), (2, 1), one of them tied; user 1: one pair, in the wrong order.
  const Predictions rows{{3, 2, 1, 5, 4, 1}, {0.9, 0.5, 0.5, 0.1, 0.2, 0.7}, {}, {0, 0, 0, 1, 1, 2}};
  CHECK(fcp(rows) == 2.0 / 4.0);
  CHECK(std::isnan(fcp({{1, 1}, {1, 2}, {}, {0, 0}})));
  // AUC 1 and 1/3 (MIND's mean of impressions); a user of one label is left out.
  const Predictions clicks{{1, 0, 1, 0, 0, 0, 1}, {0.9, 0.1, 0.2, 0.8, 0.7, 0.1, 0.5}, {}, {0, 0, 1, 1, 1, 1, 2}};
  CHECK(group_auc(clicks) == doctest::Approx(2.0 / 3.0));
  CHECK(r2({{1, 2, 3}, {1, 2, 3}, {}, {}}) == 1.0);
  CHECK(r2({{1, 2, 3}, {2, 2, 2}, {}, {}}) == 0.0);
  CHECK(r2({{1, 2, 3}, {3, 2, 1}, {}, {}}) == -3.0);
  CHECK(std::isnan(r2({{2, 2}, {1, 3}, {}, {}})));
  CHECK(r2({{1e308, -1e308}, {1e308, -1e308}, {}, {}}) == 1.0);
}

}  // namespace rec::trec_metrics_test
