// Fits the Transformer of models/transformer/transformer.h to the users' sequences: SASRec
// predicts the next item, BERT4Rec hidden ones (Sun et al. 2019, arXiv:1904.06690).
// Symbols: I items, d dimension, P parameters beside the item table.
// The same bits for every number of threads (models/sgd/mini_batch_trainer.h).
#pragma once

#include <vector>

#include "models/sgd/item_prediction_trainer.h"
#include "models/transformer/transformer.h"
#include "models/transformer/transformer_net.h"

namespace rec {

struct SequenceOptions : SequenceLearningOptions {
  TransformerShape shape;
  BatchOptions batches;         // its window and causal are the shape's, its seed this one's
  double output_dropout = 0.0;  // of h
  // The model is the moving average of the weights over the epochs
  // (models/sgd/weight_average.h), with this for `keep`; 0: the weights of the last epoch.
  double average = 0.0;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

class SequenceTrainer : public ItemPredictionTrainer {
 public:
  // sides: features of items, of users (models/sgd/item_prediction_trainer.h), or none. Throws Error where there is
  // nothing to predict.
  SequenceTrainer(const Interactions& data, const SequenceOptions& options, int threads,
                  std::vector<SideFeatures> sides = {});

  // Bytes that training takes at most, beside the data.
  static size_t memory(const Interactions& data, const SequenceOptions& options, int threads,
                       const std::vector<SideFeatures>& sides = {});

  void epoch() override;
  Artefact artefact() const override;
  // The optimisers' memory, the epochs and, with an average, the weights of the last epoch.
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;

 private:
  struct Worker {  // what a thread works with
    explicit Worker(const TransformerWeights<float>& weights) : net(weights) {}
    TransformerNet<float> net;
    AlignedBuffer<float> x0, d_h, d_predictions;
  };

  double run_micro_batch(size_t number, size_t micro_batch, size_t group, int worker) override;
  void values_moved() override { weights_.refresh(); }
  void embed(const MicroBatch& micro_batch, float* x0) const;
  bool averages() const { return options_.average > 0.0; }
  void write_parameters(Artefact& artefact) const;

  const SequenceOptions options_;
  AlignedBuffer<float> mean_table_;  // averages of the table and of the parameters, if wanted
  std::vector<float> mean_values_;
  AlignedBuffer<float> mean_folded_;  // of features->folded()
  AlignedBuffer<float> mean_users_;   // of user_features->folded()
  TransformerWeights<float> weights_;
  const float input_scale_;
  std::vector<Worker> workers_;
};

}  // namespace rec
