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

AlsPart als_part(const Interactions& data, AlsHalf side, const Artefact& base, const AlsOptions& options, int threads) {
  const bool users = side == AlsHalf::kUsers;
  const IdTable& ids = users ? data.users : data.items;
  const IdTable& base_ids = users ? base.users : base.items;
  const std::string name = users ? "users.factors" : "items.factors";
  const Matrix fixed = factors_of(base, users ? "items.factors" : "users.factors");
  const Csr all = users ? als_pairs(data, options) : transpose(als_pairs(data, options), data.items.size());
  const Csr pairs = renumbered(all, users ? data.items : data.users, users ? base.items : base.users);

  AlsPart part;
  part.unknown_pairs = all.entries() - pairs.entries();
  Matrix factors(ids.size(), fixed.cols());
  const Artefact::Tensor* before = base.find(name);
  for (uint32_t id = 0; id < ids.size() && before != nullptr; ++id) {
    const uint32_t old = base_ids.find(ids[id]);
    if (old != kNoId) std::copy_n(before->view().row(old), factors.cols(), factors.row(id));
  }
  als_half_step({.rows = pairs, .order = longest_first(pairs), .fixed = fixed, .counted = fixed.rows()},
                options.resolved(base.items.size()), threads, factors);

  std::vector<uint32_t> kept;
  for (uint32_t id = 0; id < ids.size(); ++id) {
    if (pairs.row_size(id) > 0) kept.push_back(id);
  }
  part.empty_rows = ids.size() - kept.size();
  (users ? part.rows.users : part.rows.items) = ids.reordered(kept);
  float* rows = part.rows.add_empty(name, {kept.size(), factors.cols()});
  float* counts = users ? nullptr : part.rows.add_empty(kItemCounts, {kept.size()});
  for (size_t at = 0; at < kept.size(); ++at) {
    std::copy_n(factors.row(kept[at]), factors.cols(), rows + at * factors.cols());
    if (counts != nullptr) counts[at] = static_cast<float>(pairs.row_size(kept[at]));
  }
  return part;
}

}  // namespace rec
