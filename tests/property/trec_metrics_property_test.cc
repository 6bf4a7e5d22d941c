// trec_eval's metrics against slow twins, which go down whole lists place by place, as
// the definitions do, over seeded random lists with judged, pooled and unknown items.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "metrics/average_precision.h"
#include "metrics/concordance.h"
#include "metrics/gain_based.h"
#include "metrics/judged.h"
#include "metrics/recall_levels.h"
#include "metrics/set_based.h"

namespace rec::trec_metrics_property_test {

namespace {

constexpr int kUnknown = -1;
constexpr int kPooled = -2;

// Grades by place; those of relevant items that are not listed, and how many items not
// listed were judged not relevant.
struct Whole {
  std::vector<int> listed;
  std::vector<int> elsewhere;
  size_t misses_elsewhere = 0;

  size_t relevant() const {
    return elsewhere.size() +
           static_cast<size_t>(std::count_if(listed.begin(), listed.end(), [](int g) { return g > 0; }));
  }
  size_t misses() const { return misses_elsewhere + static_cast<size_t>(std::count(listed.begin(), listed.end(), 0)); }
  std::vector<double> ideal() const {
    std::vector<double> gains(elsewhere.begin(), elsewhere.end());
    for (const int grade : listed) {
      if (grade > 0) gains.push_back(grade);
    }
    std::sort(gains.begin(), gains.end(), std::greater<>());
    return gains;
  }
};

Whole random_whole(std::mt19937_64& random) {
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  Whole whole;
  const int most = below(2) == 0 ? 1 : 4;
  const size_t kinds = 2 + below(6);
  for (size_t place = below(8) == 0 ? 0 : below(40); place > 0; --place) {
    const size_t kind = below(kinds);
    whole.listed.push_back(kind == 0   ? 1 + static_cast<int>(below(static_cast<size_t>(most)))
                           : kind == 1 ? 0
                           : kind == 2 ? kPooled
                                       : kUnknown);
  }
  for (size_t at = below(10); at > 0; --at)
    whole.elsewhere.push_back(1 + static_cast<int>(below(static_cast<size_t>(most))));
  whole.misses_elsewhere = below(6);
  return whole;
}

double dcg(const std::vector<double>& gains, size_t places) {
  double sum = 0;
  for (size_t at = 0; at < std::min(places, gains.size()); ++at)
    sum += gains[at] / std::log2(static_cast<double>(at) + 2);
  return sum;
}

bool same(double a, double b) { return std::fabs(a - b) <= 1e-12 * std::max(1.0, std::fabs(b)); }

}  // namespace

TEST_CASE("trec_eval's metrics equal their slow twins") {
  std::mt19937_64 random(31);
  for (int round = 0; round < 4000; ++round) {
    CAPTURE(round);
    const Whole whole = random_whole(random);
    std::vector<Hit> hits;
    std::vector<Miss> misses;
    for (uint32_t place = 0; place < whole.listed.size(); ++place) {
      const int grade = whole.listed[place];
      if (grade > 0) hits.push_back({place, static_cast<double>(grade)});
      if (grade == 0 || grade == kPooled) misses.push_back({place, grade == 0});
    }
    const std::vector<double> ideal = whole.ideal();
    const auto n = static_cast<uint32_t>(whole.listed.size());
    RankedList list{hits, n, ideal, misses, static_cast<uint32_t>(whole.misses()), 4.0};
    const auto R = static_cast<double>(whole.relevant());
    const double top = ideal.empty() ? 1.0 : std::max(1.0, ideal.front());
    std::vector<double> gains;
    for (const int grade : whole.listed) gains.push_back(std::max(0, grade));

    double b = 0, inf = 0, above = 0, below = 0, pooled = 0, rbp_sum = 0, err = 0, goes_on = 1, bing = 0, g = 0,
           cost = 0, so_far = 0, rel = 0, unknown = 0, ap = 0, resid = 0;
    for (size_t at = 0; at < whole.listed.size(); ++at) {
      const int grade = whole.listed[at];
      const double rank = static_cast<double>(at) + 1;
      cost += std::max(1.0, at < ideal.size() ? ideal[at] : 0.0);
      if (grade < 0) resid += std::pow(0.9, at);
      unknown += grade < 0 ? 1 : 0;
      if (grade > 0) {
        b += below > 0 ? 1 - std::min(below, R) / std::min(static_cast<double>(whole.misses()), R) : 1.0;
        inf += at == 0 ? 1
                       : 1 / rank + (rank - 1) / rank * ((above + below + pooled) / (rank - 1)) *
                                        ((above + 1e-5) / (above + below + 2e-5));
        ++above;
        ap += above / rank;
        so_far += grade;
        bing += 1 / std::log2(2 + rank - above);
        g += grade / std::log2(2 + cost - so_far);
        const double stops = (std::pow(2, grade) - 1) / 16;
        err += goes_on * stops / rank;
        goes_on *= 1 - stops;
        rbp_sum += 0.1 * std::pow(0.9, at) * grade / top;
      }
      below += grade == 0 ? 1 : 0;
      pooled += grade == kPooled ? 1 : 0;
      for (const size_t cut : {size_t{5}, size_t{10}}) {
        if (rank != static_cast<double>(std::min(cut, whole.listed.size()))) continue;
        const auto k = static_cast<uint32_t>(cut);
        CHECK(same(unjudged_share(list, k), unknown / static_cast<double>(cut)));
        CHECK(same(judged_share(list, k), (rank - unknown) / static_cast<double>(cut)));
      }
    }
    rel = above;
    const double over = R > 0 ? R : 1;
    CHECK(same(bpref(list, kWholeList), b / over));
    CHECK(same(log_bpref(list, kWholeList), std::log(std::max(b / over, 1e-5))));
    CHECK(same(inf_ap(list, kWholeList), inf / over));
    CHECK(same(log_average_precision(list, kWholeList), std::log(std::max(ap / over, 1e-5))));
    CHECK(same(rank_biased_precision(list, 90), rbp_sum));
    CHECK(same(expected_reciprocal_rank_graded(list, kWholeList), err));
    CHECK(same(rbp_residual(list, 90), unknown > 0 ? std::pow(0.9, n) + 0.1 * resid : 0.0));
    CHECK(same(nonrelevant_listed(list, kWholeList), below));
    CHECK(same(utility(list, kWholeList), rel - (static_cast<double>(n) - rel)));
    CHECK(same(listed(list, kWholeList), n));
    CHECK(same(relevant(list, kWholeList), R));
    CHECK(same(relevant_listed(list, kWholeList), rel));
    CHECK(same(set_map(list, kWholeList), n == 0 || R == 0 ? 0.0 : rel / n * (rel / R)));
    CHECK(same(binary_g(list, kWholeList), bing / over));
    double total = 0;
    for (const double gain : ideal) total += gain;
    CHECK(same(graded_g(list, kWholeList), total > 0 ? g / total : 0.0));

    // Interpolated precision: the largest precision at any place with enough hits.
    double eleven = 0;
    for (uint32_t percent = 0; percent <= 100; percent += 10) {
      const double wanted = std::round(percent / 100.0 * R);
      double best = 0, found = 0;
      for (size_t at = 0; at < gains.size(); ++at) {
        found += gains[at] > 0 ? 1 : 0;
        if (found >= wanted) best = std::max(best, found / (static_cast<double>(at) + 1));
      }
      if (rel < wanted) best = 0;
      CHECK(same(interpolated_precision(list, percent), best));
      eleven += best / 11;
    }
    CHECK(same(eleven_point_average(list, kWholeList), eleven));
    for (uint32_t percent = 20; percent <= 200; percent += 20) {
      const auto places = static_cast<size_t>(percent / 100.0 * R + 0.9);
      double found = 0;
      for (size_t at = 0; at < std::min(places, gains.size()); ++at) found += gains[at] > 0 ? 1 : 0;
      CHECK(same(precision_at_multiple(list, percent), places == 0 ? 0.0 : found / static_cast<double>(places)));
    }
    if (ideal.empty()) continue;
    double at_relevant = static_cast<double>(whole.elsewhere.size()) * dcg(gains, n) / dcg(ideal, ideal.size());
    for (size_t at = 0; at < gains.size(); ++at)
      at_relevant += gains[at] > 0 ? dcg(gains, at + 1) / dcg(ideal, at + 1) : 0;
    CHECK(same(ndcg_at_relevant(list, kWholeList), at_relevant / R));
    double levels = 0, changes = 0;
    for (size_t at = 1; at <= ideal.size(); ++at) {
      if (at < ideal.size() && ideal[at] == ideal[at - 1]) continue;
      levels += dcg(gains, at) / dcg(ideal, at);
      ++changes;
    }
    if (n > ideal.size() + 1) {
      levels += dcg(gains, n) / dcg(ideal, ideal.size());
      ++changes;
    }
    CHECK(same(ndcg_at_levels(list, kWholeList), levels / changes));
  }
}

TEST_CASE("fcp and r2 equal sums over all pairs and rows") {
  std::mt19937_64 random(32);
  for (int round = 0; round < 500; ++round) {
    CAPTURE(round);
    Predictions rows;
    const bool weighted = random() % 2 == 0;
    for (size_t row = 2 + random() % 60; row > 0; --row) {
      rows.label.push_back(static_cast<double>(random() % 6));
      rows.prediction.push_back(static_cast<double>(random() % 20) / 4);
      rows.user.push_back(static_cast<uint32_t>(random() % 5));
      if (weighted) rows.weight.push_back(static_cast<double>(random() % 4));
    }
    double concordant = 0, pairs = 0, weights = 0, labels = 0, errors = 0, variance = 0;
    const auto weight = [&](size_t row) { return weighted ? rows.weight[row] : 1.0; };
    for (size_t a = 0; a < rows.label.size(); ++a) {
      weights += weight(a);
      labels += weight(a) * rows.label[a];
      for (size_t b = 0; b < rows.label.size(); ++b) {
        if (rows.user[a] != rows.user[b] || !(rows.label[a] > rows.label[b])) continue;
        ++pairs;
        concordant += rows.prediction[a] > rows.prediction[b] ? 1 : 0;
      }
    }
    CHECK((pairs == 0 ? std::isnan(fcp(rows)) : same(fcp(rows), concordant / pairs)));
    for (size_t a = 0; a < rows.label.size(); ++a) {
      errors += weight(a) * (rows.label[a] - rows.prediction[a]) * (rows.label[a] - rows.prediction[a]);
      variance += weight(a) * (rows.label[a] - labels / weights) * (rows.label[a] - labels / weights);
    }
    if (weights > 0 && variance > 1e-9) CHECK(same(r2(rows), 1 - errors / variance));
    if (!(weights > 0)) CHECK(std::isnan(r2(rows)));
  }
}

}  // namespace rec::trec_metrics_property_test
