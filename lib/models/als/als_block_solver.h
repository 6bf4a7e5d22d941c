// The block half step of als: iALS++ (Rendle, Krichene, Zhang, Koren 2021,
// arXiv:2110.14044, algorithm 1). Symbols as in models/als/als.h, B factors a block.
//
// A sweep takes the blocks of a row's factors in ascending order and minimises L
// over each with all else fixed: a Newton step, exact since L is quadratic there.
// So L never rises, at a cost of n·F·B + F·B²/3 flops a row in place of n·F² + F³/3.
// Predictions of the row's pairs are computed anew for each sweep (2·n·F flops):
// unlike in the paper none are stored.
#pragma once

#include <vector>

#include "linalg/score_tile.h"
#include "models/als/fixed_factors.h"

namespace rec {

// Immutable, so threads share it; each has its own Scratch.
class AlsBlockSolver {
 public:
  // block: B, a multiple of 16; the last block holds what is left.
  // REQUIRES: Y is padded with zeros to a multiple of 16 columns (Matrix).
  AlsBlockSolver(FixedFactors side, size_t block);

  struct Row {
    AlsPairs pairs;
    float* x;  // F floats, moved towards the minimum
  };
  struct Scratch {
    Matrix x;                     // of the batch
    AlignedBuffer<float> panels;  // √c y of the batch's pairs, block by block
    AlignedBuffer<float> gram_x;
    AlignedBuffer<float> rows;
    AlignedBuffer<float> A;
    AlignedBuffer<float> b;
    std::vector<float> target;  // √c (1 - x·y) of the batch's pairs
    std::vector<const float*> at;
  };

  // Bytes of a Scratch at most, for rows of up to `pairs` pairs.
  static size_t most_scratch(size_t pairs, size_t F);

  // One sweep for each row. The same bits for every thread and every way of
  // putting rows together. Throws Error as AlsSolver::solve.
  void sweep(std::span<const Row> rows, Scratch& scratch) const;

  const FixedFactors& side() const { return side_; }

 private:
  struct Block {
    size_t first;
    size_t cols;
    PackedItems gram;  // the rows of YᵀY of its factors
    Matrix scaled;     // α0 YᵀY, its square on the diagonal
  };
  struct Member;
  size_t batch_size(std::span<const Row> rows) const;
  void sweep_batch(std::span<const Row> rows, Scratch& scratch) const;
  void start(const Row& row, const Member& member, Scratch& scratch) const;
  void step(const Row& row, const Member& member, const Block& block, size_t u, Scratch& scratch) const;
  const float* packed(const Row& row, const Member& member, const Block& block, size_t begin, size_t n,
                      Scratch& scratch) const;

  FixedFactors side_;
  std::vector<Block> blocks_;
};

}  // namespace rec
