// Trains attention g and predictor M together with users' and items' vectors, by
// gradient steps (rec-embed neural). Same bits for every number of threads: a batch is
// cut into kSlices slices whatever the threads, and gradients are added in the order of
// the slices. Symbols: U users, I items, F factors, P pairs.
//
// A step moves what it touches alone: rows of users and items without a gradient in it
// keep their vectors and the optimiser's state; L2 holds for touched rows.
#pragma once

#include <vector>

#include "base/parallel_for.h"
#include "data/artefact.h"
#include "data/interactions.h"
#include "linalg/matrix.h"
#include "linalg/optimizer.h"
#include "models/two_tower/neural_micro_batch.h"
#include "models/two_tower/neural_negatives.h"

namespace rec {

class NeuralTrainer {
 public:
  static constexpr size_t kSlices = 8;

  // by_user: U × I, its weights the values for mse; held by the caller.
  NeuralTrainer(const Csr& by_user, size_t items, const NeuralOptions& options, int threads);

  NeuralTrainer(const NeuralTrainer&) = delete;
  NeuralTrainer& operator=(const NeuralTrainer&) = delete;

  // Bytes that training takes beside by_user, but for the slices' scratch.
  static size_t memory(const Csr& by_user, size_t items, const NeuralOptions& options);

  // One pass over all pairs in an order of its own. Throws Error where the loss, a
  // gradient or a parameter is no longer finite.
  void epoch();
  // The mean loss of the pairs in the last epoch, as the steps met it.
  double objective() const { return objective_; }

  Artefact artefact(const Interactions& data) const;
  // artefact() and the optimiser's state.
  Artefact state(const Interactions& data) const;
  // From a state of the same data and options.
  void restore(const Artefact& state);

  // For tests.
  const AlignedBuffer<float>& parameters() const { return parameters_; }
  const NeuralLayout& layout() const { return layout_; }

 private:
  // The rows of one table that a step touches, and their gradients.
  struct Rows {
    std::vector<uint32_t> first;       // by row: its first source, or kNoId
    std::vector<uint32_t> next;        // by source
    std::vector<const float*> source;  // gradients of a slice, in the order of the slices
    std::vector<uint32_t> touched;
    AlignedBuffer<float> sum;     // touched × F
    std::vector<double> squares;  // touched: Σ of a row's sum²
  };

  void initialize();
  void step(std::span<const uint32_t> pairs);
  void run_slice(std::span<const uint32_t> pairs, size_t slice, float weight);
  void collect(Rows& rows, bool users, size_t slices);
  void add_up(Rows& rows);
  void move(const Rows& rows, bool users, float scale);
  uint64_t steps_per_epoch() const;

  const Csr& by_user_;
  NeuralOptions options_;
  ThreadPool thread_pool_;
  NeuralLayout layout_;
  NeuralNegatives negatives_;
  std::vector<uint32_t> user_of_;  // P
  AlignedBuffer<float> parameters_;
  Optimizer optimizer_;
  std::vector<NeuralSlice<float>> slices_;
  std::vector<double> slice_loss_;
  Rows users_;
  Rows items_;
  std::vector<float> weights_gradient_;
  double objective_ = 0.0;
};

}  // namespace rec
