#include "train/private_als.h"
#include "random_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/rng.h"
#include "models/als/als_start.h"
#include "oracle.h"
#include "privacy/accountant.h"
#include "privacy/contributions.h"
#include "privacy/private_sums.h"
#include "sum_data.h"

namespace rec::private_als_test {

namespace {

constexpr double kStep = 1.0 / (int64_t{1} << kAlsSumBits);

PrivateAlsOptions options_of(int dim, uint32_t cap, double multiplier, size_t items) {
  PrivateAlsOptions options;
  options.als.dim = dim;
  options.als = options.als.resolved(items);
  options.max_per_user = cap;
  options.multiplier = multiplier;
  return options;
}

// Vectors of very different lengths, one of them 0.
Matrix wild_items(size_t items, size_t factors, uint64_t seed) {
  Rng random(seed);
  Matrix out(items, factors);
  for (size_t item = 1; item < items; ++item) {
    const double length = std::pow(10.0, static_cast<double>(item % 7) - 3.0);
    for (size_t f = 0; f < factors; ++f) out(item, f) = static_cast<float>(random.normal(length));
  }
  return out;
}

// How far two sums are apart (L2) once both are rounded down to the grid; triangles of n rows where n > 0.
double distance(const std::vector<int64_t>& a, const std::vector<int64_t>& b, int bits, size_t n) {
  double squares = 0.0;
  size_t row = 0, column = 0;
  for (size_t at = 0; at < a.size(); ++at) {
    const int shift = kAlsSumBits - bits;
    const double difference = std::ldexp(static_cast<double>((a[at] >> shift) - (b[at] >> shift)), -bits);
    squares += (n > 0 && column != row ? 2.0 : 1.0) * difference * difference;
    if (n == 0 || ++column < n) continue;
    row = (row + 1) % n;
    column = row;
  }
  return std::sqrt(squares);
}

std::vector<int64_t> exact_counts(const Csr& rows, size_t items) {
  std::vector<int64_t> counts(items + 1, 0);
  for (const uint32_t item : rows.index) {
    if (item < items) counts[item] += int64_t{1} << kAlsSumBits;
  }
  for (size_t user = 0; user < rows.rows(); ++user)
    counts[items] += rows.row_size(user) > 0 ? int64_t{1} << kAlsSumBits : 0;
  return counts;
}

int64_t users_of(const Csr& rows) { return exact_counts(rows, 0).back() >> kAlsSumBits; }

double attack(std::vector<double> in, std::vector<double> out, double epsilon) {
  std::sort(in.begin(), in.end());
  std::sort(out.begin(), out.end());
  double most = 0.0;
  for (size_t at = 0; at < in.size(); ++at) {
    const auto beyond = static_cast<double>(out.end() - std::lower_bound(out.begin(), out.end(), in[at]));
    most = std::max(
        most, (static_cast<double>(in.size() - at) - std::exp(epsilon) * beyond) / static_cast<double>(in.size()));
  }
  return most;
}

}  // namespace

TEST_CASE("to_unit_length: never longer than 1 in double, whatever the lengths") {
  Rng random(3);
  for (const size_t factors : {1u, 3u, 16u, 64u}) {
    Matrix rows(500, factors);
    for (size_t row = 1; row < 500; ++row) {
      const double length = std::pow(10.0, static_cast<double>(row % 13) - 6.0);
      for (size_t f = 0; f < factors; ++f) rows(row, f) = static_cast<float>(random.normal(length));
    }
    to_unit_length(rows);
    for (size_t row = 0; row < 500; ++row) {
      double square = 0.0;
      for (size_t f = 0; f < factors; ++f) square += std::pow(static_cast<double>(rows(row, f)), 2.0);
      CHECK(square <= 1.0);
      CHECK((row == 0 ? square == 0.0 : square > 0.99999));
    }
  }
}

TEST_CASE("private als: one user moves no sum by more than the sensitivity that its noise has") {
  const IdTable items = item_list(40);
  RowsBuilder rows = random_rows(40, 44, 2);
  for (int item = 0; item < 40; ++item) {
    for (int times = 0; times < 30; ++times) rows.add("everything", "i" + std::to_string(item));
  }
  for (int times = 0; times < 500; ++times) rows.add("one", "i3");
  rows.add("zero", "i0");  // the item whose vector is 0
  rows.add("outside", "nothing listed");
  const IdTable users = rows.build().users;
  const size_t F = 6;
  for (const uint32_t cap : {1u, 7u, 1000u}) {
    for (const double multiplier : {0.5, 20.0, 2e4}) {
      PrivateAlsOptions options = options_of(static_cast<int>(F), cap, multiplier, 40);
      options.left = PrivateLeft::kOwn;
      const PrivateAlsNoise noise(options, 40);
      const double most_items = std::min<double>(cap, 40.0);
      for (uint64_t seed = 1; seed <= 2; ++seed) {
        const Matrix vectors = seed == 1 ? wild_items(40, F, seed) : als_start(40, options.als);
        const Csr all = bounded_contributions(rows.build(), items, cap);
        const AlsSystems with = private_als_sums(all, vectors, options, 2);
        double counts = 0.0, gram = 0.0, left = 0.0, right = 0.0;
        for (uint32_t user = 0; user < users.size(); ++user) {
          const Csr less = bounded_contributions(without(rows, users[user]).build(), items, cap);
          const AlsSystems its = private_als_sums(less, vectors, options, 1);
          counts =
              std::max(counts, distance(exact_counts(all, 40), exact_counts(less, 40), noise.counts.grid().bits, 0));
          gram = std::max(gram, distance(with.gram, its.gram, noise.gram.grid().bits, F));
          left = std::max(left, distance(with.left, its.left, noise.left.grid().bits, F));
          right = std::max(right, distance(with.right, its.right, noise.right.grid().bits, 0));
        }
        CAPTURE(cap);
        CAPTURE(multiplier);
        CHECK(counts <= noise.counts.sensitivity());
        CHECK(gram <= noise.gram.sensitivity());
        CHECK(left <= noise.left.sensitivity());
        CHECK(right <= noise.right.sensitivity());
        // And it is reached, so none is larger than it has to be.
        CHECK(noise.counts.sensitivity() == doctest::Approx(std::sqrt(most_items + 1.0)));
        CHECK(counts == doctest::Approx(std::sqrt(most_items + 1.0)));
        CHECK(gram > 0.9);
        CHECK(left > 0.9 * std::sqrt(most_items));
        CHECK(right > 0.9 * std::sqrt(most_items));
        if (multiplier < 1e3) CHECK(noise.left.sensitivity() < 1.01 * std::sqrt(most_items));
      }
    }
  }
}

TEST_CASE("private als: the noise of all releases together is what epsilon and delta allow") {
  const std::vector<double> eight(8, 1.0), thirty(30, 1.0);
  CHECK(noise_multiplier(1.0, 1e-5, eight) == doctest::Approx(10.5518).epsilon(2e-5));
  CHECK(noise_multiplier(1.0, 1e-5, thirty) == doctest::Approx(20.4335).epsilon(2e-5));
  CHECK(private_als_releases(2, PrivateLeft::kShared) == std::vector<double>{2.0, 4.0, 1.0, 4.0, 1.0});
  // By hand: 3.7306 √(1/4 + 2 (1/16 + 1)) and, with left sides, 3.7306 √(1/4 + 2 (1/16 + 2)).
  CHECK(noise_multiplier(1.0, 1e-5, private_als_releases(2, PrivateLeft::kShared)) ==
        doctest::Approx(5.7492).epsilon(3e-5));
  CHECK(noise_multiplier(1.0, 1e-5, private_als_releases(2, PrivateLeft::kOwn)) ==
        doctest::Approx(7.8031).epsilon(3e-5));
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    for (const int epochs : {1, 2, 10}) {
      for (const double epsilon : {0.5, 3.0, 10.0}) {
        std::vector<double> multipliers = private_als_releases(epochs, left);
        CHECK(multipliers.size() == static_cast<size_t>(1 + epochs * (left == PrivateLeft::kOwn ? 3 : 2)));
        const double multiplier = noise_multiplier(epsilon, 1e-6, multipliers);
        for (double& its : multipliers) its *= multiplier;
        CHECK(gaussian_epsilon(composed_mu(multipliers), 1e-6) == doctest::Approx(epsilon).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("private als: the noise of each sum is what is said, and what is not released is gone") {
  const size_t I = 30, F = 8;
  PrivateAlsOptions options = options_of(F, 4, 3.0, I);
  options.seed = 5;
  const PrivateAlsNoise noise(options, I);
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    options.left = left;
    AlsSystems sums(I, F, left == PrivateLeft::kOwn);
    sums.users = 77;
    sums.weights.assign(I, 5);
    add_noise(sums, noise, options, 1, 2);
    AlsSystems again(I, F, left == PrivateLeft::kOwn);
    add_noise(again, noise, options, 1, 1);
    CHECK(again.right == sums.right);
    add_noise(again, noise, options, 2, 1);
    CHECK(again.right != sums.right);
    CHECK(sums.users == 0);
    CHECK(std::count(sums.weights.begin(), sums.weights.end(), 0) == static_cast<std::ptrdiff_t>(I));
    const auto deviation = [](const std::vector<int64_t>& values) {
      double squares = 0.0;
      for (const int64_t value : values) squares += std::pow(static_cast<double>(value) * kStep, 2.0);
      return std::sqrt(squares / static_cast<double>(values.size()));
    };
    const double beside = std::sqrt((8.0 + 28.0 / 2.0) / 36.0);
    CHECK(deviation(sums.right) == doctest::Approx(3.0 * 2.0).epsilon(0.15));
    CHECK(deviation(sums.gram) == doctest::Approx(4.0 * 3.0 * beside).epsilon(0.3));
    if (left == PrivateLeft::kOwn) CHECK(deviation(sums.left) == doctest::Approx(3.0 * 2.0 * beside).epsilon(0.1));
  }
}

TEST_CASE("private als without noise to speak of is what the formulas say, in double") {
  const size_t I = 12, F = 3;
  const IdTable items = item_list(I);
  const Csr rows = bounded_contributions(random_rows(200, I, 4).build(), items, 6);
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    PrivateAlsOptions options = options_of(F, 6, 1e-6, I);
    options.left = left;
    options.seed = 1;
    options.als.epochs = 2;
    using oracle::Dense;
    const Matrix start = als_start(I, options.als);
    Dense Y(I, F);
    for (size_t i = 0; i < I; ++i) {
      for (size_t f = 0; f < F; ++f) Y(i, f) = static_cast<double>(start(i, f));
    }
    std::vector<double> counts(I, 0.0);
    for (int epoch = 0; epoch < 2; ++epoch) {
      const double alpha = options.als.unobserved_weight;
      Dense G(F, F), b(I, F);
      std::vector<Dense> A(I, Dense(F, F));
      std::fill(counts.begin(), counts.end(), 0.0);
      double users = 0.0;
      for (size_t u = 0; u < rows.rows(); ++u) {
        const size_t n = rows.row_size(u);
        if (n == 0) continue;
        users += 1.0;
        Dense system = alpha * (Y.transposed() * Y), side(F);
        for (uint64_t at = rows.begin[u]; at < rows.begin[u + 1]; ++at) {
          oracle::add_outer(system, 1.0, Y.row(rows.index[at]));
          side += Y.row(rows.index[at]);
        }
        system += options.als.ridge(static_cast<double>(n), I) * Dense::identity(F);
        Dense x = oracle::solve(system, side);
        x = (1.0 / x.norm()) * x;
        oracle::add_outer(G, 1.0, x);
        for (uint64_t at = rows.begin[u]; at < rows.begin[u + 1]; ++at) {
          const uint32_t i = rows.index[at];
          counts[i] += 1.0;
          oracle::add_outer(A[i], 1.0, x);
          for (size_t f = 0; f < F; ++f) b(i, f) += x(f);
        }
      }
      for (size_t i = 0; i < I; ++i) {
        const Dense own = left == PrivateLeft::kOwn ? A[i] : (counts[i] / users) * G;
        const Dense system =
            alpha * G + own + options.als.ridge(counts[i], static_cast<size_t>(users)) * Dense::identity(F);
        const Dense y = oracle::solve(system, b.row(i));
        for (size_t f = 0; f < F; ++f) Y(i, f) = y(f);
      }
    }
    int epochs = 0;
    const PrivateAls fitted = fit_private_als(rows, I, options, 2, [&](int epoch) { epochs = epoch; });
    CHECK(epochs == 2);
    for (size_t i = 0; i < I; ++i) {
      CHECK(fitted.counts[i] == doctest::Approx(counts[i]).epsilon(1e-3));
      for (size_t f = 0; f < F; ++f)
        CHECK(static_cast<double>(fitted.items(i, f)) == doctest::Approx(Y(i, f)).epsilon(1e-3).scale(0.1));
    }
  }
}

TEST_CASE("private als: the same for every number of threads with a seed, new without; items of few users are 0") {
  const IdTable items = item_list(30);
  RowsBuilder data = random_rows(400, 20, 8);  // ten items have no user
  const Csr rows = bounded_contributions(data.build(), items, 10);
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    PrivateAlsOptions options = options_of(4, 10, 2.0, 30);
    options.left = left;
    options.seed = 3;
    const auto fit = [&](int threads) { return fit_private_als(rows, 30, options, threads, [](int) {}); };
    const PrivateAls one = fit(1), three = fit(3);
    CHECK(one.counts == three.counts);
    size_t zero = 0;
    for (size_t item = 0; item < 30; ++item) {
      CHECK(std::equal(one.items.row(item), one.items.row(item) + 4, three.items.row(item)));
      if (std::all_of(one.items.row(item), one.items.row(item) + 4, [](float value) { return value == 0.0f; })) ++zero;
      CHECK(one.counts[item] >= 0.0f);
    }
    CHECK(zero >= 8);
    CHECK(zero < 30);
    options.seed.reset();
    CHECK(fit(1).counts != fit(1).counts);
  }
}

TEST_CASE("private als: the estimate of memory has the left sides once, and only where they are sums of their own") {
  const Csr rows = bounded_contributions(random_rows(400, 20, 8).build(), item_list(30), 10);
  PrivateAlsOptions options = options_of(16, 10, 2.0, 30);
  const uint64_t shared = private_als_memory(rows, 30, options, 1);
  options.left = PrivateLeft::kOwn;
  const uint64_t own = private_als_memory(rows, 30, options, 1);
  CHECK(own - shared == 30 * triangle_of(16) * sizeof(int64_t));
  // The vectors of users and items, and the right sides.
  CHECK(shared >= (400 + 30) * 16 * sizeof(float) + 30 * 17 * sizeof(int64_t));
  CHECK(private_als_sums(rows, als_start(30, options.als), options, 1).left.size() * sizeof(int64_t) == own - shared);
}

TEST_CASE("an attack on an epoch of private als stays below (epsilon, delta), and finds noise that is halved") {
  const double epsilon = 0.25, delta = 0.01;
  const size_t I = 3, F = 2;
  const IdTable items = item_list(I);
  RowsBuilder rows;
  for (const char* item : {"i0", "i1", "i2"}) rows.add("a", item);
  rows.add("b", "i2");
  const Csr out = bounded_contributions(rows.build(), items, 2);
  rows.add("victim", "i0");
  rows.add("victim", "i1");
  const Csr in = bounded_contributions(rows.build(), items, 2);
  const int runs = 10000;
  const double doubt = 4.0 * std::sqrt((1.0 + std::exp(2.0 * epsilon)) * 0.25 / runs);
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    const double multiplier = noise_multiplier(epsilon, delta, private_als_releases(1, left));
    PrivateAlsOptions options = options_of(F, 2, multiplier, I);
    options.left = left;
    const Matrix vectors = als_start(I, options.als);
    const AlsSystems with = private_als_sums(in, vectors, options, 1),
                     less = private_als_sums(out, vectors, options, 1);
    // The exponent of the likelihood ratio, but for constants: what the victim moves, by the variance of its noise.
    const auto part = [](const std::vector<int64_t>& seen, const std::vector<int64_t>& a, const std::vector<int64_t>& b,
                         const SumNoise& noise, size_t n) {
      const double deviation = std::ldexp(static_cast<double>(noise.grid().deviation), -noise.grid().bits);
      double sum = 0.0;
      size_t row = 0, column = 0;
      for (size_t at = 0; at < seen.size(); ++at) {
        sum += (n > 0 && column != row ? 2.0 : 1.0) * static_cast<double>(a[at] - b[at]) * kStep *
               static_cast<double>(seen[at]) * kStep;
        if (n == 0 || ++column < n) continue;
        row = (row + 1) % n;
        column = row;
      }
      return sum / (deviation * deviation);
    };
    const auto seen = [&](const Csr& data, const AlsSystems& exact, double its, uint64_t seed) {
      options.multiplier = its;
      const PrivateAlsNoise noise(options, I);
      std::vector<double> all;
      for (int run = 0; run < runs; ++run) {
        options.seed = seed * runs + static_cast<uint64_t>(run);
        AlsSystems sums = exact;
        add_noise(sums, noise, options, 1, 1);
        double ratio = part(private_als_counts(count_sums(data, I), users_of(data), noise, options.seed),
                            exact_counts(in, I), exact_counts(out, I), noise.counts, 0);
        ratio += part(sums.gram, with.gram, less.gram, noise.gram, F);
        ratio += part(sums.right, with.right, less.right, noise.right, 0);
        if (left == PrivateLeft::kOwn) ratio += part(sums.left, with.left, less.left, noise.left, F);
        all.push_back(ratio);
      }
      return all;
    };
    const double found = attack(seen(in, with, multiplier, 1), seen(out, less, multiplier, 2), epsilon);
    CHECK(found <= delta + doubt);
    const double fault = attack(seen(in, with, multiplier / 2.0, 3), seen(out, less, multiplier / 2.0, 4), epsilon);
    CHECK(fault > delta + doubt);
    MESSAGE("attack: " << found << ", with halved noise: " << fault << ", bound: " << delta + doubt);
  }
}

}  // namespace rec::private_als_test
