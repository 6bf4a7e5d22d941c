// How alike two words are, for messages that name what may have been meant. Thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace rec {

// How many single edits (an insertion, a deletion, a change, two neighbours swapped) make one word the other: the
// optimal string alignment distance. Takes time and memory by the product of their lengths.
size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace rec
