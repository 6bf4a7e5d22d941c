#include "data/id_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr int kPlaceBits = 40;
constexpr uint64_t kPlaceMask = (uint64_t{1} << kPlaceBits) - 1;
constexpr int kPartBits = 8;

IdHashSeeds draw() {
  std::random_device device;
  const auto number = [&device] { return uint64_t{device()} << 32 | device(); };
  return {number(), number(), number() | 1};
}

}  // namespace

const IdHashSeeds kIdHashSeeds = draw();

uint64_t id_hash(std::string_view id) { return XXH3_64bits_withSeed(id.data(), id.size(), kIdHashSeeds.text); }

std::string_view IdSet::Part::at(Slot slot) const {
  size_t place = static_cast<size_t>(slot & kPlaceMask) - 1;
  size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[place++]);
    length |= size_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return {bytes.data() + place, length};
}

// By bits that neither the part nor the tag has, so that any number of slots will do.
size_t IdSet::Part::first_place(uint64_t hash) const {
  return static_cast<size_t>((hash >> kPartBits & 0xffffffff) * slots.size() >> 32);
}

void IdSet::Part::grow() {
  std::vector<Slot> old(slots.size() + slots.size() / 2 + 8);
  old.swap(slots);
  for (const Slot slot : old) {
    if (slot == 0) continue;
    size_t place = first_place(id_hash(at(slot)));
    while (slots[place] != 0) place = place + 1 == slots.size() ? 0 : place + 1;
    slots[place] = slot;
  }
}

bool IdSet::Part::insert(std::string_view id, uint64_t hash) {
  if (5 * (size + 1) > 4 * slots.size()) grow();
  const uint64_t tag = hash & ~kPlaceMask;
  size_t place = first_place(hash);
  for (; slots[place] != 0; place = place + 1 == slots.size() ? 0 : place + 1) {
    if ((slots[place] & ~kPlaceMask) == tag && at(slots[place]) == id) return false;
  }
  if (bytes.size() + id.size() >= kPlaceMask) fail("more than {} bytes of ids", kPlaceMask);
  constexpr size_t kMostLength = 10;
  if (bytes.size() + id.size() + kMostLength > bytes.capacity())
    bytes.reserve(bytes.size() + id.size() + kMostLength + bytes.size() / 4);
  slots[place] = tag | (bytes.size() + 1);
  ++size;
  size_t length = id.size();
  for (; length >= 0x80; length >>= 7) bytes.push_back(static_cast<char>(0x80 | (length & 0x7f)));
  bytes.push_back(static_cast<char>(length));
  bytes.insert(bytes.end(), id.begin(), id.end());
  return true;
}

bool IdSet::insert(std::string_view id) {
  if (parts_.empty()) parts_.resize(size_t{1} << kPartBits);
  const uint64_t hash = id_hash(id);
  const bool is_new = parts_[hash & (parts_.size() - 1)].insert(id, hash);
  size_ += is_new ? 1 : 0;
  return is_new;
}

size_t IdSet::insert_all(std::span<const std::string_view> ids, int threads) {
  constexpr size_t kFew = 1024;  // what threads are not worth
  if (ids.size() < kFew || threads <= 1) {
    size_t first = ids.size();
    for (size_t at = 0; at < ids.size(); ++at) {
      if (!insert(ids[at]) && first == ids.size()) first = at;
    }
    return first;
  }
  if (parts_.empty()) parts_.resize(size_t{1} << kPartBits);
  const auto tasks = std::min<size_t>(static_cast<size_t>(threads), parts_.size());
  std::vector<uint64_t> hashes(ids.size());
  parallel_for((ids.size() + kFew - 1) / kFew, threads, [&](size_t task, int) {
    for (size_t at = task * kFew; at < std::min(ids.size(), (task + 1) * kFew); ++at) hashes[at] = id_hash(ids[at]);
  });
  // Each task has parts of its own, which it fills in the order of the ids.
  std::vector<size_t> first(tasks, ids.size());
  std::vector<size_t> added(tasks, 0);
  parallel_for(tasks, threads, [&](size_t task, int) {
    for (size_t at = 0; at < ids.size(); ++at) {
      const size_t part = hashes[at] & (parts_.size() - 1);
      if (part % tasks != task) continue;
      if (parts_[part].insert(ids[at], hashes[at])) {
        ++added[task];
      } else {
        first[task] = std::min(first[task], at);
      }
    }
  });
  size_ += std::accumulate(added.begin(), added.end(), size_t{0});
  return *std::min_element(first.begin(), first.end());
}

}  // namespace rec
