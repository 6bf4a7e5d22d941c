#include "models/attention_pool/pool_trainer.h"

#include <algorithm>

#include "base/error.h"
#include "models/attention_pool/pool_pairs.h"
#include "models/common/history_encoder.h"
#include "models/common/popularity.h"
#include "models/sgd/column_derivatives.h"
#include "models/sgd/gradient_step.h"
#include "models/sgd/item_sampler.h"
#include "models/sgd/item_terms.h"
#include "models/sgd/mini_batch_trainer.h"
#include "models/sgd/network_layers.h"
#include "models/sgd/sequence_loss.h"

namespace rec {
namespace {

constexpr size_t kItemsPerTask = 256;
constexpr size_t kParametersPerTask = 4096;
constexpr double kItemDeviation = 0.1;

}  // namespace

void PoolOptions::check() const {
  shape.check();
  LearningOptions::check();
  batches.check();
  if (shape.candidate && loss == SequenceLoss::kSoftmax)
    fail_usage("--query candidate needs --loss sampled-softmax, bce or gbce");
}

struct PoolTrainer::Impl : MiniBatchTrainer {
  Impl(const Interactions& data, const PoolOptions& asked, int its_threads)
      : MiniBatchTrainer(data, with_shape(asked).batches, asked, asked.loss, its_threads),
        options(with_shape(asked)),
        I(data.items.size()),
        F(static_cast<size_t>(options.shape.dim)),
        counts(item_counts(csr_by_user(data, {}), I)),
        table(I * F),
        source(options.shape.tied ? 0 : I * F),
        values(initial_parameters(options.shape, options.seed)),
        weights(options.shape, values.data()),
        table_optimizer(options.optimizer, table.size()),
        source_optimizer(options.optimizer, source.size()),
        optimizer(options.optimizer, values.size()),
        sampler(counts, options.negative_exponent) {
    parameters = values.size();
    const Sequences sequences = by_time(data);
    bool any = false;
    for (size_t user = 0; user + 1 < sequences.begin.size(); ++user)
      any |= sequences.begin[user + 1] - sequences.begin[user] > 1;
    if (!any) fail("no user has two items: there is nothing to learn from");
    if (options.loss != SequenceLoss::kSoftmax && I < 2) fail("negatives need two items at least");
    fill_normal(table.data(), table.size(), kItemDeviation, options.seed, 0);
    fill_normal(source.data(), source.size(), kItemDeviation, options.seed, 1);
    for (int worker = 0; worker < thread_pool.threads(); ++worker) workers.emplace_back(weights);
  }

  static PoolOptions with_shape(PoolOptions options) {
    options.batches.window = options.shape.window;
    options.batches.seed = options.seed;
    // Of others' items every place is a target.
    options.batches.causal = options.sight == PoolSight::kBefore;
    options.batches.hidden = 1.0;
    return options;
  }

  struct Worker {  // what a thread works with
    explicit Worker(const PoolWeights<float>& weights) : net(weights), pairs(weights) {}
    PoolNet<float> net;
    PoolPairsNet<float> pairs;
    LossScratch<float> scratch;
    AlignedBuffer<float> y, mask, d_h;
  };

  bool candidate() const { return options.shape.candidate; }
  bool sampled() const { return options.loss == SequenceLoss::kSampledSoftmax; }
  size_t negatives() const {
    return options.is_pairwise() ? static_cast<size_t>(options.negatives) : 0;
  }  // K of a prediction
  float weight() const { return 1.0f / static_cast<float>(target.size()); }
  float positive() const {
    return options.loss == SequenceLoss::kGbce ? static_cast<float>(gbce_weight(negatives(), I, options.calibration))
                                               : 1.0f;
  }
  const float* inputs_table() const { return options.shape.tied ? table.data() : source.data(); }
  size_t begin_batch(size_t number) override;
  void begin_group(size_t group) override;
  double run_slice(size_t number, size_t slice, size_t group, int worker) override;
  void end_batch(size_t used) override;
  void place_works();
  void set_columns(size_t number);
  double run_pool(const SequenceWork& work, size_t first, size_t group, Worker& its);
  double run_pairs(const SequenceWork& work, size_t first, size_t group, Worker& its);
  void list_terms();
  void gradient_of_columns(size_t used);
  void columns_back(size_t used, size_t first, size_t count, float* to, int worker);
  void gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker);

