// The item half of an epoch of als out of sums over users, so that users may be in parts that do not see each other.
// Symbols as in models/als/als.h; T = F (F + 1) / 2, the elements of an upper triangle, row by row.
//
//   G = Σ_u x_u x_uᵀ      A_i = Σ_{u in S_i} c_ui x_u x_uᵀ
//   b_i = Σ_{u in S_i} c_ui x_u      C_i = Σ_{u in S_i} c_ui
//   y_i = (α0 G + A_i + λ (C_i + α0 U)^ν 1)⁻¹ b_i
//
// S_i are the users who have item i. Sums without A_i take its share of G in its place, A_i = C_i / U · G. Each term is
// rounded to a step of 2^-kAlsSumBits, so the sums are of integers: parts add up to the sums of the whole in whatever
// order and grouping, as long as each user is in one part. Thread rule: plain data and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/part_sums.h"
#include "linalg/matrix.h"
#include "models/als/als_options.h"

namespace rec {

inline constexpr int kAlsSumBits = 30;

inline size_t triangle_of(size_t factors) { return factors * (factors + 1) / 2; }

// The numbers alone, in steps.
struct AlsSystems {
  size_t dim = 0;                // F
  int64_t users = 0;             // U: those with a pair
  std::vector<int64_t> gram;     // T
  std::vector<int64_t> left;     // I × T: A_i; or empty
  std::vector<int64_t> right;    // I × F: b_i
  std::vector<int64_t> weights;  // I: C_i

  AlsSystems() = default;
  AlsSystems(size_t items, size_t factors, bool with_left = true);
  static uint64_t bytes(size_t items, size_t factors, bool with_left = true);
};

// Of users' vectors (U × F) and their pairs; the rows without a pair do not count. Without `left` all A_i stay 0. Same
// values for every number of threads. Throws Error where a vector is too long for the sums, or they are beyond 64 bits.
AlsSystems als_systems(const Csr& by_user, ConstMatrixView users, size_t items, int threads, bool with_left = true);

// Solves for the items, I × F; those without a pair are 0. Same bits for every number of threads. Throws Error where a
// system is not positive definite or a factor not finite. REQUIRES: options.regularization is there.
Matrix als_items_of(const AlsSystems& systems, const AlsOptions& options, int threads);

// What a part gives away, and the sum of parts. The options are the meta of the model that comes next; the parts need
// the same, and the same item vectors to start from. Those of private als (train/private_als_parts.h) may have noise,
// and then no users, weights, item_users and hashes.
struct AlsSums {
  IdTable items;                               // I, in ascending byte order
  std::map<std::string, std::string> options;  // of als, and epochs: those of the next model
  std::string base;                            // a digest of the item vectors that users were solved against
  AlsSystems systems;
  std::vector<int64_t> item_users;  // I
  UserHashes hashes;

  // Of private als: the users of each item and, last, all users, with noise, in steps. Those of the first epoch are
  // sums, too; later ones are those of the base. Empty where there are none yet.
  std::vector<int64_t> counts;  // I + 1
  int64_t releases = 0;         // sums with noise of their own that were added; 0: exact

  bool is_noisy() const { return releases > 0; }
  int epoch() const;  // of the next model
};

// The meta by which sums without A_i are told.
inline constexpr const char* kLeftSide = "dp-left-side";
inline constexpr const char* kSharedLeft = "shared";

struct AlsPartSums {
  AlsSums sums;
  size_t unknown_pairs = 0;  // with an item that `base` lacks: left out
};

// Solves for the users of `data` against the items of `base`, exactly, and sums over them. Throws Error if `base` has
// no item vectors. REQUIRES: base's ids are indexed; under a half-life, options.now is set.
AlsPartSums als_part_sums(const Interactions& data, const Artefact& base, const AlsOptions& options, int threads);
// Bytes that it takes beside the rows.
uint64_t als_sums_memory(size_t users, size_t items, size_t factors, int threads, bool with_left = true);

// sum += part. Throws Error where they are of other options, items or vectors, where only one has noise, where a user
// is in both (by hashes), and for sums beyond 64 bits; the names are those of the files.
void add_als_sums(AlsSums& sum, const AlsSums& part, const std::string& sum_name, const std::string& part_name);

// To a file and back. Throws Error "NAME: ..." for a model or other sums, and for what does not fit together.
Artefact to_artefact(AlsSums sums);
AlsSums read_als_sums(const Artefact& artefact, const std::string& name);
inline constexpr const char* kAlsStatistics = "als";

// The next model, without users. Throws Error for options that are none.
Artefact als_model_of(const AlsSums& sums, const std::string& name, int threads);
// The options of that model. Throws Error for options that are none.
AlsOptions als_options_of(const AlsSums& sums, const std::string& name);

// A digest of items' ids, vectors and counts (or none), which tells models apart.
std::string digest_of_items(const IdTable& items, ConstMatrixView factors, std::span<const int64_t> counts = {});

}  // namespace rec
