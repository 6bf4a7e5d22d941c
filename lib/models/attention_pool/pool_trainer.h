// Fits the attention pool of models/attention_pool/pool.h to the users' sequences. Symbols:
// I items, F factors, A units, P parameters beside the tables, W window.
// The same bits for every number of threads (models/sgd/mini_batch_trainer.h).
#pragma once

#include <vector>

#include "models/attention_pool/pool_net.h"
#include "models/attention_pool/pool_pairs.h"
#include "models/sgd/item_prediction_trainer.h"

namespace rec {

struct PoolOptions : SequenceLearningOptions {
  PoolShape shape;
  PoolSight sight = PoolSight::kBefore;
  BatchOptions batches;  // its window is the shape's, its seed this one's

  PoolOptions() {
    dropout = 0.5;
    schedule.rate = 0.003;
    epochs = 50;
    batches.least_batch = 16;
  }

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

class PoolTrainer : public ItemPredictionTrainer {
 public:
  // sides: features of items (models/sgd/item_features.h), or none; with tables apart, y has vectors of features of
  // its own. Throws Error where there is nothing to predict.
  PoolTrainer(const Interactions& data, const PoolOptions& options, int threads, std::vector<SideFeatures> sides = {});

  // Bytes that training takes at most, beside the data.
  static size_t memory(const Interactions& data, const PoolOptions& options, int threads,
                       const std::vector<SideFeatures>& sides = {});

  Artefact artefact() const override;
  // The optimisers' memory, and the epochs.
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;

 private:
  struct Worker {  // what a thread works with
    explicit Worker(const PoolWeights<float>& weights) : net(weights), pairs(weights) {}
    PoolNet<float> net;
    PoolPairsNet<float> pairs;
    AlignedBuffer<float> y, mask, d_h;
  };

  bool candidate() const { return options_.shape.candidate; }
  const float* inputs_table() const {
    return options_.shape.tied ? vectors() : source_features_ ? composed_source_.data() : source_.data();
  }
  size_t begin_batch(size_t number) override;
  void begin_columns() override;
  void begin_group(size_t group) override;
  double run_micro_batch(size_t number, size_t micro_batch, size_t group, int worker) override;
  // From its.y to the loss and d_input.
  double run_pool(size_t micro_batch, size_t group, Worker& its, int worker);
  double run_pairs(size_t micro_batch, size_t group, Worker& its);
  void gradient_of_columns(size_t used) override;
  void list_outputs() override;
  const float* output_rows() const override { return candidate() ? d_own_.data() : h.data(); }
  void add_blocks(std::vector<ParameterBlock>& blocks) override;
  void values_moved() override;

  const PoolOptions options_;
  AlignedBuffer<float> source_;  // I × F: y, where it is not x
  PoolWeights<float> weights_;
  Optimizer source_optimizer_;
  std::unique_ptr<ItemFeatures> source_features_;           // nullptr: none, or y is x
  AlignedBuffer<float> composed_source_, source_gradient_;  // I × F, with features: y, its gradient
  std::vector<Worker> workers_;

  // With the candidate for the query.
  AlignedBuffer<float> d_own_;           // N·(1 + K) × F, as PoolPairsNet has it
  PoolColumns<float> shared_;            // sampled softmax: `columns`
  OfGroups d_columns_, d_queries_;       // sampled softmax: C × F, C × A
  AlignedBuffer<float> query_gradient_;  // C × A
};

}  // namespace rec
