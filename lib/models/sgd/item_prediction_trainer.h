// The common part of trainers whose model predicts items of sequences by inner products
// with a table of item vectors: the table, the loss and the items that it compares with,
// and the step. A trainer derives from this and computes h of each prediction. With features of items the
// vectors are those of models/sgd/item_features.h, and items without rows are neither predicted nor compared
// with. With features of users h is that of models/sgd/user_features.h, and each sequence makes one prediction more,
// of one of its targets, without its history. Symbols: I items, d dimension, P parameters beside the item tables, N
// tokens and M predictions of the batch at hand, C columns (the items that all its predictions are compared with), K
// negatives that each prediction has of its own. Thread rule and determinism: as models/sgd/mini_batch_trainer.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/sgd/column_derivatives.h"
#include "models/sgd/gradient_step.h"
#include "models/sgd/item_features.h"
#include "models/sgd/item_sampler.h"
#include "models/sgd/item_terms.h"
#include "models/sgd/mini_batch_trainer.h"
#include "models/sgd/sequence_loss.h"
#include "models/sgd/user_features.h"

namespace rec {

class ItemPredictionTrainer : public MiniBatchTrainer {
 public:
  double learning_rate() const override;
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;

 protected:
  struct Shape {
    size_t dim;                // d
    bool tied = true;          // the vectors that are read are those of the table, too
    float input_scale = 1.0f;  // of a token's input to its item's vector
    const char* parameters;    // their name in a checkpoint
    double deviation;          // of the vectors of features, at the start
  };
  // values: the P parameters at the start. The table is 0. sides: features of items, of users, or none.
  ItemPredictionTrainer(const Interactions& data, const BatchOptions& batch_options,
                        const SequenceLearningOptions& options, const Shape& shape, std::vector<float> values,
                        int threads, std::vector<SideFeatures> sides);

  // A model with item ids, counts and the map of features; the trainer adds all else.
  Artefact begin_artefact() const;
  // Adds the vectors of items as "items.NAME" and, with features, what they are made of for items that come
  // later. ids: I × d. features: of these vectors, or nullptr; folded: as ItemFeatures::folded().
  void add_item_vectors(const std::string& name, const float* ids, const ItemFeatures* features, const float* folded,
                        Artefact& artefact) const;
  // Adds the vectors of the users who have features, and what they are made of. folded: as UserFeatures::folded().
  void add_user_vectors(const float* folded, Artefact& artefact) const;
  // Bytes that this part takes beside the data, for batches of at most `tokens` tokens.
  static size_t memory(const Interactions& data, const SequenceLearningOptions& options, size_t dim, size_t parameters,
                       size_t batch, size_t tokens, int threads, const std::vector<SideFeatures>& sides);
  // Features for a further table of item vectors, or nullptr where there are none. stream: of random numbers.
  std::unique_ptr<ItemFeatures> make_features(uint64_t stream) const;
  // Sets `to` (I × d) to the vectors of the batch.
  void compose(const float* ids, ItemFeatures& features, size_t number, AlignedBuffer<float>& to);
  // x of all items as the batch at hand has them, I × d.
  const float* vectors() const { return features ? composed_.data() : table.data(); }

  // Called when a step has moved `values`.
  virtual void values_moved() = 0;
  // Called when `columns` are set, with a softmax loss.
  virtual void begin_columns() { column_derivatives_.begin_batch(columns); }
  // Sets column_gradient (C × d), with sampled softmax.
  virtual void gradient_of_columns(size_t used);
  // Lists in `outputs` which rows of output_rows() count for which item, beside the columns.
  virtual void list_outputs();
  virtual const float* output_rows() const { return h.data(); }
  // Adds what else the step moves, between the table and the parameters.
  virtual void add_blocks(std::vector<ParameterBlock>&) {}

  // Of MiniBatchTrainer.
  size_t begin_batch(size_t number) override;
  void begin_group(size_t group) override { column_derivatives_.begin_group(group); }
  void leave_out(const std::vector<uint32_t>& predictions) override;
  void end_batch(size_t used) override;

