#include "privacy/private_sums.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr int kDeviationBits = 21;
constexpr int kMostBits = 30;

double from_steps(int64_t steps, int bits) { return std::ldexp(static_cast<double>(steps), -bits); }

}  // namespace

uint32_t NoiseGrid::steps(double deviation, int bits) {
  return static_cast<uint32_t>(std::ceil(std::ldexp(deviation, bits))) + 1;
}

NoiseGrid NoiseGrid::for_noise(double multiplier, double sensitivity) {
  const double deviation = multiplier * sensitivity;
  const int bits = std::min(kDeviationBits - static_cast<int>(std::floor(std::log2(deviation))), kMostBits);
  if (bits < 0) fail_usage("--dp-epsilon: the noise would have a deviation of {:.3g}; give a larger value", deviation);
  return {bits, steps(deviation, bits)};
}

double count_sensitivity(size_t max_per_user) { return std::sqrt(static_cast<double>(max_per_user)); }

std::vector<int64_t> count_sums(const Csr& contributions, size_t items) {
  std::vector<int64_t> counts(items, 0);
  for (const uint32_t item : contributions.index) ++counts[item];
  return counts;
}

std::vector<double> private_counts(const Csr& contributions, size_t items, const NoiseGrid& grid,
                                   std::optional<uint64_t> seed) {
  RandomBits bits(seed);
  const DiscreteGaussian noise(grid.deviation);
  std::vector<double> counts;
  for (const int64_t count : count_sums(contributions, items))
    counts.push_back(from_steps(count * (int64_t{1} << grid.bits) + noise.draw(bits), grid.bits));
  return counts;
}

std::vector<int64_t> gram_shares(const Csr& contributions, int bits) {
  std::vector<int64_t> shares(contributions.rows(), 0);
  for (size_t user = 0; user < shares.size(); ++user) {
    if (const size_t n = contributions.row_size(user); n > 0)
      shares[user] = (int64_t{1} << bits) / static_cast<int64_t>(n);
  }
  return shares;
}

void gram_row_sums(const Csr& contributions, const Csr& by_item, std::span<const int64_t> shares, size_t item,
                   std::span<int64_t> out) {
  std::fill(out.begin(), out.end(), 0);
  for (uint64_t at = by_item.begin[item]; at < by_item.begin[item + 1]; ++at) {
    const uint32_t user = by_item.index[at];
    const auto last = contributions.index.begin() + static_cast<std::ptrdiff_t>(contributions.begin[user + 1]);
    auto other = std::lower_bound(contributions.index.begin() + static_cast<std::ptrdiff_t>(contributions.begin[user]),
                                  last, static_cast<uint32_t>(item));
    for (; other != last; ++other) out[*other - item] += shares[user];
  }
}

GramNoise::GramNoise(double multiplier, double its_sensitivity)
    : sensitivity(its_sensitivity),
      grid(NoiseGrid::for_noise(multiplier, sensitivity)),
      beside_diagonal(NoiseGrid::steps(multiplier * sensitivity / std::numbers::sqrt2, grid.bits)),
      on_diagonal_(grid.deviation),
      beside_(beside_diagonal) {}

void GramNoise::add_to(std::span<int64_t> row, std::optional<uint64_t> seed, size_t item, RandomBits& bits) const {
  bits.begin(seed, item);
  row[0] += on_diagonal_.draw(bits);
  for (int64_t& sum : row.subspan(1)) sum += beside_.draw(bits);
}

double GramNoise::spectral_norm(size_t items) const {
  return 2.0 * from_steps(beside_diagonal, grid.bits) * std::sqrt(static_cast<double>(items));
}

void private_gram(const Csr& contributions, const GramNoise& noise, std::optional<uint64_t> seed, int threads,
                  SymmetricTiles& out) {
  const size_t items = out.size();
  const Csr by_item = transpose(contributions, items);
  const std::vector<int64_t> shares = gram_shares(contributions, noise.grid.bits);
  struct Scratch {
    std::vector<int64_t> sums;
    RandomBits bits;
  };
  std::vector<Scratch> scratch(static_cast<size_t>(threads));
  const double unit = from_steps(1, noise.grid.bits);
  parallel_for(items, threads, [&](size_t item, int worker) {
    auto& [sums, bits] = scratch[static_cast<size_t>(worker)];
    sums.resize(items - item);
    gram_row_sums(contributions, by_item, shares, item, sums);
    noise.add_to(sums, seed, item, bits);
    for (size_t at = 0; at < sums.size(); ++at)
      out(item, item + at) = static_cast<float>(static_cast<double>(sums[at]) * unit);
  });
}

}  // namespace rec