  const PoolOptions options;
  const size_t I;
  const size_t F;
  const std::vector<float> counts;
  AlignedBuffer<float> table;   // I × F: x
  AlignedBuffer<float> source;  // I × F: y, where it is not x
  std::vector<float> values;    // P
  PoolWeights<float> weights;
  Optimizer table_optimizer, source_optimizer, optimizer;
  const ItemSampler sampler;
  OfGroups d_columns, d_queries;  // with the candidate, sampled softmax: C × F, C × A
  std::vector<Worker> workers;

  // The batch at hand: N tokens, each with a prediction.
  std::vector<size_t> first_token;        // of each slice; the last: N
  AlignedBuffer<float> h;                 // N × F
  AlignedBuffer<float> d_input;           // N × F
  std::vector<uint32_t> target;           // N
  std::vector<float> log_sum, on_target;  // N
  std::vector<uint32_t> negative;         // N × K
  std::vector<float> on_negative;
  AlignedBuffer<float> d_own;  // with the candidate: N·(1 + K) × F, as PoolPairsNet has it
  ItemColumns<float> columns;
  PoolColumns<float> shared;  // with the candidate, sampled softmax: the same
  ItemTerms inputs, outputs;
  ColumnDerivatives column_derivatives;  // without the candidate
  AlignedBuffer<float> column_gradient;  // C × F, sampled
  AlignedBuffer<float> query_gradient;   // C × A, with the candidate
  GradientStep gradient_step;
};

void PoolTrainer::Impl::place_works() {
  first_token.assign(1, 0);
  target.clear();
  for (SequenceWork& work : works) {
    if (options.sight == PoolSight::kOthers) work.item = work.target;
    first_token.push_back(first_token.back() + work.slice.tokens());
    target.insert(target.end(), work.target.begin(), work.target.end());
  }
  h.resize(candidate() ? 0 : target.size() * F);
  d_own.resize(candidate() ? target.size() * (1 + negatives()) * F : 0);
  d_input.resize(target.size() * F);
  log_sum.resize(target.size());
  on_target.resize(target.size());
  negative.resize(target.size() * negatives());  // each slice draws its own
  on_negative.resize(negative.size());
}

// The items that a softmax is over.
void PoolTrainer::Impl::set_columns(size_t number) {
  if (options.loss == SequenceLoss::kSoftmax) {
    columns.set_all(table.data(), I, F, thread_pool);
  } else {
    std::vector<uint32_t> items;
    std::vector<float> correction;
    draw_columns(sampler, static_cast<size_t>(options.negatives), negatives_of(number), items, correction);
    columns.set_some(table.data(), F, std::move(items), std::move(correction), thread_pool);
  }
  if (!candidate())
    column_derivatives.begin_batch(columns);
  else if (sampled())
    shared.set(weights, columns.size(), columns.rows());
}

double PoolTrainer::Impl::run_slice(size_t number, size_t slice, size_t group, int worker) {
  const SequenceWork& work = works[slice];
  Worker& its = workers[static_cast<size_t>(worker)];
  const size_t n = work.slice.tokens();
  const size_t first = first_token[slice];
  its.y.resize(n * F);
  for (size_t t = 0; t < n; ++t) {
    float* y = its.y.data() + t * F;
    if (work.item[t] == kNoId)
      std::fill_n(y, F, 0.0f);
    else
      std::copy_n(inputs_table() + work.item[t] * F, F, y);
  }
  if (options.dropout > 0) {
    its.mask.resize(n * F);
    dropout_mask(its.mask.data(), n * F, options.dropout, dropout_key(number, slice));
    multiply_by(n * F, its.mask.data(), its.y.data());
  }
  const size_t K = negatives();
  if (options.is_pairwise()) draw_negatives(sampler, work, K, negatives_of(number, slice), negative.data() + first * K);
  const double loss = candidate() ? run_pairs(work, first, group, its) : run_pool(work, first, group, its);
  if (options.dropout > 0) multiply_by(n * F, its.mask.data(), d_input.data() + first * F);
  return loss;
}

