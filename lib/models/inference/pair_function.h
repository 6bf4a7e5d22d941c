// The attention function g and the prediction model M: functions of a behaviour
// vector h and an item i. Symbols: I items, F factors, D image size.
//
// Of h's dense part and the item's vector x_i. Inner products of their images, so
// that one kernel serves them all:
//   dot         h·x                         D = F
//   scaled      h·x / sqrt(F)               D = F
//   cosine      h·x / (|h| |x|)             D = F; 0 if either is zero
//   sum         w·(h + x) + b               D = 2; w = 1, b = 0 where the model has none
//   bilinear    hᵀ W x                      D = F
// What becomes of h·x, item by item:
//   logistic    1 / (1 + e^-h·x)            above 0; 1 where h·x > 17
//   exp         e^h·x                       above 0, for h·x between -87 and 88
// Functions of the sum, or of K inner products, of images:
//   additive    v·tanh(W h + U x)
//   multi-head  ln (1/K) Σ_k e^((W_k h)·(U_k x) / sqrt(d))
//   mlp         layers on [h; x], with max(0, ·) between them
// Of h's sparse part, too, in models with a neighbour matrix S (row j: what row j
// of h's sparse part says of each item; I or U × I):
//   neighbours  Σ_j h_j S_ji + h·x          D = F; without h·x where F = 0
// Of h's sparse part alone, the history, in models of pool with the candidate as query
// (models/attention_pool/pool.h, whose m_j h has for weights):
//   pool        Σ_j a_ij y_j·x_i            D = F: x_i
//   pool-exp    e^pool                      above 0
//
// Immutable and thread-safe once made; Scratch is each thread's own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "linalg/matrix.h"
#include "linalg/sparse.h"
#include "models/common/encoder.h"
#include "models/common/score_form.h"
#include "models/inference/pair_parts.h"

namespace rec {

class PairFunction {
 public:
  // What `parts` are views of lives as long as this. Throws UsageError for a form that
  // they cannot serve.
  PairFunction(ScoreForm form, const PairParts& parts);

  size_t image_size() const { return images_.cols; }       // D, may be 0
  ConstMatrixView item_images() const { return images_; }  // I × D
  // The image of an item that the model does not know.
  const float* unknown_item() const { return unknown_.data(); }
  // The image of the dense part h (F values) into out (D values).
  void image(const float* h, float* out) const;
  // S, without rows unless the form is kNeighbours.
  const SparseView& neighbours() const { return neighbours_; }

  struct Scratch {
    std::vector<const float*> rows;
    std::vector<float> heads;  // K × n
    Matrix hidden, next;
  };
  // out[k] = f but for the neighbours, which the caller adds: Σ_j h_j S_ji, in ascending
  // order of j from 0, rounded before it is added. image: of h; rows: n images of items.
  // Each result depends on its own two images alone.
  void values(const float* image, const float* const* rows, size_t n, float* out, Scratch& scratch) const;

  // pool and pool-exp, whose values() are of no use: sums over a history's items, in
  // their order, for n candidates.
  bool is_pool() const { return form_ == ScoreForm::kPool || form_ == ScoreForm::kPoolExp; }
  struct PoolHistory {
    Matrix source, keys;        // H × F: y; H × A: K y / sqrt(A)
    std::vector<float> weight;  // H: m
    size_t size() const { return weight.size(); }
  };
  void read_history(const Behaviour& h, PoolHistory& history) const;
  ConstMatrixView pool_queries() const { return queries_; }  // I × A: Q x
  const float* unknown_query() const { return unknown_query_.data(); }
  struct PoolSums {
    std::vector<float> sum, weighed;  // n: Σ m exp(e), Σ m exp(e) y·x
    void reset(size_t n) {
      sum.assign(n, 0.0f);
      weighed.assign(n, 0.0f);
    }
  };
  // An item's part, from its products y·x and its e (which become something else): dots()
  // of source and item_images(), of keys and pool_queries(). Element by element.
  void add_pool(float weight, const float* products, float* logits, size_t n, PoolSums& sums) const;
  // out = f; 0 of an empty history.
  void finish_pool(PoolSums& sums, size_t n, float* out) const;

  // values() in two steps, for callers with a faster inner product: it is
  // finish() of the dots() of the images (linalg/dot.h).
  bool is_inner_product() const;
  void finish(float* inner_products, size_t n) const;

 private:
  // x (F values) as an item's image into out (D values, zero).
  void item_image(const float* x, float* out) const;
  void multi_head(const float* image, const float* const* rows, size_t n, float* out, Scratch& scratch) const;
  void mlp(const float* image, const float* const* rows, size_t n, float* out, Scratch& scratch) const;

  ScoreForm form_;
  size_t factors_;
  Matrix own_;
  ConstMatrixView images_;
  SparseView neighbours_;
  std::vector<float> unknown_;
  // F × D, what h and x are multiplied by; no rows: they are their own images. They are
  // padded with zeros to a multiple of 16 but for bilinear.
  Matrix user_map_;
  Matrix item_map_;
  size_t heads_ = 0;
  std::vector<double> weight_;  // w of sum
  double bias_ = 0.0;
  AlignedBuffer<float> first_bias_;  // mlp: of its first layer
  AlignedBuffer<float> last_;        // v of additive; mlp: of its last layer
  float last_bias_ = 0.0f;
  struct Layer {
    Matrix weight;  // inputs × outputs
    AlignedBuffer<float> bias;
  };
  std::vector<Layer> middle_;  // mlp: the others
  ConstMatrixView source_;     // pool
  Matrix keys_, queries_;      // I × A
  std::vector<float> unknown_query_;
  float minus_beta_ = 0.0f;
};

}  // namespace rec
