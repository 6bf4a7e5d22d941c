#include "models/als_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/error.h"
#include "base/parallel_for.h"
#include "linalg/dot.h"
#include "models/als_block_solver.h"
#include "models/als_solver.h"
#include "models/popularity.h"

namespace rec {
namespace {

// Rows a task solves: few enough to share the tail among threads, since the long
// rows come first.
constexpr size_t kRowsPerTask = 32;

std::vector<uint32_t> longest_first(const Csr& rows) {
  std::vector<uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return rows.row_size(a) > rows.row_size(b); });
  return order;
}

void check_finite(const float* x, size_t n) {
  if (!std::all_of(x, x + n, [](float value) { return std::isfinite(value); })) fail("als: a factor is no longer finite; give a larger --reg");
}

double squared_norm(const float* x, size_t n) {
  double sum = 0.0;
  for (size_t f = 0; f < n; ++f) sum += static_cast<double>(x[f]) * static_cast<double>(x[f]);
  return sum;
}

}  // namespace

AlsTrainer::AlsTrainer(const Csr& by_user, size_t items, const AlsOptions& options, int threads)
    : by_user_(by_user),
      by_item_(transpose(by_user, items)),
      options_(options),
      threads_(threads),
      users_(by_user.rows(), static_cast<size_t>(options.dim)),
      items_(items, static_cast<size_t>(options.dim)),
      user_order_(longest_first(by_user_)),
      item_order_(longest_first(by_item_)) {
  std::mt19937_64 random(options.seed);
  std::normal_distribution<double> normal(0.0, options.stddev / std::sqrt(static_cast<double>(options.dim)));
  for (size_t item = 0; item < items; ++item) {
    float* row = items_.row(item);
    for (int f = 0; f < options.dim; ++f) row[f] = static_cast<float>(normal(random));
  }
}

AlsPairs AlsTrainer::pairs_of(const Csr& rows, size_t row) {
  const size_t begin = rows.begin[row];
  const size_t size = rows.row_size(row);
  return {{rows.index.data() + begin, size}, rows.weight.empty() ? std::span<const float>{} : std::span(rows.weight.data() + begin, size)};
}

void AlsTrainer::half_step(const Csr& rows, const std::vector<uint32_t>& order, ConstMatrixView fixed, Matrix& out) const {
  const size_t tasks = (order.size() + kRowsPerTask - 1) / kRowsPerTask;
  const auto rows_of_task = [&](size_t task) {
    return std::span(order).subspan(task * kRowsPerTask, std::min(kRowsPerTask, order.size() - task * kRowsPerTask));
  };
  const size_t block = options_.block_factors();
  if (block == 0) {
    const AlsSolver solver(fixed, options_, threads_);
    std::vector<AlsSolver::Scratch> scratch(static_cast<size_t>(threads_));
    parallel_for(tasks, threads_, [&](size_t task, int worker) {
      for (const uint32_t row : rows_of_task(task)) {
        solver.solve(pairs_of(rows, row), out.row(row), scratch[static_cast<size_t>(worker)]);
        check_finite(out.row(row), out.cols());
      }
    });
  } else {
    const AlsBlockSolver solver(fixed, options_, block, threads_);
    std::vector<AlsBlockSolver::Scratch> scratch(static_cast<size_t>(threads_));
    parallel_for(tasks, threads_, [&](size_t task, int worker) {
      std::vector<AlsBlockSolver::Row> batch;
      for (const uint32_t row : rows_of_task(task)) batch.push_back({pairs_of(rows, row), out.row(row)});
      solver.sweep(batch, scratch[static_cast<size_t>(worker)]);
      for (const AlsBlockSolver::Row& row : batch) check_finite(row.x, out.cols());
    });
  }
}

size_t AlsTrainer::memory(const Csr& by_user, size_t users, size_t items, const AlsOptions& options, int threads) {
  const size_t F = pad16(static_cast<size_t>(options.dim));
  const size_t factors = (users + items) * F * sizeof(float);
  const size_t pairs = 2 * by_user.entries() * (by_user.weight.empty() ? 4 : 8);
  const size_t rows = (users + items) * 12;  // their beginnings and their order
  // The solvers' Gramians, and for each thread a system or a row's panel.
  const size_t block = options.block_factors();
  const size_t shared = (block == 0 ? 4 : 6) * F * F * sizeof(float);
  const size_t scratch = block == 0 ? 2 * F * F * sizeof(float) : AlsBlockSolver::most_scratch(std::max(users, items), F);
  return factors + pairs + rows + shared + static_cast<size_t>(threads) * scratch;
}

void AlsTrainer::epoch() {
  half_step(by_user_, user_order_, items_, users_);
  half_step(by_item_, item_order_, users_, items_);
}

double AlsTrainer::objective() const {
  const size_t F = items_.cols();
  const AlsSide against_items(items_, options_, threads_);
  const AlsSide against_users(users_, options_, threads_);
  const size_t tasks = (by_user_.rows() + kRowsPerTask - 1) / kRowsPerTask;
  std::vector<double> partial(tasks, 0.0);
  std::vector<double> item_weight(items_.rows(), 0.0);
  for (size_t entry = 0; entry < by_user_.entries(); ++entry) {
    item_weight[by_user_.index[entry]] += by_user_.weight.empty() ? 1.0 : static_cast<double>(by_user_.weight[entry]);
  }
  parallel_for(tasks, threads_, [&](size_t task, int) {
    const size_t last = std::min(by_user_.rows(), (task + 1) * kRowsPerTask);
    std::vector<const float*> rows;
    std::vector<float> scores;
    for (size_t user = task * kRowsPerTask; user < last; ++user) {
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
      partial[task] += against_items.ridge(weight_sum) * squared_norm(users_.row(user), F);
    }
  });
  double loss = std::accumulate(partial.begin(), partial.end(), 0.0);
  for (size_t item = 0; item < items_.rows(); ++item) loss += against_users.ridge(item_weight[item]) * squared_norm(items_.row(item), F);
  // Σ_{u,i} (x_u·y_i)² is the inner product of the two Gramians.
  double all = 0.0;
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r; c < F; ++c) {
      const double cell = static_cast<double>(against_items.gram()(r, c)) * static_cast<double>(against_users.gram()(r, c));
      all += c == r ? cell : 2.0 * cell;
    }
  }
  return loss + options_.unobserved_weight * all;
}

Artefact AlsTrainer::artefact(const Interactions& data) const {
  Artefact artefact;
  artefact.items = data.items;
  artefact.users = data.users;
  artefact.meta["model"] = "als";
  artefact.meta["encoder"] = "als";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
  auto option = [&](const char* key, double value) { artefact.meta[key] = fmt::format("{}", value); };
  option("dim", options_.dim);
  option("block", static_cast<double>(options_.block_factors()));
  option("epochs", options_.epochs);
  option("unobserved-weight", options_.unobserved_weight);
  option("reg", options_.regularization);
  option("reg-exponent", options_.exponent);
  option("stddev", options_.stddev);
  artefact.meta["confidence"] = name_of(options_.confidence);
  option("confidence-scale", options_.confidence_scale);
  artefact.meta["seed"] = std::to_string(options_.seed);
  artefact.add("items.factors", items_);
  artefact.add(kItemCounts, item_counts(by_user_, items_.rows()));
  artefact.add("users.factors", users_);
  return artefact;
}

}  // namespace rec
