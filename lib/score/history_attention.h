// How a candidate's attention is spread over the items of a user's history: the explanation
// of a recommendation. Immutable and thread-safe; a Scratch belongs to one thread and one
// HistoryAttention. Symbols: H distinct items of the history.
//
//   by a scorer        as models/inference/scorer.h and the scorer's own file say it
//   by the encoder     where h is an attention over the history: its weights, whatever the
//                      candidate. The weights of an item's entries are added up, and those of
//                      all heads of all blocks are averaged, or each head's are kept
#pragma once

#include <memory>

#include "models/inference/model.h"
#include "score/user_vectors.h"

namespace rec {

class HistoryAttention {
 public:
  // By `scorer`, made of the parts of `model`, which must outlive this. `temperature`: τ > 0.
  // Throws UsageError where the scorer knows no attention over a history.
  HistoryAttention(const Model& model, std::unique_ptr<const Scorer> scorer, double temperature);
  // By the encoder's own attention. Throws UsageError if it has none.
  HistoryAttention(const Model& model, bool by_head);

  // The blocks and heads that have weights of their own; one of each unless by_head.
  Encoder::Heads heads() const { return heads_; }

  struct Scratch {
    std::vector<uint32_t> items;  // H, ascending
    std::vector<float> weights;   // H
    std::unique_ptr<Scorer::Users> user;
    std::vector<float> own;      // the encoder's weights, as it gives them
    std::vector<float> by_head;  // heads × H: the same, added up by item
  };
  // Reads a history into scratch.items; false if it has no item that the model knows.
  bool set_history(const KnownHistory& history, Scratch& scratch) const;
  // Writes scratch.weights for a candidate (kNoId: an item that the model does not know) and
  // the head `head` < heads().blocks·heads().heads.
  void attend(uint32_t candidate, size_t head, Scratch& scratch) const;

 private:
  bool read_own(const KnownHistory& history, Scratch& scratch) const;

  const Model& model_;
  std::unique_ptr<const Scorer> scorer_;  // nullptr: by the encoder
  Encoder::Heads heads_{1, 1};
  double temperature_ = 1.0;
};

}  // namespace rec