// its.y to the loss and d_input.
double PoolTrainer::Impl::run_pool(const SequenceWork& work, size_t first, size_t group, Worker& its) {
  const size_t n = work.slice.tokens();
  float* its_h = h.data() + first * F;
  std::copy_n(its.net.forward(work.slice, options.sight, work.item.data(), its.y.data()), n * F, its_h);
  its.d_h.resize(n * F);
  const TokenPredictions<float> predictions{n, its_h, work.target.data(), table.data()};
  double loss = 0.0;
  if (options.is_pairwise()) {
    const size_t K = negatives();
    loss = bce_loss(predictions, F, negative.data() + first * K, K, positive(), weight(), its.d_h.data(),
                    on_target.data() + first, on_negative.data() + first * K);
  } else {
    loss = column_derivatives.loss(group, predictions, weight(), its.d_h.data(), log_sum.data() + first,
                                   on_target.data() + first, its.scratch);
  }
  its.net.backward(work.slice, options.sight, its.y.data(), its.d_h.data(), d_input.data() + first * F,
                   gradient[group].data());
  return loss;
}

double PoolTrainer::Impl::run_pairs(const SequenceWork& work, size_t first, size_t group, Worker& its) {
  PoolTargets<float> targets;
  targets.target = work.target.data();
  targets.table = table.data();
  targets.w = weight();
  if (sampled()) {
    targets.columns = &columns;
    targets.shared = &shared;
  } else {
    targets.K = negatives();
    targets.negative = negative.data() + first * targets.K;
    targets.positive = positive();
  }
  return its.pairs.run(work.slice, options.sight, work.item.data(), its.y.data(), targets, d_input.data() + first * F,
                       d_own.data() + first * targets.own() * F, d_columns[group].data(), d_queries[group].data(),
                       gradient[group].data());
}

// The derivatives of the columns' vectors, sampled softmax.
void PoolTrainer::Impl::gradient_of_columns(size_t used) {
  const size_t C = columns.size();
  column_gradient.resize(C * F);
  if (candidate()) {
    const PoolParameters& p = weights.parameters();
    const auto A = static_cast<size_t>(options.shape.units);
    query_gradient.resize(C * A);
    add_groups(d_columns, used, 0, C * F, column_gradient.data());
    add_groups(d_queries, used, 0, C * A, query_gradient.data());
    gemm_nn(C, F, A, {query_gradient.data(), A}, {weights.transposed(p.query), F}, {column_gradient.data(), F}, true);
    gemm_tn(F, A, C, {columns.rows(), F}, {query_gradient.data(), A}, {gradient[0].data() + p.query.offset, A}, true);
    return;
  }
  constexpr size_t kColumnsPerTask = 64;
  thread_pool.run((C + kColumnsPerTask - 1) / kColumnsPerTask, [&](size_t task, int worker) {
    const size_t first = task * kColumnsPerTask;
    columns_back(used, first, std::min(kColumnsPerTask, C - first), column_gradient.data() + first * F, worker);
  });
}

void PoolTrainer::Impl::columns_back(size_t used, size_t first, size_t count, float* to, int worker) {
  const TokenPredictions<float> predictions{target.size(), h.data(), target.data(), table.data()};
  column_derivatives.take(used, first, count, predictions, weight(), log_sum.data(), to,
                          workers[static_cast<size_t>(worker)].scratch);
}

