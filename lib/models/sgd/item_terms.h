// Sums over the rows of a matrix for each item, in a fixed order: the gradient of an item
// table. Symbols: I items, d dimension. A value without shared state.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/parallel_for.h"
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
  // The same terms in the same order by several threads. for_each(part, add): of the parts [0, parts), in ascending
  // order; at the same time for different ones.
  template <class ForEach>
  void build(size_t items, size_t parts, ThreadPool& thread_pool, ForEach for_each) {
    const size_t workers = std::min(parts, static_cast<size_t>(thread_pool.threads()));
    const auto of_worker = [&](size_t worker, auto add) {
      for (size_t part = parts * worker / workers; part < parts * (worker + 1) / workers; ++part) for_each(part, add);
    };
    if (workers < 2) return build(items, [&](auto add) { of_worker(0, add); });
    next_.resize(workers * items);
    thread_pool.run(workers, [&](size_t worker, int) {
      uint64_t* count = next_.data() + worker * items;
      std::fill_n(count, items, 0);
      of_worker(worker, [count](uint32_t item, uint32_t, float) { ++count[item]; });
    });
    // Where each worker's terms of an item go: behind those of the workers before it.
    begin.resize(items + 1);
    begin[0] = 0;
    const size_t blocks = (items + kItemsPerBlock - 1) / kItemsPerBlock;
    const auto block_end = [items](size_t block) { return std::min(items, (block + 1) * kItemsPerBlock); };
    thread_pool.run(blocks, [&](size_t block, int) {
      uint64_t sum = 0;
      for (size_t item = block * kItemsPerBlock; item < block_end(block); ++item) {
        for (size_t worker = 0; worker < workers; ++worker) {
          const uint64_t count = next_[worker * items + item];
          next_[worker * items + item] = sum;
          sum += count;
        }
        begin[item + 1] = sum;
      }
    });
    std::vector<uint64_t> before(blocks + 1, 0);
    for (size_t block = 0; block < blocks; ++block) before[block + 1] = before[block] + begin[block_end(block)];
    thread_pool.run(blocks, [&](size_t block, int) {
      for (size_t item = block * kItemsPerBlock; item < block_end(block); ++item) begin[item + 1] += before[block];
    });
    row.resize(before.back());
    factor.resize(before.back());
    thread_pool.run(workers, [&](size_t worker, int) {
      uint64_t* next = next_.data() + worker * items;
      of_worker(worker, [&](uint32_t item, uint32_t its_row, float its_factor) {
        const uint64_t at = before[item / kItemsPerBlock] + next[item]++;
        row[at] = its_row;
        factor[at] = its_factor;
      });
    });
  }
  // sum (d values) += its terms, in their order.
  void add_to(uint32_t item, const float* rows, size_t d, float* sum) const {
    for (uint64_t at = begin[item]; at < begin[item + 1]; ++at) axpy(factor[at], rows + row[at] * d, d, sum);
  }

 private:
  static constexpr size_t kItemsPerBlock = 1024;
  std::vector<uint64_t> next_;
};

}  // namespace rec
