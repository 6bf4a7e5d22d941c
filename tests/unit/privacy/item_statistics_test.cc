#include "privacy/item_statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/rng.h"
#include "models/common/history_encoder.h"
#include "models/common/popularity.h"
#include "models/knn/knn_trainer.h"
#include "models/linear/ease_trainer.h"
#include "models/linear/svd_trainer.h"
#include "privacy/accountant.h"
#include "privacy/contributions.h"
#include "sum_data.h"

namespace rec::item_statistics_test {

namespace {

RowsBuilder random_rows(int users, int items, uint64_t seed) {
  RowsBuilder rows;
  Rng random(seed);
  for (int user = 0; user < users; ++user) {
    const auto count = 1 + random.below(12);
    for (uint64_t at = 0; at < count; ++at) {
      // The square makes some items popular; a user may have one twice.
      const uint64_t item = random.below(static_cast<uint64_t>(items)) * random.below(static_cast<uint64_t>(items)) /
                            static_cast<uint64_t>(items);
      rows.add("u" + std::to_string(user), "i" + std::to_string(item));
    }
  }
  return rows;
}

struct Kind {
  double user_exponent = 0.0;
  const IdTable* list = nullptr;
  uint32_t cap = 5;
  bool hashes = true;
};

ItemStatistics sums_of(const RowsBuilder& rows, const Kind& kind, int threads = 1) {
  const Interactions data = rows.build();
  ItemStatistics sums;
  if (kind.list != nullptr) {
    sums = item_statistics(bounded_contributions(data, *kind.list, kind.cap), *kind.list, kind.user_exponent, threads);
    sums.max_per_user = kind.cap;
  } else {
    sums = item_statistics(csr_by_user(data, {}), data.items, kind.user_exponent, threads);
  }
  if (kind.hashes) sums.hashes = user_hashes(data);
  return sums;
}

std::string error_of_sum(const ItemStatistics& a, const ItemStatistics& b) {
  try {
    ItemStatistics sum = a;
    add_statistics(sum, b, "a", "b");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<std::vector<float>> dense(const SparseView& matrix, size_t columns) {
  std::vector<std::vector<float>> all(matrix.rows(), std::vector<float>(columns, 0.0f));
  for (size_t row = 0; row < matrix.rows(); ++row) {
    for (uint64_t at = matrix.begin[row]; at < matrix.begin[row + 1]; ++at)
      all[row][matrix.index[at]] = weight_at(matrix.weight, at);
  }
  return all;
}

bool same(const SparseView& a, const SparseView& b) {
  return std::equal(a.begin.begin(), a.begin.end(), b.begin.begin(), b.begin.end()) &&
         std::equal(a.index.begin(), a.index.end(), b.index.begin(), b.index.end()) &&
         std::equal(a.weight.begin(), a.weight.end(), b.weight.begin(), b.weight.end());
}

}  // namespace

TEST_CASE("item_statistics: the users of each item and of each two, by hand") {
  RowsBuilder rows;
  for (const char* item : {"a", "b", "b", "c"}) rows.add("u", item);
  for (const char* item : {"a", "c"}) rows.add("v", item);
  rows.add("w", "d");
  const ItemStatistics counts = sums_of(rows, {});
  CHECK(counts.users == 3);
  CHECK(counts.item_users == std::vector<int64_t>{2, 1, 2, 1});
  using Pair = ItemStatistics::Pair;
  CHECK(counts.pairs == std::vector<Pair>{{0, 0, 2}, {0, 1, 1}, {0, 2, 2}, {1, 1, 1}, {1, 2, 1}, {2, 2, 2}, {3, 3, 1}});
  const ItemStatistics unit = sums_of(rows, {.user_exponent = 0.5});
  const int64_t one = int64_t{1} << kShareBits;
  CHECK(unit.pairs[0] == Pair{0, 0, one / 3 + one / 2});
  CHECK(unit.pairs[6] == Pair{3, 3, one});
  CHECK(user_share(2, 0.5) == one / 2);
  CHECK(user_share(4, 0.25) == one / 2);
}

TEST_CASE("statistics of parts add up to the bytes of the whole, for any partition of users and any grouping") {
  const IdTable list = item_list(40);
  for (const Kind& kind : {Kind{}, Kind{.user_exponent = 0.5}, Kind{.user_exponent = 0.3, .hashes = false},
                           Kind{.user_exponent = 0.5, .list = &list}}) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      CAPTURE(kind.user_exponent);
      const RowsBuilder rows = random_rows(60, 50, seed);
      const std::string whole = content(sums_of(rows, kind));
      CHECK(content(sums_of(rows, kind, 3)) == whole);
      std::vector<ItemStatistics> sums;
      for (const RowsBuilder& part : parted(rows, 1 + seed % 7, seed)) sums.push_back(sums_of(part, kind));
      Rng random(seed);
      while (sums.size() > 1) {  // any two, in either order
        const size_t at = random.below(sums.size());
        ItemStatistics one = std::move(sums[at]);
        sums.erase(sums.begin() + static_cast<std::ptrdiff_t>(at));
        add_statistics(sums[random.below(sums.size())], std::move(one), "sum", "part");
      }
      CHECK(content(sums.front()) == whole);
      CHECK(content(read_statistics(to_artefact(sums.front()), "f")) == whole);
    }
  }
}

TEST_CASE("models of statistics: ease and knn have the weights of a run over the rows, svd but for rounding") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const RowsBuilder rows = random_rows(200, 60, seed);
    const Interactions data = rows.build();
    const size_t items = data.items.size();
    const Csr by_user = csr_by_user(data, {});
    ItemStatistics sums;
    for (const RowsBuilder& part : parted(rows, 4, seed)) add_statistics(sums, sums_of(part, {}), "a", "b");
    const std::vector<double> counts(sums.item_users.begin(), sums.item_users.end());
    const Artefact empty = history_artefact(sums.items, std::vector<float>(counts.begin(), counts.end()), "history");

