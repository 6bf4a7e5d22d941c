// als whose item vectors are differentially private: after the private alternating least squares of Chien, Jain,
// Krichene, Rendle, Song, Thakurta and Zhang 2021 (arXiv:2107.09802), with the weights of models/als/als.h. In each
// epoch
//   1. each user is solved for exactly, of its own rows and the item vectors,
//   2. x_u is scaled to length 1 (the paper shortens those that are longer than a bound),
//   3. noise is added to the sums over users G, b_i and, as the left side says, A_i of models/als/als_sums.h,
//   4. G and A_i become positive semidefinite, and the items are solved for out of the noisy sums.
// Before the first, the users of each item and all users are counted, with noise, too: item systems need them, and so
// does the fallback of the model. The initial vectors are by the seed alone. Symbols as in models/als/als.h; K the most
// items of a user that count.
//
// One user (all rows, of at most K items) moves the counts by √(K + 1) (L2), G by 1 (Frobenius norm), all b_i by √K,
// all A_i by √K. The noise of a sum is `multiplier` times that, times 2 for the counts and 4 for G, which are large
// beside it. Thread rule: free functions and plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/als/als_sums.h"
#include "privacy/sum_noise.h"

namespace rec {

// What A_i is: the share of the users who have item i of G, which needs no further sum (n_i G / U), or a sum of its
// own.
enum class PrivateLeft { kShared, kOwn };
inline constexpr Named<PrivateLeft> kPrivateLeftNames[] = {{kSharedLeft, PrivateLeft::kShared},
                                                           {"own", PrivateLeft::kOwn}};

struct PrivateAlsOptions {
  AlsOptions als;  // resolved; no confidence, no half-life
  PrivateLeft left = PrivateLeft::kShared;
  uint32_t max_per_user = 50;  // K
  double multiplier = 0.0;     // of the noise
  std::optional<uint64_t> seed;
};

// Of the noise, in units of `multiplier` × the sensitivity.
inline constexpr double kNoiseOfCounts = 2.0;
inline constexpr double kNoiseOfGram = 4.0;

// The noise of each release in units of `multiplier` × its sensitivity.
std::vector<double> private_als_releases(int epochs, PrivateLeft left);

// The noise of each kind of sum.
struct PrivateAlsNoise {
  PrivateAlsNoise(const PrivateAlsOptions& options, size_t items);
  SumNoise counts, gram, left, right;

 private:
  PrivateAlsNoise(double multiplier, double factors, double most_items);
};

// Scales rows to length 1, in double never above it; 0 stays.
void to_unit_length(Matrix& rows);

// The users of each item and, last, all users, of which these are the exact numbers, with noise, in steps of
// 2^-kAlsSumBits.
std::vector<int64_t> private_als_counts(std::span<const int64_t> item_users, int64_t users,
                                        const PrivateAlsNoise& noise, std::optional<uint64_t> seed);
// Steps 1 and 2, and the exact sums, A_i where they are to be released. contributions: U × I, of at most K items a user
// (privacy/contributions.h).
AlsSystems private_als_sums(const Csr& contributions, const Matrix& items, const PrivateAlsOptions& options,
                            int threads);
// Step 3. stream: a number of its own for each call with the same seed. Same values for every number of threads with
// the same seed. Without sums.left none is drawn for it. The exact counts, which are not released, become 0.
void add_noise(AlsSystems& sums, const PrivateAlsNoise& noise, const PrivateAlsOptions& options, uint64_t stream,
               int threads);

// What is there after an epoch, all of it private.
struct PrivateAls {
  Matrix items;               // I × F; of those with too few users 0
  std::vector<float> counts;  // I: users, with noise, at least 0; empty before the first epoch
  int64_t users = 0;          // with noise, at least 1 then
};

// The counts of private_als_counts() as the model keeps them, and back, in steps. A sum of several noises is one, too.
void set_counts(PrivateAls& model, std::span<const int64_t> steps);
std::vector<int64_t> count_steps(const PrivateAls& model);

// Step 4: the next item vectors out of sums with noise, which `model` has the counts for. releases: how many times
// there is noise in the sums. Throws Error where a system is not positive definite.
void solve_private_items(PrivateAls& model, AlsSystems sums, const PrivateAlsNoise& noise,
                         const PrivateAlsOptions& options, int64_t releases, int threads);

// All epochs. epoch: called after each. Throws Error where a system is not positive definite.
PrivateAls fit_private_als(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads,
                           const std::function<void(int)>& epoch);
// Bytes that it takes beside the rows that were read.
uint64_t private_als_memory(const Csr& contributions, size_t items, const PrivateAlsOptions& options, int threads);

// What a model says of the sums that got noise. items: I.
std::string private_als_mechanism(const PrivateAlsOptions& options, size_t items);

}  // namespace rec
