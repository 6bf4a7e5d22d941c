// Upper bounds of the scores of many users for many items, by products of bytes: four times as many products an
// instruction as in float32, where the processor has AVX-512 VNNI. U users, I items, F factors. A bound is sure, so the
// few scores that may matter are found without computing the others. Functions without state; Int8Panels is immutable
// after construction.
//
// A row x is s·c + its error, c whole numbers of at most 127 in size, and so is a user q = t·k + its error:
//   q·x <= t s k·c + |q - t k| |x| + |t k| |x - s c|
// (Cauchy and Schwarz, twice). k·c has no error, and F + 16 units in the last place of |q| |x| cover the rounding of
// q·x by dots() (F additions) and of the bound itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "linalg/matrix.h"

namespace rec {

// Whether this processor computes bounds faster than the scores themselves.
bool has_fast_int8();

// Items in panels as PackedItems has them (linalg/score_tile.h), four factors of an item beside each other.
class Int8Panels {
 public:
  static constexpr size_t kPanel = 48;

  // Codes `count` rows of `factors` values: row(i, scratch) is the i-th one, which may lie in scratch (factors long),
  // and is called by all threads.
  Int8Panels(size_t count, size_t factors, const std::function<const float*(size_t, float*)>& row, int threads);

  size_t size() const { return size_; }
  size_t factors() const { return factors_; }
  size_t quads() const { return (factors_ + 3) / 4; }
  // Code 4k + j of item i of the panel, plus 128, is [(k·kPanel + i)·4 + j].
  const uint8_t* panel(size_t p) const { return codes_.data() + p * quads() * kPanel * 4; }
  const float* scale(size_t p) const { return scale_.data() + p * kPanel; }  // s
  // The greatest |x| and |x - s c| of a panel; |x| is infinite where one of its rows has no codes.
  float norm(size_t p) const { return norm_[p]; }
  float error(size_t p) const { return error_[p]; }

 private:
  size_t size_ = 0;
  size_t factors_ = 0;
  AlignedBuffer<uint8_t> codes_;
  AlignedBuffer<float> scale_;
  std::vector<float> norm_;
  std::vector<float> error_;
};

// Users as whole numbers.
class Int8Users {
 public:
  Int8Users(size_t capacity, size_t factors);

  // Makes `user` the one with the vector q. false: q is too small or too great for a bound.
  bool set(size_t user, const float* q);
  bool is_bounded(size_t user) const { return terms_[user].step > 0.0f; }

  struct Terms {
    float step = 0.0f;           // t; 0: no bound
    int32_t start = 0;           // -128 Σ k: the codes of the items have 128 too much
    float greatest_norm = 0.0f;  // items of a greater |x| have no bound
    float of_norm = 0.0f;        // what |x| counts: |q - t k| and the rounding
    float of_error = 0.0f;       // what |x - s c| counts: |t k|
  };
  const Terms& terms(size_t user) const { return terms_[user]; }
  const int8_t* codes(size_t user) const { return codes_.data() + user * stride_; }  // k, and zeros to 4·quads
  size_t stride() const { return stride_; }

 private:
  size_t factors_;
  size_t stride_;
  AlignedBuffer<int8_t> codes_;
  std::vector<Terms> terms_;
};

// For the users [first_user, first_user + n_users), all of them bounded, and n_items items from first_item on:
// out[u·stride + i] >= dots() of user and item, where bit i % kPanel of above[u·above_stride + i / kPanel] is 0, and
// then it is finite and below floors[u]. Where the bit is 1 the score may reach floors[u], and out says nothing.
// REQUIRES: first_item % kPanel == 0; first_item + n_items <= items.size(); above_stride >= n_items / kPanel, rounded
// up; floors are no NaN and above -infinity.
void upper_bounds(const Int8Users& users, size_t first_user, size_t n_users, const Int8Panels& items, size_t first_item,
                  size_t n_items, const float* floors, float* out, size_t stride, uint64_t* above, size_t above_stride);

namespace plain {

// The same bits without vectors: what upper_bounds() is where !has_fast_int8().
void upper_bounds(const Int8Users& users, size_t first_user, size_t n_users, const Int8Panels& items, size_t first_item,
                  size_t n_items, const float* floors, float* out, size_t stride, uint64_t* above, size_t above_stride);

}  // namespace plain

}  // namespace rec