    EaseOptions ease;
    ease.regularization = 20.0;
    ease.dropout = 0.1;
    SymmetricTiles G(items);
    fill_gram(sums, G);
    const Neighbours by_rows = fit_ease(by_user, items, ease, 1);
    CHECK(same(fit_ease_of_gram(G, counts, ease, 2).weights.view(), by_rows.weights.view()));

    ease.item_exponent = 0.3;
    ease.candidate_exponent = 0.2;
    SymmetricTiles H(items);
    fill_gram(sums, H);
    const auto got = dense(fit_ease_of_gram(H, counts, ease, 2).weights.view(), items);
    const auto expected = dense(fit_ease(by_user, items, ease, 1).weights.view(), items);
    double most = 0.0;
    for (size_t i = 0; i < items; ++i) {
      for (size_t j = 0; j < items; ++j)
        most = std::max(most, static_cast<double>(std::abs(got[i][j] - expected[i][j])));
    }
    CHECK(most < 1e-4);

    for (const Similarity kind : {Similarity::kCosine, Similarity::kJaccard}) {
      KnnOptions knn;
      knn.similarity.kind = kind;
      knn.neighbours = 7;
      const Artefact of_rows = fit_knn_items(data, by_user, by_user, knn, 1);
      for (const int threads : {1, 3}) {
        const Artefact of_sums = fit_knn_of_gram(empty, gram_rows(sums), counts, knn, threads);
        CHECK(same(of_sums.find_sparse("items.neighbours")->view, of_rows.find_sparse("items.neighbours")->view));
      }
    }
    {
      KnnOptions knn;
      knn.similarity.kind = Similarity::kRp3beta;
      knn.neighbours = 1000;
      const ItemStatistics shares = sums_of(rows, {.user_exponent = knn.similarity.alpha / 2.0});
      const Artefact of_rows = fit_knn_items(data, by_user, by_user, knn, 1);
      const Artefact of_sums = fit_knn_of_gram(empty, gram_rows(shares), counts, knn, 1);
      const auto a = dense(of_rows.find_sparse("items.neighbours")->view, items);
      const auto b = dense(of_sums.find_sparse("items.neighbours")->view, items);
      for (size_t i = 0; i < items; ++i) {
        for (size_t j = 0; j < items; ++j) CHECK(b[i][j] == doctest::Approx(a[i][j]).epsilon(1e-4));
      }
      knn.similarity.kind = Similarity::kBm25;
      CHECK_THROWS_AS(check_gram_similarity(knn), UsageError);
    }

