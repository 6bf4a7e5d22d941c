#include "models/sgd/item_prediction_trainer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "data/id_table.h"
#include "linalg/dot.h"
#include "models/common/described_users.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

constexpr size_t kItemsPerTask = 256;
constexpr size_t kNoMicroBatch = 65535;  // for random numbers of the batch as a whole
constexpr size_t kUsers = 65534;         // for those of its sequences
constexpr size_t kColumnsPerTask = 64;
constexpr uint64_t kFeatureStream = 500;
constexpr uint64_t kUserStream = 502;
constexpr const char* kTable = "items.factors";
constexpr const char* kIds = "ids.factors";  // with features
constexpr const char* kFeatures = "features.factors";
constexpr const char* kUserFeatures = "features.users";
constexpr const char* kStep = "progress.step";
constexpr const char* kEpochs = "progress.epochs";

}  // namespace

ItemPredictionTrainer::ItemPredictionTrainer(const Interactions& its_data, const BatchOptions& batch_options,
                                             const SequenceLearningOptions& options, const Shape& shape,
                                             std::vector<float> its_values, int threads,
                                             std::vector<SideFeatures> its_sides)
    : MiniBatchTrainer(its_data, batch_options, options, its_values.size(), threads),
      data(its_data),
      learning(options),
      I(its_data.items.size()),
      d(shape.dim),
      counts(item_counts(csr_by_user(its_data, {}, PairWeight::kSum, threads), I, threads)),
      sides(std::move(its_sides)),
      table(I * d),
      values(std::move(its_values)),
      table_optimizer(options.optimizer, table.size()),
      optimizer(options.optimizer, values.size()),
      shape_(shape),
      sampler_(counts, options.negative_exponent),
      compared_(I),
      scratch_(static_cast<size_t>(thread_pool.threads())) {
  features = make_features(kFeatureStream);
  if (features) {
    compared_ = 0;
    for (const float count : counts) {
      left_out_.push_back(count > 0.0f ? 0.0f : std::numeric_limits<float>::infinity());
      compared_ += count > 0.0f ? 1 : 0;
    }
    if (compared_ == I) left_out_.clear();
    features->fold();
  }
  if (const SideFeatures* users = side(IdKind::kUser)) {
    user_features =
        std::make_unique<UserFeatures>(*users, d, options.optimizer, shape.deviation, options.seed, kUserStream);
    user_features->fold();
  }
  if (options.draws_negatives() && compared_ < 2) fail("negatives need two items at least");
}

Artefact ItemPredictionTrainer::begin_artefact() const {
  Artefact artefact;
  artefact.items = data.items;
  artefact.add(kItemCounts, counts);
  for (const SideFeatures& side : sides) add_feature_map(side.map, side.of, artefact);
  return artefact;
}

void ItemPredictionTrainer::add_item_vectors(const std::string& name, const float* ids, const ItemFeatures* its,
                                             const float* folded, Artefact& artefact) const {
  if (its == nullptr) return artefact.add("items." + name, ConstMatrixView{ids, I, d, d});
  its->compose(ids, folded, 0, I, false, artefact.add_empty("items." + name, {I, d}));
  const size_t C = side(IdKind::kItem)->map.size();
  artefact.add(feature_table_name(IdKind::kItem) + "." + name, ConstMatrixView{folded, C, d, d});
  if (learning.id_dropout > 0.0)
    artefact.add("new.items." + name, std::vector<float>(folded + C * d, folded + (C + 1) * d));
}

void ItemPredictionTrainer::add_user_vectors(const float* folded, Artefact& artefact) const {
  if (!user_features) return;
  std::vector<uint32_t> described;
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    if (!user_features->has_features(user)) continue;
    described.push_back(user);
    artefact.users.intern(data.users[user]);
  }
  const size_t C = side(IdKind::kUser)->map.size();
  const float* start = folded + C * d;
  float* to = artefact.add_empty("users.factors", {described.size(), d});
  for (const uint32_t user : described) {
    user_features->sum_of(user, folded, to);
    axpy(1.0f, start, d, to);
    to += d;
  }
  artefact.add(kUserCounts, std::vector<float>(described.size(), 0.0f));
  artefact.add(feature_table_name(IdKind::kUser) + ".factors", ConstMatrixView{folded, C, d, d});
  artefact.add(kNewUser, std::vector<float>(start, start + d));
}

const SideFeatures* ItemPredictionTrainer::side(IdKind of) const {
  const auto found = std::find_if(sides.begin(), sides.end(), [of](const SideFeatures& its) { return its.of == of; });
  return found == sides.end() ? nullptr : &*found;
}

