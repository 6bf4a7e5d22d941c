#include "models/fm/fm_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "linalg/vector_exp.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"
#include "models/common/score_form.h"
#include "models/fm/fm_encoder.h"

namespace rec {
namespace {

// Streams of random numbers.
constexpr uint64_t kVectors = 1, kWeights = 2, kOrder = 3, kDropout = 4;
constexpr size_t kPerTask = 16384;

// What a checkpoint holds beside the model.
constexpr const char* kTable = "table";
constexpr const char* kLayers = "weights";
constexpr const char* kAverages = "averages";
constexpr const char* kStep = "progress.step";
constexpr const char* kEpochs = "progress.epochs";
constexpr const char* kRateFactor = "progress.rate-factor";

// ln(1 + e^z) - y z
double loss_of(float label, float logit) {
  const auto z = static_cast<double>(logit);
  return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - static_cast<double>(label) * z;
}

OptimizerOptions with_decay(OptimizerOptions options, double decay) {
  options.weight_decay = decay;
  return options;
}

size_t largest_batch(const LabelledRows& data, const FmOptions& options) {
  return std::min(data.size(), static_cast<size_t>(options.batch));
}

}  // namespace

FmFields fields_of(const LabelledRows& data, const std::vector<SideFeatures>& features) {
  FmFields fields;
  const auto add = [&](std::string name, size_t categories, std::span<const uint32_t> number) {
    fields.all.push_back({std::move(name), fields.categories, categories + 1, number});
    fields.categories += categories + 1;
  };
  const auto add_features = [&](IdKind of, std::span<const uint32_t> number) {
    for (const SideFeatures& side : features) {
      if (side.of != of) continue;
      fields.all.push_back({feature_table_name(of), fields.categories, side.map.size(), number, &side.rows});
      fields.categories += side.map.size();
    }
  };
  add("user", data.rows.users.size(), data.rows.user);
  add_features(IdKind::kUser, data.rows.user);
  fields.of_user = fields.all.size();
  for (const ContextColumn& column : data.context) add(column.name, column.categories.size(), column.value);
  fields.of_item = fields.all.size();
  add("item", data.rows.items.size(), data.rows.item);
  add_features(IdKind::kItem, data.rows.item);
  return fields;
}

size_t FmTrainer::memory(const LabelledRows& data, const FmOptions& options,
                         const std::vector<SideFeatures>& features) {
  const FmFields fields = fields_of(data, features);
  const FmShape shape(options, fields.all.size());
  const size_t copies = options.optimizer.kind == OptimizerKind::kSgd       ? 2
                        : options.optimizer.kind == OptimizerKind::kAdagrad ? 3
                                                                            : 4;
  const size_t parameters = fields.categories * (shape.width() + 1) + size_of(shape.parameters());
  return parameters * (copies + (options.clip > 0.0 ? 1 : 0)) * sizeof(float) + fields.categories * sizeof(double) +
         FmNet<float>::memory(shape, largest_batch(data, options)) +
         (data.size() + largest_batch(data, options) * fields.all.size()) * sizeof(uint32_t);
}

FmTrainer::FmTrainer(const LabelledRows& data, const Csr& by_user, const FmOptions& options, int threads,
                     std::vector<SideFeatures> features)
    : data_(data),
      options_(options),
      features_(std::move(features)),
      fields_(fields_of(data, features_)),
      shape_(options, fields_.all.size()),
      parameters_(shape_.parameters()),
      averages_(shape_.averages()),
      item_counts_(item_counts(by_user, data.rows.items.size())),
      rows_of_(fields_.categories, 0.0),
      thread_pool_(threads),
      net_(shape_, largest_batch(data, options)),
      table_(fields_.categories * (shape_.width() + 1), 0.0f),
      table_gradient_(table_.size(), 0.0f),
      weights_(size_of(parameters_), 0.0f),
      weights_gradient_(weights_.size(), 0.0f),
      moments_(size_of(averages_), 0.0f),
      table_optimizer_(with_decay(options.optimizer, options.regularization), table_.size()),
      weights_optimizer_(options.optimizer, weights_.size()) {
  for (const FmField& field : fields_.all) {
    for (const uint32_t number : field.number)
      field.for_each(number, [&](size_t at, float share) { rows_of_[at] += static_cast<double>(share); });
  }
  initialize();
}

// Vectors are normal, weights of categories and biases 0, those of pairs 1; a layer's weights are normal with the
// variance 2 / (inputs + outputs) (Glorot, Bengio 2010).
void FmTrainer::initialize() {
  const size_t W = shape_.width();
  for (size_t row = 0; row < fields_.categories; ++row) {
    Rng rng(options_.seed, kVectors, row);
    for (size_t c = 0; c < W; ++c) table_[row * (W + 1) + c] = static_cast<float>(rng.normal(options_.stddev));
  }
  for (const Parameter& parameter : parameters_) {
    float* values = weights_.data() + parameter.offset;
    if (parameter.name.ends_with(".gain")) std::fill_n(values, parameter.size(), 1.0f);
    if (parameter.name == kFmPairs) {
      for (size_t f = 0; f < parameter.rows; ++f)
        std::fill(values + f * parameter.cols + f + 1, values + (f + 1) * parameter.cols, 1.0f);
      continue;
    }
    if (!parameter.name.ends_with("weight")) continue;
    const bool output = parameter.name == kFmOutput;
    const size_t ends = output ? parameter.cols + 1 : parameter.rows + parameter.cols;
    fill_normal(values, parameter.size(), std::sqrt(2.0 / static_cast<double>(ends)), options_.seed,
                kWeights + (parameter.offset << 8));
  }
  for (const Parameter& parameter : averages_) {
    if (parameter.name.ends_with(".variance")) std::fill_n(moments_.data() + parameter.offset, parameter.size(), 1.0f);
  }
}

void FmTrainer::epoch() {
  std::vector<uint32_t> order(data_.size());
  std::iota(order.begin(), order.end(), 0u);
  Rng rng(options_.seed, kOrder, epochs_done_);
  for (size_t at = order.size(); at > 1; --at) std::swap(order[at - 1], order[rng.below(at)]);
  mean_loss_ = 0.0;
  const auto batch = static_cast<size_t>(options_.batch);
  for (size_t first = 0; first < order.size(); first += batch)
    step({order.data() + first, std::min(batch, order.size() - first)});
  mean_loss_ /= static_cast<double>(order.size());
  ++epochs_done_;
}

void FmTrainer::step(std::span<const uint32_t> rows) {
  const size_t n = rows.size();
  const size_t W = shape_.width();
  const uint64_t number = table_optimizer_.step() + 1;
  gather_batch(std::span<const FmField>(fields_.all), rows, table_.data(), W, net_, numbers_, thread_pool_);
  net_.forward(n, weights_.data(), Rng(options_.seed, kDropout, number).next(), thread_pool_);
  net_.add_moments(n, moments_.data());
  d_logit_.assign(net_.logit(), net_.logit() + n);
  double loss = 0.0;
  for (size_t row = 0; row < n; ++row) loss += loss_of(data_.rows.value[rows[row]], d_logit_[row]);
  if (!std::isfinite(loss)) {
    fail("fm: the loss is no longer finite in step {}; a lower --learning-rate or --clip-norm may help", number);
  }
  mean_loss_ += loss;
  sigmoid_all(d_logit_.data(), n);
  const float scale = 1.0f / static_cast<float>(n);
  for (size_t row = 0; row < n; ++row) d_logit_[row] = (d_logit_[row] - data_.rows.value[rows[row]]) * scale;
  net_.backward(n, weights_.data(), d_logit_.data(), weights_gradient_.data(), thread_pool_);
  scatter_batch(std::span<const FmField>(fields_.all), numbers_, d_logit_.data(), options_.linear, W, net_,
                table_gradient_.data(), thread_pool_);
  const uint64_t steps = (data_.size() + static_cast<size_t>(options_.batch) - 1) / static_cast<size_t>(options_.batch);
  rate_ = rate_factor_ * rate_at(options_.schedule, number, steps * static_cast<uint64_t>(options_.epochs));
  gradient_step_.run({{&table_optimizer_, table_.data(), table_.size(), kPerTask,
                       [this](size_t first, size_t count, float* to, int) {
                         float* from = table_gradient_.data() + first;
                         std::copy_n(from, count, to);
                         std::fill_n(from, count, 0.0f);
                       }},
                      {&weights_optimizer_, weights_.data(), weights_.size(), kPerTask,
                       [this](size_t first, size_t count, float* to, int) {
                         std::copy_n(weights_gradient_.data() + first, count, to);
                       }}},
                     rate_, options_.clip, thread_pool_);
}

void FmTrainer::validated(bool better) {
  if (!better) rate_factor_ *= options_.rate_decay;
}

std::vector<float> FmTrainer::unknown_row(const FmField& field) const {
  const size_t stride = shape_.width() + 1;
  if (field.several != nullptr) return std::vector<float>(stride, 0.0f);
  const float* own = table_.data() + field.unknown() * stride;
  if (rows_of_[field.unknown()] > 0.0) return {own, own + stride};
  std::vector<double> sum(stride, 0.0);
  double rows = 0.0;
  for (size_t at = field.first; at < field.unknown(); ++at) {
    rows += rows_of_[at];
    for (size_t c = 0; c < stride; ++c) sum[c] += rows_of_[at] * static_cast<double>(table_[at * stride + c]);
  }
  std::vector<float> mean(stride);
  for (size_t c = 0; c < stride; ++c) mean[c] = static_cast<float>(rows > 0.0 ? sum[c] / rows : 0.0);
  return mean;
}

void FmTrainer::side(size_t first, size_t last, uint32_t number, const std::vector<std::vector<float>>& unknown,
                     float* factors, float* fields) const {
  const size_t W = shape_.width();
  const FmPairs apart = by_field();
  const size_t pairs = size_of_pairs();
  std::fill_n(factors, pairs + 1, 0.0f);
  std::vector<float> row(W + 1);
  std::vector<std::vector<float>> before;  // of the fields so far
  for (size_t f = first; f < last; ++f) {
    const FmField& field = fields_.all[f];
    row.back() = 0.0f;
    if (number == kNoId || (field.several == nullptr && rows_of_[field.first + number] == 0.0)) {
      row = unknown[f];
    } else {
      gather(field, number, table_.data(), W, row.data(), row.back());
    }
    float& b = factors[pairs];
    b += row.back();
    if (apart.kind != Pairwise::kNone) {
      for (size_t e = 0; e < before.size(); ++e) b += apart.pair(first + e, before[e].data(), f, row.data());
      apart.add(f, row.data(), factors);
      before.push_back(row);
    } else {
      for (size_t c = 0; c < pairs; ++c) {
        b += factors[c] * row[c];
        factors[c] += row[c];
      }
    }
    if (fields != nullptr) fields = std::copy_n(row.data(), W, fields);
  }
}

FmPairs FmTrainer::by_field() const {
  if (!rec::by_field(shape_.pairs)) return {};
  const float* weight = nullptr;
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == kFmPairs) weight = weights_.data() + parameter.offset;
  }
  return {shape_.pairs, shape_.fields, fields_.of_item, shape_.dim, weight};
}

