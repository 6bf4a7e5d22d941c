#include "models/mf/mf_trainer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

constexpr size_t kRowsPerTask = 16;
// Where the start is a guess, the first epochs correct it.
constexpr double kFirstNoise = 0.6;          // of the values' variance
constexpr double kFirstUserPrecision = 2.0;  // items': F, so that p·q has a variance of a half
constexpr double kFirstBiasPrecision = 6.0;
constexpr double kFirstStddev = 0.1;  // of the items' factors
// Constant values would drive these to 0 and infinity.
constexpr double kLeastNoise = 1e-6;
constexpr double kGreatestPrecision = 1e6;

// The average of the rows that have pairs: what stands in for a row unknown.
std::vector<float> average_row(ConstMatrixView rows, const std::vector<bool>& has_pairs) {
  std::vector<double> sum(rows.cols, 0.0);
  for (size_t row = 0; row < rows.rows; ++row) {
    for (size_t f = 0; f < rows.cols && has_pairs[row]; ++f) sum[f] += static_cast<double>(rows(row, f));
  }
  const auto n = static_cast<double>(std::count(has_pairs.begin(), has_pairs.end(), true));
  std::vector<float> average(rows.cols);
  for (size_t f = 0; f < rows.cols; ++f) average[f] = static_cast<float>(sum[f] / n);
  return average;
}

Matrix difference(const Matrix& a, const Matrix& b) {
  Matrix out = a;
  for (size_t row = 0; row < a.rows(); ++row) {
    for (size_t f = 0; f < a.cols(); ++f) out(row, f) -= b(row, f);
  }
  return out;
}

// What a checkpoint holds beside the model.
constexpr const char* kUserMeans = "users.mean";                                     // U × N
constexpr const char* kItemMeans = "items.mean";                                     // I × N
constexpr const char* kItemSeconds = "items.second";                                 // I × triangle(N)
constexpr const char* kUserImplicit = "users.implicit";                              // U × N: the y of the items
std::string weights_name(IdKind of) { return feature_table_name(of) + ".weights"; }  // C × N: W
constexpr const char* kUserPrecision = "progress.user-precision";
constexpr const char* kItemPrecision = "progress.item-precision";

ConstMatrixView matrix_in(const Artefact& state, const char* name, size_t rows, size_t cols) {
  const Artefact::Tensor* tensor = state.find(name);
  if (tensor == nullptr) fail("checkpoint: no tensor \"{}\"", name);
  if (tensor->rows() != rows || tensor->cols() != cols) {
    fail("checkpoint: tensor \"{}\" is {} x {}, expected {} x {}", name, tensor->rows(), tensor->cols(), rows, cols);
  }
  return tensor->view();
}

void copy_rows(ConstMatrixView from, Matrix& to) {
  for (size_t row = 0; row < from.rows; ++row) std::copy_n(from.row(row), from.cols, to.row(row));
}

// Numbers as text that reads back to the same doubles.
std::string text_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{}{}", text.empty() ? "" : " ", value);
  return text;
}

void read_numbers(const Artefact& state, const char* key, std::vector<double>& values) {
  const std::string& text = state.text(key);
  const char* at = text.data();
  const char* const end = at + text.size();
  for (double& value : values) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc()) fail("checkpoint: meta \"{}\": expected {} numbers", key, values.size());
    at = next;
  }
  if (at != end) fail("checkpoint: meta \"{}\": expected {} numbers", key, values.size());
}

}  // namespace

const Matrix* MfTrainer::Side::means() const {
  const bool features = by_features != nullptr && drawn;
  if (prior && features) return &sum;
  return prior ? &prior->means() : features ? &by_features->means() : nullptr;
}

size_t MfTrainer::memory(const Csr& by_user, size_t items, const MfOptions& options,
                         const std::vector<SideFeatures>& features, bool weighted) {
  const auto N = static_cast<size_t>(options.dim) + 1;
  const size_t rows = by_user.rows() + items;
  // Means and variances, and the model's own; with `implicit` y and z, the
  // model's y, and of one side at a time the four matrices of conjugate gradients.
  const size_t floats = 4 * N + (options.implicit ? 7 * N : 0);
  const uint64_t moments = PanelMatrix::memory(rows, N + triangle(N)) + PanelMatrix::memory(rows, N);
  uint64_t priors = 0;  // the sum of prior means and the means without the other part, too
  for (const SideFeatures& side : features) {
    priors += PriorMean::memory(side.rows.rows(), side.map.size(), side.rows.entries(), N) +
              2 * side.rows.rows() * pad16(N) * sizeof(float) + side.map.size() * (N + 1) * sizeof(float);
  }
  return rows * (floats * sizeof(float) + 3 * sizeof(double)) + moments + (weighted ? 28 : 16) * by_user.entries() +
         priors;
}

