// The upper half of a symmetric n × n matrix in square tiles: 2·n·(n + T) bytes,
// T = 192, half of what the whole would take. Thread rule: as std::vector.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "linalg/matrix.h"

namespace rec {

// Tile (I, J), I <= J, holds rows [I·T, (I+1)·T) and columns [J·T, (J+1)·T); tiles
// lie row by row. Inside, columns are in blocks of 16: element (r, c) of a tile is
// at offset(r, c), so that a walk down 16 columns is a walk through memory. Rows
// and columns from n to a multiple of T are padding.
class SymmetricTiles {
 public:
  static constexpr size_t kTile = 192;
  static constexpr size_t kTileFloats = kTile * kTile;
  static constexpr size_t offset(size_t r, size_t c) {
    return c / kLanes16 * kLanes16 * kTile + r * kLanes16 + c % kLanes16;
  }

  // Zero.
  explicit SymmetricTiles(size_t n)
      : size_(n), tiles_((n + kTile - 1) / kTile), data_(tile_count(tiles_) * kTileFloats, 0.0f) {}

  static uint64_t bytes(size_t n) { return tile_count((n + kTile - 1) / kTile) * kTileFloats * sizeof(float); }

  size_t size() const { return size_; }    // n
  size_t tiles() const { return tiles_; }  // of a row
  float* tile(size_t I, size_t J) { return data_.data() + tile_index(I, J) * kTileFloats; }
  const float* tile(size_t I, size_t J) const { return data_.data() + tile_index(I, J) * kTileFloats; }

  // Element (r, c) or, the same, (c, r).
  float& operator()(size_t r, size_t c) { return data_[element(r, c)]; }
  float operator()(size_t r, size_t c) const { return data_[element(r, c)]; }

 private:
  static constexpr uint64_t tile_count(size_t tiles) { return tiles * (tiles + 1) / 2; }
  size_t tile_index(size_t I, size_t J) const {
    assert(I <= J && J < tiles_);
    return I * tiles_ - I * (I + 1) / 2 + J;
  }
  size_t element(size_t r, size_t c) const {
    if (r > c) std::swap(r, c);
    assert(c < size_);
    return tile_index(r / kTile, c / kTile) * kTileFloats + offset(r % kTile, c % kTile);
  }

  size_t size_;
  size_t tiles_;
  AlignedBuffer<float> data_;
};

}  // namespace rec