size_t FmTrainer::size_of_pairs() const {
  if (rec::by_field(shape_.pairs)) return by_field().size();
  return shape_.pairs == Pairwise::kFm ? shape_.dim : 0;
}

Artefact FmTrainer::artefact() const {
  const size_t W = shape_.width();
  const size_t P = size_of_pairs();
  const bool layers = !shape_.layers.empty();
  const size_t F = fields_.all.size();
  Artefact artefact;
  artefact.items = data_.rows.items;
  artefact.users = data_.rows.users;
  artefact.meta["model"] = "fm";
  artefact.meta["encoder"] = rec::by_field(shape_.pairs) ? kFmFieldsEncoder : kFmEncoder;
  artefact.meta["attention"] = name_of(layers ? ScoreForm::kFm : ScoreForm::kDot);
  artefact.meta["predictor"] = name_of(layers ? ScoreForm::kFmLogistic : ScoreForm::kLogistic);
  artefact.meta[kLeastValue] = "0";
  artefact.meta[kGreatestValue] = "1";
  write_options(options_, artefact.meta);

  const auto add = [&](const char* name, std::vector<uint64_t> shape) {
    return artefact.add_empty(name, std::move(shape));
  };
  const size_t U = artefact.users.size();
  const size_t I = artefact.items.size();
  const bool has_fields = layers || rec::by_field(shape_.pairs);
  const size_t user_fields = has_fields ? fields_.of_user * W : 0;
  const size_t item_fields = has_fields ? (F - fields_.of_item) * W : 0;
  float* users = add("users.factors", {U, P + 2});
  float* unknown_user = add(kFmUnknownUser, {P + 2});
  float* items = add("items.factors", {I, P + 2});
  float* unknown_item = add(kUnknownItem, {P + 2});
  float* users_fields = has_fields ? add(kFmUserFields, {U, user_fields}) : nullptr;
  float* unknown_user_fields = has_fields ? add(kFmUnknownUserFields, {user_fields}) : nullptr;
  float* items_fields = has_fields ? add(kFmItemFields, {I, item_fields}) : nullptr;
  float* unknown_item_fields = has_fields ? add(kFmUnknownItemFields, {item_fields}) : nullptr;
  const float bias = weights_[parameters_.front().offset];
  std::vector<std::vector<float>> unknown;  // of each field
  for (const FmField& field : fields_.all) unknown.push_back(unknown_row(field));
  const auto user = [&](uint32_t number, float* factors, float* fields) {
    side(0, fields_.of_user, number, unknown, factors, fields);
    factors[P + 1] = factors[P] + bias;
    factors[P] = 1.0f;
  };
  const auto item = [&](uint32_t number, float* factors, float* fields) {
    side(fields_.of_item, F, number, unknown, factors, fields);
    factors[P + 1] = 1.0f;
  };
  for (uint32_t at = 0; at < U; ++at)
    user(at, users + at * (P + 2), has_fields ? users_fields + at * user_fields : nullptr);
  user(kNoId, unknown_user, unknown_user_fields);
  for (uint32_t at = 0; at < I; ++at)
    item(at, items + at * (P + 2), has_fields ? items_fields + at * item_fields : nullptr);
  item(kNoId, unknown_item, unknown_item_fields);
  artefact.add(kItemCounts, item_counts_);

  Matrix unknown_context(data_.context.size(), W + 1);
  for (size_t at = 0; at < data_.context.size(); ++at) {
    const FmField& field = fields_.all[fields_.of_user + at];
    const size_t categories = data_.context[at].categories.size();
    artefact.meta[context_key(at)] = data_.context[at].name;
    artefact.tables[context_key(at)] = data_.context[at].categories;
    std::copy_n(table_.data() + field.first * (W + 1), categories * (W + 1),
                artefact.add_empty(context_factors(at), {categories, W + 1}));
    std::copy(unknown[fields_.of_user + at].begin(), unknown[fields_.of_user + at].end(), unknown_context.row(at));
  }
  if (!data_.context.empty()) artefact.add(kFmUnknownContext, unknown_context);
  for (const SideFeatures& features : features_) add_features(features, unknown, artefact);
  for (const auto& [parameters, values] :
       {std::pair{&parameters_, weights_.data()}, std::pair{&averages_, moments_.data()}}) {
    for (const Parameter& parameter : *parameters) {
      if (parameter.name == kFmBias) continue;  // part of the users' factors
      const bool vector = parameter.rows == 1;
      std::copy_n(values + parameter.offset, parameter.size(),
                  artefact.add_empty(parameter.name, vector ? std::vector<uint64_t>{parameter.cols}
                                                            : std::vector<uint64_t>{parameter.rows, parameter.cols}));
    }
  }
  return artefact;
}

