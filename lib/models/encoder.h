// The encoder part of a model: from a user, or a history, to the behaviour vector
// h. Symbols: F dimension of h. Thread-safe: encoders hold no mutable state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "data/artefact.h"

namespace rec {

// A history: numbers of the model's items in time order (unknown items left out
// by the caller), each with its weight; weight empty: all 1.
struct History {
  std::span<const uint32_t> item;
  std::span<const float> value;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual size_t dim() const = 0;
  // h of a user of the model, by number (kNoId: a user it has not seen); false if
  // it has none.
  virtual bool encode_user(uint32_t user, float* h) const = 0;
  // h of a user that the model has not seen. false if this history says nothing
  // (it is empty, say).
  virtual bool encode_history(const History& history, float* h) const = 0;
  // Called once before encode_history from several threads: prepares what that
  // needs (als: the items' Gramian), using up to `threads` threads.
  virtual void prepare(int threads) = 0;
};

}  // namespace rec
