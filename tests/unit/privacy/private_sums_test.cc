#include "privacy/private_sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/rng.h"
#include "privacy/accountant.h"
#include "privacy/contributions.h"
#include "sum_data.h"

namespace rec::private_sums_test {

namespace {

// Users with the number of rows of an exponential distribution; one item in ten is not in the list.
RowsBuilder random_rows(int users, int items, uint64_t seed) {
  RowsBuilder rows;
  Rng random(seed);
  for (int user = 0; user < users; ++user) {
    const int count = 1 + static_cast<int>(-8.0 * std::log(1.0 - random.uniform()));
    for (int at = 0; at < count; ++at) {
      const uint64_t item = random.below(static_cast<uint64_t>(items) * 10 / 9);
      rows.add("u" + std::to_string(user), "i" + std::to_string(item), 1e9f);
    }
  }
  return rows;
}

Csr contributions_of(const RowsBuilder& rows, const IdTable& items, size_t cap) {
  return bounded_contributions(rows.build(), items, cap);
}

std::vector<std::vector<int64_t>> gram_of(const Csr& rows, size_t items, int bits) {
  const Csr by_item = transpose(rows, items);
  const std::vector<int64_t> shares = gram_shares(rows, bits);
  std::vector<std::vector<int64_t>> gram;
  for (size_t item = 0; item < items; ++item) {
    gram.emplace_back(items - item);
    gram_row_sums(rows, by_item, shares, item, gram.back());
  }
  return gram;
}

struct Moved {
  int64_t counts = 0;  // squared L2 distance
  double gram = 0.0;   // squared, in units; beside the diagonal an element stands for two
};

Moved moved_by(const RowsBuilder& rows, const std::string& user, const IdTable& items, size_t cap) {
  const Csr with = contributions_of(rows, items, cap);
  const Csr less = contributions_of(without(rows, user), items, cap);
  Moved moved;
  const std::vector<int64_t> a = count_sums(with, items.size()), b = count_sums(less, items.size());
  for (size_t item = 0; item < a.size(); ++item) moved.counts += (a[item] - b[item]) * (a[item] - b[item]);
  const int bits = 20;
  const auto g = gram_of(with, items.size(), bits), h = gram_of(less, items.size(), bits);
  for (size_t i = 0; i < g.size(); ++i) {
    for (size_t at = 0; at < g[i].size(); ++at) {
      const double difference = std::ldexp(static_cast<double>(g[i][at] - h[i][at]), -bits);
      moved.gram += (at == 0 ? 1.0 : 2.0) * difference * difference;
    }
  }
  return moved;
}

// How much better than by (epsilon, delta) an attack with the likelihood ratio tells "user in" from
// "user out": the greatest P(told in | in) - e^epsilon P(told in | out) of all thresholds, and the
// same the other way round.
double attack(std::vector<double> in, std::vector<double> out, double epsilon) {
  const auto best = [&](std::vector<double>& a, std::vector<double>& b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double most = 0.0;
    for (size_t at = 0; at < a.size(); ++at) {
      const auto beyond = static_cast<double>(b.end() - std::lower_bound(b.begin(), b.end(), a[at]));
      most = std::max(
          most, (static_cast<double>(a.size() - at) - std::exp(epsilon) * beyond) / static_cast<double>(a.size()));
    }
    return most;
  };
  const double forth = best(in, out);
  for (double& value : in) value = -value;
  for (double& value : out) value = -value;
  return std::max(forth, best(out, in));
}

}  // namespace

TEST_CASE("bounded_contributions: listed items, once each, no more than the cap") {
  RowsBuilder rows;
  for (const char* item : {"i0", "i1", "i2", "i1", "i1", "other"}) rows.add("a", item);
  rows.add("b", "other");
  const IdTable items = item_list(4);
  const Csr all = contributions_of(rows, items, 10);
  CHECK(all.begin == std::vector<uint64_t>{0, 3, 3});
  CHECK(all.index == std::vector<uint32_t>{0, 1, 2});
  CHECK(contributions_of(rows, items, 2).row_size(0) == 2);
}

TEST_CASE("bounded_contributions: neither the order of rows nor other users decide what stays") {
  const RowsBuilder rows = random_rows(40, 60, 1);
  const IdTable items = item_list(60);
  const Csr kept = contributions_of(rows, items, 5);
  RowsBuilder turned;
  for (size_t row = rows.users.size(); row-- > 0;) {
    turned.add(rows.users[row], rows.items[row]);
    turned.add(rows.users[row], rows.items[row]);
  }
  CHECK(contributions_of(turned, items, 5).index == kept.index);
  const Interactions data = rows.build();
  const uint32_t gone = 7;
  const Csr less = contributions_of(without(rows, std::string(data.users[gone])), items, 5);
  std::vector<uint32_t> expected;
  for (uint32_t user = 0; user < kept.rows(); ++user) {
    CHECK(kept.row_size(user) <= 5);
    for (uint64_t at = kept.begin[user]; user != gone && at < kept.begin[user + 1]; ++at)
      expected.push_back(kept.index[at]);
  }
  CHECK(less.index == expected);
  // Users differ in what is kept of the same rows, and all of them is kept of some.
  RowsBuilder same;
  for (int user = 0; user < 50; ++user) {
    for (int item = 0; item < 20; ++item) same.add("u" + std::to_string(user), "i" + std::to_string(item));
  }
  const std::vector<int64_t> counts = count_sums(contributions_of(same, item_list(20), 5), 20);
  for (const int64_t count : counts) CHECK((count > 2 && count < 28));
}

TEST_CASE("one user moves the sums by no more than their sensitivity") {
  const IdTable items = item_list(60);
  RowsBuilder rows = random_rows(60, 60, 2);
  for (int item = 0; item < 60; ++item) {
    for (int times = 0; times < 30; ++times) rows.add("everything", "i" + std::to_string(item), 3e38f);
  }
  for (int times = 0; times < 500; ++times) rows.add("one", "i3", 3e38f);
  rows.add("outside", "nothing listed");
  const IdTable users = rows.build().users;
  for (const size_t cap : {1u, 7u, 50u, 1000u}) {
    double most_counts = 0.0, most_gram = 0.0;
    for (uint32_t user = 0; user < users.size(); ++user) {
      const Moved moved = moved_by(rows, std::string(users[user]), items, cap);
      most_counts = std::max(most_counts, static_cast<double>(moved.counts));
      most_gram = std::max(most_gram, moved.gram);
    }
    CAPTURE(cap);
    const double bound = std::pow(count_sensitivity(cap), 2.0);
    CHECK(most_counts <= bound + 1e-9);
    CHECK(most_counts == doctest::Approx(std::min(bound, 60.0)));  // and it is reached
    CHECK(most_gram <= 1.0);
    CHECK(most_gram > 0.999);
  }
}

TEST_CASE("NoiseGrid: the deviation is what was asked for, rounded up, on a fine grid") {
  for (const double deviation : {0.1, 0.5, 3.7306, 26.4, 1000.0}) {
    const NoiseGrid grid = NoiseGrid::for_noise(deviation / 2.0, 2.0);
    const double got = std::ldexp(static_cast<double>(grid.deviation), -grid.bits);
    CHECK(got > deviation);
    CHECK(got < deviation * 1.000002);
    CHECK(grid.deviation >= 1u << 21);
  }
  CHECK_THROWS_AS(NoiseGrid::for_noise(1e9, 1.0), UsageError);
}

TEST_CASE("private sums without noise to speak of are the sums, for every number of threads") {
  const IdTable items = item_list(40);
  const Csr rows = contributions_of(random_rows(300, 40, 3), items, 12);
  const std::vector<double> counts = private_counts(rows, 40, NoiseGrid::for_noise(1e-4, 1.0), 1);
  const std::vector<int64_t> exact = count_sums(rows, 40);
  for (size_t item = 0; item < 40; ++item)
    CHECK(counts[item] == doctest::Approx(static_cast<double>(exact[item])).epsilon(1e-2));
  SymmetricTiles G(40), H(40);
  private_gram(rows, GramNoise(1e-4), 1, 1, G);
  private_gram(rows, GramNoise(1e-4), 1, 3, H);
  const auto sums = gram_of(rows, 40, 24);
  for (size_t i = 0; i < 40; ++i) {
    for (size_t j = i; j < 40; ++j) {
      CHECK(std::abs(G(i, j) - std::ldexp(static_cast<float>(sums[i][j - i]), -24)) < 1e-3f);
      CHECK(G(i, j) == H(i, j));
    }
  }
}

TEST_CASE("private_gram: the noise has the deviations and the norm that are said") {
  const size_t n = 150;
  Csr none;
  none.begin = {0};
  SymmetricTiles G(n);
  const GramNoise noise(3.0);
  private_gram(none, noise, 9, 2, G);
  double diagonal = 0.0, beside = 0.0;
  std::vector<double> v(n, 1.0), w(n);
  for (size_t i = 0; i < n; ++i) {
    diagonal += static_cast<double>(G(i, i)) * static_cast<double>(G(i, i));
    for (size_t j = i + 1; j < n; ++j) beside += static_cast<double>(G(i, j)) * static_cast<double>(G(i, j));
  }
  CHECK(std::sqrt(diagonal / n) == doctest::Approx(3.0).epsilon(0.2));
  CHECK(std::sqrt(beside / (n * (n - 1) / 2.0)) == doctest::Approx(3.0 / std::sqrt(2.0)).epsilon(0.03));
  double norm = 0.0;
  for (int step = 0; step < 300; ++step) {  // power iteration
    norm = 0.0;
    for (size_t i = 0; i < n; ++i) {
      w[i] = 0.0;
      for (size_t j = 0; j < n; ++j) w[i] += static_cast<double>(G(i, j)) * v[j];
      norm += w[i] * w[i];
    }
    norm = std::sqrt(norm);
    for (size_t i = 0; i < n; ++i) v[i] = w[i] / norm;
  }
  CHECK(norm == doctest::Approx(noise.spectral_norm(n)).epsilon(0.1));
}

TEST_CASE("an attack by the likelihood ratio stays below (epsilon, delta), and finds noise that is halved") {
  const double epsilon = 0.25, delta = 0.01;
  const double multiplier = noise_multiplier(epsilon, delta);
  const IdTable items = item_list(2);
  RowsBuilder rows;
  rows.add("a", "i0");
  rows.add("b", "i1");
  rows.add("victim", "i0");
  rows.add("victim", "i1");
  const Csr in = contributions_of(rows, items, 2);
  const Csr out = contributions_of(without(rows, "victim"), items, 2);
  const int runs = 10000;
  const double doubt = 4.0 * std::sqrt((1.0 + std::exp(2.0 * epsilon)) * 0.25 / runs);
  // The sum of what moves is the likelihood ratio's exponent, but for constants.
  const auto counts = [&](const Csr& data, double its, uint64_t seed) {
    std::vector<double> seen;
    const NoiseGrid grid = NoiseGrid::for_noise(its, count_sensitivity(2));
    for (int run = 0; run < runs; ++run) {
      const std::vector<double> sums = private_counts(data, 2, grid, seed * runs + static_cast<uint64_t>(run));
      seen.push_back(sums[0] + sums[1]);
    }
    return seen;
  };
  const auto gram = [&](const Csr& data, double its, uint64_t seed) {
    std::vector<double> seen;
    for (int run = 0; run < runs; ++run) {
      SymmetricTiles G(2);
      private_gram(data, GramNoise(its), seed * runs + static_cast<uint64_t>(run), 1, G);
      seen.push_back(static_cast<double>(G(0, 0) + 2.0f * G(0, 1) + G(1, 1)));
    }
    return seen;
  };
  using Mechanism = std::function<std::vector<double>(const Csr&, double, uint64_t)>;
  for (const Mechanism& mechanism : {Mechanism(counts), Mechanism(gram)}) {
    const double found = attack(mechanism(in, multiplier, 1), mechanism(out, multiplier, 2), epsilon);
    CHECK(found <= delta + doubt);
    const double fault = attack(mechanism(in, multiplier / 2.0, 3), mechanism(out, multiplier / 2.0, 4), epsilon);
    CHECK(fault > delta + doubt);
    MESSAGE("attack: " << found << ", with halved noise: " << fault << ", bound: " << delta + doubt);
  }
}

}  // namespace rec::private_sums_test