std::unique_ptr<ItemFeatures> ItemPredictionTrainer::make_features(uint64_t stream) const {
  const SideFeatures* items = side(IdKind::kItem);
  if (items == nullptr) return nullptr;
  return std::make_unique<ItemFeatures>(*items, counts, d, learning.optimizer, shape_.deviation, learning.seed, stream);
}

void ItemPredictionTrainer::compose(const float* ids, ItemFeatures& its, size_t number, AlignedBuffer<float>& to) {
  its.drop(learning.id_dropout, dropout_key(number, kNoMicroBatch));
  to.resize(I * d);
  thread_pool.run((I + kItemsPerTask - 1) / kItemsPerTask, [&](size_t task, int) {
    const size_t first = task * kItemsPerTask;
    its.compose(ids, its.folded().data(), first, std::min(kItemsPerTask, I - first), true, to.data() + first * d);
  });
}

size_t ItemPredictionTrainer::memory(const Interactions& data, const SequenceLearningOptions& options, size_t dim,
                                     size_t parameters, size_t batch, size_t tokens, int threads,
                                     const std::vector<SideFeatures>& sides) {
  const size_t I = data.items.size();
  const auto drawn = static_cast<size_t>(options.negatives);
  // The table: values, two moments, with a clip the gradient.
  size_t floats = (options.clip > 0 ? 4 : 3) * I * dim + (kGroups + 4) * parameters + tokens * (2 * dim + 4);
  for (const SideFeatures& side : sides) {
    floats += side.of == IdKind::kItem ? ItemFeatures::memory(side, I, dim)
                                       : UserFeatures::memory(side, batch, dim) + batch * (2 * dim + 4);
  }
  floats += static_cast<size_t>(threads) * 65536;
  if (options.is_pairwise()) floats += tokens * drawn * 4;
  if (weighs(data, options)) floats += data.weight.size() + 3 * tokens;
  return floats * sizeof(float) + data.size() * sizeof(uint32_t);
}

float ItemPredictionTrainer::positive() const {
  if (learning.loss != SequenceLoss::kGbce) return 1.0f;
  return static_cast<float>(gbce_weight(negatives(), compared_, learning.calibration));
}

void ItemPredictionTrainer::lay_out() {
  first_token.assign(1, 0);
  first_prediction.assign(1, 0);
  target.clear();
  for (const MicroBatch& its : micro_batches) {
    first_token.push_back(first_token.back() + its.packed.tokens());
    first_prediction.push_back(first_prediction.back() + its.target.size());
    target.insert(target.end(), its.target.begin(), its.target.end());
  }
  prediction_weight_.clear();
  if (!data.weight.empty()) {
    for (const MicroBatch& its : micro_batches)
      prediction_weight_.insert(prediction_weight_.end(), its.weight.begin(), its.weight.end());
  } else if (weighs()) {
    prediction_weight_.assign(target.size(), 1.0f);
  }
  h.resize(target.size() * d);
  d_input.resize(first_token.back() * d);
  log_sum_.resize(target.size());
  on_target.resize(target.size());
  negative.resize(target.size() * negatives());  // each micro-batch draws its own
  on_negative.resize(negative.size());
}

// One prediction more of each sequence, behind those of its micro-batch.
void ItemPredictionTrainer::add_predictions_of_users(size_t number) {
  const uint64_t key = dropout_key(number, kUsers);
  first_sequence_.assign(1, 0);
  user_.clear();
  copied_.clear();
  for (MicroBatch& its : micro_batches) {
    size_t at = 0;
    for (size_t s = 0; s < its.packed.sequences(); ++s) {
      const size_t first = at;
      while (at < its.position.size() && its.position[at] < its.packed.begin[s + 1]) ++at;
      copied_.push_back(static_cast<uint32_t>(first + Rng(key, 0, copied_.size()).below(at - first)));
      its.target.push_back(its.target[copied_.back()]);
      if (!its.weight.empty()) its.weight.push_back(its.weight[copied_.back()]);
    }
    user_.insert(user_.end(), its.user.begin(), its.user.end());
    first_sequence_.push_back(user_.size());
  }
  d_users_.resize(user_.size() * d);
  d_starts_.resize(user_.size() * d);
}

// h' in place of h.
void ItemPredictionTrainer::add_users(size_t micro_batch) {
  const MicroBatch& its = micro_batches[micro_batch];
  float* its_h = h.data() + first_prediction[micro_batch] * d;
  std::vector<float> sum(d);
  size_t at = 0;
  for (size_t s = 0; s < its.packed.sequences(); ++s) {
    user_features->sum_of(its.user[s], sum.data());
    for (; at < its.position.size() && its.position[at] < its.packed.begin[s + 1]; ++at)
      axpy(1.0f, sum.data(), d, its_h + at * d);
    float* without_history = its_h + (its.position.size() + s) * d;
    std::copy_n(user_features->start(), d, without_history);
    axpy(1.0f, sum.data(), d, without_history);
  }
}

