// Ranking metrics against hand computations. The example: 10 places listed,
// relevant items at ranks 1, 3 and 6, and one relevant item not listed.
#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <vector>

#include "metrics/average_precision.h"
#include "metrics/hits.h"
#include "metrics/ndcg.h"
#include "metrics/reciprocal_rank.h"

namespace rec::ranking_metrics_test {

namespace {

struct Example {
  std::vector<Hit> hits{{0, 1.0}, {2, 1.0}, {5, 1.0}};
  std::vector<double> ideal{1.0, 1.0, 1.0, 1.0};
  RankedList list{hits, 10, ideal};
};

// Gains 3 (rank 2) and 1 (rank 3) listed; 2 not listed.
struct Graded {
  std::vector<Hit> hits{{1, 3.0}, {2, 1.0}};
  std::vector<double> ideal{3.0, 2.0, 1.0};
  RankedList list{hits, 4, ideal};
};

const std::vector<double> kOneRelevant{1.0};
const RankedList kNoList{{}, 0, kOneRelevant};

}  // namespace

TEST_CASE_FIXTURE(Example, "precision divides by k, not by the length of the list") {
  CHECK(precision(list, 1) == 1.0);
  CHECK(precision(list, 2) == 0.5);
  CHECK(precision(list, 6) == 0.5);
  CHECK(precision(list, 20) == 3.0 / 20.0);
  CHECK(precision(list, kWholeList) == 0.3);
}

TEST_CASE_FIXTURE(Example, "recall divides by all relevant items, recall_min by what fits") {
  CHECK(recall(list, 1) == 0.25);
  CHECK(recall(list, 3) == 0.5);
  CHECK(recall(list, kWholeList) == 0.75);
  CHECK(recall_min(list, 1) == 1.0);
  CHECK(recall_min(list, 3) == doctest::Approx(2.0 / 3.0));
  CHECK(recall_min(list, 5) == 0.5);
  CHECK(recall_min(list, kWholeList) == 0.75);
}

TEST_CASE_FIXTURE(Example, "f1 is the harmonic mean of precision and recall") {
  const double p = precision(list, 5);
  const double r = recall(list, 5);
  CHECK(f1(list, 5) == doctest::Approx(2.0 * p * r / (p + r)));
  CHECK(f1(list, kWholeList) == doctest::Approx(6.0 / 14.0));
}

TEST_CASE_FIXTURE(Example, "rprec cuts at the number of relevant items") {
  CHECK(rprec(list, kWholeList) == 0.5);  // ranks 1 and 3 of the first 4
}

TEST_CASE_FIXTURE(Example, "map sums precision at hits") {
  const double whole = 1.0 / 1.0 + 2.0 / 3.0 + 3.0 / 6.0;
  CHECK(average_precision(list, kWholeList) == doctest::Approx(whole / 4.0));
  CHECK(average_precision(list, 5) == doctest::Approx((1.0 + 2.0 / 3.0) / 4.0));
  CHECK(average_precision_min(list, 3) == doctest::Approx((1.0 + 2.0 / 3.0) / 3.0));
  CHECK(average_precision_min(list, 1) == 1.0);
}

TEST_CASE("hit and reciprocal rank see the first hit only if it is within k") {
  const std::vector<Hit> hits{{3, 1.0}, {4, 1.0}};
  const std::vector<double> ideal{1.0, 1.0};
  const RankedList list{hits, 5, ideal};
  CHECK(hit(list, 3) == 0.0);
  CHECK(hit(list, 4) == 1.0);
  CHECK(reciprocal_rank(list, 3) == 0.0);
  CHECK(reciprocal_rank(list, 4) == 0.25);
  CHECK(reciprocal_rank(list, kWholeList) == 0.25);
}

TEST_CASE_FIXTURE(Graded, "ndcg: linear gains, ideal over all truth, both cut at k") {
  const double log3 = std::log2(3.0);
  CHECK(ndcg(list, kWholeList) == doctest::Approx((3.0 / log3 + 1.0 / 2.0) / (3.0 + 2.0 / log3 + 1.0 / 2.0)));
  CHECK(ndcg(list, 2) == doctest::Approx((3.0 / log3) / (3.0 + 2.0 / log3)));
  CHECK(ndcg(list, 1) == 0.0);
}

TEST_CASE_FIXTURE(Graded, "ndcg_exp: gain 2^g - 1") {
  const double log3 = std::log2(3.0);
  CHECK(ndcg_exp(list, 2) == doctest::Approx((7.0 / log3) / (7.0 + 3.0 / log3)));
}

TEST_CASE("ndcg_exp stays finite for gains that overflow 2^g") {
  const std::vector<Hit> hits{{1, 2000.0}};
  const std::vector<double> ideal{2000.0};
  CHECK(ndcg_exp({hits, 2, ideal}, 5) == doctest::Approx(1.0 / std::log2(3.0)));
}

TEST_CASE("ndcg beyond the table of discounts") {
  const std::vector<Hit> hits{{4000, 1.0}};
  CHECK(ndcg({hits, 5000, kOneRelevant}, kWholeList) == doctest::Approx(1.0 / std::log2(4002.0)));
}

TEST_CASE("a perfect list is 1") {
  const std::vector<Hit> hits{{0, 3.0}, {1, 2.0}, {2, 0.5}};
  const std::vector<double> ideal{3.0, 2.0, 0.5};
  const RankedList list{hits, 3, ideal};
  for (const uint32_t k : {1u, 2u, 3u, 10u, kWholeList}) {
    CHECK(ndcg(list, k) == 1.0);
    CHECK(ndcg_exp(list, k) == 1.0);
    CHECK(recall_min(list, k) == 1.0);
    CHECK(average_precision_min(list, k) == 1.0);
    CHECK(reciprocal_rank(list, k) == 1.0);
  }
  CHECK(rprec(list, kWholeList) == 1.0);
}

TEST_CASE("a user without a list gets 0 from every metric") {
  for (const uint32_t k : {1u, 10u, kWholeList}) {
    for (const RankingFunction metric : {precision, recall, recall_min, f1, hit, rprec, ndcg, ndcg_exp,
                                         average_precision, average_precision_min, reciprocal_rank}) {
      CHECK(metric(kNoList, k) == 0.0);
    }
  }
}

}  // namespace rec::ranking_metrics_test
