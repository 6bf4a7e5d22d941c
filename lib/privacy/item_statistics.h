// Sums over users out of which ease, knn by item and svd are made: how many users have each item, and each two items.
// They are integers, so that parts add up to the sums of the whole in whatever order and grouping, as long as each user
// is in one part. Symbols: I items; n the items of a user.
//
//   G_ij = Σ_u w(n_u) over the users u who have both i and j (G_ii: who have i),  w(n) = n^-2a
//
// a is the user exponent. With a = 0 the sums are counts; else w(n) is in steps of 2^-kShareBits, rounded down. With
// a = 1/2 every row has unit norm, which is what noise is added to (privacy/private_sums.h).
// Thread rule: plain data and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/part_sums.h"
#include "linalg/symmetric_tiles.h"
#include "privacy/private_sums.h"

namespace rec {

inline constexpr int kShareBits = 36;
inline constexpr double kMaxStatisticsExponent = 1.0;

struct ItemStatistics {
  struct Pair {
    uint32_t first;  // at most `second`
    uint32_t second;
    int64_t sum;  // above 0, in steps of 2^-bits
    friend bool operator==(const Pair&, const Pair&) = default;
  };

  IdTable items;               // I, in ascending byte order
  double user_exponent = 0.0;  // a
  // The cap of items of a user, where the items are a public list; absent: the items are those of the rows.
  std::optional<uint32_t> max_per_user;
  int bits = 0;

  // Exact ones:
  int64_t users = 0;                // with an item
  std::vector<int64_t> item_users;  // I
  std::vector<Pair> pairs;          // ascending
  UserHashes hashes;

  // With noise, and then nothing of the above:
  std::map<std::string, std::string> noise;  // the meta dp-*; empty: exact
  int64_t releases = 0;                      // sums with noise of their own that were added
  std::vector<int64_t> triangle;             // G_ij of j >= i, row by row

  bool is_noisy() const { return !noise.empty(); }
  // The deviation of the noise on the diagonal and its spectral norm (GramNoise); 0 of exact ones.
  double noise_deviation() const;
  double noise_norm() const;
};

// w(n) in steps. REQUIRES: n > 0; 0 <= a <= kMaxStatisticsExponent.
int64_t user_share(size_t n, double user_exponent);

// Of users' rows, of which only the columns count. Same result for every number of threads.
ItemStatistics item_statistics(const Csr& by_user, const IdTable& items, double user_exponent, int threads);
// Bytes that this and writing it take at most, beside the rows.
uint64_t statistics_memory(const Csr& by_user, size_t items);

// sum += part. Throws Error where the two are of different options or item lists, where only one has hashes or noise,
// where a user is in both (by hashes), and for sums beyond 64 bits; the names are those of the files. What has no items
// at all is the sum of no parts.
void add_statistics(ItemStatistics& sum, ItemStatistics part, const std::string& sum_name,
                    const std::string& part_name);

// The noise that makes these sums private, beside the step that rounding them to its grid takes: a user with n items
// changes n² elements of the Gramian by up to a step each, so that the sensitivity is 1 + n·2^-bits.
GramNoise noise_of_sums(double multiplier, size_t most_items);

// What noise_of_sums() is added to, for the record.
std::string sums_mechanism(const GramNoise& noise);

// The same with noise: G rounded down to the grid of the noise, plus the noise; `meta` is what it says of its privacy.
// Same values for every number of threads with the same seed. REQUIRES: exact, a = 1/2, max_per_user.
ItemStatistics with_noise(const ItemStatistics& exact, const GramNoise& noise, std::optional<uint64_t> seed,
                          std::map<std::string, std::string> meta, int threads);

// The row `item` of G, columns item..I-1, as with_noise() rounds it, without noise: for tests of the sensitivity.
std::vector<int64_t> rounded_row(const ItemStatistics& exact, size_t item, int bits);

// To a file and back. Throws Error "NAME: ..." for a model, and for statistics that do not fit together.
Artefact to_artefact(const ItemStatistics& statistics);
ItemStatistics read_statistics(const Artefact& artefact, const std::string& name);

// I: G_ii in units, at least 0.
std::vector<double> diagonal(const ItemStatistics& statistics);

// G in float32, each element rounded once.
void fill_gram(const ItemStatistics& statistics, SymmetricTiles& out);  // REQUIRES: zero, of I rows
Csr gram_rows(const ItemStatistics& statistics);                        // all of it; zeros are absent

}  // namespace rec
