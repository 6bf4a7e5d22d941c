#include "models/transformer/sequence_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/dot.h"
#include "models/common/popularity.h"
#include "models/sgd/column_derivatives.h"
#include "models/sgd/gradient_step.h"
#include "models/sgd/item_sampler.h"
#include "models/sgd/item_terms.h"
#include "models/sgd/mini_batch_trainer.h"
#include "models/sgd/weight_average.h"
#include "models/transformer/transformer_net.h"

namespace rec {
namespace {

constexpr size_t kItemsPerTask = 256;
constexpr size_t kParametersPerTask = 4096;
constexpr double kItemDeviation = 0.02;

}  // namespace

void SequenceOptions::check() const {
  shape.check();
  LearningOptions::check();
  batches.check();
  check_share("--output-dropout", output_dropout, true);
  check_share("--ema", average, true);
}

struct SequenceTrainer::Impl : MiniBatchTrainer {
  Impl(const Interactions& data, const SequenceOptions& asked, int its_threads)
      : MiniBatchTrainer(data, with_shape(asked).batches, asked, asked.loss, its_threads),
        options(with_shape(asked)),
        I(data.items.size()),
        d(static_cast<size_t>(options.shape.dim)),
        counts(item_counts(csr_by_user(data, {}), I)),
        table(I * d),
        values(initial_parameters(options.shape, options.seed)),
        weights(options.shape, values.data()),
        table_optimizer(options.optimizer, I * d),
        optimizer(options.optimizer, values.size()),
        sampler(counts, options.negative_exponent),
        input_scale(std::sqrt(static_cast<float>(d))) {
    parameters = values.size();
    if (batches.sequences() == 0)
      fail("no user has {}: there is nothing to learn from", options.shape.causal ? "two items" : "an item");
    if (options.loss != SequenceLoss::kSoftmax && I < 2) fail("negatives need two items at least");
    fill_normal(table.data(), I * d, kItemDeviation, options.seed, 1);
    if (options.average > 0) {
      mean_table = table;
      mean_values = values;
    }
    for (int worker = 0; worker < thread_pool.threads(); ++worker) workers.emplace_back(weights);
  }

  static SequenceOptions with_shape(SequenceOptions options) {
    options.batches.window = options.shape.window;
    options.batches.causal = options.shape.causal;
    options.batches.seed = options.seed;
    return options;
  }

  struct Worker {  // what a thread works with
    explicit Worker(const TransformerWeights<float>& weights) : net(weights) {}
    TransformerNet<float> net;
    LossScratch<float> scratch;
    AlignedBuffer<float> x0, d_h, d_places;
  };

  size_t begin_batch(size_t number) override;
  void begin_group(size_t group) override { column_derivatives.begin_group(group); }
  double run_slice(size_t number, size_t slice, size_t group, int worker) override;
  void end_batch(size_t used) override;
  void place_works();
  void set_columns(size_t number);
  void embed(const SequenceWork& work, float* x0) const;
  void list_terms();
  void gradient_of_columns(size_t used);
  void columns_back(size_t used, size_t first, size_t count, float* to, int worker);
  void gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker);
  void average();
  const float* model_table() const { return options.average > 0 ? mean_table.data() : table.data(); }
  const float* model_values() const { return options.average > 0 ? mean_values.data() : values.data(); }
  void write_parameters(Artefact& artefact) const;

  const SequenceOptions options;
  const size_t I;
  const size_t d;
  const std::vector<float> counts;
  AlignedBuffer<float> table;       // I × d
  std::vector<float> values;        // P
  AlignedBuffer<float> mean_table;  // their averages, if wanted
  std::vector<float> mean_values;
  TransformerWeights<float> weights;
  Optimizer table_optimizer;
  Optimizer optimizer;
  const ItemSampler sampler;
  const float input_scale;
  std::vector<Worker> workers;

  // The batch at hand: N tokens, M predictions.
  std::vector<size_t> first_token, first_place;  // of each slice; the last: N, M
  AlignedBuffer<float> h;                        // M × d
  AlignedBuffer<float> d_input;                  // N × d
  std::vector<uint32_t> target;                  // M
  std::vector<float> log_sum, on_target;         // M
  std::vector<uint32_t> negative;                // M × K
  std::vector<float> on_negative;
  ItemColumns<float> columns;
  ItemTerms inputs, outputs;
  ColumnDerivatives column_derivatives;
  AlignedBuffer<float> column_gradient;  // C × d, sampled
  GradientStep gradient_step;
};