    SvdModelOptions svd;
    svd.dim = 5;
    svd.power_iterations = 12;
    svd.graph_filter = 0.3;
    svd.user_exponent = svd.item_exponent = 0.5;
    svd.neighbours = 1000;
    const LinearModel of_rows = fit_svd(by_user, items, svd, 1);
    const LinearModel of_sums = fit_svd_of_gram(gram_rows(sums_of(rows, {.user_exponent = 0.5})), counts, 0.0, svd, 2);
    const auto scores = [&](const LinearModel& model) {
      std::vector<std::vector<float>> M = dense(model.neighbours->weights.view(), items);
      for (size_t i = 0; i < items; ++i) {
        for (size_t j = 0; j < items; ++j) {
          for (size_t f = 0; f < model.values.size(); ++f) M[i][j] += model.source(i, f) * model.target(j, f);
        }
      }
      return M;
    };
    const auto a = scores(of_rows), b = scores(of_sums);
    for (size_t i = 0; i < items; ++i) {
      for (size_t j = 0; j < items; ++j) {
        if (std::abs(a[i][j] - b[i][j]) > 2e-3f) FAIL_CHECK(a[i][j] << " " << b[i][j]);
      }
    }
  }
}

TEST_CASE("sums that are rounded: one user moves them by no more than the sensitivity that the noise has") {
  const IdTable list = item_list(30);
  RowsBuilder rows = random_rows(40, 40, 5);
  for (int item = 0; item < 30; ++item) rows.add("everything", "i" + std::to_string(item));
  rows.add("outside", "nothing listed");
  const IdTable users = rows.build().users;
  for (const uint32_t cap : {1u, 7u, 1000u}) {
    for (const double multiplier : {0.3, 4.0, 1e5}) {
      const Kind kind{.user_exponent = 0.5, .list = &list, .cap = cap};
      const GramNoise noise = noise_of_sums(multiplier, std::min<size_t>(cap, 30));
      CHECK(std::ldexp(static_cast<double>(noise.grid.deviation), -noise.grid.bits) > multiplier * noise.sensitivity);
      const ItemStatistics all = sums_of(rows, kind);
      double most = 0.0;
      for (uint32_t user = 0; user < users.size(); ++user) {
        RowsBuilder less;
        for (size_t row = 0; row < rows.users.size(); ++row) {
          if (rows.users[row] != users[user]) less.add(rows.users[row], rows.items[row]);
        }
        const ItemStatistics without = sums_of(less, kind);
        double moved = 0.0;
        for (size_t item = 0; item < 30; ++item) {
          const std::vector<int64_t> a = rounded_row(all, item, noise.grid.bits);
          const std::vector<int64_t> b = rounded_row(without, item, noise.grid.bits);
          for (size_t at = 0; at < a.size(); ++at) {
            const double difference = std::ldexp(static_cast<double>(a[at] - b[at]), -noise.grid.bits);
            moved += (at == 0 ? 1.0 : 2.0) * difference * difference;
          }
        }
        most = std::max(most, std::sqrt(moved));
      }
      CAPTURE(cap);
      CAPTURE(multiplier);
      CHECK(most <= noise.sensitivity);
      CHECK(most > 0.98);
    }
  }
}

