#include "models/common/extend_artefact.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "base/error.h"
#include "data/quantise.h"
#include "models/common/feature_rows.h"

namespace rec {
namespace {

// The ids of a longer table and where the old ones stand in it.
struct Longer {
  IdTable ids;
  std::vector<uint32_t> number_of_old;
  std::vector<uint32_t> number_of_new;
};

Longer longer(const IdTable& old, const IdTable& added) {
  IdTable all = old;
  all.index();
  for (uint32_t id = 0; id < added.size(); ++id) all.intern(added[id]);
  const std::vector<uint32_t> order = all.sorted_order();
  const std::vector<uint32_t> number = places_in(order);
  const auto middle = number.begin() + static_cast<std::ptrdiff_t>(old.size());
  return {all.reordered(order), {number.begin(), middle}, {middle, number.end()}};
}

// The same rows at their new numbers; others are 0.
void copy_rows(const Artefact::Tensor& tensor, const std::vector<uint32_t>& number, void* to) {
  const size_t bytes = tensor.cols() * size_of(tensor.dtype);
  if (bytes == 0) return;
  for (size_t row = 0; row < number.size(); ++row)
    std::memcpy(static_cast<char*>(to) + number[row] * bytes, static_cast<const char*>(tensor.data) + row * bytes,
                bytes);
}

// W of a tensor of the side; nullptr where the model has none that fits.
const Artefact::Tensor* weights_of(const Artefact& artefact, IdKind of, const Artefact::Tensor& tensor) {
  const size_t dot = tensor.name.find('.');
  const Artefact::Tensor* weights = artefact.find(feature_table_name(of) + tensor.name.substr(dot));
  return weights != nullptr && weights->cols() == tensor.cols() && weights->dtype == Dtype::kFloat32 &&
                 tensor.dtype == Dtype::kFloat32
             ? weights
             : nullptr;
}

void add_sums(const Artefact::Tensor& weights, const Csr& features, const std::vector<uint32_t>& number, float* to) {
  const size_t cols = weights.cols();
  for (size_t row = 0; row < number.size(); ++row) {
    float* out = to + number[row] * cols;
    for (uint64_t at = features.begin[row]; at < features.begin[row + 1]; ++at) {
      const float* w = weights.floats() + features.index[at] * cols;
      for (size_t col = 0; col < cols; ++col) out[col] = std::fma(features.weight[at], w[col], out[col]);
    }
  }
}

// What the row of every new id starts with: the tensor "new.X" beside X, where the model has one.
void add_start(const Artefact& artefact, const Artefact::Tensor& tensor, const std::vector<uint32_t>& number,
               float* to) {
  const Artefact::Tensor* start = artefact.find("new." + tensor.name);
  if (start == nullptr) return;
  const size_t cols = tensor.cols();
  if (start->rows() * start->cols() != cols)
    fail("model: tensor \"{}\" has {} values, expected {}", start->name, start->rows() * start->cols(), cols);
  for (const uint32_t row : number) std::copy_n(start->floats(), cols, to + row * cols);
}

// Rows (of the side `of`) and columns (always items) at their new numbers.
Csr renumbered(const Artefact::Sparse& matrix, IdKind of, const Longer& ids) {
  const bool rows_move = matrix.name.starts_with(of == IdKind::kItem ? "items." : "users.");
  const size_t rows = rows_move ? ids.ids.size() : matrix.view.rows();
  Csr out;
  out.begin.assign(rows + 1, 0);
  for (size_t row = 0; row < matrix.view.rows(); ++row)
    out.begin[(rows_move ? ids.number_of_old[row] : row) + 1] = matrix.view.row(row).size();
  for (size_t row = 0; row < rows; ++row) out.begin[row + 1] += out.begin[row];
  // Old ids keep their order, so entries do.
  for (const uint32_t column : matrix.view.index)
    out.index.push_back(of == IdKind::kItem ? ids.number_of_old[column] : column);
  out.weight.assign(matrix.view.weight.begin(), matrix.view.weight.end());
  return out;
}

}  // namespace

Extension extend(Artefact& artefact, IdKind of, const std::vector<FeatureTable>& tables) {
  const bool items = of == IdKind::kItem;
  const char* const side = items ? "items" : "users";
  if (!has_feature_map(artefact, of)) {
    fail(
        "the model knows no features of {0}: only one that was trained with --{1}-features and has vectors, as of "
        "rec-embed {2}, takes new {0}",
        side, items ? "item" : "user",
        items ? "als, mf, fm, content, neural, sasrec, bert4rec and attention-pool"
              : "als, mf, fm, neural, sasrec, bert4rec and attention-pool");
  }
  artefact = dequantised(std::move(artefact));
  const FeatureMap map = feature_map_of(artefact, of);
  IdTable& own = items ? artefact.items : artefact.users;
  own.index();
  Extension result;
  IdTable candidates;
  std::vector<char> met(own.size(), 0);
  for (const FeatureTable& table : tables) {
    for (uint32_t id = 0; id < table.ids.size(); ++id) {
      const uint32_t known = own.find(table.ids[id]);
      if (known == kNoId) {
        candidates.intern(table.ids[id]);
      } else {
        met[known] = 1;
      }
    }
  }
  result.known = static_cast<size_t>(std::count(met.begin(), met.end(), 1));
  const FeatureRows all = feature_rows(map, tables, candidates);
  result.unknown = all.unknown;
  result.kinds_unknown = all.kinds_unknown;
  for (const FeatureTable& table : tables) {
    for (const FeatureNumbers& numbers : table.numbers) {
      if (numbers.is_vector && map.names.find(numbers.name + "=0") == kNoId)
        result.vectors_unknown.push_back(numbers.name);
    }
  }
  IdTable added;
  Csr features;
  features.begin.assign(1, 0);
  for (uint32_t id = 0; id < candidates.size(); ++id) {
    if (all.rows.row_size(id) == 0) continue;
    added.intern(candidates[id]);
    const SparseView view = all.rows.view();
    features.index.insert(features.index.end(), view.row(id).begin(), view.row(id).end());
    features.weight.insert(features.weight.end(), view.row_weight(id).begin(), view.row_weight(id).end());
    features.begin.push_back(features.index.size());
  }
  result.added = added.size();
  result.without = candidates.size() - added.size();
  if (result.added == 0) return result;

  const Longer ids = longer(own, added);
  Artefact out;
  out.meta = artefact.meta;
  out.items = items ? ids.ids : artefact.items;
  out.users = items ? artefact.users : ids.ids;
  out.tables = artefact.tables;
  const auto rest = std::make_shared<const Artefact>(artefact);
  bool any = false;
  for (const Artefact::Tensor& tensor : rest->tensors()) {
    if (!tensor.name.starts_with(items ? "items." : "users.")) {
      out.add_mapped(tensor, rest);
      continue;
    }
    std::vector<uint64_t> shape = tensor.shape;
    shape[0] = ids.ids.size();
    void* to = out.add_empty(tensor.name, std::move(shape), tensor.dtype);
    copy_rows(tensor, ids.number_of_old, to);
    if (tensor.dtype == Dtype::kFloat32) add_start(*rest, tensor, ids.number_of_new, static_cast<float*>(to));
    if (const Artefact::Tensor* weights = weights_of(*rest, of, tensor)) {
      add_sums(*weights, features, ids.number_of_new, static_cast<float*>(to));
      any = true;
    }
  }
  if (!any) fail("the model's vectors of {} are no sums of features: it takes no new ones", side);
  for (const Artefact::Sparse& matrix : rest->sparse()) out.add_sparse(matrix.name, renumbered(matrix, of, ids));
  artefact = std::move(out);
  (items ? artefact.items : artefact.users).index();
  return result;
}

}  // namespace rec