  bool sampled() const { return learning.loss == SequenceLoss::kSampledSoftmax; }
  size_t negatives() const { return learning.is_pairwise() ? static_cast<size_t>(learning.negatives) : 0; }  // K
  float weight() const { return 1.0f / static_cast<float>(target.size()); }  // of a prediction
  float positive() const;                                                    // weight of the target's term in bce
  // Whether predictions have weights, and those of a micro-batch, or nullptr.
  static bool weighs(const Interactions& data, const SequenceLearningOptions& options) {
    return !data.weight.empty() || options.form.reweight > 0.0 || options.truncation.any();
  }
  bool weighs() const { return weighs(data, learning); }
  float* weights_of(size_t micro_batch) {
    return weighs() ? prediction_weight_.data() + first_prediction[micro_batch] : nullptr;
  }
  // Draws the negatives of a micro-batch's predictions, for a loss that has them.
  void draw_negatives_of(size_t number, size_t micro_batch);
  // The loss of a micro-batch's predictions, whose rows of h are set, but for those that are made without a
  // history; d_h: their derivatives, as many rows.
  double predict(size_t micro_batch, size_t group, float* d_h, LossScratch<float>& scratch);
  LossScratch<float>& scratch_of(int worker) { return scratch_[static_cast<size_t>(worker)]; }

  const Interactions& data;
  const SequenceLearningOptions learning;
  const size_t I;
  const size_t d;
  const std::vector<float> counts;              // I: users of each item
  const std::vector<SideFeatures> sides;        // of items, of users, or none
  AlignedBuffer<float> table;                   // I × d: x, with features y
  std::unique_ptr<ItemFeatures> features;       // nullptr: none
  std::unique_ptr<UserFeatures> user_features;  // nullptr: none
  std::vector<float> values;                    // P
  Optimizer table_optimizer;
  Optimizer optimizer;  // of values

  // The batch at hand.
  std::vector<size_t> first_token, first_prediction;  // of each micro-batch; the last: N, M
  AlignedBuffer<float> h;                             // M × d
  AlignedBuffer<float> d_input;                       // N × d
  std::vector<uint32_t> target;                       // M
  std::vector<uint32_t> negative;                     // M × K
  std::vector<float> on_target, on_negative;          // M, M × K: derivatives along h
  ItemColumns<float> columns;
  AlignedBuffer<float> column_gradient;  // C × d, with sampled softmax
  ItemTerms inputs, outputs;
  // Sets `to` (count × d) to the derivatives of the columns [first, first + count) under a
  // softmax loss, from the groups [0, used).
  void columns_back(size_t used, size_t first, size_t count, float* to, int worker);

 private:
  const SideFeatures* side(IdKind of) const;  // nullptr: none
  void lay_out();
  void add_predictions_of_users(size_t number);
  void add_users(size_t micro_batch);
  void sum_of_users(size_t micro_batch, const float* d_h);
  double loss_of(size_t micro_batch, size_t group, float* d_h, LossScratch<float>& scratch);
  void set_columns(size_t number);
  void list_inputs();
  void gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker);

  const Shape shape_;
  const ItemSampler sampler_;
  size_t compared_;                         // items that predictions may be compared with
  std::vector<float> left_out_;             // with features: what leaves an item out of the softmax
  AlignedBuffer<float> composed_;           // I × d, with features: x
  AlignedBuffer<float> composed_gradient_;  // of it
  ColumnDerivatives column_derivatives_;
  std::vector<LossScratch<float>> scratch_;  // of each thread
  std::vector<float> log_sum_;               // M
  std::vector<float> prediction_weight_;     // M, where there are such
  // With features of users, of the batch at hand. S sequences.
  std::vector<size_t> first_sequence_;       // of each micro-batch; the last: S
  std::vector<uint32_t> user_;               // S
  std::vector<uint32_t> copied_;             // S: the prediction of its micro-batch that is made again
  AlignedBuffer<float> d_users_, d_starts_;  // S × d
  GradientStep gradient_step_;
};

}  // namespace rec
