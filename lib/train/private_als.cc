#include "train/private_als.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/parallel_for.h"
#include "linalg/psd.h"
#include "models/als/als_half_step.h"
#include "models/als/als_start.h"
#include "privacy/private_sums.h"

namespace rec {
namespace {

constexpr int64_t kOne = int64_t{1} << kAlsSumBits;

// Steps made positive semidefinite.
void project(std::span<int64_t> triangle, size_t n) {
  std::vector<double> values(triangle.begin(), triangle.end());
  project_to_psd(values, n);
  for (size_t at = 0; at < values.size(); ++at) triangle[at] = std::llround(values[at]);
}

}  // namespace

int private_als_releases(int epochs) { return 3 * epochs + 1; }

PrivateAlsNoise::PrivateAlsNoise(const PrivateAlsOptions& options, size_t items)
    : PrivateAlsNoise(options.multiplier, options.clip, static_cast<double>(options.als.dim),
                      static_cast<double>(std::min<size_t>(options.max_per_user, items))) {}

PrivateAlsNoise::PrivateAlsNoise(double multiplier, double clip, double factors, double most)
    : counts(multiplier, std::sqrt(most + 1.0), 0.0, kAlsSumBits),
      gram(multiplier, clip * clip, factors, kAlsSumBits),
      left(multiplier, std::sqrt(most) * clip * clip, std::sqrt(most) * factors, kAlsSumBits),
      right(multiplier, std::sqrt(most) * clip, std::sqrt(most * factors), kAlsSumBits) {}

void clip_rows(Matrix& rows, double clip) {
  const double most = clip * clip;
  const auto square = [&](size_t row) {
    double sum = 0.0;
    for (size_t f = 0; f < rows.cols(); ++f)
      sum += static_cast<double>(rows(row, f)) * static_cast<double>(rows(row, f));
    return sum;
  };
  for (size_t row = 0; row < rows.rows(); ++row) {
    // Rounding to float may leave it a little too long.
    for (double now = square(row), by = clip / std::sqrt(now); now > most; now = square(row), by = 1.0 - 0x1p-22) {
      for (size_t f = 0; f < rows.cols(); ++f)
        rows(row, f) = static_cast<float>(by * static_cast<double>(rows(row, f)));
    }
  }
}

AlsSystems private_als_sums(const Csr& contributions, const Matrix& items, const PrivateAlsOptions& options,
                            int threads) {
  Matrix users(contributions.rows(), items.cols());
  als_half_step({.rows = contributions, .order = longest_first(contributions), .fixed = items, .counted = items.rows()},
                options.als, threads, users);
  clip_rows(users, options.clip);
  return als_systems(contributions, users, items.rows(), threads);
}

void add_noise(AlsSystems& sums, const PrivateAlsNoise& noise, std::optional<uint64_t> seed, uint64_t stream,
               int threads) {
  const size_t items = sums.weights.size();
  const size_t F = sums.dim;
  const size_t T = triangle_of(F);
  parallel_for(items + 1, threads, [&](size_t item, int) {
    RandomBits bits(seed, stream * (items + 1) + item);
    if (item == items) {
      noise.gram.add_to_triangle(sums.gram, F, bits);
      return;
    }
    noise.left.add_to_triangle(std::span(sums.left).subspan(item * T, T), F, bits);
    noise.right.add_to(std::span(sums.right).subspan(item * F, F), bits);
  });
}

PrivateAls fit_private_als(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads,
                           const std::function<void(int)>& epoch) {
  const PrivateAlsNoise noise(options, items);
  // The users of each item; at the end all of them.
  std::vector<int64_t> counts = count_sums(contributions, items);
  counts.push_back(0);
  for (size_t user = 0; user < contributions.rows(); ++user) counts.back() += contributions.row_size(user) > 0 ? 1 : 0;
  for (int64_t& count : counts) count *= kOne;
  RandomBits bits(options.seed, 0);
  noise.counts.add_to(counts, bits);
  const int64_t users = std::max<int64_t>(counts.back() / kOne, 1);
  counts.pop_back();

  PrivateAls fitted;
  for (const int64_t count : counts)
    fitted.counts.push_back(std::max(static_cast<float>(std::ldexp(static_cast<double>(count), -kAlsSumBits)), 0.0f));
  // The noise of b_i is longer than b_i can be: nothing is known of such an item.
  const auto F = static_cast<size_t>(options.als.dim);
  const double least =
      options.multiplier * noise.right.sensitivity() * std::sqrt(static_cast<double>(F)) / options.clip;
  for (int64_t& count : counts) {
    if (static_cast<double>(count) < least * static_cast<double>(kOne)) count = 0;
  }

  fitted.items = als_start(items, options.als);
  for (int done = 0; done < options.als.epochs; ++done) {
    AlsSystems sums = private_als_sums(contributions, fitted.items, options, threads);
    add_noise(sums, noise, options.seed, static_cast<uint64_t>(done) + 1, threads);
    sums.weights = counts;
    sums.users = users;
    project(sums.gram, F);
    const size_t T = triangle_of(F);
    parallel_for(items, threads, [&](size_t item, int) {
      if (counts[item] > 0) project(std::span(sums.left).subspan(item * T, T), F);
    });
    fitted.items = als_items_of(sums, options.als, threads);
    epoch(done + 1);
  }
  return fitted;
}

uint64_t private_als_memory(const Csr& contributions, size_t items, size_t factors, int threads) {
  return contributions.entries() * sizeof(uint32_t) + als_sums_memory(contributions.rows(), items, factors, threads);
}

}  // namespace rec
