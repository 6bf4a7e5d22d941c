#include "models/als/als_half_step.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/parallel_for.h"
#include "models/als/als_block_solver.h"
#include "models/als/als_solver.h"

namespace rec {
namespace {

void check_finite(const float* x, size_t n) {
  if (!std::all_of(x, x + n, [](float value) { return std::isfinite(value); }))
    fail("als: a factor is no longer finite; give a larger --reg");
}

}  // namespace

AlsPairs als_pairs_of(const Csr& rows, size_t row) {
  const size_t begin = rows.begin[row];
  const size_t size = rows.row_size(row);
  return {{rows.index.data() + begin, size},
          rows.weight.empty() ? std::span<const float>{} : std::span(rows.weight.data() + begin, size)};
}

void als_half_step(const AlsHalfStep& step, const AlsOptions& options, int threads, Matrix& out) {
  const std::vector<uint32_t>& order = step.order;
  FixedFactors side(step.fixed, {step.fixed, step.counted}, options, threads);
  const auto pairs_of = [&](uint32_t row) {
    AlsPairs pairs = als_pairs_of(step.rows, row);
    if (step.prior != nullptr) pairs.prior = step.prior->row(row);
    return pairs;
  };
  const size_t tasks = (order.size() + kAlsRowsPerTask - 1) / kAlsRowsPerTask;
  const auto rows_of_task = [&](size_t task) {
    return std::span(order).subspan(task * kAlsRowsPerTask,
                                    std::min(kAlsRowsPerTask, order.size() - task * kAlsRowsPerTask));
  };
  const size_t block = options.block_factors();
  if (block == 0) {
    const AlsSolver solver(std::move(side));
    std::vector<AlsSolver::Scratch> scratch(static_cast<size_t>(threads));
    parallel_for(tasks, threads, [&](size_t task, int worker) {
      for (const uint32_t row : rows_of_task(task)) {
        solver.solve(pairs_of(row), out.row(row), scratch[static_cast<size_t>(worker)]);
        check_finite(out.row(row), out.cols());
      }
    });
  } else {
    const AlsBlockSolver solver(std::move(side), block);
    std::vector<AlsBlockSolver::Scratch> scratch(static_cast<size_t>(threads));
    parallel_for(tasks, threads, [&](size_t task, int worker) {
      std::vector<AlsBlockSolver::Row> batch;
      for (const uint32_t row : rows_of_task(task)) batch.push_back({pairs_of(row), out.row(row)});
      solver.sweep(batch, scratch[static_cast<size_t>(worker)]);
      for (const AlsBlockSolver::Row& row : batch) check_finite(row.x, out.cols());
    });
  }
}

}  // namespace rec
