#include "data/id_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <random>

#include "base/error.h"

namespace rec {
namespace {

constexpr int kPlaceBits = 40;
constexpr uint64_t kPlaceMask = (uint64_t{1} << kPlaceBits) - 1;

IdHashSeeds draw() {
  std::random_device device;
  const auto number = [&device] { return uint64_t{device()} << 32 | device(); };
  return {number(), number(), number() | 1};
}

}  // namespace

const IdHashSeeds kIdHashSeeds = draw();

uint64_t id_hash(std::string_view id) { return XXH3_64bits_withSeed(id.data(), id.size(), kIdHashSeeds.text); }

std::string_view IdSet::at(Slot slot) const {
  size_t place = static_cast<size_t>(slot & kPlaceMask) - 1;
  size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_[place++]);
    length |= size_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return std::string_view(bytes_).substr(place, length);
}

void IdSet::grow() {
  std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot slot : old) {
    if (slot == 0) continue;
    size_t place = id_hash(at(slot)) & mask;
    while (slots_[place] != 0) place = (place + 1) & mask;
    slots_[place] = slot;
  }
}

bool IdSet::insert(std::string_view id) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  const uint64_t hash = id_hash(id);
  const uint64_t tag = hash & ~kPlaceMask;
  const size_t mask = slots_.size() - 1;
  size_t place = hash & mask;
  for (; slots_[place] != 0; place = (place + 1) & mask) {
    if ((slots_[place] & ~kPlaceMask) == tag && at(slots_[place]) == id) return false;
  }
  if (bytes_.size() >= kPlaceMask) fail("more than {} bytes of ids", kPlaceMask);
  slots_[place] = tag | (bytes_.size() + 1);
  ++size_;
  size_t length = id.size();
  for (; length >= 0x80; length >>= 7) bytes_ += static_cast<char>(0x80 | (length & 0x7f));
  bytes_ += static_cast<char>(length);
  bytes_ += id;
  return true;
}

}  // namespace rec
