// The most similar rows of a table, exactly, by counting along inverted lists: the
// product of a sparse matrix with its transpose row by row, with the best of each
// row kept and no row kept longer. Symbols: R rows, C columns; n_f the rows that
// have column f.
//
// A row with columns N(j) costs Σ_{f in N(j)} n_f additions. Without values and
// column weights these are counts of whole numbers; else float32, f ascending.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "linalg/top_k.h"
#include "models/knn/similarity.h"

namespace rec {

// Immutable, so threads share it; each has its own Scratch.
class NearestRows {
 public:
  // Held by the caller as long as this lives. Copies the inverted lists, with rows
  // renumbered by their length, 16 bits a row where that is enough: the counts that
  // are met most often lie side by side.
  explicit NearestRows(const Similarities& similarities);

  struct Scratch {
    std::vector<uint16_t> few;      // R, all 0 between calls
    std::vector<uint32_t> many;     // the same
    std::vector<float> sums;        // the same
    std::vector<uint32_t> touched;  // places
    std::vector<uint32_t> rows;     // of them
    std::vector<float> scores;
    TopK best;
  };
  // The `keep` rows i != self with the largest s_ji > 0, j being a row with these
  // columns (ascending), entries and left term; best first, equal ones by number.
  // self: kNoId where j is not of the table.
  void find(std::span<const uint32_t> column, std::span<const float> entries, float left, uint32_t self, size_t keep,
            std::vector<Scored>& found, Scratch& scratch) const;

  // Additions that row j costs.
  uint64_t work(std::span<const uint32_t> column) const;

  // Row j: its `keep` nearest, ascending, with s_ji.
  Csr all(size_t keep, int threads) const;

 private:
  template <class Cell>
  void count(std::span<const uint32_t> column, std::span<const float> entries, bool dense, std::vector<Cell>& cells,
             Scratch& scratch) const;
  template <class Id, class Cell>
  void add_lists(const Id* ids, std::span<const uint32_t> column, std::span<const float> entries, bool dense,
                 Cell* cells, Scratch& scratch) const;
  template <class Cell>
  void score(float left, uint32_t self, bool dense, std::vector<Cell>& cells, Scratch& scratch) const;

  const Similarities& similarities_;
  SparseView by_column_;
  std::vector<uint32_t> row_at_;    // R: place to row, the longest row first
  std::vector<uint32_t> place_of_;  // R: row to place
  std::vector<float> right_;        // R: by place
  std::vector<uint16_t> narrow_;    // places in the order of by_column_.index, where they fit
  std::vector<uint32_t> wide_;      // the same, where they do not
};

// The same of XXᵀ as a whole: `gram`, R × R, symmetric, with row and column for row of X. left, right: what each row
// brings to s as j and as i. The bytes of NearestRows where the elements of `gram` are counts.
Csr nearest_of_gram(const Csr& gram, Similarities::Form form, float shrink, std::span<const float> left,
                    std::span<const float> right, size_t keep, int threads);

}  // namespace rec
