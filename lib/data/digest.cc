#include "data/digest.h"

#include <xxhash.h>

#include "base/error.h"

namespace rec {

Digest::Digest() : state_(XXH3_createState()) { XXH3_64bits_reset(state_); }
Digest::~Digest() { XXH3_freeState(state_); }

void Digest::add_bytes(const void* data, size_t bytes) {
  XXH3_64bits_update(state_, &bytes, sizeof bytes);
  if (bytes > 0) XXH3_64bits_update(state_, data, bytes);
}

void Digest::add(const IdTable& ids) {
  add_bytes(ids.bytes().data(), ids.bytes().size());
  add(std::span<const uint64_t>(ids.offsets()));
}

std::string Digest::text() const { return fmt::format("{:016x}", XXH3_64bits_digest(state_)); }

}  // namespace rec
