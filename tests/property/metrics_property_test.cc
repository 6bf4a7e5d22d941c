// The metrics against slow twins, written from the formulas on whole lists and
// all pairs, over seeded random input with ties, graded gains, short and empty
// lists.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <random>
#include <vector>

#include "metrics/average_precision.h"
#include "metrics/hits.h"
#include "metrics/ndcg.h"
#include "metrics/predictions.h"
#include "metrics/reciprocal_rank.h"

namespace rec::metrics_property_test {

namespace {

// A list as it is: the gain of every place; and all gains of the truth.
struct WholeList {
  std::vector<double> gains;
  std::vector<double> truth;
};

WholeList random_list(std::mt19937_64& random) {
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  WholeList list;
  const size_t relevant = 1 + below(below(2) ? 5 : 60);
  const bool graded = below(2) == 1;
  for (size_t at = 0; at < relevant; ++at) {
    list.truth.push_back(graded ? 0.25 * static_cast<double>(1 + below(16)) : 1.0);
  }
  const size_t length = below(8) == 0 ? 0 : below(below(4) ? 30 : 1500);
  list.gains.assign(length, 0.0);
  for (const double gain : list.truth) {
    if (length > 0 && below(3) > 0) {
      const size_t place = below(length);
      if (list.gains[place] == 0.0) list.gains[place] = gain;
    }
  }
  return list;
}

// What every twin starts from: place p of the list cut or padded to k places.
double gain_at(const WholeList& list, size_t place) { return place < list.gains.size() ? list.gains[place] : 0.0; }

double naive_hits(const WholeList& list, size_t k) {
  double hits = 0;
  for (size_t place = 0; place < k; ++place) hits += gain_at(list, place) > 0 ? 1 : 0;
  return hits;
}

double naive_dcg(const std::vector<double>& gains, size_t k, bool exponential) {
  double sum = 0;
  for (size_t place = 0; place < k && place < gains.size(); ++place) {
    const double gain = exponential ? std::pow(2.0, gains[place]) - 1.0 : gains[place];
    sum += gain / (std::log(static_cast<double>(place) + 2.0) / std::log(2.0));
  }
  return sum;
}

double naive_ndcg(const WholeList& list, size_t k, bool exponential) {
  std::vector<double> best = list.truth;  // selection sort, largest first
  for (size_t i = 0; i < best.size(); ++i) {
    for (size_t j = i + 1; j < best.size(); ++j) {
      if (best[j] > best[i]) std::swap(best[i], best[j]);
    }
  }
  return naive_dcg(list.gains, k, exponential) / naive_dcg(best, k, exponential);
}

double naive_precision_sum(const WholeList& list, size_t k) {
  double sum = 0;
  for (size_t place = 0; place < k; ++place) {
    if (gain_at(list, place) > 0) sum += naive_hits(list, place + 1) / static_cast<double>(place + 1);
  }
  return sum;
}

double naive_reciprocal_rank(const WholeList& list, size_t k) {
  for (size_t place = 0; place < k; ++place) {
    if (gain_at(list, place) > 0) return 1.0 / static_cast<double>(place + 1);
  }
  return 0;
}

double over(double above, double below) { return below == 0 ? 0.0 : above / below; }

Predictions random_rows(std::mt19937_64& random, bool binary) {
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  Predictions rows;
  const size_t size = 2 + below(120);
  const bool weighted = below(2) == 1;
  const size_t grid = below(2) ? 4 : 1000;  // a coarse grid makes ties
  for (size_t row = 0; row < size; ++row) {
    rows.label.push_back(binary ? static_cast<double>(below(2)) : static_cast<double>(below(11)) / 10.0);
    rows.prediction.push_back(static_cast<double>(below(grid + 1)) / static_cast<double>(grid));
    if (weighted) rows.weight.push_back(static_cast<double>(below(5)) / 2.0);
    rows.user.push_back(static_cast<uint32_t>(below(6)));
  }
  return rows;
}

double weight(const Predictions& rows, size_t row) { return rows.weight.empty() ? 1.0 : rows.weight[row]; }

// All pairs of the rows that `user` owns (or of all rows: user < 0).
double naive_auc(const Predictions& rows, int user) {
  double won = 0;
  double pairs = 0;
  for (size_t a = 0; a < rows.label.size(); ++a) {
    for (size_t b = 0; b < rows.label.size(); ++b) {
      if (rows.label[a] != 1.0 || rows.label[b] != 0.0) continue;
      if (user >= 0 && (rows.user[a] != static_cast<uint32_t>(user) || rows.user[b] != static_cast<uint32_t>(user)))
        continue;
      const double pair = weight(rows, a) * weight(rows, b);
      pairs += pair;
      if (rows.prediction[a] > rows.prediction[b]) won += pair;
      if (rows.prediction[a] == rows.prediction[b]) won += pair / 2;
    }
  }
  return pairs > 0 ? won / pairs : std::nan("");
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= 1e-12 * std::fmax(1.0, std::fabs(b));
}

}  // namespace

TEST_CASE("ranking metrics equal their slow twins") {
  std::mt19937_64 random(20240611);
  for (int round = 0; round < 3000; ++round) {
    const WholeList whole = random_list(random);
    std::vector<Hit> hits;
    for (size_t place = 0; place < whole.gains.size(); ++place) {
      if (whole.gains[place] > 0) hits.push_back({static_cast<uint32_t>(place), whole.gains[place]});
    }
    std::vector<double> ideal = whole.truth;
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
    const RankedList list{hits, static_cast<uint32_t>(whole.gains.size()), ideal};
    const double relevant = static_cast<double>(whole.truth.size());
    for (const uint32_t cut : {1u, 2u, 3u, 5u, 10u, 100u, 2000u, kWholeList}) {
      CAPTURE(round);
      CAPTURE(cut);
      const size_t k = cut == kWholeList ? whole.gains.size() : cut;
      const size_t ideal_k = cut == kWholeList ? whole.gains.size() + whole.truth.size() : cut;
      const double places = static_cast<double>(k);
      const double found = naive_hits(whole, k);
      const double p = over(found, places);
      const double r = found / relevant;
      CHECK(same(precision(list, cut), p));
      CHECK(same(recall(list, cut), r));
      CHECK(same(recall_min(list, cut), over(found, std::fmin(places, relevant))));
      CHECK(same(f1(list, cut), over(2 * p * r, p + r)));
      CHECK(same(hit(list, cut), found > 0 ? 1.0 : 0.0));
      CHECK(same(rprec(list, cut), naive_hits(whole, whole.truth.size()) / relevant));
      CHECK(same(reciprocal_rank(list, cut), naive_reciprocal_rank(whole, k)));
      CHECK(same(average_precision(list, cut), naive_precision_sum(whole, k) / relevant));
      CHECK(same(average_precision_min(list, cut), over(naive_precision_sum(whole, k), std::fmin(places, relevant))));
      CHECK(same(ndcg(list, cut), naive_ndcg(whole, ideal_k, false)));
      CHECK(same(ndcg_exp(list, cut), naive_ndcg(whole, ideal_k, true)));
    }
  }
}

TEST_CASE("auc and gauc equal the count of all pairs") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    CAPTURE(round);
    const Predictions rows = random_rows(random, true);
    CHECK(same(auc(rows), naive_auc(rows, -1)));
    double total = 0;
    double weights = 0;
    uint64_t users = 0;
    for (int user = 0; user < 6; ++user) {
      const double value = naive_auc(rows, user);
      if (std::isnan(value)) continue;
      ++users;
      for (size_t row = 0; row < rows.label.size(); ++row) {
        if (rows.user[row] != static_cast<uint32_t>(user)) continue;
        total += weight(rows, row) * value;
        weights += weight(rows, row);
      }
    }
    const GroupedAuc grouped = gauc(rows);
    CHECK(same(grouped.value, users > 0 ? total / weights : std::nan("")));
    CHECK(grouped.users == users);
  }
}

