// als whose item vectors are differentially private: the alternating least squares of Chien, Jain, Krichene, Rendle,
// Song, Thakurta and Zhang 2021 (arXiv:2107.09802), with the weights of models/als/als.h. In each epoch
//   1. each user is solved for exactly, of its own rows and the item vectors,
//   2. x_u is shortened to length R where it is longer,
//   3. noise is added to the sums over users G, A_i and b_i of models/als/als_sums.h,
//   4. G and A_i become positive semidefinite, and the items are solved for out of the noisy sums.
// Before the first, the users of each item and their number are counted, with noise, too: the ridges of item systems
// and the fallback of the model need them. The initial vectors are by the seed alone. Symbols as in models/als/als.h; K
// the most items of a user that count.
//
// One user (all rows, of at most K items) moves the counts by √(K + 1) (L2), G by R² (Frobenius norm), all A_i by √K
// R², all b_i by √K R: three releases an epoch, and one. Thread rule: free functions and plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/als/als_sums.h"
#include "privacy/sum_noise.h"

namespace rec {

// R: so that the grid of the noise is fine enough (privacy/private_sums.h).
inline constexpr double kLeastClip = 0.1;
inline constexpr double kGreatestClip = 10.0;

struct PrivateAlsOptions {
  AlsOptions als;              // resolved; no confidence, no half-life
  double clip = 1.0;           // R
  uint32_t max_per_user = 50;  // K
  double multiplier = 0.0;     // of each release's noise
  std::optional<uint64_t> seed;
};

int private_als_releases(int epochs);

// The noise of each release.
struct PrivateAlsNoise {
  PrivateAlsNoise(const PrivateAlsOptions& options, size_t items);
  SumNoise counts, gram, left, right;

 private:
  PrivateAlsNoise(double multiplier, double clip, double factors, double most_items);
};

// Shortens rows that are longer than R: none is longer then, to the last bit in double.
void clip_rows(Matrix& rows, double clip);

// Steps 1 and 2, and the exact sums. contributions: U × I, of at most K items a user (privacy/contributions.h).
AlsSystems private_als_sums(const Csr& contributions, const Matrix& items, const PrivateAlsOptions& options,
                            int threads);
// Step 3. stream: a number of its own for each call with the same seed. Same values for every number of threads with
// the same seed.
void add_noise(AlsSystems& sums, const PrivateAlsNoise& noise, std::optional<uint64_t> seed, uint64_t stream,
               int threads);

struct PrivateAls {
  Matrix items;               // I × F; of those with too few users 0
  std::vector<float> counts;  // I: users, with noise, at least 0
};

// epoch: called after each. Throws Error where a system is not positive definite.
PrivateAls fit_private_als(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads,
                           const std::function<void(int)>& epoch);
uint64_t private_als_memory(const Csr& contributions, size_t items, size_t factors, int threads);

}  // namespace rec
