#include "models/als/als_trainer.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "base/rng.h"
#include "linalg/dot.h"
#include "linalg/sparse_product.h"
#include "models/als/als_block_solver.h"
#include "models/als/als_half_step.h"
#include "models/als/als_start.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

double squared_norm(const float* x, size_t n) {
  double sum = 0.0;
  for (size_t f = 0; f < n; ++f) sum += static_cast<double>(x[f]) * static_cast<double>(x[f]);
  return sum;
}

// The rows that have an entry, the longest first.
std::vector<uint32_t> with_pairs(const Csr& rows) {
  std::vector<uint32_t> order = longest_first(rows);
  while (!order.empty() && rows.row_size(order.back()) == 0) order.pop_back();
  return order;
}

}  // namespace

AlsTrainer::AlsTrainer(const Interactions& data, Csr by_user, const AlsOptions& options, int threads,
                       std::vector<SideFeatures> features)
    : data_(data),
      by_user_(std::move(by_user)),
      by_item_(transpose(by_user_, data.items.size(), threads)),
      threads_(threads),
      users_(by_user_.rows(), static_cast<size_t>(options.dim)),
      items_(data.items.size(), static_cast<size_t>(options.dim)),
      user_order_(with_pairs(by_user_)),
      item_order_(with_pairs(by_item_)) {
  options_ = options.resolved(item_order_.size());
  items_ = als_start(items_.rows(), options, [this](size_t item) { return by_item_.row_size(item) > 0; });
  for (SideFeatures& side : features) {
    const bool of_items = side.of == IdKind::kItem;
    const Csr& pairs = of_items ? by_item_ : by_user_;
    const size_t others = (of_items ? user_order_ : item_order_).size();
    std::vector<double> ridge(pairs.rows(), 0.0);
    for (size_t row = 0; row < ridge.size(); ++row) {
      if (pairs.row_size(row) > 0) ridge[row] = options_.ridge(als_pairs_of(pairs, row).weight_sum(), others);
    }
    const size_t categories = side.map.size();
    priors_.push_back({side.of, std::move(side.map),
                       PriorMean(std::move(side.rows), categories, std::move(ridge), options.feature_regularization,
                                 items_.cols(), threads)});
  }
}

AlsTrainer::Prior* AlsTrainer::prior_of(IdKind of) {
  const auto found = std::find_if(priors_.begin(), priors_.end(), [of](const Prior& prior) { return prior.of == of; });
  return found == priors_.end() ? nullptr : &*found;
}

// Y <- SᵀS·Y, S the data with rows and columns divided by the roots of their sums, so
// that Y turns towards its first singular vectors (subspace iteration: Halko et al.
// 2011, arXiv:0909.4061, without orthogonalisation, which a few passes do not need);
// then every factor gets back the length that it started with.
void AlsTrainer::pass_through_data() {
  const auto divide = [&](const Csr& rows, Matrix& x, bool twice) {
    parallel_for((rows.rows() + kAlsRowsPerTask - 1) / kAlsRowsPerTask, threads_, [&](size_t task, int) {
      for (size_t row = task * kAlsRowsPerTask; row < std::min(rows.rows(), (task + 1) * kAlsRowsPerTask); ++row) {
        double sum = 0.0;
        for (uint64_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at)
          sum += static_cast<double>(weight_at(rows.weight, at));
        const double by = sum > 0 ? 1.0 / (twice ? sum : std::sqrt(sum)) : 0.0;
        for (size_t f = 0; f < x.cols(); ++f) x(row, f) *= static_cast<float>(by);
      }
    });
  };
  divide(by_item_, items_, false);
  sparse_times_dense(by_user_.view(), items_, users_, threads_);
  divide(by_user_, users_, true);
  sparse_times_dense(by_item_.view(), users_, items_, threads_);
  divide(by_item_, items_, false);
  std::vector<double> squares(items_.cols(), 0.0);
  for (size_t item = 0; item < items_.rows(); ++item) {
    for (size_t f = 0; f < items_.cols(); ++f)
      squares[f] += static_cast<double>(items_(item, f)) * static_cast<double>(items_(item, f));
  }
  const double length =
      options_.stddev * std::sqrt(static_cast<double>(items_.rows()) / static_cast<double>(options_.dim));
  std::vector<float> by(items_.cols(), 0.0f);
  for (size_t f = 0; f < by.size(); ++f) {
    if (squares[f] > 0) by[f] = static_cast<float>(length / std::sqrt(squares[f]));
  }
  for (size_t item = 0; item < items_.rows(); ++item) {
    for (size_t f = 0; f < by.size(); ++f) items_(item, f) *= by[f];
  }
}

