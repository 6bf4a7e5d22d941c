#include "data/part_sums.h"

#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <memory>
#include <utility>

namespace rec {
namespace {

constexpr const char* kHashes = "user.hashes";

}  // namespace

std::string kind_of_statistics(const Artefact& artefact) {
  const auto kind = artefact.meta.find(kStatistics);
  return kind == artefact.meta.end() ? "" : kind->second;
}

void add_checked(int64_t& sum, int64_t one, const std::string& name) {
  if (__builtin_add_overflow(sum, one, &sum)) fail("{}: the sums are beyond 64 bits", name);
}

void add_checked(std::vector<int64_t>& sum, const std::vector<int64_t>& part, const std::string& name) {
  assert(sum.size() == part.size());
  for (size_t at = 0; at < sum.size(); ++at) add_checked(sum[at], part[at], name);
}

bool same_ids(const IdTable& a, const IdTable& b) {
  return a.bytes() == b.bytes() && std::ranges::equal(a.offsets(), b.offsets());
}

void fail_unlike(const std::string& sum_name, const std::string& part_name, const std::string& what,
                 const std::string& here, const std::string& there) {
  fail("{}: {} {}, {} has {}: all parts need the same options", part_name, what, here, sum_name, there);
}

void check_alike_in_noise(bool sum_is_noisy, bool part_is_noisy, const std::string& sum_name,
                          const std::string& part_name) {
  if (part_is_noisy == sum_is_noisy) return;
  fail(
      "{} {} noise, {} {}: noise of one part does not hide the users of another; add it once, to the sum of exact "
      "parts, or in each part",
      part_name, part_is_noisy ? "has" : "has no", sum_name, sum_is_noisy ? "has" : "has none");
}

std::vector<int64_t> user_hashes(const Interactions& data) {
  std::vector<int64_t> hashes;
  for (uint32_t user = 0; user < data.users.size(); ++user)
    hashes.push_back(static_cast<int64_t>(XXH3_64bits(data.users[user].data(), data.users[user].size())));
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

void check_alike_in_hashes(const UserHashes& sum, const UserHashes& part, const std::string& sum_name,
                           const std::string& part_name) {
  if (part.has_value() != sum.has_value())
    fail_unlike(sum_name, part_name, "it has", part ? "--user-hashes" : "no --user-hashes", sum ? "them" : "none");
}

void add_hashes(UserHashes& sum, const UserHashes& part, const std::string& part_name) {
  assert(sum.has_value() == part.has_value());
  if (!sum) return;
  std::vector<int64_t> twice;
  std::set_intersection(sum->begin(), sum->end(), part->begin(), part->end(), std::back_inserter(twice));
  if (!twice.empty()) {
    fail("{}: {} user{} that another part has, too (--user-hashes): all rows of a user belong into one part", part_name,
         twice.size(), twice.size() == 1 ? "" : "s");
  }
  const auto middle = static_cast<std::ptrdiff_t>(sum->size());
  sum->insert(sum->end(), part->begin(), part->end());
  std::inplace_merge(sum->begin(), sum->begin() + middle, sum->end());
}

void add_whole_numbers(Artefact& artefact, const char* tensor, std::vector<uint64_t> shape,
                       const std::vector<int64_t>& values) {
  auto* to = static_cast<int64_t*>(artefact.add_empty(tensor, std::move(shape), Dtype::kInt64));
  std::copy(values.begin(), values.end(), to);
}

void take_whole_numbers(Artefact& artefact, const char* tensor, std::vector<uint64_t> shape,
                        std::vector<int64_t> values) {
  const auto owner = std::make_shared<const std::vector<int64_t>>(std::move(values));
  artefact.add_mapped({tensor, std::move(shape), Dtype::kInt64, owner->data()}, owner);
}

const Artefact::Tensor& whole_numbers(const Artefact& artefact, const char* tensor, const std::string& name) {
  const Artefact::Tensor* found = artefact.find(tensor);
  if (found == nullptr) fail("{}: no tensor \"{}\"", name, tensor);
  if (found->dtype != Dtype::kInt64)
    fail("{}: tensor \"{}\" is {}, expected int64", name, tensor, name_of(found->dtype));
  return *found;
}

std::vector<int64_t> column_of(const Artefact& artefact, const char* tensor, const std::string& name) {
  const Artefact::Tensor& found = whole_numbers(artefact, tensor, name);
  if (found.cols() != 1) fail("{}: tensor \"{}\" has {} columns, expected 1", name, tensor, found.cols());
  const auto* values = found.values<int64_t>();
  return {values, values + found.rows()};
}

void add_hash_tensor(Artefact& artefact, const UserHashes& hashes) {
  if (hashes) add_whole_numbers(artefact, kHashes, {hashes->size()}, *hashes);
}

UserHashes read_hash_tensor(const Artefact& artefact, const std::string& name) {
  if (artefact.find(kHashes) == nullptr) return {};
  std::vector<int64_t> hashes = column_of(artefact, kHashes, name);
  if (!std::is_sorted(hashes.begin(), hashes.end())) fail("{}: tensor \"{}\" does not ascend", name, kHashes);
  return hashes;
}

}  // namespace rec
