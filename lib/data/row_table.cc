#include "data/row_table.h"

#include <algorithm>

#include "data/decoded_tensor.h"

namespace rec {

RowTable::RowTable(const Artefact::Tensor& tensor) : rows(tensor.rows()), cols(tensor.cols()) {
  if (tensor.decoded) {
    tensor_ = tensor;
  } else {
    floats_ = tensor.view();
  }
}

const float* RowTable::row(size_t r, float* scratch) const {
  if (is_float()) return floats_.row(r);
  decode_row(tensor_, r, scratch);
  return scratch;
}

void RowTable::copy_row(size_t r, std::vector<float>& out) const {
  out.resize(cols);
  const float* from = row(r, out.data());
  if (from != out.data()) std::copy_n(from, cols, out.data());
}

const float* RowTable::scales() const { return codes() == nullptr ? nullptr : tensor_.decoded->scale; }

}  // namespace rec