MfTrainer::MfTrainer(const Interactions& data, Csr by_user, const MfOptions& options, int threads,
                     std::vector<SideFeatures> features, const std::vector<float>& weights)
    : data_(data),
      options_(options),
      threads_(threads),
      noise_(kFirstNoise),
      by_user_(std::move(by_user)),
      user_weights_(weights) {
  double sum = 0.0, squares = 0.0, n = 0.0;
  const auto weight_of = [&](size_t at) { return static_cast<double>(weight_at(user_weights_, at)); };
  for (size_t at = 0; at < by_user_.entries(); ++at) {
    n += weight_of(at);
    sum += weight_of(at) * static_cast<double>(by_user_.weight[at]);
  }
  mean_ = sum / n;
  for (size_t at = 0; at < by_user_.entries(); ++at) {
    const double deviation = static_cast<double>(by_user_.weight[at]) - mean_;
    squares += weight_of(at) * deviation * deviation;
  }
  if (squares > 0.0) scale_ = std::sqrt(squares / n);
  for (float& value : by_user_.weight) value = static_cast<float>((static_cast<double>(value) - mean_) / scale_);
  by_item_ = transpose(by_user_, data.items.size());
  if (!weights.empty())
    item_weights_ = transpose(SparseView{by_user_.begin, by_user_.index, weights}, data.items.size()).weight;
  const auto with_pairs = [](const Csr& rows, Side& side) {
    std::vector<uint32_t> order = longest_first(rows);
    while (!order.empty() && rows.row_size(order.back()) == 0) order.pop_back();
    side.has_pairs.assign(rows.rows(), false);
    for (const uint32_t row : order) side.has_pairs[row] = true;
    return order;
  };
  user_order_ = with_pairs(by_user_, users_);
  item_order_ = with_pairs(by_item_, items_);

  const auto F = static_cast<size_t>(options.dim);
  const size_t N = F + 1;
  const auto shape = [&](Side& side, size_t rows, double factor_precision) {
    side.mean.resize(rows, N);
    side.variance.resize(rows, N);
    side.moments.resize(rows, N + triangle(N));
    side.weighted.resize(rows, N);
    side.precision.assign(N, factor_precision);
    side.precision[F] = kFirstBiasPrecision;
    side.log_precision.assign(rows, 0.0);
    side.squares.assign(rows, 0.0);
  };
  shape(users_, data.users.size(), kFirstUserPrecision);
  shape(items_, data.items.size(), std::max(1.0, static_cast<double>(F)));
  if (options.implicit) {
    users_.prior = std::make_unique<ImplicitPrior>(by_user_, by_item_, N, options.implicit_reg);
    items_.prior = std::make_unique<ImplicitPrior>(by_item_, by_user_, N, options.implicit_reg);
  }
  for (SideFeatures& its : features) {
    Side& side = its.of == IdKind::kItem ? items_ : users_;
    std::vector<double> ridge(side.has_pairs.begin(), side.has_pairs.end());
    side.by_features = std::make_unique<PriorMean>(std::move(its.rows), its.map.size(), std::move(ridge),
                                                   options.feature_regularization, N, threads);
    side.map = std::move(its.map);
    side.drawn = options.feature_use == FeatureUse::kAll;
    find_prior_means(side);
  }
  std::mt19937_64 random(options.seed);
  std::normal_distribution<double> normal(0.0, kFirstStddev);
  std::vector<double> moments(N + triangle(N));
  for (size_t item = 0; item < data.items.size(); ++item) {
    if (!items_.has_pairs[item]) continue;
    float* row = items_.mean.row(item);
    for (size_t f = 0; f < F; ++f) row[f] = static_cast<float>(normal(random));
    for (size_t f = 0; f < N; ++f) {
      moments[f] = static_cast<double>(row[f]);
      for (size_t k = 0; k <= f; ++k) moments[N + triangle(f) + k] = moments[f] * moments[k];
    }
    items_.moments.set(item, moments.data());
  }
}

