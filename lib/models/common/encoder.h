// The encoder part of a model: from a user, or a history, to the behaviour vector
// h. Symbols: F dimension of h's dense part, H entries of its sparse part.
// Thread-safe: encoders have no state that shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/artefact.h"
#include "linalg/matrix.h"

namespace rec {

// A history: numbers of the model's items in time order (unknown items left out
// by the caller), each with its value (empty: all 1) and its time (empty: unknown).
struct History {
  std::span<const uint32_t> item;
  std::span<const float> value;
  std::span<const double> timestamp = {};
  // A user of the model that is known by features alone: its number there, else kNoId.
  uint32_t described = kNoId;
};

// The history without its order: each item once, ascending, with the sum of its
// values (in double, in an order of their own, then rounded).
struct ItemBag {
  std::vector<uint32_t> item;
  std::vector<float> value;
};
ItemBag bag_of(const History& history);

// What an encoder makes of a user. The sparse part speaks of rows of the model's
// neighbour matrix (models/inference/scorer.h): the user's items or, where the rows
// are users, those who are like this one.
struct Behaviour {
  std::vector<float> dense;   // F
  std::vector<uint32_t> row;  // H, ascending
  std::vector<float> weight;  // H, or empty: all 1

  void clear() {
    dense.clear();
    row.clear();
    weight.clear();
  }
};

// h of a history as a sum over its items: h's dense part is rest + Σ_j part_j, its sparse part
// has the entry weight_j in the row of item j.
struct HistoryParts {
  std::vector<uint32_t> item;  // H, ascending
  std::vector<float> weight;   // H; empty: h has no sparse part
  Matrix part;                 // H × F
  std::vector<float> rest;     // F: what no item adds; empty: nothing
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual size_t dim() const = 0;  // F; 0: h is sparse alone
  // The rows that h's sparse part speaks of, 0: h has none. The model's neighbour
  // matrix has as many.
  virtual size_t sparse_rows() const { return 0; }
  // h of a user of the model, by number (kNoId: a user it has not seen); false if
  // it has none; h is then as it may be.
  virtual bool encode_user(uint32_t user, Behaviour& h) const = 0;
  // h of a user that the model has not seen. false if this history says nothing
  // (it is empty, say).
  virtual bool encode_history(const History& history, Behaviour& h) const = 0;
  // Whether h is a sum over the items of a history.
  virtual bool has_parts() const { return false; }
  // The summands of what encode_history() makes of it, up to rounding; false where it makes nothing of it. Thread-safe.
  virtual bool encode_parts(const History&, HistoryParts&) const { return false; }
  // h of a user of whom nothing is known, where the model says one of its own (mf:
  // the average user); false: it has none.
  virtual bool encode_unknown(Behaviour&) const { return false; }
  // The heads of the attention that h pays to a history's entries, in encoders that
  // have one: blocks, and heads in each. Zero: no such attention.
  struct Heads {
    size_t blocks = 0;
    size_t heads = 0;
  };
  virtual Heads attention_heads() const { return {}; }
  // Its weights: weights[(block·heads + head)·n + j] for the j-th of the n last entries of
  // the history. Returns n, 0 if the history says nothing. Thread-safe.
  virtual size_t attention_weights(const History&, std::vector<float>&) const { return 0; }
  // Models of labelled rows: whether h depends on the row, and on which of its columns beside user and item.
  virtual bool reads_rows() const { return false; }
  virtual std::span<const std::string> context_columns() const { return {}; }
  // The number of a category of such a column; kNoId: unknown, or empty.
  virtual uint32_t find_category(size_t /*column*/, std::string_view /*category*/) const { return kNoId; }
  // h of a user of the model (kNoId: of one it has not seen) in a context, a category for each column.
  virtual void encode_in_context(uint32_t /*user*/, std::span<const uint32_t> /*categories*/, Behaviour&) const {}
  // The categories that set_context() was given, kNoId where they are unknown.
  virtual std::span<const uint32_t> context() const { return {}; }
  // The context of encode_user() and encode_unknown() from now on; not while others run.
  virtual void set_context(std::vector<uint32_t> /*categories*/) {}
  // Called once before encode_history from several threads: prepares what that
  // needs (als: the items' Gramian), using up to `threads` threads.
  virtual void prepare(int threads) = 0;
};

}  // namespace rec
