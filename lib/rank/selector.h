// A list built one item at a time: what fits best behind the items that are on it
// already. Symbols: n candidates. One object a thread; its memory is kept from list
// to list.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "rank/rank.h"

namespace rec {

class Selector {
 public:
  virtual ~Selector() = default;
  // Begins a user's list. candidates (n): best first, each item once; alive until the
  // next start(). relevance (n): their keys, min-max scaled to [0, 1].
  virtual void start(std::string_view user, std::span<const Candidate> candidates,
                     std::span<const double> relevance) = 0;
  // The candidate that fits best, ties by the lower number; nothing if none is left
  // or the rest is all alike to this method.
  virtual std::optional<size_t> best() = 0;
  // The candidate, which need not be best(), is on the list now.
  virtual void take(size_t candidate) = 0;
  // The candidate may not be listed.
  virtual void drop(size_t candidate) = 0;
};

}  // namespace rec
