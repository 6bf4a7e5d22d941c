// Trains the function of models/fm/fm_net.h on labelled rows: a step minimises the mean
// logistic loss of a batch of rows in random order, and λ/2·‖E‖², E being the whole table of
// categories, not the rows of the batch alone. Symbols: C categories of all fields.
// The same bits for every number of threads.
#pragma once

#include <memory>
#include <vector>

#include "data/labelled_rows.h"
#include "models/common/feature_rows.h"
#include "models/common/trainer.h"
#include "models/fm/fm_net.h"
#include "models/fm/fm_options.h"
#include "models/fm/fm_pairs.h"
#include "models/fm/fm_table.h"
#include "models/sgd/gradient_step.h"

namespace rec {

// What rows are described by: the fields of the user's side (user, context) and of the item's.
struct FmFields {
  std::vector<FmField> all;  // user, its features, columns of context, item, its features
  size_t of_user = 0;        // the first so many are the user
  size_t of_item = 0;        // the fields from here on are the item
  size_t categories = 0;     // C, those that stand for unknown ones included
};

// `features`, one of a side at most, must outlive the fields.
FmFields fields_of(const LabelledRows& data, const std::vector<SideFeatures>& features);

class FmTrainer : public Trainer {
 public:
  // by_user: the pairs of label 1, for the items' counts. REQUIRES: options.batch > 0; rows. data must outlive this.
  FmTrainer(const LabelledRows& data, const Csr& by_user, const FmOptions& options, int threads,
            std::vector<SideFeatures> features = {});

  // Bytes that training takes at most.
  static size_t memory(const LabelledRows& data, const FmOptions& options,
                       const std::vector<SideFeatures>& features = {});

  void epoch() override;
  // The mean loss of the last epoch's rows, each taken before its step, in nats.
  double objective() const override { return mean_loss_; }
  double learning_rate() const override { return rate_; }
  Artefact artefact() const override;
  void add_state(Artefact& model) const override;
  void restore(const Artefact& state) override;
  void validated(bool better) override;

 private:
  void initialize();
  void step(std::span<const uint32_t> rows);
  // The row that stands for what a field does not know: learnt, where rows of the data lack the field, else the mean
  // over these rows.
  std::vector<float> unknown_row(const FmField& field) const;
  // Of number `number` of the fields [first, last) (kNoId: unknown): [s; b] to factors, their values to `fields`, which
  // may be nullptr.
  // Ids without rows are unknown ones with features. unknown: of each field.
  void side(size_t first, size_t last, uint32_t number, const std::vector<std::vector<float>>& unknown, float* factors,
            float* fields) const;
  FmPairs by_field() const;      // kind kNone: one vector for all fields
  size_t size_of_pairs() const;  // P
  void add_features(const SideFeatures& features, const std::vector<std::vector<float>>& unknown,
                    Artefact& artefact) const;

  const LabelledRows& data_;
  const FmOptions options_;
  const std::vector<SideFeatures> features_;
  const FmFields fields_;
  const FmShape shape_;
  const std::vector<Parameter> parameters_;
  const std::vector<Parameter> averages_;
  std::vector<float> item_counts_;
  std::vector<double> rows_of_;  // C: the shares of each category in the data's rows
  ThreadPool thread_pool_;
  FmNet<float> net_;
  AlignedBuffer<float> table_, table_gradient_;      // C × W + 1
  AlignedBuffer<float> weights_, weights_gradient_;  // of parameters_
  std::vector<float> moments_;                       // of averages_
  Optimizer table_optimizer_, weights_optimizer_;
  GradientStep gradient_step_;
  std::vector<uint32_t> numbers_;  // of the batch: n × F
  std::vector<float> d_logit_;
  double rate_factor_ = 1.0;  // of rate decay
  double rate_ = 0.0;         // of the last step
  uint64_t epochs_done_ = 0;
  double mean_loss_ = 0.0;
};

}  // namespace rec