void ItemPredictionTrainer::sum_of_users(size_t micro_batch, const float* d_h) {
  const MicroBatch& its = micro_batches[micro_batch];
  size_t at = 0;
  for (size_t s = 0; s < its.packed.sequences(); ++s) {
    const size_t row = (first_sequence_[micro_batch] + s) * d;
    const float* without_history = d_h + (its.position.size() + s) * d;
    std::copy_n(without_history, d, d_starts_.data() + row);
    std::copy_n(without_history, d, d_users_.data() + row);
    for (; at < its.position.size() && its.position[at] < its.packed.begin[s + 1]; ++at)
      axpy(1.0f, d_h + at * d, d, d_users_.data() + row);
  }
}

// The items that a softmax is over.
void ItemPredictionTrainer::set_columns(size_t number) {
  if (sampled()) {
    std::vector<uint32_t> items;
    std::vector<float> correction;
    draw_columns(sampler_, static_cast<size_t>(learning.negatives), negatives_of(number), items, correction);
    columns.set_some(vectors(), d, std::move(items), std::move(correction), thread_pool);
  } else {
    columns.set_all(vectors(), I, d, thread_pool, left_out_);
  }
  begin_columns();
}

size_t ItemPredictionTrainer::begin_batch(size_t number) {
  if (user_features) add_predictions_of_users(number);
  lay_out();
  if (features && !target.empty()) compose(table.data(), *features, number, composed_);
  if (!target.empty() && !learning.is_pairwise()) set_columns(number);
  return target.size();
}

void ItemPredictionTrainer::draw_negatives_of(size_t number, size_t micro_batch) {
  if (!learning.is_pairwise()) return;
  uint32_t* to = negative.data() + first_prediction[micro_batch] * negatives();
  const MicroBatch& its = micro_batches[micro_batch];
  draw_negatives(sampler_, its, negatives(), negatives_of(number, micro_batch), to);
  if (!user_features) return;
  for (size_t s = 0; s < its.packed.sequences(); ++s)
    std::copy_n(to + copied_[first_sequence_[micro_batch] + s] * negatives(), negatives(),
                to + (its.position.size() + s) * negatives());
}

double ItemPredictionTrainer::predict(size_t micro_batch, size_t group, float* d_h, LossScratch<float>& scratch) {
  if (user_features) add_users(micro_batch);
  const double loss = loss_of(micro_batch, group, d_h, scratch);
  if (user_features) sum_of_users(micro_batch, d_h);
  return loss;
}

double ItemPredictionTrainer::loss_of(size_t micro_batch, size_t group, float* d_h, LossScratch<float>& scratch) {
  const MicroBatch& its = micro_batches[micro_batch];
  const size_t first = first_prediction[micro_batch];
  const size_t K = negatives();
  TokenPredictions<float> predictions{
      .count = its.target.size(), .h = h.data() + first * d, .target = its.target.data(), .table = vectors()};
  if (measuring) {
    if (!learning.is_pairwise())
      softmax_loss(predictions, columns, weight(), d_h, log_sum_.data() + first, on_target.data() + first, scratch);
    target_losses(predictions, d, learning.is_pairwise() ? nullptr : log_sum_.data() + first, measured.data() + first);
    return 0.0;
  }
  predictions.weight = weights_of(micro_batch);
  predictions.form = learning.form;
  if (learning.is_pairwise()) {
    return bce_loss(predictions, d, negative.data() + first * K, K, positive(), weight(), d_h, on_target.data() + first,
                    on_negative.data() + first * K);
  }
  return column_derivatives_.loss(group, predictions, weight(), d_h, log_sum_.data() + first, on_target.data() + first,
                                  scratch);
}

void ItemPredictionTrainer::leave_out(const std::vector<uint32_t>& predictions) {
  for (const uint32_t prediction : predictions) prediction_weight_[prediction] = 0.0f;
}

// Which tokens count for which item of the table that is read.
void ItemPredictionTrainer::list_inputs() {
  inputs.build(I, [&](auto add) {
    uint32_t token = 0;
    for (const MicroBatch& its : micro_batches) {
      for (const uint32_t item : its.item) {
        if (item < I) add(item, token, shape_.input_scale);
        ++token;
      }
    }
  });
}

void ItemPredictionTrainer::list_outputs() {
  const size_t K = negatives();
  outputs.build(I, micro_batches.size(), thread_pool, [&](size_t micro_batch, auto add) {
    for (size_t m = first_prediction[micro_batch]; m < first_prediction[micro_batch + 1]; ++m) {
      const auto row = static_cast<uint32_t>(m);
      add(target[m], row, on_target[m]);
      for (size_t k = m * K; k < (m + 1) * K; ++k) add(negative[k], row, on_negative[k]);
    }
  });
}