TEST_CASE("with_noise: the sum's, for every number of threads and every grouping; new without a seed") {
  const IdTable list = item_list(25);
  const Kind kind{.user_exponent = 0.5, .list = &list, .cap = 4};
  const RowsBuilder rows = random_rows(80, 30, 3);
  const GramNoise noise = noise_of_sums(2.0, 4);
  const std::map<std::string, std::string> meta{{"dp-noise-multiplier", "2.000000"}, {"dp-epsilon", "1"}};
  const ItemStatistics whole = with_noise(sums_of(rows, kind), noise, 7, meta, 1);
  ItemStatistics sums;
  for (const RowsBuilder& part : parted(rows, 5, 1)) add_statistics(sums, sums_of(part, kind), "a", "b");
  CHECK(content(with_noise(sums, noise, 7, meta, 3)) == content(whole));
  CHECK(content(with_noise(sums, noise, {}, meta, 3)) != content(with_noise(sums, noise, {}, meta, 3)));
  CHECK(content(read_statistics(to_artefact(whole), "f")) == content(whole));
  // The exact sums are gone; what is left is theirs and noise of the deviation that is said.
  CHECK(whole.pairs.empty());
  CHECK(whole.item_users.empty());
  CHECK(!whole.hashes);
  double squares = 0.0;
  size_t at = 0;
  for (size_t i = 0; i < 25; ++i) {
    for (const int64_t exact : rounded_row(sums, i, noise.grid.bits)) {
      const double drawn = std::ldexp(static_cast<double>(whole.triangle[at++] - exact), -noise.grid.bits);
      squares += drawn * drawn;
    }
  }
  CHECK(std::sqrt(squares / 325.0) == doctest::Approx(2.0 * std::sqrt((25.0 + 300.0 / 2.0) / 325.0)).epsilon(0.15));
  // Noise of each part adds up.
  ItemStatistics two = whole;
  add_statistics(two, with_noise(sums_of(random_rows(50, 30, 9), kind), noise, 8, meta, 1), "a", "b");
  CHECK(two.releases == 2);
  CHECK(two.noise_deviation() == doctest::Approx(2.0 * std::sqrt(2.0)));
  CHECK(two.noise_norm() == doctest::Approx(2.0 * std::sqrt(2.0) * std::sqrt(2.0) * 5.0));
}

TEST_CASE("an attack on rounded sums by the likelihood ratio stays below (epsilon, delta); halved noise is found") {
  const double epsilon = 0.25, delta = 0.01;
  const IdTable list = item_list(2);
  RowsBuilder rows;
  rows.add("a", "i0");
  rows.add("b", "i1");
  const ItemStatistics out = sums_of(rows, {.user_exponent = 0.5, .list = &list, .cap = 2});
  rows.add("victim", "i0");
  rows.add("victim", "i1");
  const ItemStatistics in = sums_of(rows, {.user_exponent = 0.5, .list = &list, .cap = 2});
  const int runs = 10000;
  const auto seen = [&](const ItemStatistics& exact, double multiplier, uint64_t seed) {
    std::vector<double> values;
    for (int run = 0; run < runs; ++run) {
      const ItemStatistics noisy = with_noise(exact, noise_of_sums(multiplier, 2),
                                              seed * runs + static_cast<uint64_t>(run), {{"dp-epsilon", "1"}}, 1);
      values.push_back(
          std::ldexp(static_cast<double>(noisy.triangle[0] + 2 * noisy.triangle[1] + noisy.triangle[2]), -noisy.bits));
    }
    std::sort(values.begin(), values.end());
    return values;
  };
  const auto attack = [&](double multiplier, uint64_t seed) {
    const std::vector<double> a = seen(in, multiplier, seed), b = seen(out, multiplier, seed + 1);
    double most = 0.0;
    for (size_t at = 0; at < a.size(); ++at) {
      const auto beyond = static_cast<double>(b.end() - std::lower_bound(b.begin(), b.end(), a[at]));
      most = std::max(most, (static_cast<double>(a.size() - at) - std::exp(epsilon) * beyond) / runs);
    }
    return most;
  };
  const double multiplier = noise_multiplier(epsilon, delta);
  const double doubt = 4.0 * std::sqrt((1.0 + std::exp(2.0 * epsilon)) * 0.25 / runs);
  CHECK(attack(multiplier, 1) <= delta + doubt);
  CHECK(attack(multiplier / 2.0, 3) > delta + doubt);
}

