// What files of sums over users have in common, whatever is summed (rec-embed --statistics-only, rec-model sum): how
// they are told from models, whole numbers that are added and read with checks, and hashes by which a user who is in
// two parts is found. Thread rule: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "data/artefact.h"

namespace rec {

// The meta key by which a file of sums is told from a model, and says what is summed.
inline constexpr const char* kStatistics = "statistics";

// "" for a model.
std::string kind_of_statistics(const Artefact& artefact);

// sum += one. Throws Error "NAME: the sums are beyond 64 bits".
void add_checked(int64_t& sum, int64_t one, const std::string& name);
// The same element by element. REQUIRES: equal sizes.
void add_checked(std::vector<int64_t>& sum, const std::vector<int64_t>& part, const std::string& name);

// Whether both hold the same ids, in the same order.
bool same_ids(const IdTable& a, const IdTable& b);

// Throws Error: the part's WHAT is HERE, that of the sum is THERE.
[[noreturn]] void fail_unlike(const std::string& sum_name, const std::string& part_name, const std::string& what,
                              const std::string& here, const std::string& there);

// Throws Error where only one of the two has noise.
void check_alike_in_noise(bool sum_is_noisy, bool part_is_noisy, const std::string& sum_name,
                          const std::string& part_name);

// Hashes of the users of a part, ascending; none without --user-hashes.
using UserHashes = std::optional<std::vector<int64_t>>;
// Of each user of `data` that has a row.
std::vector<int64_t> user_hashes(const Interactions& data);
// Throws Error where one has hashes and the other has none.
void check_alike_in_hashes(const UserHashes& sum, const UserHashes& part, const std::string& sum_name,
                           const std::string& part_name);
// Those of both, if any. Throws Error where a hash is in both. REQUIRES: they are alike.
void add_hashes(UserHashes& sum, const UserHashes& part, const std::string& part_name);

// Tensors of whole numbers. Those that read throw Error "NAME: ...".
void add_whole_numbers(Artefact& artefact, const char* tensor, std::vector<uint64_t> shape,
                       const std::vector<int64_t>& values);
// Without a copy.
void take_whole_numbers(Artefact& artefact, const char* tensor, std::vector<uint64_t> shape,
                        std::vector<int64_t> values);
const Artefact::Tensor& whole_numbers(const Artefact& artefact, const char* tensor, const std::string& name);
std::vector<int64_t> column_of(const Artefact& artefact, const char* tensor, const std::string& name);
void add_hash_tensor(Artefact& artefact, const UserHashes& hashes);
// Throws Error where they do not ascend.
UserHashes read_hash_tensor(const Artefact& artefact, const std::string& name);

// At least 0. Throws Error.
template <class T>
T meta_number(const Artefact& artefact, const char* key, const std::string& name) {
  const auto found = artefact.meta.find(key);
  const auto number = found == artefact.meta.end() ? std::nullopt : parse_integer<T>(found->second);
  if (!number || *number < 0) fail("{}: meta \"{}\": expected a whole number", name, key);
  return *number;
}

}  // namespace rec
