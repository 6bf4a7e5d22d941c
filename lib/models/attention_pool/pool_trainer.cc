#include "models/attention_pool/pool_trainer.h"

#include <algorithm>

#include "base/error.h"
#include "models/common/history_encoder.h"
#include "models/sgd/network_layers.h"

namespace rec {
namespace {

constexpr size_t kItemsPerTask = 256;
constexpr double kItemDeviation = 0.1;
constexpr uint64_t kSourceFeatureStream = 501;
constexpr const char* kSourceIds = "ids.source";  // with features
constexpr const char* kSourceFeatures = "features.source";

PoolOptions with_shape(PoolOptions options) {
  options.batches.window = options.shape.window;
  options.batches.seed = options.seed;
  // Of others' items every position is a target.
  options.batches.causal = options.sight == PoolSight::kBefore;
  options.batches.hidden = 1.0;
  return options;
}

}  // namespace

void PoolOptions::describe(OptionTable& table) {
  shape.describe(table);
  table
      .one_of<PoolSight, PoolSight>("--predict", sight,
                                    {{"next", PoolSight::kBefore}, {"left-out", PoolSight::kOthers}},
                                    "What is predicted in training: the next item, or each item from all others")
      .default_text("next where there are timestamps or options that need it, else left-out");
  describe_features(table, features, id_dropout, false);
  SequenceLearningOptions::describe(table);
  batches.describe(table);
}

void PoolOptions::check() const {
  check_ranges(*this);
  if (shape.candidate && loss == SequenceLoss::kSoftmax)
    fail_usage("--query candidate needs --loss sampled-softmax, bce or gbce");
  if (shape.candidate && features.given(IdKind::kUser))
    fail_usage("--query candidate takes no features of users, which are added to a vector of the history");
}

PoolTrainer::PoolTrainer(const Interactions& its_data, const PoolOptions& asked, int threads,
                         std::vector<SideFeatures> its_sides)
    : ItemPredictionTrainer(its_data, with_shape(asked).batches, asked,
                            {.dim = static_cast<size_t>(asked.shape.dim),
                             .tied = asked.shape.tied,
                             .parameters = "pool",
                             .deviation = kItemDeviation},
                            initial_parameters(asked.shape, asked.seed), threads, std::move(its_sides)),
      options_(with_shape(asked)),
      source_(options_.shape.tied ? 0 : I * d),
      weights_(options_.shape, values.data()),
      source_optimizer_(options_.optimizer, source_.size()) {
  const Sequences sequences = by_time(its_data);
  bool any = false;
  for (size_t user = 0; user + 1 < sequences.begin.size(); ++user)
    any |= sequences.begin[user + 1] - sequences.begin[user] > 1;
  if (!any) fail("no user has two items: there is nothing to learn from");
  fill_normal(table.data(), table.size(), kItemDeviation, options_.seed, 0);
  fill_normal(source_.data(), source_.size(), kItemDeviation, options_.seed, 1);
  if (!options_.shape.tied) source_features_ = make_features(kSourceFeatureStream);
  if (source_features_) source_features_->fold();
  for (int worker = 0; worker < thread_pool.threads(); ++worker) workers_.emplace_back(weights_);
}

size_t PoolTrainer::begin_batch(size_t number) {
  if (options_.sight == PoolSight::kOthers) {
    for (MicroBatch& micro_batch : micro_batches) micro_batch.item = micro_batch.target;
  }
  const size_t predictions = ItemPredictionTrainer::begin_batch(number);
  if (source_features_ && predictions > 0) compose(source_.data(), *source_features_, number, composed_source_);
  d_own_.resize(candidate() ? predictions * (1 + negatives()) * d : 0);
  return predictions;
}

void PoolTrainer::begin_columns() {
  if (candidate())
    shared_.set(weights_, columns.size(), columns.rows());
  else
    ItemPredictionTrainer::begin_columns();
}

void PoolTrainer::begin_group(size_t group) {
  ItemPredictionTrainer::begin_group(group);
  if (!candidate()) return;
  d_columns_[group].assign(shared_.size() * d, 0.0f);
  d_queries_[group].assign(shared_.size() * static_cast<size_t>(options_.shape.units), 0.0f);
}

double PoolTrainer::run_micro_batch(size_t number, size_t micro_batch, size_t group, int worker) {
  const MicroBatch& batch = micro_batches[micro_batch];
  Worker& its = workers_[static_cast<size_t>(worker)];
  const size_t n = batch.packed.tokens();
  its.y.resize(n * d);
  for (size_t t = 0; t < n; ++t) {
    float* y = its.y.data() + t * d;
    if (batch.item[t] == kNoId)
      std::fill_n(y, d, 0.0f);
    else
      std::copy_n(inputs_table() + batch.item[t] * d, d, y);
  }
  if (options_.dropout > 0) {
    its.mask.resize(n * d);
    dropout_mask(its.mask.data(), n * d, options_.dropout, dropout_key(number, micro_batch));
    multiply_by(n * d, its.mask.data(), its.y.data());
  }
  draw_negatives_of(number, micro_batch);
  const double loss = candidate() ? run_pairs(micro_batch, group, its) : run_pool(micro_batch, group, its, worker);
  if (options_.dropout > 0) multiply_by(n * d, its.mask.data(), d_input.data() + first_token[micro_batch] * d);
  return loss;
}

double PoolTrainer::run_pool(size_t micro_batch, size_t group, Worker& its, int worker) {
  const MicroBatch& batch = micro_batches[micro_batch];
  const size_t n = batch.packed.tokens();  // each token predicts
  const size_t first = first_token[micro_batch];
  std::copy_n(its.net.forward(batch.packed, options_.sight, batch.item.data(), its.y.data()), n * d,
              h.data() + first_prediction[micro_batch] * d);
  its.d_h.resize(batch.target.size() * d);
  const double loss = predict(micro_batch, group, its.d_h.data(), scratch_of(worker));
  if (measuring) return loss;
  its.net.backward(batch.packed, options_.sight, its.y.data(), its.d_h.data(), d_input.data() + first * d,
                   gradient[group].data());
  return loss;
}

double PoolTrainer::run_pairs(size_t micro_batch, size_t group, Worker& its) {
  const MicroBatch& batch = micro_batches[micro_batch];
  const size_t first = first_token[micro_batch];
  PoolTargets<float> targets;
  targets.target = batch.target.data();
  targets.table = vectors();
  targets.w = weight();
  if (measuring) {
    targets.losses = measured.data() + first_prediction[micro_batch];
  } else {
    targets.weight = weights_of(micro_batch);
    targets.form = learning.form;
  }
  if (sampled()) {
    targets.columns = &columns;
    targets.shared = &shared_;
  } else {
    targets.K = negatives();
    targets.negative = negative.data() + first * targets.K;
    targets.positive = positive();
  }
  return its.pairs.run(batch.packed, options_.sight, batch.item.data(), its.y.data(), targets,
                       d_input.data() + first * d, d_own_.data() + first * targets.own() * d, d_columns_[group].data(),
                       d_queries_[group].data(), gradient[group].data());
}

void PoolTrainer::gradient_of_columns(size_t used) {
  if (!candidate()) return ItemPredictionTrainer::gradient_of_columns(used);
  const PoolParameters& p = weights_.parameters();
  const auto A = static_cast<size_t>(options_.shape.units);
  const size_t C = columns.size();
  column_gradient.resize(C * d);
  query_gradient_.resize(C * A);
  add_groups(d_columns_, used, 0, C * d, column_gradient.data());
  add_groups(d_queries_, used, 0, C * A, query_gradient_.data());
  gemm_nn(C, d, A, {query_gradient_.data(), A}, {weights_.transposed(p.query), d}, {column_gradient.data(), d}, true);
  gemm_tn(d, A, C, {columns.rows(), d}, {query_gradient_.data(), A}, {gradient[0].data() + p.query.offset, A}, true);
}

// With the candidate: d_own has a row for each.
void PoolTrainer::list_outputs() {
  if (!candidate()) return ItemPredictionTrainer::list_outputs();
  const size_t K = negatives();
  outputs.build(I, micro_batches.size(), thread_pool, [&](size_t micro_batch, auto add) {
    const std::vector<uint32_t>& begin = micro_batches[micro_batch].packed.begin;
    auto row = static_cast<uint32_t>(first_token[micro_batch] * (1 + K));
    for (size_t s = 0; s + 1 < begin.size(); ++s) {
      const size_t from = first_token[micro_batch] + begin[s], to = first_token[micro_batch] + begin[s + 1];
      for (size_t m = from; m < to; ++m) add(target[m], row++, 1.0f);
      for (size_t k = from * K; k < to * K; ++k) add(negative[k], row++, 1.0f);
    }
  });
}

void PoolTrainer::add_blocks(std::vector<ParameterBlock>& blocks) {
  if (options_.shape.tied) return;
  const auto of_items = [this](size_t first, size_t count, float* to) {
    std::fill_n(to, count, 0.0f);
    for (size_t at = 0; at < count; at += d)
      inputs.add_to(static_cast<uint32_t>((first + at) / d), d_input.data(), d, to + at);
  };
  if (source_features_) {
    source_gradient_.resize(I * d);
    of_items(0, I * d, source_gradient_.data());
    source_features_->back(source_gradient_.data(), thread_pool);
  }
  blocks.push_back({.optimizer = &source_optimizer_,
                    .values = source_.data(),
                    .size = source_.size(),
                    .per_task = kItemsPerTask * d,
                    .gradient = [this, of_items](size_t first, size_t count, float* to, int) {
                      if (source_features_)
                        source_features_->own_part(source_gradient_.data(), first / d, count / d, to);
                      else
                        of_items(first, count, to);
                    }});
  if (source_features_) blocks.push_back(source_features_->block());
}

void PoolTrainer::values_moved() {
  if (source_features_) source_features_->fold();
  if (options_.shape.decay) {
    float& decay = values[weights_.parameters().decay.offset];
    decay = std::max(0.0f, decay);
  }
  weights_.refresh();
}

size_t PoolTrainer::memory(const Interactions& data, const PoolOptions& options, int threads,
                           const std::vector<SideFeatures>& sides) {
  const size_t P = PoolParameters(options.shape).size;
  const auto F = static_cast<size_t>(options.shape.dim);
  const auto A = static_cast<size_t>(options.shape.units);
  const auto W = static_cast<size_t>(options.shape.window);
  const size_t I = data.items.size();
  const size_t tokens = static_cast<size_t>(options.batches.batch) * W;
  // A second table, as the first: values, two moments, with a clip the gradient.
  size_t floats = options.shape.tied ? 0 : (options.clip > 0 ? 4 : 3) * I * F;
  for (const SideFeatures& side : sides)
    floats += options.shape.tied || side.of == IdKind::kUser ? 0 : ItemFeatures::memory(side, I, F);
  if (options.shape.candidate) {
    // The shared columns in each group, a sequence's pairs in each thread, own candidates.
    const size_t K = static_cast<size_t>(options.negatives);
    const size_t own = options.is_pairwise() ? 1 + K : 1;
    floats += options.is_pairwise() ? 0 : (kGroups + 3) * K * (F + A);
    floats +=
        static_cast<size_t>(threads) * (9 * W * (options.is_pairwise() ? 0 : K) + W * own * (9 * W + 2 * F + 3 * A)) +
        tokens * own * F;
  }
  floats += static_cast<size_t>(threads) * (micro_batch_tokens(options.loss) + W) * (6 * F + 2 * A + 2 * W);
  const size_t C = options.loss == SequenceLoss::kSoftmax ? I : static_cast<size_t>(options.negatives);
  if (!options.shape.candidate && !options.is_pairwise()) floats += ColumnDerivatives::memory(C, F, threads);
  return floats * sizeof(float) + ItemPredictionTrainer::memory(data, options, F, P,
                                                                static_cast<size_t>(options.batches.batch), tokens,
                                                                threads, sides);
}

Artefact PoolTrainer::artefact() const {
  Artefact artefact = begin_artefact();
  artefact.meta["encoder"] = "attention-pool";
  artefact.meta["model"] = "attention-pool";
  artefact.meta["attention"] = candidate() ? "attention-pool" : "dot";
  artefact.meta["predictor"] = candidate() ? "attention-pool-exp" : options_.is_pairwise() ? "logistic" : "exp";
  write_options(options_, artefact.meta);
  const auto folded = [](const ItemFeatures* its) { return its == nullptr ? nullptr : its->folded().data(); };
  add_item_vectors("factors", table.data(), features.get(), folded(features.get()), artefact);
  if (user_features) add_user_vectors(user_features->folded().data(), artefact);
  if (!options_.shape.tied)
    add_item_vectors("source", source_.data(), source_features_.get(), folded(source_features_.get()), artefact);
  write_pool(options_.shape, values.data(), artefact);
  return artefact;
}

void PoolTrainer::add_state(Artefact& model) const {
  ItemPredictionTrainer::add_state(model);
  add_moments(kItemSource, source_optimizer_, d, model);
  if (!source_features_) return;
  model.add(kSourceIds, ConstMatrixView{source_.data(), I, d, d});
  source_features_->add_state(kSourceFeatures, model);
}

void PoolTrainer::restore(const Artefact& state) {
  ItemPredictionTrainer::restore(state);
  const std::vector<float> read = read_pool_parameters(options_.shape, state);
  std::copy(read.begin(), read.end(), values.begin());
  if (!options_.shape.tied) {
    copy_tensor(state, source_features_ ? kSourceIds : kItemSource, source_.size(), source_.data());
    if (source_features_) source_features_->restore(kSourceFeatures, optimizer.step(), state);
    restore_moments(kItemSource, optimizer.step(), state, source_optimizer_);
  }
  weights_.refresh();
}

}  // namespace rec
