// Sums over the rows of a matrix for each item, in a fixed order: the gradient of an item
// table. Symbols: I items, d dimension. A value without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "linalg/dot.h"

namespace rec {

// Rows of a matrix with a factor each, listed by the item that they count for.
struct ItemTerms {
  std::vector<uint64_t> begin;  // I + 1
  std::vector<uint32_t> row;
  std::vector<float> factor;

  // for_each(add): calls add(item, row, factor) for all terms, the same ones each time.
  template <class ForEach>
  void build(size_t items, ForEach for_each) {
    begin.assign(items + 1, 0);
    for_each([&](uint32_t item, uint32_t, float) { ++begin[item + 1]; });
    for (size_t item = 0; item < items; ++item) begin[item + 1] += begin[item];
    row.resize(begin.back());
    factor.resize(begin.back());
    next_.assign(begin.begin(), begin.end() - 1);
    for_each([&](uint32_t item, uint32_t its_row, float its_factor) {
      const uint64_t at = next_[item]++;
      row[at] = its_row;
      factor[at] = its_factor;
    });
  }
  // sum (d values) += its terms, in their order.
  void add_to(uint32_t item, const float* rows, size_t d, float* sum) const {
    for (uint64_t at = begin[item]; at < begin[item + 1]; ++at) axpy(factor[at], rows + row[at] * d, d, sum);
  }

 private:
  std::vector<uint64_t> next_;
};

}  // namespace rec