void MfTrainer::half_step(const Csr& rows, std::span<const float> weights, const std::vector<uint32_t>& order,
                          const Side& fixed, Side& side) const {
  // The sums of all rows first, which then make room for the moments of the rows themselves.
  sparse_times_panels({rows.begin, rows.index, weights}, order, fixed.moments, side.moments, threads_);
  std::vector<float> products(weights.size());
  std::transform(weights.begin(), weights.end(), rows.weight.begin(), products.begin(), std::multiplies<>());
  sparse_times_panels({rows.begin, rows.index, weights.empty() ? rows.weight : products}, order, fixed.moments,
                      side.weighted, threads_);
  const MfSolver solver(noise_, side.precision);
  const Matrix* prior_means = side.means();
  std::vector<MfSums> scratch(static_cast<size_t>(threads_), MfSums(side.mean.cols()));
  parallel_for((order.size() + kRowsPerTask - 1) / kRowsPerTask, threads_, [&](size_t task, int worker) {
    const size_t last = std::min(order.size(), (task + 1) * kRowsPerTask);
    for (size_t at = task * kRowsPerTask; at < last; ++at) {
      const uint32_t id = order[at];
      const size_t begin = rows.begin[id];
      const size_t size = rows.row_size(id);
      MfSolver::Row row;
      row.mean = side.mean.row(id);
      row.variance = side.variance.row(id);
      MfSums& sums = scratch[static_cast<size_t>(worker)];
      sums.set_values({rows.weight.data() + begin, size}, weights.empty() ? weights : weights.subspan(begin, size));
      side.moments.get(id, sums.moments.data());
      side.weighted.get(id, sums.weighted.data());
      row.moments = sums.moments.data();
      solver.solve(sums, prior_means != nullptr ? prior_means->row(id) : nullptr, row);
      side.moments.set(id, sums.moments.data());
      side.log_precision[id] = row.log_precision;
      side.squares[id] = row.squares;
      if (!std::isfinite(row.squares)) fail("mf: a value is no longer finite");
    }
  });
}

// Each part of the prior means given the other.
void MfTrainer::fit_prior(Side& side) const {
  if (side.prior && side.by_features && side.drawn) {
    side.prior->fit(difference(side.mean, side.by_features->means()), threads_);
    side.by_features->fit(difference(side.mean, side.prior->means()));
  } else {
    if (side.prior) side.prior->fit(side.mean, threads_);
    if (side.by_features) side.by_features->fit(side.mean);
  }
  find_prior_means(side);
}

void MfTrainer::find_prior_means(Side& side) const {
  if (!side.by_features) return;
  const Matrix& said = side.by_features->means();
  if (side.prior && side.drawn) {
    side.sum = said;
    for (size_t row = 0; row < said.rows(); ++row) {
      for (size_t f = 0; f < said.cols(); ++f) side.sum(row, f) += side.prior->means()(row, f);
    }
  }
  // Without pairs the other part is 0.
  for (size_t row = 0; row < said.rows(); ++row) {
    if (!side.has_pairs[row]) std::copy_n(said.row(row), said.cols(), side.mean.row(row));
  }
}

// Σ E[(w - z)²] for each of the N values, over the rows with pairs.
std::vector<double> MfTrainer::squared_deviations(const Side& side) const {
  const size_t N = side.mean.cols();
  const Matrix* prior_means = side.means();
  std::vector<double> sums(N, 0.0);
  for (size_t row = 0; row < side.mean.rows(); ++row) {
    if (!side.has_pairs[row]) continue;
    for (size_t f = 0; f < N; ++f) {
      const double prior = prior_means != nullptr ? static_cast<double>((*prior_means)(row, f)) : 0.0;
      const double deviation = static_cast<double>(side.mean(row, f)) - prior;
      sums[f] += deviation * deviation + static_cast<double>(side.variance(row, f));
    }
  }
  return sums;
}

