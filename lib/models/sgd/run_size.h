// How long a run of gradient steps is where the user does not say: the examples of a step
// and the passes over the data, by the data's size. Small data get small steps and more
// passes, so that the steps suffice. Functions without state.
#pragma once

#include <algorithm>
#include <cstddef>

namespace rec {

// Fewer steps than this are few: a run says so.
constexpr size_t kFewSteps = 200;

inline size_t steps_of(size_t examples, int batch) {
  return (examples + static_cast<size_t>(batch) - 1) / static_cast<size_t>(batch);
}

// The n-th part of the examples, at least `least` and at most `most`.
inline int batch_by_size(size_t examples, size_t n, int least, int most) {
  return static_cast<int>(std::clamp(examples / n, static_cast<size_t>(least), static_cast<size_t>(most)));
}

// The passes that make so many steps, at least `least` and at most `most`.
inline int epochs_by_size(size_t examples, int batch, size_t steps, int least, int most) {
  const size_t passes = (steps + steps_of(examples, batch) - 1) / std::max<size_t>(steps_of(examples, batch), 1);
  return static_cast<int>(std::clamp(passes, static_cast<size_t>(least), static_cast<size_t>(most)));
}

}  // namespace rec
