// Sequences that a network runs over at once. Thread rule: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rec {

// Sequences one behind the other, without padding: s has the tokens [begin[s], begin[s + 1]).
struct PackedSequences {
  std::vector<uint32_t> begin{0};

  size_t tokens() const { return begin.back(); }
  size_t sequences() const { return begin.size() - 1; }
};

}  // namespace rec