std::vector<double> MfTrainer::penalties(const Side& side) const {
  std::vector<double> sums = squared_deviations(side);
  if (!side.by_features || !side.drawn) return sums;
  const Matrix& weights = side.by_features->weights();
  for (size_t c = 0; c < weights.rows(); ++c) {
    for (size_t f = 0; f < sums.size(); ++f) {
      const auto w = static_cast<double>(weights(c, f));
      sums[f] += options_.feature_regularization * w * w;
    }
  }
  return sums;
}

void MfTrainer::epoch() {
  half_step(by_user_, user_weights_, user_order_, items_, users_);
  half_step(by_item_, item_weights_, item_order_, users_, items_);
  const double squares = std::accumulate(items_.squares.begin(), items_.squares.end(), 0.0);
  noise_ = std::max(kLeastNoise, squares / static_cast<double>(by_user_.entries()));
  for (Side* side : {&users_, &items_}) {
    fit_prior(*side);
    const auto rows = static_cast<double>((side == &users_ ? user_order_ : item_order_).size());
    const std::vector<double> sums = penalties(*side);
    for (size_t f = 0; f < side->precision.size(); ++f)
      side->precision[f] = std::min(kGreatestPrecision, rows / sums[f]);
    for (size_t row = 0; row < side->mean.rows(); ++row) {
      for (size_t f = 0; f < side->precision.size() && !side->has_pairs[row]; ++f)
        side->variance(row, f) = static_cast<float>(1.0 / side->precision[f]);
    }
  }
}

double MfTrainer::noise() const { return std::sqrt(noise_) * scale_; }

double MfTrainer::objective() const {
  const auto n = static_cast<double>(by_user_.entries());
  const double squares = std::accumulate(items_.squares.begin(), items_.squares.end(), 0.0);
  double bound = -0.5 * n * std::log(2.0 * std::acos(-1.0) * noise_) - 0.5 * squares / noise_;
  for (const Side* side : {&users_, &items_}) {
    const auto rows = static_cast<double>((side == &users_ ? user_order_ : item_order_).size());
    const std::vector<double> sums = penalties(*side);
    for (size_t f = 0; f < sums.size(); ++f)
      bound += 0.5 * (rows * (std::log(side->precision[f]) + 1.0) - side->precision[f] * sums[f]);
    bound -= 0.5 * std::accumulate(side->log_precision.begin(), side->log_precision.end(), 0.0);
  }
  return -bound / n;
}

// What an item (user) without pairs starts from is "new.items.factors" etc.; its features add to it.
void MfTrainer::add_features(const Side& side, IdKind of, Artefact& artefact) const {
  if (!side.by_features) return;
  add_feature_map(*side.map, of, artefact);
  const bool items = of == IdKind::kItem;
  const Matrix& from = side.by_features->weights();
  const size_t F = from.cols() - 1;
  Matrix weights(from.rows(), F + 2);
  for (size_t c = 0; c < from.rows(); ++c) {
    for (size_t f = 0; f < F; ++f)
      weights(c, f) = items ? from(c, f) : static_cast<float>(scale_ * static_cast<double>(from(c, f)));
    weights(c, items ? F + 1 : F) = static_cast<float>(scale_ * static_cast<double>(from(c, F)));
  }
  artefact.add(feature_table_name(of) + ".factors", weights);
  std::vector<float> start(F + 2, 0.0f);
  if (items) {
    start[F] = 1.0f;
    std::vector<float> variance(side.precision.size());
    for (size_t f = 0; f < variance.size(); ++f) variance[f] = static_cast<float>(1.0 / side.precision[f]);
    artefact.add("new.items.variance", variance);
  } else {
    start[F] = static_cast<float>(mean_);
    start[F + 1] = 1.0f;
    artefact.add(kUserCounts, user_counts(by_user_));
  }
  artefact.add(items ? "new.items.factors" : "new.users.factors", start);
}

