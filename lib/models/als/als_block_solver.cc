#include "models/als/als_block_solver.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "linalg/dot.h"
#include "linalg/syrk.h"

namespace rec {
namespace {

constexpr size_t kBatch = 8;                      // rows that share a pass over the Gramian
constexpr size_t kBatchFloats = size_t{1} << 17;  // of their panels: half of a second-level cache
constexpr size_t kMostPanel = size_t{1} << 22;    // a longer row is gathered anew for each block
constexpr size_t kGathered = 16;                  // rows taken from the fixed side at a time

}  // namespace

// A row of the batch: where its pairs' data begin, and λ (C + α0 n)^ν.
struct AlsBlockSolver::Member {
  static constexpr size_t kNoPanel = SIZE_MAX;
  size_t target;
  size_t panel;
  float ridge;
};

AlsBlockSolver::AlsBlockSolver(FixedFactors side, size_t block) : side_(std::move(side)) {
  assert(block % kLanes16 == 0 && block > 0 && side_.vectors().stride % kLanes16 == 0);
  const size_t F = side_.dim();
  const auto alpha = static_cast<float>(side_.unobserved_weight());
  Matrix whole(F, F);
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r; c < F; ++c) whole(r, c) = whole(c, r) = side_.gram()(r, c);
  }
  for (size_t first = 0; first < F; first += block) {
    const size_t cols = std::min(block, F - first);
    Block& part = blocks_.emplace_back(
        Block{first, cols, PackedItems(whole.view().middle_rows(first, cols)), Matrix(pad16(cols), cols)});
    for (size_t r = 0; r < cols; ++r) {
      for (size_t c = 0; c < cols; ++c) part.scaled(r, c) = alpha * whole(first + r, first + c);
    }
  }
}

size_t AlsBlockSolver::most_scratch(size_t pairs, size_t F) {
  const size_t panels = std::max(kBatchFloats, std::min(kMostPanel, pairs * pad16(F)));
  return (panels + pairs + 2 * F * F) * sizeof(float);
}

// The targets before the first block, and the panels.
void AlsBlockSolver::start(const Row& row, const Member& member, Scratch& scratch) const {
  const AlsPairs& pairs = row.pairs;
  const size_t F = side_.dim();
  const size_t n = pairs.index.size();
  scratch.b.assign(pad16(F), 0.0f);
  std::transform(row.x, row.x + F, scratch.b.data(), [](float x) { return -x; });
  scratch.at.resize(kGathered);
  float* target = scratch.target.data() + member.target;
  for (size_t begin = 0; begin < n; begin += kGathered) {
    const size_t here = std::min(kGathered, n - begin);
    for (size_t at = 0; at < here; ++at) scratch.at[at] = side_.vectors().row(pairs.index[begin + at]);
    for (size_t at = begin + kGathered; at < std::min(n, begin + 2 * kGathered); ++at) {
      const float* y = side_.vectors().row(pairs.index[at]);
      for (size_t f = 0; f < F; f += kLanes16) __builtin_prefetch(y + f, 0, 2);
    }
    std::fill_n(target + begin, here, 1.0f);
    lane_dots(scratch.b.data(), scratch.at.data(), here, pad16(F), target + begin, target + begin);
    if (member.panel == Member::kNoPanel) continue;
    for (const Block& block : blocks_) {
      float* panel = scratch.panels.data() + member.panel + n * block.first;
      side_.gather(pairs, begin, here, block.first, block.cols, 0, panel + begin * pad16(block.cols));
    }
  }
  if (pairs.weight.empty()) return;
  for (size_t at = 0; at < n; ++at) target[at] *= std::sqrt(pairs.weight[at]);
}

const float* AlsBlockSolver::packed(const Row& row, const Member& member, const Block& block, size_t begin, size_t n,
                                    Scratch& scratch) const {
  const size_t padded = pad16(block.cols);
  if (member.panel != Member::kNoPanel) {
    return scratch.panels.data() + member.panel + row.pairs.index.size() * block.first + begin * padded;
  }
  side_.gather(row.pairs, begin, n, block.first, block.cols, als_rows_ahead(padded), scratch.rows.data());
  return scratch.rows.data();
}