// The items' terms in this batch.
void PoolTrainer::Impl::list_terms() {
  const size_t K = negatives();
  inputs.build(I, [&](auto add) {
    uint32_t token = 0;
    for (const SequenceWork& work : works) {
      for (const uint32_t item : work.item) {
        if (item != kNoId) add(item, token, 1.0f);
        ++token;
      }
    }
  });
  outputs.build(I, [&](auto add) {
    if (!candidate()) {
      for (uint32_t m = 0; m < target.size(); ++m) {
        add(target[m], m, on_target[m]);
        for (size_t k = m * K; k < (m + 1) * K; ++k) add(negative[k], m, on_negative[k]);
      }
      return;
    }
    uint32_t row = 0;  // of d_own
    for (size_t slice = 0; slice < works.size(); ++slice) {
      const std::vector<uint32_t>& begin = works[slice].slice.begin;
      for (size_t s = 0; s + 1 < begin.size(); ++s) {
        const size_t from = first_token[slice] + begin[s], to = first_token[slice] + begin[s + 1];
        for (size_t m = from; m < to; ++m) add(target[m], row++, 1.0f);
        for (size_t k = from * K; k < to * K; ++k) add(negative[k], row++, 1.0f);
      }
    }
  });
}

// Of the vectors x of the items [first, first + count).
void PoolTrainer::Impl::gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker) {
  if (options.loss == SequenceLoss::kSoftmax) {
    columns_back(used, first, count, sum, worker);
  } else {
    std::fill_n(sum, count * F, 0.0f);
    if (sampled()) columns.copy_rows(column_gradient.data(), first, count, sum);
  }
  const float* output_rows = candidate() ? d_own.data() : h.data();
  for (size_t item = first; item < first + count; ++item, sum += F) {
    outputs.add_to(static_cast<uint32_t>(item), output_rows, F, sum);
    if (options.shape.tied) inputs.add_to(static_cast<uint32_t>(item), d_input.data(), F, sum);
  }
}

size_t PoolTrainer::Impl::begin_batch(size_t number) {
  place_works();
  if (!options.is_pairwise()) set_columns(number);
  return target.size();
}

void PoolTrainer::Impl::begin_group(size_t group) {
  column_derivatives.begin_group(group);
  if (!candidate()) return;
  d_columns[group].assign(shared.size() * F, 0.0f);
  d_queries[group].assign(shared.size() * static_cast<size_t>(options.shape.units), 0.0f);
}

void PoolTrainer::Impl::end_batch(size_t used) {
  list_terms();
  if (sampled()) gradient_of_columns(used);
  const auto of_items = [&](size_t first, size_t count, float* to, int worker) {
    gradient_of_items(used, first / F, count / F, to, worker);
  };
  const auto of_sources = [&](size_t first, size_t count, float* to, int) {
    std::fill_n(to, count, 0.0f);
    for (size_t at = 0; at < count; at += F)
      inputs.add_to(static_cast<uint32_t>((first + at) / F), d_input.data(), F, to + at);
  };
  const auto of_parameters = [&](size_t first, size_t count, float* to, int) {
    add_groups(gradient, used, first, count, to);
  };
  gradient_step.run({{&table_optimizer, table.data(), table.size(), kItemsPerTask * F, of_items},
                     {&source_optimizer, source.data(), source.size(), kItemsPerTask * F, of_sources},
                     {&optimizer, values.data(), values.size(), kParametersPerTask, of_parameters}},
                    rate_at(options.schedule, optimizer.step() + 1, total_steps), options.clip, thread_pool);
  if (options.shape.decay) {
    float& decay = values[weights.parameters().decay.offset];
    decay = std::max(0.0f, decay);
  }
  weights.refresh();
}

PoolTrainer::PoolTrainer(const Interactions& data, const PoolOptions& options, int threads)
    : impl_(std::make_unique<Impl>(data, options, threads)) {}
PoolTrainer::~PoolTrainer() = default;