Artefact MfTrainer::artefact() const {
  Artefact artefact;
  artefact.items = data_.items;
  artefact.users = data_.users;
  artefact.meta["model"] = "mf";
  artefact.meta["encoder"] = "mf";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
  auto option = [&](const char* key, double value) { artefact.meta[key] = fmt::format("{}", value); };
  write_options(options_, artefact.meta);
  option("mean", mean_);
  option("scale", scale_);
  option("noise", noise_);
  const auto [low, high] = std::minmax_element(data_.value.begin(), data_.value.end());
  option(kLeastValue, static_cast<double>(*low));
  option(kGreatestValue, static_cast<double>(*high));

  const size_t F = users_.mean.cols() - 1;
  Matrix users(users_.mean.rows(), F + 2), items(items_.mean.rows(), F + 2);
  for (size_t user = 0; user < users.rows(); ++user) {
    for (size_t f = 0; f <= F; ++f)
      users(user, f) = static_cast<float>(scale_ * static_cast<double>(users_.mean(user, f)) + (f == F ? mean_ : 0.0));
    users(user, F + 1) = 1.0f;
  }
  for (size_t item = 0; item < items.rows(); ++item) {
    std::copy_n(items_.mean.row(item), F, items.row(item));
    items(item, F) = 1.0f;
    items(item, F + 1) = static_cast<float>(scale_ * static_cast<double>(items_.mean(item, F)));
  }
  artefact.add("items.factors", items);
  artefact.add(kItemCounts, item_counts(by_user_, items.rows()));
  artefact.add("items.variance", items_.variance);
  if (users_.prior) artefact.add("items.implicit", users_.prior->weights());
  artefact.add("users.factors", users);
  artefact.add("precision", std::vector<float>(users_.precision.begin(), users_.precision.end()));
  artefact.add(kUnknownUser, average_row(users, users_.has_pairs));
  artefact.add(kUnknownItem, average_row(items, items_.has_pairs));
  add_features(items_, IdKind::kItem, artefact);
  add_features(users_, IdKind::kUser, artefact);
  return artefact;
}

void MfTrainer::add_state(Artefact& model) const {
  const size_t N = items_.mean.cols();
  model.add(kUserMeans, users_.mean);
  model.add(kItemMeans, items_.mean);
  Matrix seconds(items_.mean.rows(), triangle(N));
  std::vector<double> moments(N + triangle(N));
  for (size_t item = 0; item < seconds.rows(); ++item) {
    items_.moments.get(item, moments.data());
    for (size_t cell = 0; cell < triangle(N); ++cell) seconds(item, cell) = static_cast<float>(moments[N + cell]);
  }
  model.add(kItemSeconds, seconds);
  if (items_.prior) model.add(kUserImplicit, items_.prior->weights());
  for (const Side* side : {&users_, &items_}) {
    if (side->by_features)
      model.add(weights_name(side == &items_ ? IdKind::kItem : IdKind::kUser), side->by_features->weights());
  }
  model.meta[kUserPrecision] = text_of(users_.precision);
  model.meta[kItemPrecision] = text_of(items_.precision);
}

void MfTrainer::restore(const Artefact& state) {
  const size_t U = users_.mean.rows();
  const size_t I = items_.mean.rows();
  const size_t N = items_.mean.cols();
  copy_rows(matrix_in(state, kUserMeans, U, N), users_.mean);
  copy_rows(matrix_in(state, kItemMeans, I, N), items_.mean);
  copy_rows(matrix_in(state, "items.variance", I, N), items_.variance);
  const ConstMatrixView seconds = matrix_in(state, kItemSeconds, I, triangle(N));
  std::vector<double> moments(N + triangle(N));
  for (size_t item = 0; item < I; ++item) {
    std::copy_n(items_.mean.row(item), N, moments.begin());
    std::copy_n(seconds.row(item), triangle(N), moments.begin() + static_cast<std::ptrdiff_t>(N));
    items_.moments.set(item, moments.data());
  }
  read_numbers(state, kUserPrecision, users_.precision);
  read_numbers(state, kItemPrecision, items_.precision);
  noise_ = state.number("noise");
  if (users_.prior) {
    users_.prior->restore(matrix_in(state, "items.implicit", I, N), threads_);
    items_.prior->restore(matrix_in(state, kUserImplicit, U, N), threads_);
  }
  for (Side* side : {&users_, &items_}) {
    if (!side->by_features) continue;
    const std::string name = weights_name(side == &items_ ? IdKind::kItem : IdKind::kUser);
    side->by_features->set(matrix_in(state, name.c_str(), side->map->size(), N));
    find_prior_means(*side);
  }
}

}  // namespace rec