void SequenceTrainer::Impl::place_works() {
  first_token.assign(1, 0);
  first_place.assign(1, 0);
  target.clear();
  for (const SequenceWork& work : works) {
    first_token.push_back(first_token.back() + work.slice.tokens());
    first_place.push_back(first_place.back() + work.place.size());
    target.insert(target.end(), work.target.begin(), work.target.end());
  }
  h.resize(first_place.back() * d);
  d_input.resize(first_token.back() * d);
  log_sum.resize(target.size());
  on_target.resize(target.size());
  negative.resize(options.is_pairwise() ? target.size() * static_cast<size_t>(options.negatives)
                                        : 0);  // each slice draws its own
  on_negative.resize(negative.size());
}

// The items that a softmax is over.
void SequenceTrainer::Impl::set_columns(size_t number) {
  if (options.loss == SequenceLoss::kSoftmax) {
    columns.set_all(table.data(), I, d, thread_pool);
  } else {
    std::vector<uint32_t> items;
    std::vector<float> correction;
    draw_columns(sampler, static_cast<size_t>(options.negatives), negatives_of(number), items, correction);
    columns.set_some(table.data(), d, std::move(items), std::move(correction), thread_pool);
  }
  column_derivatives.begin_batch(columns);
}

void SequenceTrainer::Impl::embed(const SequenceWork& work, float* x0) const {
  const float* mask = options.shape.causal ? nullptr : weights.at(weights.parameters().mask);
  for (size_t t = 0; t < work.item.size(); ++t) {
    float* x = x0 + t * d;
    if (work.item[t] == kNoId) {
      std::fill_n(x, d, 0.0f);
      continue;
    }
    const float* from = work.item[t] == I ? mask : table.data() + work.item[t] * d;
    for (size_t c = 0; c < d; ++c) x[c] = input_scale * from[c];
  }
  add_positions(weights, work.slice, x0);
}

double SequenceTrainer::Impl::run_slice(size_t number, size_t slice, size_t group, int worker) {
  const SequenceWork& work = works[slice];
  Worker& its = workers[static_cast<size_t>(worker)];
  float* its_gradient = gradient[group].data();
  const size_t n = work.slice.tokens();
  const size_t m = work.place.size();
  its.x0.resize(n * d);
  its.d_h.resize(n * d);
  embed(work, its.x0.data());
  const float* out =
      its.net.forward(work.slice, its.x0.data(), {options.dropout, dropout_key(number, slice), options.output_dropout});
  float* its_h = h.data() + first_place[slice] * d;
  for (size_t k = 0; k < m; ++k) std::copy_n(out + work.place[k] * d, d, its_h + k * d);

  const bool everywhere = m == n;  // every token predicts
  if (!everywhere) its.d_places.resize(m * d);
  float* d_places = everywhere ? its.d_h.data() : its.d_places.data();
  const TokenPredictions<float> predictions{m, its_h, work.target.data(), table.data()};
  const float w = 1.0f / static_cast<float>(target.size());
  float* its_target = on_target.data() + first_place[slice];
  double loss = 0.0;
  if (!options.is_pairwise()) {
    loss = column_derivatives.loss(group, predictions, w, d_places, log_sum.data() + first_place[slice], its_target,
                                   its.scratch);
  } else {
    const auto K = static_cast<size_t>(options.negatives);
    const double positive = options.loss == SequenceLoss::kGbce ? gbce_weight(K, I, options.calibration) : 1.0;
    uint32_t* negatives = negative.data() + first_place[slice] * K;
    draw_negatives(sampler, work, K, negatives_of(number, slice), negatives);
    loss = bce_loss(predictions, d, negatives, K, static_cast<float>(positive), w, d_places, its_target,
                    on_negative.data() + first_place[slice] * K);
  }
  if (!everywhere) {
    std::fill_n(its.d_h.data(), n * d, 0.0f);
    for (size_t k = 0; k < m; ++k) std::copy_n(d_places + k * d, d, its.d_h.data() + work.place[k] * d);
  }
  float* d_x0 = d_input.data() + first_token[slice] * d;
  its.net.backward(work.slice, its.d_h.data(), d_x0, its_gradient);
  add_position_gradient(weights, work.slice, d_x0, its_gradient);
  if (options.shape.causal) return loss;
  float* d_mask = its_gradient + weights.parameters().mask.offset;
  for (size_t t = 0; t < n; ++t) {
    if (work.item[t] == I) axpy(input_scale, d_x0 + t * d, d, d_mask);
  }
  return loss;
}

