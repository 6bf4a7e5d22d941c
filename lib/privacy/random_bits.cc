#include "privacy/random_bits.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace rec {

RandomBits::RandomBits(std::optional<uint64_t> seed, uint64_t stream) : next_(words_.size()) {
  if (seed) seeded_.emplace(*seed, stream);
}

void RandomBits::begin(std::optional<uint64_t> seed, uint64_t stream) {
  if (!seed) return;
  seeded_.emplace(*seed, stream);
  next_ = words_.size();
  left_ = 0;
}

void RandomBits::refill() {
  if (next_ == words_.size()) {
    next_ = 0;
    if (seeded_) {
      for (uint64_t& word : words_) word = seeded_->next();
    } else {
      auto* bytes = reinterpret_cast<char*>(words_.data());
      for (size_t got = 0; got < sizeof words_;) {
        const ssize_t more = getrandom(bytes + got, sizeof words_ - got, 0);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) fail("getrandom: {}", std::strerror(errno));
        got += static_cast<size_t>(more);
      }
    }
  }
  pool_ = words_[next_++];
  left_ = 64;
}

}  // namespace rec
