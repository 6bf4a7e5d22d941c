#include "data/quantise.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/row_table.h"

namespace rec {
namespace {

constexpr float kGreatestCode = 127.0f;
constexpr const char* kScale = ".scale";
constexpr size_t kCodedRowsPerTask = 4096;
// Below it the scale of a row takes more than it saves.
constexpr uint64_t kLeastColumns = 4;

bool is_table_of_vectors(const Artefact::Tensor& tensor) {
  const std::string_view name = tensor.name;
  if (!name.starts_with("items.") && !name.starts_with("users.")) return false;
  const std::string_view what = name.substr(name.find('.') + 1);
  return (what == "factors" || what == "source" || what == "implicit" || what == "fields") &&
         tensor.shape.size() == 2 && tensor.cols() >= kLeastColumns && tensor.dtype == Dtype::kFloat32;
}

template <class Row>
void for_rows(uint64_t rows, int threads, Row row) {
  parallel_for((rows + kCodedRowsPerTask - 1) / kCodedRowsPerTask, threads, [&](size_t task, int) {
    const uint64_t end = std::min<uint64_t>(rows, (task + 1) * kCodedRowsPerTask);
    for (uint64_t at = task * kCodedRowsPerTask; at < end; ++at) row(at);
  });
}

void add_int8(const Artefact::Tensor& tensor, int threads, Artefact& out) {
  const uint64_t n = tensor.cols();
  auto* codes = static_cast<int8_t*>(out.add_empty(tensor.name, tensor.shape, Dtype::kInt8));
  float* scales = out.add_empty(tensor.name + kScale, {tensor.rows()});
  for_rows(tensor.rows(), threads,
           [&](uint64_t row) { scales[row] = to_int8(tensor.floats() + row * n, n, codes + row * n); });
}

void add_bfloat16(const Artefact::Tensor& tensor, int threads, Artefact& out) {
  const uint64_t n = tensor.cols();
  auto* values = static_cast<Bfloat16*>(out.add_empty(tensor.name, tensor.shape, Dtype::kBfloat16));
  for_rows(tensor.rows(), threads, [&](uint64_t row) {
    for (uint64_t at = row * n; at < (row + 1) * n; ++at) values[at] = to_bfloat16(tensor.floats()[at]);
  });
}

void require_values_below(float limit, const Artefact::Tensor& tensor) {
  for (uint64_t at = 0; at < tensor.rows() * tensor.cols(); ++at) {
    if (!(std::fabs(tensor.floats()[at]) < limit))
      fail("model: tensor \"{}\" holds {}, expected values below {}", printable(tensor.name), tensor.floats()[at],
           limit);
  }
}

// Everything but the tensors. `model` keeps what they lie in.
Artefact without_tensors(const std::shared_ptr<const Artefact>& model) {
  Artefact out;
  out.meta = model->meta;
  out.items = model->items;
  out.users = model->users;
  out.tables = model->tables;
  for (const Artefact::Sparse& matrix : model->sparse()) out.add_mapped_sparse(matrix.name, matrix.view, model);
  return out;
}

}  // namespace

float to_int8(const float* row, size_t n, int8_t* codes) {
  float greatest = 0.0f;
  for (size_t at = 0; at < n; ++at) greatest = std::max(greatest, std::fabs(row[at]));
  const float scale = greatest / kGreatestCode;
  if (scale < FLT_MIN) {
    std::fill_n(codes, n, int8_t{0});
    return 0.0f;
  }
  for (size_t at = 0; at < n; ++at) codes[at] = static_cast<int8_t>(std::nearbyint(row[at] / scale));
  return scale;
}

bool is_quantised(const Artefact& model) {
  return std::any_of(model.tensors().begin(), model.tensors().end(),
                     [](const Artefact::Tensor& tensor) { return tensor.decoded != nullptr; });
}

Artefact quantised(const Artefact& model, Dtype type, int threads) {
  if (is_quantised(model) || model.meta.contains(kQuantised)) {
    const auto what = model.meta.find(kQuantised);
    fail("the model was quantised before ({}); rec-model quantise --type float32 gives its values in float32",
         what == model.meta.end() ? "it has tensors of bfloat16 or int8" : printable(what->second));
  }
  const auto rest = std::make_shared<const Artefact>(model);
  Artefact out = without_tensors(rest);
  std::string done = name_of(type);
  bool any = false;
  for (const Artefact::Tensor& tensor : rest->tensors()) {
    if (!is_table_of_vectors(tensor)) {
      out.add_mapped(tensor, rest);
      continue;
    }
    require_values_below(kTooGreatToCode, tensor);
    type == Dtype::kInt8 ? add_int8(tensor, threads, out) : add_bfloat16(tensor, threads, out);
    done += ' ' + tensor.name;
    any = true;
  }
  if (!any) {
    fail("nothing to quantise: the model has no vectors of items or users of {} values or more{}", kLeastColumns,
         model.sparse().empty() ? "" : "; what it has is a sparse matrix");
  }
  out.meta[kQuantised] = done;
  link_quantised(out);
  return out;
}

Artefact dequantised(Artefact model) {
  if (!is_quantised(model)) return model;
  const auto rest = std::make_shared<const Artefact>(std::move(model));
  Artefact out = without_tensors(rest);
  out.meta.erase(kQuantised);
  for (const Artefact::Tensor& tensor : rest->tensors()) {
    const std::string_view name = tensor.name;
    if (name.ends_with(kScale)) {
      const Artefact::Tensor* codes = rest->find(name.substr(0, name.size() - std::strlen(kScale)));
      if (codes != nullptr && codes->dtype == Dtype::kInt8 && codes->decoded) continue;
    }
    if (!tensor.decoded) {
      out.add_mapped(tensor, rest);
      continue;
    }
    float* to = out.add_empty(tensor.name, tensor.shape);
    const RowTable rows(tensor);
    for (uint64_t row = 0; row < tensor.rows(); ++row) {
      const float* from = rows.row(row, to + row * tensor.cols());
      if (from != to + row * tensor.cols()) std::copy_n(from, tensor.cols(), to + row * tensor.cols());
    }
  }
  return out;
}

void link_quantised(Artefact& model) {
  for (const Artefact::Tensor& tensor : model.tensors()) {
    if (tensor.dtype == Dtype::kBfloat16) model.set_decoded(tensor.name, nullptr);
    if (tensor.dtype != Dtype::kInt8) continue;
    const Artefact::Tensor* scale = model.find(tensor.name + kScale);
    if (scale == nullptr) continue;
    if (scale->shape.size() != 1 || scale->rows() != tensor.rows())
      fail("model: tensor \"{}\" has {} x {} values, expected one for each of the {} rows of \"{}\"",
           printable(scale->name), scale->rows(), scale->cols(), tensor.rows(), printable(tensor.name));
    const float* values = scale->floats();
    for (uint64_t row = 0; row < scale->rows(); ++row) {
      // 128: the code of the greatest size.
      if (!(values[row] >= 0.0f && std::isfinite(128.0f * values[row])))
        fail("model: tensor \"{}\": the scale of row {} is {}, expected 0 or more and no infinite value",
             printable(scale->name), row + 1, values[row]);
    }
    model.set_decoded(tensor.name, values);
  }
}

}  // namespace rec