// The items' terms in this batch.
void SequenceTrainer::Impl::list_terms() {
  const auto K = static_cast<size_t>(options.negatives);
  inputs.build(I, [&](auto add) {
    uint32_t token = 0;
    for (const SequenceWork& work : works) {
      for (const uint32_t item : work.item) {
        if (item < I) add(item, token, input_scale);
        ++token;
      }
    }
  });
  outputs.build(I, [&](auto add) {
    for (uint32_t m = 0; m < target.size(); ++m) {
      add(target[m], m, on_target[m]);
      for (size_t k = m * K; options.is_pairwise() && k < (m + 1) * K; ++k) add(negative[k], m, on_negative[k]);
    }
  });
}

// The derivatives of the columns' vectors, sampled softmax.
void SequenceTrainer::Impl::gradient_of_columns(size_t used) {
  constexpr size_t kColumnsPerTask = 64;
  column_gradient.resize(columns.size() * d);
  thread_pool.run((columns.size() + kColumnsPerTask - 1) / kColumnsPerTask, [&](size_t task, int worker) {
    const size_t first = task * kColumnsPerTask;
    columns_back(used, first, std::min(kColumnsPerTask, columns.size() - first), column_gradient.data() + first * d,
                 worker);
  });
}

void SequenceTrainer::Impl::columns_back(size_t used, size_t first, size_t count, float* to, int worker) {
  const TokenPredictions<float> predictions{target.size(), h.data(), target.data(), table.data()};
  column_derivatives.take(used, first, count, predictions, 1.0f / static_cast<float>(target.size()), log_sum.data(), to,
                          workers[static_cast<size_t>(worker)].scratch);
}

// Of the items [first, first + count).
void SequenceTrainer::Impl::gradient_of_items(size_t used, size_t first, size_t count, float* sum, int worker) {
  if (options.loss == SequenceLoss::kSoftmax) {
    columns_back(used, first, count, sum, worker);
  } else {
    std::fill_n(sum, count * d, 0.0f);
    if (options.loss == SequenceLoss::kSampledSoftmax) columns.copy_rows(column_gradient.data(), first, count, sum);
  }
  for (size_t item = first; item < first + count; ++item, sum += d) {
    outputs.add_to(static_cast<uint32_t>(item), h.data(), d, sum);
    inputs.add_to(static_cast<uint32_t>(item), d_input.data(), d, sum);
  }
}

size_t SequenceTrainer::Impl::begin_batch(size_t number) {
  place_works();
  if (target.empty()) return 0;
  if (!options.is_pairwise()) set_columns(number);
  return target.size();
}

void SequenceTrainer::Impl::end_batch(size_t used) {
  list_terms();
  if (options.loss == SequenceLoss::kSampledSoftmax) gradient_of_columns(used);
  const auto of_items = [&](size_t first, size_t count, float* to, int worker) {
    gradient_of_items(used, first / d, count / d, to, worker);
  };
  const auto of_parameters = [&](size_t first, size_t count, float* to, int) {
    add_groups(gradient, used, first, count, to);
  };
  gradient_step.run({{&table_optimizer, table.data(), I * d, kItemsPerTask * d, of_items},
                     {&optimizer, values.data(), values.size(), kParametersPerTask, of_parameters}},
                    rate_at(options.schedule, optimizer.step() + 1, total_steps), options.clip, thread_pool);
  weights.refresh();
}

void SequenceTrainer::Impl::average() {
  if (options.average <= 0) return;
  move_average(options.average, epochs_done, table.data(), table.size(), mean_table.data());
  move_average(options.average, epochs_done, values.data(), values.size(), mean_values.data());
}

void SequenceTrainer::Impl::write_parameters(Artefact& artefact) const {
  artefact.add("items.factors", ConstMatrixView{model_table(), I, d, d});
  for (const Parameter& p : weights.parameters().all()) {
    const float* its = model_values() + p.offset;
    if (p.rows == 1)
      artefact.add(p.name, std::vector<float>(its, its + p.cols));
    else
      artefact.add(p.name, ConstMatrixView{its, p.rows, p.cols, p.cols});
  }
}

SequenceTrainer::SequenceTrainer(const Interactions& data, const SequenceOptions& options, int threads)
    : impl_(std::make_unique<Impl>(data, options, threads)) {}
SequenceTrainer::~SequenceTrainer() = default;

