// What the functions of models/inference/pair_function.h are made of: item vectors and the
// weights that a model learnt for them, as tensors of its file. Symbols: I items, F
// factors, D units, K heads of d values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "linalg/matrix.h"
#include "linalg/sparse.h"

namespace rec {

// Views of memory that others hold. Parts that the model does not have are empty.
struct PairParts {
  ConstMatrixView items;                   // I × F, or F = 0
  SparseView neighbours;                   // S
  std::span<const float> unknown_item;     // x of an item that is not there; empty: zeros
  ConstMatrixView bilinear;                // F × F: W
  ConstMatrixView additive_user;           // D × F: W
  ConstMatrixView additive_item;           // D × F: U
  std::span<const float> additive_weight;  // D: v
  size_t heads = 0;                        // K
  ConstMatrixView heads_user;              // K·d × F, head by head
  ConstMatrixView heads_item;              // the same
  struct Layer {
    ConstMatrixView weight;       // outputs × inputs
    std::span<const float> bias;  // outputs
  };
  std::vector<Layer> mlp;             // two or more; the first has 2F inputs, the last one output
  std::span<const float> sum_weight;  // F: w; empty: 1
  float sum_bias = 0.0f;              // b
  // The pool with the candidate as the query (models/attention_pool/pool.h).
  ConstMatrixView pool_source;  // I × F: y
  ConstMatrixView pool_key;     // A × F: K
  ConstMatrixView pool_query;   // A × F: Q
  float pool_smoothing = 1.0f;  // β
};

// The weights in `artefact`, without items, neighbours and unknown_item. Throws Error
// "model: ..." where shapes do not fit F factors.
PairParts weights_of(const Artefact& artefact, size_t factors);

}  // namespace rec