size_t PoolTrainer::memory(const Interactions& data, const PoolOptions& options, int threads) {
  const size_t P = PoolParameters(options.shape).size;
  const auto F = static_cast<size_t>(options.shape.dim);
  const size_t I = data.items.size();
  const auto W = static_cast<size_t>(options.shape.window);
  const size_t tokens = static_cast<size_t>(options.batches.batch) * W;
  // The tables: values, two moments, with a clip the gradient.
  const size_t copies = options.clip > 0 ? 4 : 3;
  size_t floats =
      (options.shape.tied ? copies : 2 * copies) * I * F + (MiniBatchTrainer::kGroups + 4) * P + tokens * (2 * F + 4);
  if (options.shape.candidate) {
    // The shared columns in each group, a sequence's pairs in each thread, own candidates.
    const auto A = static_cast<size_t>(options.shape.units);
    const size_t K = static_cast<size_t>(options.negatives);
    const size_t own = options.is_pairwise() ? 1 + K : 1;
    floats += options.is_pairwise() ? 0 : (MiniBatchTrainer::kGroups + 3) * K * (F + A);
    floats +=
        static_cast<size_t>(threads) * (9 * W * (options.is_pairwise() ? 0 : K) + W * own * (9 * W + 2 * F + 3 * A)) +
        tokens * own * F;
  }
  floats += static_cast<size_t>(threads) * (MiniBatchTrainer::slice_tokens(options.loss) + W) *
            (6 * F + 2 * static_cast<size_t>(options.shape.units) + 2 * W);
  floats += static_cast<size_t>(threads) * 65536;
  const size_t C = options.loss == SequenceLoss::kSoftmax ? I : static_cast<size_t>(options.negatives);
  if (!options.shape.candidate && !options.is_pairwise()) floats += ColumnDerivatives::memory(C, F, threads);
  if (options.is_pairwise()) floats += tokens * static_cast<size_t>(options.negatives) * 4;
  return floats * sizeof(float) + data.size() * sizeof(uint32_t);
}

void PoolTrainer::epoch() { impl_->epoch(); }

double PoolTrainer::objective() const { return impl_->objective(); }

Artefact PoolTrainer::artefact(const Interactions& data) const {
  const PoolOptions& options = impl_->options;
  Artefact artefact;
  artefact.items = data.items;
  artefact.meta["encoder"] = "attention-pool";
  artefact.meta["model"] = "attention-pool";
  artefact.meta["attention"] = options.shape.candidate ? "attention-pool" : "dot";
  artefact.meta["predictor"] = options.shape.candidate ? "attention-pool-exp"
                               : options.is_pairwise() ? "logistic"
                                                       : "exp";
  artefact.meta["predict"] = options.sight == PoolSight::kBefore ? "next" : "left-out";
  options.write(artefact);
  options.batches.write(artefact);
  artefact.add(kItemCounts, impl_->counts);
  artefact.add("items.factors", ConstMatrixView{impl_->table.data(), impl_->I, impl_->F, impl_->F});
  if (!options.shape.tied)
    artefact.add(kItemSource, ConstMatrixView{impl_->source.data(), impl_->I, impl_->F, impl_->F});
  write_pool(options.shape, impl_->values.data(), artefact);
  return artefact;
}

Artefact PoolTrainer::state(const Interactions& data) const {
  Artefact artefact = this->artefact(data);
  artefact.meta["progress.step"] = std::to_string(impl_->optimizer.step());
  artefact.meta["progress.epochs"] = std::to_string(impl_->epochs_done);
  add_moments("items.factors", impl_->table_optimizer, impl_->F, artefact);
  add_moments(kItemSource, impl_->source_optimizer, impl_->F, artefact);
  add_moments("pool", impl_->optimizer, impl_->values.size(), artefact);
  return artefact;
}

void PoolTrainer::restore(const Artefact& state) {
  copy_tensor(state, "items.factors", impl_->table.size(), impl_->table.data());
  if (!impl_->options.shape.tied) copy_tensor(state, kItemSource, impl_->source.size(), impl_->source.data());
  const std::vector<float> read = read_pool_parameters(impl_->options.shape, state);
  std::copy(read.begin(), read.end(), impl_->values.begin());
  impl_->weights.refresh();
  const auto step = static_cast<uint64_t>(state.number("progress.step"));
  restore_moments("items.factors", step, state, impl_->table_optimizer);
  restore_moments(kItemSource, step, state, impl_->source_optimizer);
  restore_moments("pool", step, state, impl_->optimizer);
  impl_->epochs_done = static_cast<uint64_t>(state.number("progress.epochs"));
}

}  // namespace rec
