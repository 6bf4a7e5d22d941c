// Sums over users with discrete Gaussian noise: the number of users of each item, and the
// Gramian of users' rows. Two data sets are neighbours where one has one user more, with
// all rows. Symbols: U users, I items; x_u the row of user u, n_u its items.
//
// Sums are of integers, on a grid with steps of 2^-bits so fine that the deviation of the noise
// is 2^21 steps or more. There the discrete Gaussian differs from Gaussian noise of a smaller
// deviation that is rounded to the grid, to which the accountant's formula applies, by less
// than 1e-3 · 2^-84 a number (total variation). So delta grows by (1 + e^epsilon) times that
// for each number: by less than 1e-11 up to kMaxEpsilon and 20,000 items.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/interactions.h"
#include "linalg/symmetric_tiles.h"
#include "privacy/discrete_gaussian.h"

namespace rec {

struct NoiseGrid {
  int bits;            // a step is 2^-bits, at least 0
  uint32_t deviation;  // of the noise, in steps, rounded up

  // For noise with a deviation of multiplier × sensitivity. Throws UsageError where that is
  // above 2^21: then nothing would be left of the data.
  static NoiseGrid for_noise(double multiplier, double sensitivity);
  // A deviation in steps of 2^-bits: one step more than the noise asks for, since a discrete Gaussian has to be wider
  // than the rounded one by a twelfth of a step squared.
  static uint32_t steps(double deviation, int bits);
};

// The greatest distance (L2) between the counts of neighbours, of at most max_per_user items a user.
double count_sensitivity(size_t max_per_user);

// The number of rows that have each column: I values. Exact.
std::vector<int64_t> count_sums(const Csr& contributions, size_t items);

// The same with noise. Same values with the same seed; without one they differ.
std::vector<double> private_counts(const Csr& contributions, size_t items, const NoiseGrid& grid,
                                   std::optional<uint64_t> seed);

// G = Σ_u x_u x_uᵀ / n_u: rows have unit norm, so x_u x_uᵀ / n_u has unit norm too (Frobenius),
// whatever n_u is. In the upper triangle, which is what is released, an element beside
// the diagonal stands for two: there the noise has the deviation s/√2, on the diagonal s, s the
// multiplier.

// What row u adds to each of its pairs: 1 / n_u in steps, rounded down; 0 of an empty row.
std::vector<int64_t> gram_shares(const Csr& contributions, int bits);

// Row `item` of G, columns item..I-1, into out[0..I-item), in steps. Exact. by_item: the
// transpose. Thread-safe.
void gram_row_sums(const Csr& contributions, const Csr& by_item, std::span<const int64_t> shares, size_t item,
                   std::span<int64_t> out);

struct GramNoise {
  // sensitivity: 1, or more where the sums are rounded after they were added.
  explicit GramNoise(double multiplier, double its_sensitivity = 1.0);

  // Adds that of row `item` of G, columns item..item + row.size(). Same values with the same seed. Thread-safe, each
  // thread with its own `bits`.
  void add_to(std::span<int64_t> row, std::optional<uint64_t> seed, size_t item, RandomBits& bits) const;

  double sensitivity;
  NoiseGrid grid;                            // its deviation is that on the diagonal
  uint32_t beside_diagonal;                  // deviation, in steps
  double spectral_norm(size_t items) const;  // what the noise's greatest eigenvalue is about: √2 s √I

 private:
  DiscreteGaussian on_diagonal_;
  DiscreteGaussian beside_;
};

// G with noise. Same bits for every number of threads with the same seed. REQUIRES:
// out.size() is the number of columns. Beside it: the transpose, and 16·I bytes a thread.
void private_gram(const Csr& contributions, const GramNoise& noise, std::optional<uint64_t> seed, int threads,
                  SymmetricTiles& out);

}  // namespace rec