// A new id's row is that of an unknown one and, since b has the pairs of fields of a side, for each feature its vector
// and the sum of its weight and its product with the unknown one's vector.
void FmTrainer::add_features(const SideFeatures& features, const std::vector<std::vector<float>>& unknown,
                             Artefact& artefact) const {
  const size_t W = shape_.width();
  const size_t P = size_of_pairs();
  const FmPairs apart = by_field();
  const bool of_items = features.of == IdKind::kItem;
  const size_t first = of_items ? fields_.of_item : 0;  // the field of the id; that of its features follows
  const std::vector<float>& id = unknown[first];
  const FmField& field = fields_.all[first + 1];
  const std::string table = feature_table_name(features.of);
  const std::string side = of_items ? "items" : "users";
  add_feature_map(features.map, features.of, artefact);
  float* factors = artefact.add_empty(table + ".factors", {field.size, P + 2});
  for (size_t at = 0; at < field.size; ++at, factors += P + 2) {
    const float* row = table_.data() + (field.first + at) * (W + 1);
    float weight = row[W];
    if (apart.kind != Pairwise::kNone) {
      std::fill_n(factors, P + 2, 0.0f);
      apart.add(first + 1, row, factors);
      weight += apart.pair(first, id.data(), first + 1, row);
    } else {
      for (size_t c = 0; c < P; ++c) {
        factors[c] = row[c];
        weight += id[c] * row[c];
      }
    }
    factors[P + (of_items ? 0 : 1)] = weight;
  }
  const auto copy = [&](const char* from, const std::string& name) {
    const Artefact::Tensor& tensor = *artefact.find(from);
    artefact.add(name, std::vector<float>(tensor.floats(), tensor.floats() + tensor.rows()));
  };
  copy(of_items ? kUnknownItem : kFmUnknownUser, "new." + side + ".factors");
  if (shape_.layers.empty() && apart.kind == Pairwise::kNone) return;
  copy(of_items ? kFmUnknownItemFields : kFmUnknownUserFields, "new." + side + ".fields");
  float* fields = artefact.add_empty(table + ".fields", {field.size, 2 * W});
  for (size_t at = 0; at < field.size; ++at)
    std::copy_n(table_.data() + (field.first + at) * (W + 1), W, fields + at * 2 * W + W);
}

