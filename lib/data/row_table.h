// The rows of a table of vectors, whatever type they are stored in: float32, bfloat16, or int8 with a scale for each
// row (data/quantise.h). Non-owning, as a view of a tensor. Immutable and thread-safe.
#pragma once

#include <vector>

#include "data/artefact.h"

namespace rec {

class RowTable {
 public:
  size_t rows = 0;
  size_t cols = 0;

  RowTable() = default;
  RowTable(ConstMatrixView floats) : rows(floats.rows), cols(floats.cols), floats_(floats) {}
  RowTable(const Matrix& floats) : RowTable(floats.view()) {}
  // Throws Error where the tensor is of a type that stands for no floats. The artefact that the tensor is of outlives
  // this.
  explicit RowTable(const Artefact::Tensor& tensor);

  bool is_float() const { return !tensor_.data; }
  // Row r as cols floats: where it lies, or in `scratch`, which has room for cols.
  const float* row(size_t r, float* scratch) const;
  // Row r will be read soon. Inline: g++ 12 takes a call of a function that does nothing else for one without effect.
  [[gnu::always_inline]] void prefetch(size_t r) const {
    constexpr size_t kLine = 64;
    const size_t bytes = cols * size_of(is_float() ? Dtype::kFloat32 : tensor_.dtype);
    const char* const from =
        is_float() ? reinterpret_cast<const char*>(floats_.row(r)) : static_cast<const char*>(tensor_.data) + r * bytes;
    for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(from + at);
  }
  // Row r in `out`.
  void copy_row(size_t r, std::vector<float>& out) const;
  // All rows in float32. Those of another type are decoded at the first call and kept by the artefact.
  ConstMatrixView floats() const { return is_float() ? floats_ : tensor_.view(); }

  // rows × cols codes and a scale for each row: row r is scales()[r] times its codes. nullptr: the rows are no int8.
  const int8_t* codes() const {
    return tensor_.dtype == Dtype::kInt8 ? static_cast<const int8_t*>(tensor_.data) : nullptr;
  }
  const float* scales() const;

 private:
  ConstMatrixView floats_;
  Artefact::Tensor tensor_;  // without data: floats_
};

}  // namespace rec