size_t AlsTrainer::memory(const Csr& by_user, size_t users, size_t items, const AlsOptions& options, int threads,
                          const std::vector<SideFeatures>& features) {
  const size_t F = pad16(static_cast<size_t>(options.dim));
  const size_t factors = (users + items) * F * sizeof(float);
  const size_t pairs = 2 * by_user.entries() * (by_user.weight.empty() ? 4 : 8);
  const size_t rows = (users + items) * 12;  // their beginnings and their order
  // The solvers' Gramians, and for each thread a system or a row's panel.
  const size_t block = options.block_factors();
  const size_t shared = (block == 0 ? 4 : 6) * F * F * sizeof(float);
  const size_t scratch =
      block == 0 ? 2 * F * F * sizeof(float) : AlsBlockSolver::most_scratch(std::max(users, items), F);
  size_t priors = 0;
  for (const SideFeatures& side : features)
    priors += PriorMean::memory(side.rows.rows(), side.map.size(), side.rows.entries(), F);
  return factors + pairs + rows + shared + static_cast<size_t>(threads) * scratch + priors;
}

AlsTrainer::Kept AlsTrainer::start_from(const Artefact& base) {
  started_ = true;
  Kept kept;
  for (const bool user : {true, false}) {
    const Artefact::Tensor* tensor = base.find(user ? "users.factors" : "items.factors");
    const IdTable& ids = user ? data_.users : data_.items;
    const IdTable& base_ids = user ? base.users : base.items;
    Matrix& factors = user ? users_ : items_;
    if (tensor == nullptr && user && base_ids.size() == 0) continue;  // as of models that are made of sums
    if (tensor == nullptr) fail("no tensor \"{}\"", user ? "users.factors" : "items.factors");
    if (tensor->cols() != factors.cols()) fail("{} factors, expected {}", tensor->cols(), factors.cols());
    for (uint32_t id = 0; id < ids.size(); ++id) {
      const uint32_t old = base_ids.find(ids[id]);
      if (old != kNoId) {
        std::copy_n(tensor->view().row(old), factors.cols(), factors.row(id));
        ++(user ? kept.users : kept.items);
      } else if (!user) {
        random_start(ids[id], factors.row(id));
      }
      if ((user ? by_user_ : by_item_).row_size(id) == 0) std::fill_n(factors.row(id), factors.cols(), 0.0f);
    }
  }
  for (Prior& prior : priors_) start_prior(base, prior);
  return kept;
}

// From the weights of the features that `base` knows, too.
void AlsTrainer::start_prior(const Artefact& base, Prior& prior) const {
  const std::string table = feature_table_name(prior.of);
  const Artefact::Tensor* tensor = base.find(table + ".factors");
  const auto found = base.tables.find(table);
  if (tensor == nullptr || found == base.tables.end()) return;
  if (tensor->cols() != items_.cols()) fail("{} factors of {}, expected {}", tensor->cols(), table, items_.cols());
  IdTable names = found->second;
  names.index();
  Matrix weights(prior.map.size(), items_.cols());
  for (uint32_t at = 0; at < prior.map.size(); ++at) {
    const uint32_t old = names.find(prior.map.names[at]);
    if (old != kNoId) std::copy_n(tensor->view().row(old), weights.cols(), weights.row(at));
  }
  prior.mean.set(weights);
}

// What a new item starts from depends on its id and the seed alone.
void AlsTrainer::random_start(std::string_view id, float* row) const {
  Rng rng(options_.seed, XXH3_64bits(id.data(), id.size()));
  const double scale = options_.stddev / std::sqrt(static_cast<double>(options_.dim));
  for (int f = 0; f < options_.dim; ++f) row[f] = static_cast<float>(rng.normal(scale));
}

void AlsTrainer::epoch() {
  if (!started_ && options_.init_power_iterations > 0) {
    for (int pass = 0; pass < options_.init_power_iterations; ++pass) pass_through_data();
    users_.resize(users_.rows(), users_.cols());  // the block solver starts from 0
  }
  started_ = true;
  half_step(IdKind::kUser);
  half_step(IdKind::kItem);
}

void AlsTrainer::half_step(IdKind of) {
  const bool users = of == IdKind::kUser;
  Matrix& moved = users ? users_ : items_;
  Prior* prior = prior_of(of);
  als_half_step({.rows = users ? by_user_ : by_item_,
                 .order = users ? user_order_ : item_order_,
                 .fixed = users ? items_ : users_,
                 .counted = (users ? item_order_ : user_order_).size(),
                 .prior = draws(prior) ? &prior->mean.means() : nullptr},
                options_, threads_, moved);
  if (prior != nullptr) prior->mean.fit(moved);
}

