#include "models/two_tower/neural_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"
#include "models/sgd/gradient_step.h"
#include "models/two_tower/policy_gradient.h"

namespace rec {
namespace {

// Streams of random numbers.
constexpr uint64_t kStart = 1, kOrder = 2, kMicroBatch = 3, kFeatureStart = 4;
constexpr size_t kRowsPerTask = 256;
constexpr const char* kMoments = "optimizer";
constexpr const char* kParameters = "parameters";  // with features

std::vector<NeuralSide> sides_of(std::vector<SideFeatures> features, const Csr& by_user, size_t items) {
  std::vector<NeuralSide> sides;
  for (SideFeatures& side : features) {
    const std::vector<float> counts = side.of == IdKind::kUser ? user_counts(by_user) : item_counts(by_user, items);
    std::vector<char> has_pairs;
    for (const float count : counts) has_pairs.push_back(count > 0.0f ? 1 : 0);
    sides.emplace_back(std::move(side), std::move(has_pairs));
  }
  return sides;
}

bool has_item_features(const std::vector<NeuralSide>& sides) {
  return std::any_of(sides.begin(), sides.end(),
                     [](const NeuralSide& side) { return side.features.of == IdKind::kItem; });
}

}  // namespace

NeuralTrainer::NeuralTrainer(const Interactions& data, Csr by_user, const NeuralOptions& options, int threads,
                             std::vector<SideFeatures> features, std::vector<float> weights)
    : data_(data),
      by_user_(std::move(by_user)),
      options_(options),
      thread_pool_(threads),
      sides_(sides_of(std::move(features), by_user_, data.items.size())),
      layout_(options_, by_user_.rows(), data.items.size(), sides_),
      negatives_(by_user_, data.items.size(), options_, has_item_features(sides_)),
      user_of_(by_user_.entries()),
      weights_(std::move(weights)),
      parameters_(layout_.size()),
      optimizer_(options.optimizer, layout_.size()),
      loss_(options.micro_batches()),
      rng_(options.micro_batches(), Rng(0, 0)) {
  for (uint32_t user = 0; user < by_user_.rows(); ++user) {
    std::fill_n(user_of_.begin() + static_cast<std::ptrdiff_t>(by_user_.begin[user]), by_user_.row_size(user), user);
  }
  for (size_t number = 0; number < options_.micro_batches(); ++number) micro_batches_.emplace_back(options_, layout_);
  for (const NeuralLayout::Table& table : layout_.tables()) tables_.emplace_back(table);
  initialize();
}

size_t NeuralTrainer::memory(const Csr& by_user, size_t items, const NeuralOptions& options,
                             const std::vector<SideFeatures>& features) {
  const NeuralLayout layout(options, by_user.rows(), items);
  const size_t copies = options.optimizer.kind == OptimizerKind::kSgd       ? 1
                        : options.optimizer.kind == OptimizerKind::kAdagrad ? 2
                                                                            : 3;
  // A micro-batch: H, X and their gradients, with dropout their masks, the projections and
  // theirs, the weights' gradient, and the scores of a block with theirs.
  const size_t micro_batches = options.micro_batches();
  const size_t E =
      (std::min<size_t>(static_cast<size_t>(options.batch), by_user.entries()) + micro_batches - 1) / micro_batches;
  const bool all = options.attention_loss() == NeuralLoss::kSoftmax;
  const size_t C =
      all ? items
          : std::min(items,
                     E + (options.needs_negatives() && !options.in_batch ? static_cast<size_t>(options.negatives) : 0));
  size_t widest = 0;
  for (const NeuralLayout::Part& part : layout.parts) widest = std::max(widest, part.shape.projection_size());
  const size_t scores = std::min(E * C, std::max(C, NeuralMicroBatch<float>::kScores));
  const size_t heads = options.attention == ScoreForm::kMultiHead ? static_cast<size_t>(options.heads) : 0;
  const size_t micro_batch = (E + C) * ((options.dropout > 0.0 ? 3 : 2) * layout.factors + 2 * widest) +
                             layout.weight_count() + (2 + heads) * scores;
  const size_t moved = micro_batches * (E + C) * layout.factors;  // a step's sums of gradients
  // Of features: parameters, the gradients of a micro-batch and their sums, where they lie, and the rows.
  size_t of_features = 0;
  for (const SideFeatures& side : features) {
    const size_t categories = side.map.size();
    const size_t dense = layout.factors + kind_count(kinds_of(side.map.names));
    size_t longest = 0;
    for (size_t id = 0; id < side.rows.rows(); ++id) longest = std::max(longest, side.rows.row_size(id));
    const size_t rows = std::min(categories, (side.of == IdKind::kUser ? E : C) * longest);
    of_features += (dense + categories * layout.factors) * copies +
                   micro_batches * (dense + 2 * rows * layout.factors + categories) + 3 * categories +
                   2 * side.rows.entries() + 2 * side.rows.rows();
  }
  return (layout.size() * copies + micro_batches * micro_batch + moved + of_features) * sizeof(float) +
         by_user.entries() * (by_user.weight.empty() ? 3 : 4) * sizeof(uint32_t) +
         (layout.users + layout.items) * sizeof(uint32_t);
}

// Vectors are normal; a weight of n inputs and m outputs is uniform with the variance 2 / (n
// + m) (Glorot, Bengio 2010), in mlp 2 / n (He et al. 2015); biases are 0; bilinear starts
// at the dot product, w of sum at 1.
void NeuralTrainer::initialize() {
  const size_t F = layout_.factors;
  const double scale = options_.stddev / std::sqrt(static_cast<double>(F));
  for (size_t row = 0; row < layout_.users + layout_.items; ++row) {
    Rng rng(options_.seed, kStart, row);
    for (size_t f = 0; f < F; ++f) parameters_[row * F + f] = static_cast<float>(scale * rng.normal(1.0));
  }
  Rng rng(options_.seed, kStart, layout_.users + layout_.items);
  for (const NeuralLayout::Part& part : layout_.parts) {
    for (const FormShape::Weight& weight : part.shape.weights()) {
      float* values = parameters_.data() + part.offset + weight.offset;
      const bool bias = weight.name == kSumBias || weight.name.ends_with(".bias");
      const double inputs =
          static_cast<double>(part.shape.form == ScoreForm::kMlp ? weight.cols : weight.cols + weight.rows);
      const double most = std::sqrt(6.0 / inputs);
      for (size_t at = 0; at < weight.rows * weight.cols; ++at) {
        if (weight.name == kBilinearWeight) {
          values[at] = at % (F + 1) == 0 ? 1.0f : 0.0f;
        } else if (weight.name == kSumWeight) {
          values[at] = 1.0f;
        } else {
          values[at] = bias ? 0.0f : static_cast<float>(most * (2.0 * rng.uniform() - 1.0));
        }
      }
    }
  }
  for (const NeuralFeatureTable& table : layout_.features) {  // u and s at 0
    for (size_t c = 0; c < table.side->categories(); ++c) {
      Rng its(options_.seed, kFeatureStart + (table.side->features.of == IdKind::kUser ? 1 : 0), c);
      for (size_t f = 0; f < F; ++f) parameters_[table.rows + c * F + f] = static_cast<float>(scale * its.normal(1.0));
    }
  }
}

uint64_t NeuralTrainer::steps_per_epoch() const {
  const auto batch = static_cast<uint64_t>(options_.batch);
  return (by_user_.entries() + batch - 1) / batch;
}

void NeuralTrainer::epoch() {
  std::vector<uint32_t> order(by_user_.entries());
  std::iota(order.begin(), order.end(), 0u);
  Rng rng(options_.seed, kOrder, optimizer_.step() / steps_per_epoch());
  for (size_t at = order.size(); at > 1; --at) std::swap(order[at - 1], order[rng.below(at)]);
  objective_ = 0.0;
  const auto batch = static_cast<size_t>(options_.batch);
  for (size_t first = 0; first < order.size(); first += batch)
    step({order.data() + first, std::min(batch, order.size() - first)});
  objective_ /= static_cast<double>(order.size());
  if (!std::all_of(parameters_.begin(), parameters_.end(), [](float value) { return std::isfinite(value); })) {
    fail("neural: a parameter is no longer finite in step {}; a lower --learning-rate or --clip-norm may help",
         optimizer_.step());
  }
}

Rng NeuralTrainer::prepare(std::span<const uint32_t> pairs, size_t number) {
  NeuralMicroBatch<float>& its = micro_batches_[number];
  std::vector<uint32_t> items;
  its.examples.user.clear();
  its.examples.value.clear();
  its.examples.weight.clear();
  for (const uint32_t pair : pairs) {
    its.examples.user.push_back(user_of_[pair]);
    items.push_back(by_user_.index[pair]);
    its.examples.value.push_back(by_user_.weight.empty() ? 1.0f : by_user_.weight[pair]);
    if (!weights_.empty() && !options_.propensity) its.examples.weight.push_back(weights_[pair]);
  }
  Rng rng(options_.seed, kMicroBatch, optimizer_.step() * micro_batches_.size() + number);
  negatives_.fill(items, rng, its.examples);
  return rng;
}

std::vector<float> NeuralTrainer::measure(size_t micro_batches) {
  std::vector<std::vector<float>> measured(micro_batches);
  thread_pool_.run(micro_batches, [&](size_t number, int) {
    Rng rng = rng_[number];
    measured[number] = micro_batches_[number].measure(parameters_.data(), rng);
  });
  std::vector<float> losses;
  for (const std::vector<float>& its : measured) losses.insert(losses.end(), its.begin(), its.end());
  return losses;
}

void NeuralTrainer::truncate(size_t pairs, size_t micro_batches) {
  const double passed = static_cast<double>(optimizer_.step()) / static_cast<double>(steps_per_epoch());
  const size_t count = options_.truncation.count(pairs, passed);
  if (count == 0) return;
  size_t number = 0;
  size_t first = 0;
  for (const uint32_t example : largest_losses(measure(micro_batches), count)) {
    while (example >= first + micro_batches_[number].examples.user.size())
      first += micro_batches_[number++].examples.user.size();
    std::vector<float>& weight = micro_batches_[number].examples.weight;
    weight.resize(micro_batches_[number].examples.user.size(), 1.0f);
    weight[example - first] = 0.0f;
  }
}

double NeuralTrainer::weigh(std::span<const uint32_t> rows, size_t micro_batches) {
  std::vector<float> rewards, propensities;
  for (const uint32_t row : rows) {
    rewards.push_back(by_user_.weight[row]);
    propensities.push_back(weights_[row]);
  }
  const double cap = options_.clip_weight > 0.0 ? options_.clip_weight : std::numeric_limits<double>::infinity();
  std::vector<double> weight;
  const double value = policy_gradient(measure(micro_batches), rewards, propensities, cap, weight);
  auto at = weight.begin();
  for (size_t number = 0; number < micro_batches; ++number) {
    NeuralExamples<float>& examples = micro_batches_[number].examples;
    for (size_t e = 0; e < examples.user.size(); ++e) examples.weight.push_back(static_cast<float>(*at++));
  }
  return std::isnan(value) ? 0.0 : value;
}

void NeuralTrainer::step(std::span<const uint32_t> pairs) {
  const size_t size = (pairs.size() + micro_batches_.size() - 1) / micro_batches_.size();
  const size_t micro_batches = (pairs.size() + size - 1) / size;
  const float weight = 1.0f / static_cast<float>(pairs.size());
  const auto prepare_one = [&](size_t number) {
    const size_t first = number * size;
    rng_[number] = prepare(pairs.subspan(first, std::min(size, pairs.size() - first)), number);
  };
  const bool measures = options_.truncation.any() || options_.propensity;
  double value = 0.0;  // of a policy
  if (measures) {
    thread_pool_.run(micro_batches, [&](size_t number, int) { prepare_one(number); });
    if (options_.propensity)
      value = weigh(pairs, micro_batches);
    else
      truncate(pairs.size(), micro_batches);
  }
  thread_pool_.run(micro_batches, [&](size_t number, int) {
    if (!measures) prepare_one(number);
    loss_[number] = micro_batches_[number].run(parameters_.data(), weight, rng_[number]);
  });
  double loss = 0.0;
  for (size_t number = 0; number < micro_batches; ++number) loss += loss_[number];

  thread_pool_.run(tables_.size(), [&](size_t table, int) { collect(table, micro_batches); });
  for (Rows& rows : tables_) add_up(rows);
  weights_gradient_.assign(layout_.weight_count(), 0.0f);
  for (size_t number = 0; number < micro_batches; ++number) {
    add_scaled(1.0f, micro_batches_[number].weight_gradient().data(), weights_gradient_.size(),
               weights_gradient_.data());
  }
  double squares = 0.0;
  for (const Rows& rows : tables_) squares = std::accumulate(rows.squares.begin(), rows.squares.end(), squares);
  for (const float g : weights_gradient_) squares += static_cast<double>(g) * static_cast<double>(g);
  if (!std::isfinite(loss) || !std::isfinite(squares)) {
    fail("neural: {} is no longer finite in step {}; a lower --learning-rate or --clip-norm may help",
         std::isfinite(loss) ? "the gradient" : "the loss", optimizer_.step() + 1);
  }
  objective_ += (options_.propensity ? -value : loss) * static_cast<double>(pairs.size());

  const double norm = std::sqrt(squares);
  const float scale = options_.clip > 0.0 && norm > options_.clip ? static_cast<float>(options_.clip / norm) : 1.0f;
  optimizer_.begin_step(rate_of(optimizer_.step() + 1));
  for (const Rows& rows : tables_) move(rows, scale);
  optimizer_.update(parameters_.data() + layout_.weights(), weights_gradient_.data(), layout_.weights(),
                    weights_gradient_.size(), scale);
}

double NeuralTrainer::rate_of(uint64_t step) const {
  return rate_at(options_.schedule, step, steps_per_epoch() * static_cast<uint64_t>(options_.epochs));
}

double NeuralTrainer::learning_rate() const { return rate_of(optimizer_.step()); }

void NeuralTrainer::collect(size_t table, size_t micro_batches) {
  Rows& rows = tables_[table];
  for (const uint32_t row : rows.touched) rows.first[row] = kNoId;
  rows.touched.clear();
  rows.source.clear();
  std::vector<uint32_t> row_of;
  for (size_t number = 0; number < micro_batches; ++number) {
    const NeuralRows<float> its = micro_batches_[number].rows()[table];
    row_of.insert(row_of.end(), its.row.begin(), its.row.end());
    for (size_t at = 0; at < its.row.size(); ++at) rows.source.push_back(its.gradient + at * layout_.factors);
  }
  rows.next.resize(rows.source.size());
  for (size_t at = row_of.size(); at-- > 0;) {  // from the last, so that the lists ascend
    if (row_of[at] == kNoId) continue;
    uint32_t& first = rows.first[row_of[at]];
    if (first == kNoId) rows.touched.push_back(row_of[at]);
    rows.next[at] = first;
    first = static_cast<uint32_t>(at);
  }
}

void NeuralTrainer::add_up(Rows& rows) {
  const size_t F = layout_.factors;
  rows.sum.resize(rows.touched.size() * F);
  rows.squares.resize(rows.touched.size());
  const size_t tasks = (rows.touched.size() + kRowsPerTask - 1) / kRowsPerTask;
  thread_pool_.run(tasks, [&](size_t task, int) {
    const size_t end = std::min(rows.touched.size(), (task + 1) * kRowsPerTask);
    for (size_t at = task * kRowsPerTask; at < end; ++at) {
      float* sum = rows.sum.data() + at * F;
      uint32_t source = rows.first[rows.touched[at]];
      std::copy_n(rows.source[source], F, sum);
      for (source = rows.next[source]; source != kNoId; source = rows.next[source])
        add_scaled(1.0f, rows.source[source], F, sum);
      rows.squares[at] = static_cast<double>(lane_dot(sum, sum, F));
    }
  });
}

void NeuralTrainer::move(const Rows& rows, float scale) {
  const size_t F = layout_.factors;
  const size_t tasks = (rows.touched.size() + kRowsPerTask - 1) / kRowsPerTask;
  thread_pool_.run(tasks, [&](size_t task, int) {
    const size_t end = std::min(rows.touched.size(), (task + 1) * kRowsPerTask);
    for (size_t at = task * kRowsPerTask; at < end; ++at) {
      const size_t offset = rows.offset + rows.touched[at] * F;
      optimizer_.update(parameters_.data() + offset, rows.sum.data() + at * F, offset, F, scale);
    }
  });
}

// The vectors of a side, and what features add to those that come later.
void NeuralTrainer::add_vectors(IdKind of, Artefact& artefact) const {
  const bool users = of == IdKind::kUser;
  const size_t F = layout_.factors;
  const size_t N = users ? layout_.users : layout_.items;
  const std::string name = users ? "users.factors" : "items.factors";
  float* to = artefact.add_empty(name, {N, F});
  std::copy_n(parameters_.data() + (users ? layout_.user(0) : layout_.item(0)), N * F, to);
  for (const NeuralFeatureTable& table : layout_.features) {
    const NeuralSide& side = *table.side;
    if (side.features.of != of) continue;
    const size_t C = side.categories();
    const float* u = parameters_.data() + table.dense;
    const float* s = u + F;
    Matrix adds(C, F);  // s_k e_c
    for (size_t c = 0; c < C; ++c) add_scaled(s[side.kind[c]], parameters_.data() + table.rows + c * F, F, adds.row(c));
    const SparseView rows = side.features.rows.view();
    for (size_t id = 0; id < N; ++id) {
      if (side.has_pairs[id] == 0) std::copy_n(u, F, to + id * F);
      for (uint64_t at = rows.begin[id]; at < rows.begin[id + 1]; ++at)
        add_scaled(weight_at(rows.weight, at), adds.row(rows.index[at]), F, to + id * F);
    }
    add_feature_map(side.features.map, of, artefact);
    artefact.add(feature_table_name(of) + ".factors", adds);
    if (options_.id_dropout > 0.0) artefact.add("new." + name, std::vector<float>(u, u + F));
    if (users) artefact.add(kUserCounts, user_counts(by_user_));
  }
}

Artefact NeuralTrainer::artefact() const {
  Artefact artefact;
  artefact.items = data_.items;
  artefact.users = data_.users;
  artefact.meta["model"] = "neural";
  artefact.meta["encoder"] = "table";
  artefact.meta["attention"] = name_of(options_.model_attention());
  artefact.meta["predictor"] = name_of(options_.model_predictor());
  write_options(options_, artefact.meta);
  add_vectors(IdKind::kItem, artefact);
  artefact.add(kItemCounts, item_counts(by_user_, layout_.items));
  add_vectors(IdKind::kUser, artefact);
  for (const NeuralLayout::Part& part : layout_.parts) {
    if (part.shape.form == ScoreForm::kMultiHead) artefact.meta[kHeads] = std::to_string(part.shape.heads);
    for (const FormShape::Weight& weight : part.shape.weights()) {
      std::vector<uint64_t> shape{weight.rows};
      if (weight.cols > 1 || (part.shape.form == ScoreForm::kMlp && weight.name.ends_with(".weight")))
        shape.push_back(weight.cols);
      std::copy_n(parameters_.data() + part.offset + weight.offset, weight.rows * weight.cols,
                  artefact.add_empty(weight.name, shape));
    }
  }
  return artefact;
}

void NeuralTrainer::add_state(Artefact& model) const {
  model.meta["progress.step"] = std::to_string(optimizer_.step());
  if (!sides_.empty())
    model.add(kParameters, ConstMatrixView{parameters_.data(), 1, parameters_.size(), parameters_.size()});
  add_moments(kMoments, optimizer_, parameters_.size(), model);
}

void NeuralTrainer::restore(const Artefact& state) {
  const size_t F = layout_.factors;
  const auto take = [&](const std::string& name, size_t offset, size_t size) {
    copy_tensor(state, name, size, parameters_.data() + offset);
  };
  if (!sides_.empty()) {
    take(kParameters, 0, layout_.size());
  } else {
    take("users.factors", layout_.user(0), layout_.users * F);
    take("items.factors", layout_.item(0), layout_.items * F);
    for (const NeuralLayout::Part& part : layout_.parts) {
      for (const FormShape::Weight& weight : part.shape.weights())
        take(weight.name, part.offset + weight.offset, weight.rows * weight.cols);
    }
  }
  restore_moments(kMoments, static_cast<uint64_t>(state.number("progress.step")), state, optimizer_);
}

}  // namespace rec