void FmTrainer::add_state(Artefact& model) const {
  const size_t stride = shape_.width() + 1;
  model.add(kTable, ConstMatrixView{table_.data(), fields_.categories, stride, stride});
  model.add(kLayers, std::vector<float>(weights_.begin(), weights_.end()));
  if (!moments_.empty()) model.add(kAverages, moments_);
  add_moments(kTable, table_optimizer_, stride, model);
  add_moments(kLayers, weights_optimizer_, 1, model);
  model.meta[kStep] = std::to_string(table_optimizer_.step());
  model.meta[kEpochs] = std::to_string(epochs_done_);
  model.meta[kRateFactor] = fmt::format("{}", rate_factor_);
}

void FmTrainer::restore(const Artefact& state) {
  copy_tensor(state, kTable, table_.size(), table_.data());
  copy_tensor(state, kLayers, weights_.size(), weights_.data());
  copy_tensor(state, kAverages, moments_.size(), moments_.data());
  const auto step = static_cast<uint64_t>(state.number(kStep));
  restore_moments(kTable, step, state, table_optimizer_);
  restore_moments(kLayers, step, state, weights_optimizer_);
  epochs_done_ = static_cast<uint64_t>(state.number(kEpochs));
  rate_factor_ = state.number(kRateFactor);
}

}  // namespace rec