// The Newton step of one block of row u of the batch.
void AlsBlockSolver::step(const Row& row, const Member& member, const Block& block, size_t u, Scratch& scratch) const {
  const size_t n = row.pairs.index.size();
  const size_t padded = pad16(block.cols);
  const size_t chunk = als_rows_per_chunk(padded);
  const auto alpha = static_cast<float>(side_.unobserved_weight());
  const float ridge = member.ridge;
  float* A = scratch.A.data();
  float* b = scratch.b.data();  // minus half the gradient, then the step
  float* x = scratch.x.row(u) + block.first;
  const float* gram_x = scratch.gram_x.data() + u * padded;
  float* target = scratch.target.data() + member.target;
  std::copy_n(block.scaled.data(), padded * padded, A);
  std::fill_n(b, padded, 0.0f);
  for (size_t f = 0; f < block.cols; ++f) {
    A[f * padded + f] += ridge;
    const float prior = row.pairs.prior == nullptr ? 0.0f : row.pairs.prior[block.first + f];
    b[f] = -(alpha * gram_x[f] + ridge * (x[f] - prior));
  }
  for (size_t begin = 0; begin < n; begin += chunk) {
    const size_t here = std::min(chunk, n - begin);
    const float* rows = packed(row, member, block, begin, here, scratch);
    axpys(target + begin, rows, here, padded, b);
    syrk_add_upper(rows, here, padded, A, padded);
  }
  als_solve(A, b, block.cols, n);
  for (size_t f = 0; f < block.cols; ++f) {
    x[f] += b[f];
    b[f] = -b[f];
  }
  if (&block == &blocks_.back()) return;
  scratch.at.resize(chunk);
  for (size_t begin = 0; begin < n; begin += chunk) {
    const size_t here = std::min(chunk, n - begin);
    const float* rows = packed(row, member, block, begin, here, scratch);
    for (size_t at = 0; at < here; ++at) scratch.at[at] = rows + at * padded;
    lane_dots(b, scratch.at.data(), here, padded, target + begin, target + begin);
  }
}

void AlsBlockSolver::sweep_batch(std::span<const Row> rows, Scratch& scratch) const {
  const size_t F = side_.dim();
  if (scratch.x.cols() != F) scratch.x.resize(kBatch, F);
  Member members[kBatch];
  size_t pairs = 0;
  size_t floats = 0;
  for (size_t u = 0; u < rows.size(); ++u) {
    std::copy_n(rows[u].x, F, scratch.x.row(u));
    const size_t n = rows[u].pairs.index.size();
    members[u] = {pairs, Member::kNoPanel, static_cast<float>(side_.ridge(rows[u].pairs.weight_sum()))};
    pairs += n;
    if (n * pad16(F) > kMostPanel) continue;
    members[u].panel = floats;
    floats += n * pad16(F);
  }
  const size_t widest = pad16(blocks_.front().cols);
  scratch.target.resize(std::max(scratch.target.size(), pairs));
  scratch.panels.resize(std::max(scratch.panels.size(), floats));
  scratch.rows.resize(als_rows_per_chunk(widest) * widest);
  scratch.A.resize(widest * widest);
  scratch.gram_x.resize(kBatch * widest);
  for (size_t u = 0; u < rows.size(); ++u) start(rows[u], members[u], scratch);
  for (const Block& block : blocks_) {
    score_block(scratch.x.view().middle_rows(0, rows.size()), block.gram, 0, block.cols, scratch.gram_x.data(),
                pad16(block.cols));
    for (size_t u = 0; u < rows.size(); ++u) step(rows[u], members[u], block, u, scratch);
  }
  for (size_t u = 0; u < rows.size(); ++u) std::copy_n(scratch.x.row(u), F, rows[u].x);
}

size_t AlsBlockSolver::batch_size(std::span<const Row> rows) const {
  size_t count = 0;
  for (size_t floats = 0; count < std::min(kBatch, rows.size()); ++count) {
    floats += rows[count].pairs.index.size() * pad16(side_.dim());
    if (count > 0 && floats > kBatchFloats) break;
  }
  return count;
}

void AlsBlockSolver::sweep(std::span<const Row> rows, Scratch& scratch) const {
  for (size_t first = 0; first < rows.size();) {
    const size_t count = batch_size(rows.subspan(first));
    sweep_batch(rows.subspan(first, count), scratch);
    first += count;
  }
}

}  // namespace rec