double AlsTrainer::objective() const {
  const size_t F = items_.cols();
  const FixedFactors against_items(items_, {items_, item_order_.size()}, options_, threads_);
  const FixedFactors against_users(users_, {users_, user_order_.size()}, options_, threads_);
  const Prior* user_prior = draws(prior_of(IdKind::kUser)) ? prior_of(IdKind::kUser) : nullptr;
  const Prior* item_prior = draws(prior_of(IdKind::kItem)) ? prior_of(IdKind::kItem) : nullptr;
  const size_t tasks = (by_user_.rows() + kAlsRowsPerTask - 1) / kAlsRowsPerTask;
  std::vector<double> partial(tasks, 0.0);
  std::vector<double> item_weight(items_.rows(), 0.0);
  for (size_t entry = 0; entry < by_user_.entries(); ++entry) {
    item_weight[by_user_.index[entry]] += by_user_.weight.empty() ? 1.0 : static_cast<double>(by_user_.weight[entry]);
  }
  parallel_for(tasks, threads_, [&](size_t task, int) {
    const size_t last = std::min(by_user_.rows(), (task + 1) * kAlsRowsPerTask);
    std::vector<const float*> rows;
    std::vector<float> scores;
    for (size_t user = task * kAlsRowsPerTask; user < last; ++user) {
      const size_t begin = by_user_.begin[user];
      const size_t size = by_user_.row_size(user);
      rows.resize(size);
      scores.resize(size);
      for (size_t at = 0; at < size; ++at) rows[at] = items_.row(by_user_.index[begin + at]);
      dots(users_.row(user), rows.data(), size, F, scores.data());
      double weight_sum = 0.0;
      for (size_t at = 0; at < size; ++at) {
        const double c = by_user_.weight.empty() ? 1.0 : static_cast<double>(by_user_.weight[begin + at]);
        const double miss = static_cast<double>(scores[at]) - 1.0;
        partial[task] += c * miss * miss;
        weight_sum += c;
      }
      if (user_prior == nullptr) partial[task] += against_items.ridge(weight_sum) * squared_norm(users_.row(user), F);
    }
  });
  double loss = std::accumulate(partial.begin(), partial.end(), 0.0);
  if (user_prior != nullptr) loss += user_prior->mean.penalty(users_);
  if (item_prior != nullptr) loss += item_prior->mean.penalty(items_);
  for (size_t item = 0; item < items_.rows() && item_prior == nullptr; ++item)
    loss += against_users.ridge(item_weight[item]) * squared_norm(items_.row(item), F);
  // Σ_{u,i} (x_u·y_i)² is the inner product of the two Gramians.
  double all = 0.0;
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r; c < F; ++c) {
      const double cell =
          static_cast<double>(against_items.gram()(r, c)) * static_cast<double>(against_users.gram()(r, c));
      all += c == r ? cell : 2.0 * cell;
    }
  }
  return loss + options_.unobserved_weight * all;
}

void AlsTrainer::fill_means(IdKind of, Matrix& factors) const {
  const Prior* prior = prior_of(of);
  if (prior == nullptr) return;
  const Csr& pairs = of == IdKind::kItem ? by_item_ : by_user_;
  for (size_t row = 0; row < factors.rows(); ++row) {
    if (pairs.row_size(row) == 0) std::copy_n(prior->mean.means().row(row), factors.cols(), factors.row(row));
  }
}

ConstMatrixView AlsTrainer::vectors(IdKind of, Matrix& room) const {
  const Matrix& own = of == IdKind::kItem ? items_ : users_;
  if (prior_of(of) == nullptr) return own;
  room = own;
  fill_means(of, room);
  return room;
}

Artefact AlsTrainer::without_tensors() const {
  Artefact artefact;
  artefact.items = data_.items;
  artefact.users = data_.users;
  describe_model(options_, artefact.meta);
  return artefact;
}

void AlsTrainer::add_features(Artefact& artefact) const {
  for (const Prior& prior : priors_) {
    add_feature_map(prior.map, prior.of, artefact);
    artefact.add(feature_table_name(prior.of) + ".factors", prior.mean.weights());
  }
  if (prior_of(IdKind::kUser) != nullptr) artefact.add(kUserCounts, user_counts(by_user_));
}

Artefact AlsTrainer::artefact() const {
  Artefact artefact = without_tensors();
  Matrix room;
  artefact.add("items.factors", vectors(IdKind::kItem, room));
  artefact.add(kItemCounts, item_counts(by_user_, data_.items.size(), threads_));
  artefact.add("users.factors", vectors(IdKind::kUser, room));
  add_features(artefact);
  return artefact;
}

Artefact AlsTrainer::take() {
  Artefact artefact = without_tensors();
  fill_means(IdKind::kItem, items_);
  fill_means(IdKind::kUser, users_);
  artefact.take("items.factors", std::move(items_));
  artefact.add(kItemCounts, item_counts(by_user_, data_.items.size(), threads_));
  artefact.take("users.factors", std::move(users_));
  add_features(artefact);
  return artefact;
}

}  // namespace rec
