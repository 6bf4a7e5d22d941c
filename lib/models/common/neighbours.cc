#include "models/common/neighbours.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel_for.h"
#include "linalg/top_k.h"

namespace rec {
namespace {

struct Column {
  std::vector<uint32_t> index;
  std::vector<float> weight;
  double all = 0.0;  // Σ S²
  double kept = 0.0;
};

void keep_largest(const float* values, size_t items, TopK& best, std::vector<float>& sizes, std::vector<Scored>& found,
                  Column& out) {
  if (best.k() >= items) {  // nothing is cut
    for (uint32_t i = 0; i < items; ++i) {
      if (values[i] == 0.0f) continue;
      out.index.push_back(i);
      out.weight.push_back(values[i]);
    }
    return;
  }
  sizes.resize(items);
  for (size_t i = 0; i < items; ++i) {
    sizes[i] = std::abs(values[i]);
    out.all += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  best.push_block(sizes.data(), items, 0);
  best.finish(found);
  std::sort(found.begin(), found.end(), [](const Scored& a, const Scored& b) { return a.index < b.index; });
  for (const Scored& one : found) {
    const float value = values[one.index];
    if (value == 0.0f) continue;
    out.index.push_back(one.index);
    out.weight.push_back(value);
    out.kept += static_cast<double>(value) * static_cast<double>(value);
  }
}

}  // namespace

Neighbours largest_weights(size_t items, size_t neighbours, int threads,
                           const std::function<void(size_t first, MatrixView out)>& columns) {
  struct Scratch {
    Matrix block;
    TopK best;
    std::vector<float> sizes;
    std::vector<Scored> found;
  };
  std::vector<Scratch> scratch(static_cast<size_t>(threads));
  std::vector<Column> kept(items);
  parallel_for((items + kNeighbourColumns - 1) / kNeighbourColumns, threads, [&](size_t task, int worker) {
    Scratch& own = scratch[static_cast<size_t>(worker)];
    if (own.block.empty()) {
      own.block.resize(std::min(kNeighbourColumns, items), items);
      own.best.reset(std::min(neighbours, items));
    }
    const size_t first = task * kNeighbourColumns;
    const size_t count = std::min(kNeighbourColumns, items - first);
    columns(first, own.block.view().middle_rows(0, count));
    for (size_t t = 0; t < count; ++t)
      keep_largest(own.block.row(t), items, own.best, own.sizes, own.found, kept[first + t]);
  });
  scratch.clear();

  Neighbours result;
  Csr by_target;
  by_target.begin.push_back(0);
  double all = 0.0;
  double sum = 0.0;
  size_t entries = 0;
  for (const Column& column : kept) entries += column.index.size();
  by_target.index.reserve(entries);
  by_target.weight.reserve(entries);
  for (Column& column : kept) {
    by_target.index.insert(by_target.index.end(), column.index.begin(), column.index.end());
    by_target.weight.insert(by_target.weight.end(), column.weight.begin(), column.weight.end());
    by_target.begin.push_back(by_target.index.size());
    all += column.all;
    sum += column.kept;
    column = {};
  }
  result.weights = transpose(by_target, items, threads);
  result.left_out = all > 0.0 ? std::max(0.0, 1.0 - sum / all) : 0.0;
  return result;
}

void add_neighbours(Artefact& artefact, Neighbours neighbours, int kept) {
  artefact.meta["attention"] = "neighbours";
  artefact.meta["predictor"] = "neighbours";
  artefact.meta["neighbours"] = kItemNeighbours;
  artefact.meta["neighbours-kept"] = std::to_string(kept);
  artefact.meta["neighbours-left-out"] = fmt::format("{}", static_cast<float>(neighbours.left_out));
  artefact.add_sparse(kItemNeighbours, std::move(neighbours.weights));
}

}  // namespace rec
