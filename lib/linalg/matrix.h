// Dense float32 matrices, row-major: R rows, C columns. A row starts on 64
// bytes and is padded with zeros to a multiple of 16 floats, so kernels may read
// (never write anything but zero to) the padding. Thread rule: as std::vector.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace rec {

// Floats in 64 bytes: one AVX-512 vector, two AVX2 vectors, one cache line.
inline constexpr size_t kLanes16 = 16;

constexpr size_t pad16(size_t n) { return (n + kLanes16 - 1) / kLanes16 * kLanes16; }

template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, size_t) noexcept { ::operator delete(p, kAlignment); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const noexcept {
    return true;
  }
};

// A std::vector whose data() is aligned to 64 bytes.
template <class T>
using AlignedBuffer = std::vector<T, AlignedAllocator<T>>;

// Non-owning; dead when the owner is destroyed or resized. Row r is
// data[r·stride .. r·stride + cols).
struct ConstMatrixView {
  const float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;  // floats from one row to the next, >= cols

  const float* row(size_t r) const {
    assert(r < rows);
    return data + r * stride;
  }
  float operator()(size_t r, size_t c) const { return row(r)[c]; }
  // Rows [first, first + n).
  ConstMatrixView middle_rows(size_t first, size_t n) const {
    assert(first + n <= rows);
    return {data + first * stride, n, cols, stride};
  }
};

struct MatrixView {
  float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  float* row(size_t r) const {
    assert(r < rows);
    return data + r * stride;
  }
  float& operator()(size_t r, size_t c) const { return row(r)[c]; }
  MatrixView middle_rows(size_t first, size_t n) const {
    assert(first + n <= rows);
    return {data + first * stride, n, cols, stride};
  }
  operator ConstMatrixView() const { return {data, rows, cols, stride}; }
};

// Owning R × C matrix, zero on construction, stride() = C rounded up to 16.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t cols) { resize(rows, cols); }

  // Sets the shape; all elements become zero and old views die.
  void resize(size_t rows, size_t cols) {
    rows_ = rows;
    cols_ = cols;
    stride_ = pad16(cols);
    data_.assign(rows * stride_, 0.0f);
  }

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t stride() const { return stride_; }
  bool empty() const { return data_.empty(); }
  float* data() { return data_.data(); }
  const float* data() const { return data_.data(); }
  float* row(size_t r) {
    assert(r < rows_);
    return data_.data() + r * stride_;
  }
  const float* row(size_t r) const {
    assert(r < rows_);
    return data_.data() + r * stride_;
  }
  float& operator()(size_t r, size_t c) { return row(r)[c]; }
  float operator()(size_t r, size_t c) const { return row(r)[c]; }

  MatrixView view() { return {data(), rows_, cols_, stride_}; }
  ConstMatrixView view() const { return {data(), rows_, cols_, stride_}; }
  operator MatrixView() { return view(); }
  operator ConstMatrixView() const { return view(); }

 private:
  size_t rows_ = 0;
  size_t cols_ = 0;
  size_t stride_ = 0;
  AlignedBuffer<float> data_;
};

}  // namespace rec