TEST_CASE("parts that do not belong together are refused, with what differs") {
  const IdTable list = item_list(20), other = item_list(21);
  const RowsBuilder rows = random_rows(20, 30, 1);
  RowsBuilder more;
  more.add("x1", "i1");
  const ItemStatistics a = sums_of(rows, {});
  CHECK(error_of_sum(a, sums_of(more, {})).empty());
  CHECK(error_of_sum(a, a) ==
        "b: 20 users that another part has, too (--user-hashes): all rows of a user belong into one part");
  CHECK(error_of_sum(a, sums_of(more, {.user_exponent = 0.5})) ==
        "b: user-exponent 0.5, a has 0: all parts need the same options");
  CHECK(error_of_sum(a, sums_of(more, {.hashes = false})) ==
        "b: it has no --user-hashes, a has them: all parts need the same options");
  CHECK(error_of_sum(a, sums_of(more, {.list = &list})) ==
        "b: its items are a list (--items), a has those of the rows: all parts need the same options");
  const Kind of_list{.user_exponent = 0.5, .list = &list};
  const ItemStatistics listed = sums_of(rows, of_list);
  CHECK(error_of_sum(listed, sums_of(more, {.user_exponent = 0.5, .list = &other})) ==
        "b: other items than a: parts with --items need the same list");
  CHECK(error_of_sum(listed, sums_of(more, {.user_exponent = 0.5, .list = &list, .cap = 6})) ==
        "b: max-per-user 6, a has 5: all parts need the same options");
  const GramNoise noise = noise_of_sums(1.0, 5);
  const ItemStatistics noisy = with_noise(listed, noise, 1, {{"dp-epsilon", "1"}}, 1);
  CHECK(error_of_sum(listed, noisy).starts_with("b has noise, a has none: noise of one part does not hide"));
  CHECK(error_of_sum(noisy, listed).starts_with("b has no noise, a has"));
  CHECK(error_of_sum(noisy, with_noise(listed, noise, 1, {{"dp-epsilon", "2"}}, 1)) ==
        "b: dp-epsilon 2, a has 1: all parts need the same options");
  ItemStatistics vast = sums_of(more, {});
  vast.pairs[0].sum = INT64_MAX;
  vast.hashes->clear();
  CHECK(error_of_sum(a, vast) == "b: the sums are beyond 64 bits");
}

TEST_CASE("files that are no statistics, or do not fit together, are refused") {
  const auto error_of = [](const Artefact& artefact) -> std::string {
    try {
      read_statistics(artefact, "f");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(error_of({}) ==
        "f: a model, expected statistics; rec-embed ease, knn or svd with --statistics-only makes them");
  const ItemStatistics good = sums_of(random_rows(5, 8, 1), {});
  CHECK(error_of(to_artefact(good)).empty());
  const auto with = [&](const char* key, const char* value) {
    Artefact artefact = to_artefact(good);
    artefact.meta[key] = value;
    return error_of(artefact);
  };
  CHECK(with("user-exponent", "x") == "f: meta \"user-exponent\": expected a number from 0 to 1");
  CHECK(with("user-exponent", "2") == "f: meta \"user-exponent\": expected a number from 0 to 1");
  CHECK(with("statistics-bits", "99") == "f: meta \"statistics-bits\": expected at most 36");
  CHECK(with("statistics-users", "-1") == "f: meta \"statistics-users\": expected a whole number");
  CHECK(with("statistics", "users") == "f: statistics \"users\", expected items");
  CHECK(with("dp-epsilon", "1") == "f: meta \"dp-releases\": expected a whole number");
  for (const ItemStatistics::Pair& pair :
       {ItemStatistics::Pair{0, 99, 1}, ItemStatistics::Pair{1, 0, 1}, ItemStatistics::Pair{0, 0, 0}}) {
    ItemStatistics bad = good;
    bad.pairs.front() = pair;
    CHECK(error_of(to_artefact(bad)) ==
          "f: tensor \"pairs\": row 0: expected ascending pairs of item numbers, and a sum above 0");
  }
  ItemStatistics below = good;
  below.item_users[0] = -1;
  CHECK(error_of(to_artefact(below)) == "f: tensor \"items.users\" holds a number below 0");
  ItemStatistics twice = good;
  twice.pairs[1] = twice.pairs[0];
  CHECK(error_of(to_artefact(twice)) ==
        "f: tensor \"pairs\": row 1: expected ascending pairs of item numbers, and a sum above 0");
}

}  // namespace rec::item_statistics_test
