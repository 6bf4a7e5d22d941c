#include "train/private_als.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/parallel_for.h"
#include "linalg/psd.h"
#include "models/als/als_half_step.h"
#include "models/als/als_start.h"
#include "privacy/private_sums.h"

namespace rec {
namespace {

constexpr int64_t kOne = int64_t{1} << kAlsSumBits;

// More than ids can have numbers; in steps there are 62 bits of it.
constexpr float kMostUsers = 0x1p32f;

double in_units(int64_t steps) { return std::ldexp(static_cast<double>(steps), -kAlsSumBits); }

// Steps, made positive semidefinite.
void project(std::span<int64_t> triangle, size_t n) {
  std::vector<double> values(triangle.begin(), triangle.end());
  project_to_psd(values, n);
  for (size_t at = 0; at < values.size(); ++at) triangle[at] = std::llround(values[at]);
}

}  // namespace

std::vector<double> private_als_releases(int epochs, PrivateLeft left) {
  std::vector<double> releases{kNoiseOfCounts};
  for (int epoch = 0; epoch < epochs; ++epoch) {
    releases.push_back(kNoiseOfGram);
    releases.push_back(1.0);
    if (left == PrivateLeft::kOwn) releases.push_back(1.0);
  }
  return releases;
}

PrivateAlsNoise::PrivateAlsNoise(const PrivateAlsOptions& options, size_t items)
    : PrivateAlsNoise(options.multiplier, static_cast<double>(options.als.dim),
                      static_cast<double>(std::min<size_t>(options.max_per_user, items))) {}

PrivateAlsNoise::PrivateAlsNoise(double multiplier, double factors, double most_items)
    : counts(kNoiseOfCounts * multiplier, std::sqrt(most_items + 1.0), 0.0, kAlsSumBits),
      gram(kNoiseOfGram * multiplier, 1.0, factors, kAlsSumBits),
      left(multiplier, std::sqrt(most_items), std::sqrt(most_items) * factors, kAlsSumBits),
      right(multiplier, std::sqrt(most_items), std::sqrt(most_items * factors), kAlsSumBits) {}

void to_unit_length(Matrix& rows) {
  const auto square = [&](size_t row) {
    double sum = 0.0;
    for (size_t f = 0; f < rows.cols(); ++f)
      sum += static_cast<double>(rows(row, f)) * static_cast<double>(rows(row, f));
    return sum;
  };
  const auto scale = [&](size_t row, double by) {
    for (size_t f = 0; f < rows.cols(); ++f) rows(row, f) = static_cast<float>(by * static_cast<double>(rows(row, f)));
  };
  for (size_t row = 0; row < rows.rows(); ++row) {
    if (const double now = square(row); now > 0.0) scale(row, 1.0 / std::sqrt(now));
    while (square(row) > 1.0) scale(row, 1.0 - 0x1p-22);  // what rounding to float has added
  }
}

std::vector<int64_t> private_als_counts(std::span<const int64_t> item_users, int64_t users,
                                        const PrivateAlsNoise& noise, std::optional<uint64_t> seed) {
  std::vector<int64_t> counts(item_users.begin(), item_users.end());
  counts.push_back(users);
  for (int64_t& count : counts) count *= kOne;
  RandomBits bits(seed, 0);
  noise.counts.add_to(counts, bits);
  return counts;
}

AlsSystems private_als_sums(const Csr& contributions, const Matrix& items, const PrivateAlsOptions& options,
                            int threads) {
  Matrix users(contributions.rows(), items.cols());
  als_half_step({.rows = contributions, .order = longest_first(contributions), .fixed = items, .counted = items.rows()},
                options.als, threads, users);
  to_unit_length(users);
  return als_systems(contributions, users, items.rows(), threads, options.left == PrivateLeft::kOwn);
}

void add_noise(AlsSystems& sums, const PrivateAlsNoise& noise, const PrivateAlsOptions& options, uint64_t stream,
               int threads) {
  const size_t items = sums.weights.size();
  const size_t F = sums.dim;
  const size_t T = triangle_of(F);
  sums.users = 0;
  std::fill(sums.weights.begin(), sums.weights.end(), 0);
  std::vector<RandomBits> own(static_cast<size_t>(threads));
  parallel_for(items + 1, threads, [&](size_t item, int worker) {
    RandomBits& bits = own[static_cast<size_t>(worker)];
    bits.begin(options.seed, stream * (items + 1) + item);
    if (item == items) return noise.gram.add_to_triangle(sums.gram, F, bits);
    noise.right.add_to(std::span(sums.right).subspan(item * F, F), bits);
    if (!sums.left.empty()) noise.left.add_to_triangle(std::span(sums.left).subspan(item * T, T), F, bits);
  });
}

void set_counts(PrivateAls& model, std::span<const int64_t> steps) {
  model.counts.clear();
  for (const int64_t count : steps.first(steps.size() - 1))
    model.counts.push_back(std::clamp(static_cast<float>(in_units(count)), 0.0f, kMostUsers));
  model.users = std::clamp<int64_t>(std::llround(in_units(steps.back())), 1, static_cast<int64_t>(kMostUsers));
}

std::vector<int64_t> count_steps(const PrivateAls& model) {
  std::vector<int64_t> steps;
  for (const float count : model.counts) steps.push_back(std::llround(std::ldexp(count, kAlsSumBits)));
  steps.push_back(model.users * kOne);
  return steps;
}

void solve_private_items(PrivateAls& model, AlsSystems sums, const PrivateAlsNoise& noise,
                         const PrivateAlsOptions& options, int64_t releases, int threads) {
  const size_t T = triangle_of(sums.dim);
  // The noise of b_i is longer than b_i can be: nothing is known of such an item.
  const double least = options.multiplier * std::sqrt(static_cast<double>(releases)) * noise.right.sensitivity() *
                       std::sqrt(static_cast<double>(sums.dim));
  sums.weights = count_steps(model);
  sums.weights.pop_back();
  for (int64_t& count : sums.weights) {
    if (in_units(count) < least) count = 0;
  }
  sums.users = model.users;
  project(sums.gram, sums.dim);
  if (!sums.left.empty()) {
    parallel_for(sums.weights.size(), threads, [&](size_t item, int) {
      if (sums.weights[item] > 0) project(std::span(sums.left).subspan(item * T, T), sums.dim);
    });
  }
  model.items = als_items_of(sums, options.als, threads);
}

PrivateAls fit_private_als(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads,
                           const std::function<void(int)>& epoch) {
  const PrivateAlsNoise noise(options, items);
  int64_t users = 0;
  for (size_t user = 0; user < contributions.rows(); ++user) users += contributions.row_size(user) > 0 ? 1 : 0;
  PrivateAls fitted;
  set_counts(fitted, private_als_counts(count_sums(contributions, items), users, noise, options.seed));
  fitted.items = als_start(items, options.als);
  for (int done = 0; done < options.als.epochs; ++done) {
    AlsSystems sums = private_als_sums(contributions, fitted.items, options, threads);
    add_noise(sums, noise, options, static_cast<uint64_t>(done) + 1, threads);
    solve_private_items(fitted, std::move(sums), noise, options, 1, threads);
    epoch(done + 1);
  }
  return fitted;
}

uint64_t private_als_memory(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads) {
  const uint64_t transposed =
      contributions.entries() * sizeof(uint32_t) + (contributions.rows() + items) * sizeof(uint64_t);
  return transposed + als_sums_memory(contributions.rows(), items, static_cast<size_t>(options.als.dim), threads,
                                      options.left == PrivateLeft::kOwn);
}

std::string private_als_mechanism(const PrivateAlsOptions& options, size_t items) {
  const PrivateAlsNoise noise(options, items);
  const int epochs = options.als.epochs;
  return fmt::format(
      "users of each item and, in {} epoch{}, the Gramian and the right{} sides of items' systems, of users' vectors "
      "of "
      "length 1, with sensitivities {:.4f}, {:.4f} and {:.4f} and noise of {:.4f}, {:.4f} and {:.4f} times these, as "
      "private as one sum",
      epochs, epochs == 1 ? "" : "s", options.left == PrivateLeft::kOwn ? " and left" : "", noise.counts.sensitivity(),
      noise.gram.sensitivity(), noise.right.sensitivity(), kNoiseOfCounts * options.multiplier,
      kNoiseOfGram * options.multiplier, options.multiplier);
}

}  // namespace rec
