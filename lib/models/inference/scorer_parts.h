// What the scorers of models/inference/scorer.h are made of: item vectors, and the weights
// that a model learnt for them, as tensors of its file. Symbols: I items, F factors, D
// units, A units of an attention pool, K heads of d values each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/row_table.h"
#include "linalg/matrix.h"
#include "linalg/sparse.h"

namespace rec {

// Views of memory that others own. Parts that the model does not have are empty.
struct ScorerParts {
  RowTable items;                          // I × F: x, or F = 0
  std::span<const float> unknown_item;     // F: x of an item that the model does not know; empty: 0
  ConstMatrixView item_source;             // I × F: s, what an item of a history adds to h's dense part
  SparseView neighbours;                   // S
  bool neighbours_are_items = false;       // the rows of S are items; false: they are users
  ConstMatrixView bilinear;                // F × F: W
  ConstMatrixView additive_user;           // D × F: W
  ConstMatrixView additive_item;           // D × F: U
  std::span<const float> additive_weight;  // D: v
  size_t heads = 0;                        // K
  ConstMatrixView heads_user;              // K·d × F, one head below the other
  ConstMatrixView heads_item;              // the same
  struct Layer {
    ConstMatrixView weight;       // outputs × inputs
    std::span<const float> bias;  // outputs
  };
  std::vector<Layer> mlp;             // two or more; the first has 2F inputs, the last one output
  std::span<const float> sum_weight;  // F: w; empty: 1
  float sum_bias = 0.0f;              // b
  // The attention pool with the candidate as the query (models/attention_pool/pool.h).
  ConstMatrixView pool_source;  // I × F: y
  ConstMatrixView pool_key;     // A × F: K
  ConstMatrixView pool_query;   // A × F: Q
  float pool_smoothing = 1.0f;  // β
  // Layers on the fields of rec-embed fm (models/fm/fm_net.h). Without layers: empty.
  struct FmLayer {
    ConstMatrixView weight;                 // inputs × D
    std::span<const float> bias;            // D
    std::span<const float> gain, shift;     // D; empty without batch normalisation, as the next
    std::span<const float> mean, variance;  // D
  };
  struct Fm {
    std::vector<FmLayer> layers;
    bool product = false;
    size_t user_inputs = 0;       // values of h behind its F
    ConstMatrixView item_fields;  // I × those of an item
    std::span<const float> unknown_item_fields;
    std::span<const float> output;  // D of the last layer
  };
  Fm fm;
  // Of rec-embed fm --calibrate (models/common/calibration.h); at most one of them.
  std::span<const float> platt;  // 2
  ConstMatrixView isotonic;      // K × 2
};

// The weights in `artefact`: all parts but the first five. Throws Error "model: ..." where a
// shape does not fit F factors, or where a tensor is not float32.
ScorerParts weights_of(const Artefact& artefact, size_t factors);

// x of an unknown item: parts.unknown_item or zeros, F values.
std::vector<float> unknown_item_of(const ScorerParts& parts);

}  // namespace rec