void ItemPredictionTrainer::gradient_of_columns(size_t used) {
  column_gradient.resize(columns.size() * d);
  thread_pool.run((columns.size() + kColumnsPerTask - 1) / kColumnsPerTask, [&](size_t task, int worker) {
    const size_t first = task * kColumnsPerTask;
    columns_back(used, first, std::min(kColumnsPerTask, columns.size() - first), column_gradient.data() + first * d,
                 worker);
  });
}

void ItemPredictionTrainer::columns_back(size_t used, size_t first, size_t count, float* to, int worker) {
  const TokenPredictions<float> predictions{.count = target.size(),
                                            .h = h.data(),
                                            .target = target.data(),
                                            .table = vectors(),
                                            .weight = weighs() ? prediction_weight_.data() : nullptr,
                                            .form = learning.form};
  column_derivatives_.take(used, first, count, predictions, weight(), log_sum_.data(), to, scratch_of(worker));
}

// Of the vectors x of the items [first, first + count).
void ItemPredictionTrainer::gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker) {
  if (learning.loss == SequenceLoss::kSoftmax) {
    columns_back(used, first, count, sum, worker);
  } else {
    std::fill_n(sum, count * d, 0.0f);
    if (sampled()) columns.copy_rows(column_gradient.data(), first, count, sum);
  }
  for (size_t item = first; item < first + count; ++item, sum += d) {
    outputs.add_to(static_cast<uint32_t>(item), output_rows(), d, sum);
    if (shape_.tied) inputs.add_to(static_cast<uint32_t>(item), d_input.data(), d, sum);
  }
}

void ItemPredictionTrainer::end_batch(size_t used) {
  list_inputs();
  list_outputs();
  if (sampled()) gradient_of_columns(used);
  if (features) {
    composed_gradient_.resize(I * d);
    thread_pool.run((I + kItemsPerTask - 1) / kItemsPerTask, [&](size_t task, int worker) {
      const size_t first = task * kItemsPerTask;
      gradient_of_items(used, first, std::min(kItemsPerTask, I - first), composed_gradient_.data() + first * d, worker);
    });
    features->back(composed_gradient_.data(), thread_pool);
  }
  if (user_features) user_features->back(user_, d_users_.data(), d_starts_.data(), thread_pool);
  std::vector<ParameterBlock> blocks;
  blocks.push_back({.optimizer = &table_optimizer,
                    .values = table.data(),
                    .size = table.size(),
                    .per_task = kItemsPerTask * d,
                    .gradient = [&](size_t first, size_t count, float* to, int worker) {
                      if (features)
                        features->own_part(composed_gradient_.data(), first / d, count / d, to);
                      else
                        gradient_of_items(used, first / d, count / d, to, worker);
                    }});
  if (features) blocks.push_back(features->block());
  if (user_features) blocks.push_back(user_features->block());
  add_blocks(blocks);
  blocks.push_back(
      {.optimizer = &optimizer,
       .values = values.data(),
       .size = values.size(),
       .gradient = [&](size_t first, size_t count, float* to, int) { add_groups(gradient, used, first, count, to); }});
  gradient_step_.run(blocks, rate_at(learning.schedule, optimizer.step() + 1, total_steps), learning.clip, thread_pool);
  if (features) features->fold();
  if (user_features) user_features->fold();
  values_moved();
}

double ItemPredictionTrainer::learning_rate() const {
  return rate_at(learning.schedule, optimizer.step(), total_steps);
}

void ItemPredictionTrainer::add_state(Artefact& model) const {
  model.meta[kStep] = std::to_string(optimizer.step());
  model.meta[kEpochs] = std::to_string(epochs_done);
  if (features) {
    model.add(kIds, ConstMatrixView{table.data(), I, d, d});
    features->add_state(kFeatures, model);
  }
  if (user_features) user_features->add_state(kUserFeatures, model);
  add_moments(kTable, table_optimizer, d, model);
  add_moments(shape_.parameters, optimizer, values.size(), model);
}

void ItemPredictionTrainer::restore(const Artefact& state) {
  copy_tensor(state, features ? kIds : kTable, table.size(), table.data());
  const auto step = static_cast<uint64_t>(state.number(kStep));
  if (features) features->restore(kFeatures, step, state);
  if (user_features) user_features->restore(kUserFeatures, step, state);
  restore_moments(kTable, step, state, table_optimizer);
  restore_moments(shape_.parameters, step, state, optimizer);
  epochs_done = static_cast<uint64_t>(state.number(kEpochs));
}

}  // namespace rec
