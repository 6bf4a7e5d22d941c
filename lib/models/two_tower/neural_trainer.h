// Trains attention g and predictor M together with users' and items' vectors, by
// gradient steps (rec-embed neural). Same bits for every number of threads: a batch is
// cut into NeuralOptions::micro_batches(), however many threads there are, and their
// gradients are added in their order. Symbols: U users, I items, F factors, P pairs.
//
// A step moves only what it touches: users, items and features without a gradient keep their
// vectors and the optimiser's memory of them, and L2 regularisation does not apply to them.
//
// With features the vectors are the sums of models/two_tower/neural_features.h. The model has
// them added up.
#pragma once

#include <vector>

#include "base/parallel_for.h"
#include "data/artefact.h"
#include "data/interactions.h"
#include "linalg/matrix.h"
#include "linalg/optimizer.h"
#include "models/common/trainer.h"
#include "models/two_tower/neural_micro_batch.h"
#include "models/two_tower/neural_negatives.h"

namespace rec {

class NeuralTrainer : public Trainer {
 public:
  // by_user: U × I, the pairs of `data`; for mse their weights are the values. features: of
  // each side that has some. weights: of the loss of each pair, or empty: 1. To learn a policy (options.propensity):
  // by_user has each row of the log, its weight the reward, and `weights` are the propensities.
  NeuralTrainer(const Interactions& data, Csr by_user, const NeuralOptions& options, int threads,
                std::vector<SideFeatures> features = {}, std::vector<float> weights = {});

  // Bytes that training takes at most, with by_user.
  static size_t memory(const Csr& by_user, size_t items, const NeuralOptions& options,
                       const std::vector<SideFeatures>& features = {});

  // One pass over all pairs in an order of its own.
  void epoch() override;
  // The mean loss of the pairs in the last epoch, each taken before its step, in nats; of a policy the mean of the
  // steps' estimates of its value, with the sign changed.
  double objective() const override { return objective_; }
  double learning_rate() const override;

  Artefact artefact() const override;
  // The optimiser's memory and steps.
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;

  // For tests.
  const AlignedBuffer<float>& parameters() const { return parameters_; }
  const NeuralLayout& layout() const { return layout_; }

 private:
  // The rows of one table that a step touches, and their gradients.
  struct Rows {
    explicit Rows(const NeuralLayout::Table& table) : offset(table.offset), first(table.rows, kNoId) {}

    size_t offset;                     // of the table, in parameters_
    std::vector<uint32_t> first;       // by row: its first source, or kNoId
    std::vector<uint32_t> next;        // by source
    std::vector<const float*> source;  // gradients, in the order of the micro-batches
    std::vector<uint32_t> touched;
    AlignedBuffer<float> sum;     // touched × F
    std::vector<double> squares;  // touched: Σ of a row's sum²
  };

  void initialize();
  void step(std::span<const uint32_t> pairs);
  // Sets a micro-batch's examples; its random numbers from there on.
  Rng prepare(std::span<const uint32_t> pairs, size_t number);
  // The cross-entropies of the step's pairs, in their order.
  std::vector<float> measure(size_t micro_batches);
  // Gives the pairs of the step that have the largest losses the weight 0.
  void truncate(size_t pairs, size_t micro_batches);
  // Gives the rows of the step the weights of policy_gradient(), and returns its value, 0 for NaN.
  double weigh(std::span<const uint32_t> rows, size_t micro_batches);
  double rate_of(uint64_t step) const;
  void collect(size_t table, size_t micro_batches);
  void add_up(Rows& rows);
  void move(const Rows& rows, float scale);
  uint64_t steps_per_epoch() const;
  void add_vectors(IdKind of, Artefact& artefact) const;

  const Interactions& data_;
  const Csr by_user_;
  NeuralOptions options_;
  ThreadPool thread_pool_;
  const std::vector<NeuralSide> sides_;
  const NeuralLayout layout_;
  NeuralNegatives negatives_;
  std::vector<uint32_t> user_of_;     // P
  const std::vector<float> weights_;  // P, or empty
  AlignedBuffer<float> parameters_;
  Optimizer optimizer_;
  std::vector<NeuralMicroBatch<float>> micro_batches_;
  std::vector<double> loss_;  // of each micro-batch
  std::vector<Rng> rng_;      // the same
  std::vector<Rows> tables_;  // of the layout
  std::vector<float> weights_gradient_;
  double objective_ = 0.0;
};

}  // namespace rec