TEST_CASE("losses equal plain sums") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    CAPTURE(round);
    const Predictions rows = random_rows(random, false);
    double weights = 0, squares = 0, absolutes = 0, loss = 0, predicted = 0, observed = 0;
    for (size_t row = 0; row < rows.label.size(); ++row) {
      const double w = weight(rows, row);
      const double y = rows.label[row];
      const double error = rows.prediction[row] - y;
      const double p = std::fmin(std::fmax(rows.prediction[row], 1e-15), 1 - 1e-15);
      weights += w;
      squares += w * error * error;
      absolutes += w * std::fabs(error);
      loss -= w * (y * std::log(p) + (1 - y) * std::log(1 - p));
      predicted += w * rows.prediction[row];
      observed += w * y;
    }
    if (weights == 0) continue;
    CHECK(same(mse(rows), squares / weights));
    CHECK(same(rmse(rows), std::sqrt(squares / weights)));
    CHECK(same(mae(rows), absolutes / weights));
    // 1 - (1 - 1e-15) is not 1e-15 in double: the twin's own log(1 - p) is rough there.
    CHECK(logloss(rows) == doctest::Approx(loss / weights).epsilon(1e-2));
    CHECK(same(calibration(rows), observed > 0 ? predicted / observed : std::nan("")));
  }
}

}  // namespace rec::metrics_property_test
