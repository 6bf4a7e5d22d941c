// The Transformer over a history (SASRec: Kang, McAuley 2018, arXiv:1808.09781;
// pre-norm): its shape and its parameters. Values without shared state. Symbols: d dimension, H heads,
// c = d/H, f hidden size of the feed-forward part, L blocks, W window (the most
// items that are read), K positions that a filter reaches, n tokens of a sequence.
//
// Of the items i_1 .. i_n (the last W of the history):
//   x_t = sqrt(d)·E[i_t] (+ P[W - n + t], learned positions, as if padded in front)
//   x = N0(x), input norm
// and in each block, with N(x) = gain ⊙ (x - mean)/sqrt(variance + 1e-6) + bias,
//   a = N1(x);  q, k, v = a·Wqkv + b
//   S_ts = q_t·k_s / sqrt(c) for each head; s <= t where the model is causal
//          (+ R[head][t - s], relative positions; not causal: R[head][W - 1 + t - s])
//   o_t = Σ_s softmax_s(S_ts) v_s, heads side by side
//   x += (o·Wo + b (+ Σ_{k<K} C[k] ⊙ a_(t-k), filter; not causal: -K < k < K))
//        (⊙ σ(a·G1 + g1), gated)
//   e = N2(x)
//   x += (act(e·Wi + b)·Wf + b) (⊙ σ(e·G2 + g2), gated)
// and at last h_t = N(x_t). RoPE turns pairs (j, j + c/2) of q and k by t·10000^(-2j/c).
// act: ReLU, GELU (its tanh form), or SwiGLU: silu(left half) ⊙ right half, of 2f.
// Gates as in LiGR (Borisyuk et al. 2025, arXiv:2502.03417) and eSASRec. A filter beside
// the attention as in BSARec (Shin et al. 2024, arXiv:2312.10325), but causal, of a few
// positions and learned: a depthwise convolution (Wu et al. 2020, arXiv:2004.11886).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"
#include "models/sgd/parameter.h"

namespace rec {

enum class Positions { kNone, kLearned, kRope, kRelative };
enum class Activation { kRelu, kGelu, kSwiglu };

inline constexpr Named<Positions> kPositions[] = {{"none", Positions::kNone},
                                                  {"learned", Positions::kLearned},
                                                  {"rope", Positions::kRope},
                                                  {"relative", Positions::kRelative}};
inline constexpr Named<Activation> kActivations[] = {
    {"relu", Activation::kRelu}, {"gelu", Activation::kGelu}, {"swiglu", Activation::kSwiglu}};

struct TransformerShape {
  int dim = 64;      // d
  int heads = 2;     // H, divides d
  int blocks = 2;    // L
  int hidden = 256;  // f
  int window = 50;   // W
  bool causal = true;
  bool gated = false;
  Positions positions = Positions::kLearned;
  Activation activation = Activation::kGelu;
  int filter = 0;  // K, 0: none
  bool input_norm = false;

  // Each option, told to `table`, which refers to this. A hidden size of 0 stands for
  // 4 d until resolve().
  void describe(OptionTable& table);
  void resolve();
  // Throws UsageError for a value outside its range.
  void check() const;
  size_t head_dim() const { return static_cast<size_t>(dim / heads); }
  size_t taps() const { return static_cast<size_t>(causal || filter == 0 ? filter : 2 * filter - 1); }
  size_t distances() const { return static_cast<size_t>(causal ? window : 2 * window - 1); }  // of relative positions
};

struct BlockParameters {
  Parameter norm1_gain, norm1_bias;  // d
  Parameter qkv, qkv_bias;           // d × 3d: q, k, v side by side, head by head within
  Parameter relative;                // H × W, not causal H × (2W - 1), or none
  Parameter filter;                  // K × d, not causal (2K - 1) × d, or none
  Parameter out, out_bias;           // d × d
  Parameter gate1, gate1_bias;       // d × d, or none
  Parameter norm2_gain, norm2_bias;
  Parameter in, in_bias;        // d × f, SwiGLU: d × 2f
  Parameter down, down_bias;    // f × d
  Parameter gate2, gate2_bias;  // d × d, or none
};

// Where everything but the item table lies.
struct TransformerParameters {
  explicit TransformerParameters(const TransformerShape& shape);

  Parameter positions;               // W × d, or none
  Parameter input_gain, input_bias;  // d, or none
  std::vector<BlockParameters> block;
  Parameter final_gain, final_bias;  // d
  Parameter mask;                    // 1 × d: the vector of a hidden item (not causal), or none
  size_t size = 0;                   // of all

  // In the order of their offsets, without those of size 0.
  std::vector<Parameter> all() const;
};

// First values: weights uniform over ±sqrt(6 / (rows + cols)), gains 1, biases and
// relative positions 0, a filter the mean of its positions, gates' biases 1 (open),
// positions and mask N(0, 0.02²). They depend only on shape and seed.
std::vector<float> initial_parameters(const TransformerShape& shape, uint64_t seed);

// Both ways between a shape and a model file's meta.
void write_shape(const TransformerShape& shape, Artefact& artefact);
TransformerShape read_shape(const Artefact& artefact);

}  // namespace rec
