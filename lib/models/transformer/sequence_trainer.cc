#include "models/transformer/sequence_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/dot.h"
#include "models/sgd/weight_average.h"

namespace rec {
namespace {

constexpr double kItemDeviation = 0.02;
constexpr const char* kLastTable = "last.items.factors";
constexpr const char* kLastValues = "last.transformer";
constexpr const char* kMeanIds = "mean.ids";  // with features
constexpr const char* kMeanFolded = "mean.features";
constexpr const char* kMeanUsers = "mean.features.users";

SequenceOptions with_shape(SequenceOptions options) {
  options.batches.window = options.shape.window;
  options.batches.causal = options.shape.causal;
  options.batches.seed = options.seed;
  return options;
}

float scale_of(const TransformerShape& shape) { return std::sqrt(static_cast<float>(shape.dim)); }

}  // namespace

void SequenceOptions::describe(OptionTable& table) {
  shape.describe(table);
  describe_features(table, features, id_dropout, false);
  SequenceLearningOptions::describe(table);
  const OptionTable::Section section(table, "Training");
  table.add("--output-dropout", output_dropout, "P", "Fraction of the values of h left out at random in training, too")
      .at_least(0)
      .below(1)
      .in_model_if([this] { return output_dropout > 0; });
  batches.describe(table);
  table
      .add("--ema", average, "B",
           "Write the moving average of the weights over the epochs, which keeps the fraction B at each epoch; 0: the "
           "weights of the last epoch")
      .at_least(0)
      .below(1)
      .formerly("average");
  if (!shape.causal)
    table.add("--mask", batches.hidden, "P", "Fraction of the items of a sequence that are hidden").range(0, 1);
}

void SequenceOptions::check() const {
  shape.check();
  check_ranges(*this);
}

SequenceTrainer::SequenceTrainer(const Interactions& its_data, const SequenceOptions& asked, int threads,
                                 std::vector<SideFeatures> its_sides)
    : ItemPredictionTrainer(its_data, with_shape(asked).batches, asked,
                            {.dim = static_cast<size_t>(asked.shape.dim),
                             .input_scale = scale_of(asked.shape),
                             .parameters = "transformer",
                             .deviation = kItemDeviation},
                            initial_parameters(asked.shape, asked.seed), threads, std::move(its_sides)),
      options_(with_shape(asked)),
      weights_(options_.shape, values.data()),
      input_scale_(scale_of(options_.shape)) {
  if (batches.sequences() == 0)
    fail("no user has {}: there is nothing to learn from", options_.shape.causal ? "two items" : "an item");
  fill_normal(table.data(), table.size(), kItemDeviation, options_.seed, 1);
  if (averages()) {
    mean_table_ = table;
    mean_values_ = values;
    if (features) mean_folded_ = features->folded();
    if (user_features) mean_users_ = user_features->folded();
  }
  for (int worker = 0; worker < thread_pool.threads(); ++worker) workers_.emplace_back(weights_);
}

// The network's input: item and position vectors.
void SequenceTrainer::embed(const MicroBatch& micro_batch, float* x0) const {
  const float* mask = options_.shape.causal ? nullptr : weights_.at(weights_.parameters().mask);
  for (size_t t = 0; t < micro_batch.item.size(); ++t) {
    float* x = x0 + t * d;
    if (micro_batch.item[t] == kNoId) {
      std::fill_n(x, d, 0.0f);
      continue;
    }
    const float* from = micro_batch.item[t] == I ? mask : vectors() + micro_batch.item[t] * d;
    for (size_t c = 0; c < d; ++c) x[c] = input_scale_ * from[c];
  }
  add_positions(weights_, micro_batch.packed, x0);
}

double SequenceTrainer::run_micro_batch(size_t number, size_t micro_batch, size_t group, int worker) {
  const MicroBatch& batch = micro_batches[micro_batch];
  Worker& its = workers_[static_cast<size_t>(worker)];
  float* its_gradient = gradient[group].data();
  const size_t n = batch.packed.tokens();
  const size_t m = batch.position.size();
  const size_t without_history = batch.target.size() - m;
  its.x0.resize(n * d);
  its.d_h.resize((n + without_history) * d);
  embed(batch, its.x0.data());
  const float* out = its.net.forward(
      batch.packed, its.x0.data(),
      {.rate = options_.dropout, .key = dropout_key(number, micro_batch), .output = options_.output_dropout});
  float* its_h = h.data() + first_prediction[micro_batch] * d;
  for (size_t k = 0; k < m; ++k) std::copy_n(out + batch.position[k] * d, d, its_h + k * d);

  const bool everywhere = m == n;  // every token predicts
  if (!everywhere) its.d_predictions.resize((m + without_history) * d);
  float* d_predictions = everywhere ? its.d_h.data() : its.d_predictions.data();
  draw_negatives_of(number, micro_batch);
  const double loss = predict(micro_batch, group, d_predictions, scratch_of(worker));
  if (measuring) return loss;
  if (!everywhere) {
    std::fill_n(its.d_h.data(), n * d, 0.0f);
    for (size_t k = 0; k < m; ++k) std::copy_n(d_predictions + k * d, d, its.d_h.data() + batch.position[k] * d);
  }
  float* d_x0 = d_input.data() + first_token[micro_batch] * d;
  its.net.backward(batch.packed, its.d_h.data(), d_x0, its_gradient);
  add_position_gradient(weights_, batch.packed, d_x0, its_gradient);
  if (options_.shape.causal) return loss;
  float* d_mask = its_gradient + weights_.parameters().mask.offset;
  for (size_t t = 0; t < n; ++t) {
    if (batch.item[t] == I) axpy(input_scale_, d_x0 + t * d, d, d_mask);
  }
  return loss;
}

void SequenceTrainer::epoch() {
  MiniBatchTrainer::epoch();
  if (!averages()) return;
  move_average(options_.average, epochs_done, table.data(), table.size(), mean_table_.data());
  move_average(options_.average, epochs_done, values.data(), values.size(), mean_values_.data());
  if (features)
    move_average(options_.average, epochs_done, features->folded().data(), mean_folded_.size(), mean_folded_.data());
  if (user_features)
    move_average(options_.average, epochs_done, user_features->folded().data(), mean_users_.size(), mean_users_.data());
}

size_t SequenceTrainer::memory(const Interactions& data, const SequenceOptions& options, int threads,
                               const std::vector<SideFeatures>& sides) {
  const size_t P = TransformerParameters(options.shape).size;
  const auto d = static_cast<size_t>(options.shape.dim);
  const size_t I = data.items.size();
  const auto W = static_cast<size_t>(options.shape.window);
  size_t floats = options.average > 0 ? I * d + P : 0;
  const auto f = static_cast<size_t>(options.shape.hidden);
  const size_t in = options.shape.activation == Activation::kSwiglu ? 2 * f : f;
  const size_t tokens = micro_batch_tokens(options.loss) + W;
  floats += static_cast<size_t>(threads) * static_cast<size_t>(options.shape.blocks) * tokens *
            (18 * d + in + 3 * f + 2 * static_cast<size_t>(options.shape.heads) * pad16(W));
  floats += static_cast<size_t>(threads) * tokens * (13 * d + f + std::max(3 * d, in));  // beside the blocks
  const size_t C = options.loss == SequenceLoss::kSoftmax ? I : static_cast<size_t>(options.negatives);
  if (!options.is_pairwise()) floats += ColumnDerivatives::memory(C, d, threads);
  return floats * sizeof(float) +
         ItemPredictionTrainer::memory(data, options, d, P, static_cast<size_t>(options.batches.batch),
                                       static_cast<size_t>(options.batches.batch) * W, threads, sides);
}

void SequenceTrainer::write_parameters(Artefact& artefact) const {
  const float* folded = features == nullptr ? nullptr : (averages() ? mean_folded_ : features->folded()).data();
  add_item_vectors("factors", (averages() ? mean_table_ : table).data(), features.get(), folded, artefact);
  if (user_features) add_user_vectors((averages() ? mean_users_ : user_features->folded()).data(), artefact);
  const std::vector<float>& its_values = averages() ? mean_values_ : values;
  for (const Parameter& p : weights_.parameters().all()) {
    const float* its = its_values.data() + p.offset;
    if (p.rows == 1)
      artefact.add(p.name, std::vector<float>(its, its + p.cols));
    else
      artefact.add(p.name, ConstMatrixView{its, p.rows, p.cols, p.cols});
  }
}

Artefact SequenceTrainer::artefact() const {
  Artefact artefact = begin_artefact();
  artefact.meta["encoder"] = "transformer";
  artefact.meta["model"] = options_.shape.causal ? "sasrec" : "bert4rec";
  artefact.meta["attention"] = "dot";
  // Both are above 0 and rise with h·x, so that r = M·α ranks as M does.
  artefact.meta["predictor"] = options_.is_pairwise() ? "logistic" : "exp";
  write_shape(options_.shape, artefact);
  write_options(options_, artefact.meta);
  write_parameters(artefact);
  return artefact;
}

void SequenceTrainer::add_state(Artefact& model) const {
  ItemPredictionTrainer::add_state(model);
  if (!averages()) return;
  model.add(kLastTable, ConstMatrixView{table.data(), I, d, d});
  model.add(kLastValues, values);
  if (user_features) model.add(kMeanUsers, ConstMatrixView{mean_users_.data(), mean_users_.size() / d, d, d});
  if (!features) return;
  model.add(kMeanIds, ConstMatrixView{mean_table_.data(), I, d, d});
  model.add(kMeanFolded, ConstMatrixView{mean_folded_.data(), mean_folded_.size() / d, d, d});
}

void SequenceTrainer::restore(const Artefact& state) {
  ItemPredictionTrainer::restore(state);
  float* its_values = averages() ? mean_values_.data() : values.data();
  for (const Parameter& p : weights_.parameters().all()) copy_tensor(state, p.name, p.size(), its_values + p.offset);
  if (averages()) {
    if (features) {
      copy_tensor(state, kMeanIds, mean_table_.size(), mean_table_.data());
      copy_tensor(state, kMeanFolded, mean_folded_.size(), mean_folded_.data());
    } else {
      std::copy_n(table.data(), table.size(), mean_table_.data());  // the model's, so far
    }
    if (user_features) copy_tensor(state, kMeanUsers, mean_users_.size(), mean_users_.data());
    copy_tensor(state, kLastTable, table.size(), table.data());
    copy_tensor(state, kLastValues, values.size(), values.data());
  }
  weights_.refresh();
}

}  // namespace rec