size_t SequenceTrainer::memory(const Interactions& data, const SequenceOptions& options, int threads) {
  const size_t P = TransformerParameters(options.shape).size;
  const auto d = static_cast<size_t>(options.shape.dim);
  const size_t I = data.items.size();
  const auto W = static_cast<size_t>(options.shape.window);
  const auto sequence_tokens = static_cast<size_t>(options.batches.batch) * W;
  // The item table: values, two moments, with a clip the gradient.
  size_t floats =
      (options.clip > 0 ? 4 : 3) * I * d + (MiniBatchTrainer::kGroups + 4) * P + sequence_tokens * (2 * d + 4);
  if (options.average > 0) floats += I * d + P;
  const auto f = static_cast<size_t>(options.shape.hidden);
  const size_t in = options.shape.activation == Activation::kSwiglu ? 2 * f : f;
  const size_t slice = MiniBatchTrainer::slice_tokens(options.loss) + W;
  floats += static_cast<size_t>(threads) * static_cast<size_t>(options.shape.blocks) * slice *
            (18 * d + in + 3 * f + 2 * static_cast<size_t>(options.shape.heads) * pad16(W));
  floats += static_cast<size_t>(threads) * slice * (13 * d + f + std::max(3 * d, in));  // beside the blocks
  const size_t C = options.loss == SequenceLoss::kSoftmax ? I : static_cast<size_t>(options.negatives);
  if (!options.is_pairwise()) floats += ColumnDerivatives::memory(C, d, threads);
  if (options.is_pairwise()) floats += sequence_tokens * static_cast<size_t>(options.negatives) * 4;
  return floats * sizeof(float) + static_cast<size_t>(threads) * 65536 * sizeof(float) + data.size() * sizeof(uint32_t);
}

void SequenceTrainer::epoch() {
  impl_->epoch();
  impl_->average();
}

double SequenceTrainer::objective() const { return impl_->objective(); }

Artefact SequenceTrainer::artefact(const Interactions& data) const {
  const SequenceOptions& options = impl_->options;
  Artefact artefact;
  artefact.items = data.items;
  artefact.meta["encoder"] = "transformer";
  artefact.meta["model"] = options.shape.causal ? "sasrec" : "bert4rec";
  artefact.meta["attention"] = "dot";
  // Both are above 0 and rise with h·x, so that r = M·α ranks as M does.
  artefact.meta["predictor"] = options.is_pairwise() ? "logistic" : "exp";
  write_shape(options.shape, artefact);
  options.write(artefact);
  options.batches.write(artefact);
  if (options.output_dropout > 0) artefact.meta["output-dropout"] = fmt::format("{}", options.output_dropout);
  artefact.meta["ema"] = fmt::format("{}", options.average);
  if (!options.shape.causal) artefact.meta["mask"] = fmt::format("{}", options.batches.hidden);
  artefact.add(kItemCounts, impl_->counts);
  impl_->write_parameters(artefact);
  return artefact;
}

Artefact SequenceTrainer::state(const Interactions& data) const {
  Artefact artefact = this->artefact(data);
  artefact.meta["progress.step"] = std::to_string(impl_->optimizer.step());
  artefact.meta["progress.epochs"] = std::to_string(impl_->epochs_done);
  if (impl_->options.average > 0) {
    artefact.add("last.items.factors", ConstMatrixView{impl_->table.data(), impl_->I, impl_->d, impl_->d});
    artefact.add("last.transformer", impl_->values);
  }
  add_moments("items.factors", impl_->table_optimizer, impl_->d, artefact);
  add_moments("transformer", impl_->optimizer, impl_->values.size(), artefact);
  return artefact;
}

void SequenceTrainer::restore(const Artefact& state) {
  const bool averages = impl_->options.average > 0;
  copy_tensor(state, "items.factors", impl_->table.size(), averages ? impl_->mean_table.data() : impl_->table.data());
  float* values = averages ? impl_->mean_values.data() : impl_->values.data();
  for (const Parameter& p : impl_->weights.parameters().all()) copy_tensor(state, p.name, p.size(), values + p.offset);
  if (averages) {
    copy_tensor(state, "last.items.factors", impl_->table.size(), impl_->table.data());
    copy_tensor(state, "last.transformer", impl_->values.size(), impl_->values.data());
  }
  impl_->weights.refresh();
  const auto step = static_cast<uint64_t>(state.number("progress.step"));
  restore_moments("items.factors", step, state, impl_->table_optimizer);
  restore_moments("transformer", step, state, impl_->optimizer);
  impl_->epochs_done = static_cast<uint64_t>(state.number("progress.epochs"));
}

}  // namespace rec
