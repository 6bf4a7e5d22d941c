#include "models/als/als_partition.h"

#include <algorithm>

#include "base/error.h"
#include "models/als/als_half_step.h"
#include "models/als/als_pairs.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

// The rows of the tensor, padded.
Matrix factors_of(const Artefact& base, const char* name) {
  const Artefact::Tensor* tensor = base.find(name);
  if (tensor == nullptr || tensor->rows() == 0) fail("no rows in tensor \"{}\"", name);
  Matrix factors(tensor->rows(), tensor->cols());
  for (size_t row = 0; row < factors.rows(); ++row)
    std::copy_n(tensor->view().row(row), factors.cols(), factors.row(row));
  return factors;
}

// The pairs whose column `base` knows, in its numbers: both orders are that of the
// ids' bytes.
Csr renumbered(const Csr& pairs, const IdTable& columns, const IdTable& base) {
  std::vector<uint32_t> number(columns.size());
  for (uint32_t column = 0; column < columns.size(); ++column) number[column] = base.find(columns[column]);
  Csr known;
  known.begin.assign(1, 0);
  for (size_t row = 0; row < pairs.rows(); ++row) {
    for (uint64_t at = pairs.begin[row]; at < pairs.begin[row + 1]; ++at) {
      if (number[pairs.index[at]] == kNoId) continue;
      known.index.push_back(number[pairs.index[at]]);
      if (!pairs.weight.empty()) known.weight.push_back(pairs.weight[at]);
    }
    known.begin.push_back(known.index.size());
  }
  return known;
}

}  // namespace

AlsSide als_side(const Interactions& data, AlsHalf side, const Artefact& base, const AlsOptions& options, int threads) {
  const bool users = side == AlsHalf::kUsers;
  const IdTable& ids = users ? data.users : data.items;
  const IdTable& base_ids = users ? base.users : base.items;
  const Matrix fixed = factors_of(base, users ? "items.factors" : "users.factors");
  if (fixed.cols() != static_cast<size_t>(options.dim)) fail("{} factors, expected {}", fixed.cols(), options.dim);
  const Csr all =
      users ? als_pairs(data, options, threads) : transpose(als_pairs(data, options, threads), data.items.size());

  AlsSide solved;
  solved.pairs = renumbered(all, users ? data.items : data.users, users ? base.items : base.users);
  solved.unknown_pairs = all.entries() - solved.pairs.entries();
  solved.factors.resize(ids.size(), fixed.cols());
  const Artefact::Tensor* before = base.find(users ? "users.factors" : "items.factors");
  for (uint32_t id = 0; id < ids.size() && before != nullptr; ++id) {
    const uint32_t old = base_ids.find(ids[id]);
    if (old != kNoId) std::copy_n(before->view().row(old), fixed.cols(), solved.factors.row(id));
  }
  als_half_step({.rows = solved.pairs, .order = longest_first(solved.pairs), .fixed = fixed, .counted = fixed.rows()},
                options.resolved(base.items.size()), threads, solved.factors);
  return solved;
}

AlsPart als_part(const Interactions& data, AlsHalf side, const Artefact& base, const AlsOptions& options, int threads) {
  const bool users = side == AlsHalf::kUsers;
  const IdTable& ids = users ? data.users : data.items;
  const AlsSide solved = als_side(data, side, base, options, threads);
  AlsPart part;
  part.unknown_pairs = solved.unknown_pairs;
  std::vector<uint32_t> kept;
  for (uint32_t id = 0; id < ids.size(); ++id) {
    if (solved.pairs.row_size(id) > 0) kept.push_back(id);
  }
  part.empty_rows = ids.size() - kept.size();
  const size_t factors = solved.factors.cols();
  (users ? part.rows.users : part.rows.items) = ids.reordered(kept);
  float* rows = part.rows.add_empty(users ? "users.factors" : "items.factors", {kept.size(), factors});
  float* counts = users ? nullptr : part.rows.add_empty(kItemCounts, {kept.size()});
  for (size_t at = 0; at < kept.size(); ++at) {
    std::copy_n(solved.factors.row(kept[at]), factors, rows + at * factors);
    if (counts != nullptr) counts[at] = static_cast<float>(solved.pairs.row_size(kept[at]));
  }
  return part;
}

}  // namespace rec
