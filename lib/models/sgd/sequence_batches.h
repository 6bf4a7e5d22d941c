// The training examples of a sequence model: which windows of the users' sequences an
// epoch reads, in which order, and how they are changed. Symbols: W window, I items.
// Everything depends only on the seed and the epoch, so that a run that was stopped goes on
// as if it had not been. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/option.h"
#include "base/parallel_for.h"
#include "data/interactions.h"
#include "models/sgd/packed_sequences.h"

namespace rec {

enum class Windows {
  kLast,    // of each sequence, its last W + 1 items
  kRandom,  // W + 1 consecutive items, others each epoch
  kAll,     // all of it, cut into windows from its end
};

inline constexpr Named<Windows> kWindows[] = {
    {"last", Windows::kLast}, {"random", Windows::kRandom}, {"all", Windows::kAll}};

struct BatchOptions {
  int window = 50;      // W
  bool causal = true;   // false: hidden items are predicted (BERT4Rec)
  double hidden = 0.2;  // not causal: the fraction of items that are hidden
  Windows windows = Windows::kLast;
  int least_batch = 64;     // of resolve()
  int batch = 256;          // sequences; 0: by size, once resolve() knows it
  double crop = 0.0;        // the probability that a sequence is cut to a random part of it
  double reorder = 0.0;     // the probability that a random part of it is shuffled
  double drop_items = 0.0;  // the probability that an item of the input is a zero vector
  uint64_t seed = 1;

  // The options of the batches, told to `table`, which refers to this; the window, causal,
  // hidden and the seed belong to others.
  void describe(OptionTable& table);
  // A batch of 0 becomes a 64th of the users, least_batch to 256.
  void resolve(size_t users);
};

// Some sequences of a batch, which one task takes at once. N tokens, M predictions.
struct MicroBatch {
  PackedSequences packed;
  std::vector<uint32_t> item;      // N: a token's item; I: the hidden one, kNoId: a zero vector
  std::vector<uint32_t> position;  // M: the tokens whose vectors predict, ascending
  std::vector<uint32_t> target;    // M: the item that each is to predict
  std::vector<float> weight;       // M: of its loss, that of the target's row; empty: all 1
  std::vector<uint32_t> user;      // of each sequence
};

class SequenceBatches {
 public:
  // Leaves out sequences that are too short to predict anything.
  SequenceBatches(const Interactions& data, const BatchOptions& options);

  size_t sequences() const { return users_; }  // that are used
  // A pass of an epoch (from 1).
  class Epoch {
   public:
    size_t batches() const;
    // Items of a batch, as they are before a change cuts some sequences.
    size_t tokens(size_t number) const;
    // A batch, cut into at most `count` micro-batches of about as many tokens each, each made by one of the
    // pool's threads. None is empty.
    std::vector<MicroBatch> batch(size_t number, size_t count, ThreadPool& thread_pool) const;

   private:
    friend class SequenceBatches;
    struct Window {
      uint32_t user;
      uint64_t begin, end;  // of its items
      uint64_t items() const { return end - begin; }
    };
    std::span<const Window> windows(size_t number) const;

    const SequenceBatches* all_ = nullptr;
    uint64_t number_ = 0;
    std::vector<Window> windows_;
  };
  Epoch epoch(uint64_t number) const;

 private:
  void add(const Epoch::Window& window, uint64_t epoch, MicroBatch& micro_batch) const;

  BatchOptions options_;
  std::vector<uint64_t> begin_;  // U + 1
  std::vector<uint32_t> item_;   // N, in time order by user
  std::vector<float> weight_;    // N, or empty
  uint32_t items_;
  size_t users_ = 0;
};

}  // namespace rec
