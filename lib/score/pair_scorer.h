// f(h_u, x_i) for given candidates, f being an attention function or a prediction
// model. Symbols: F dimension of h, D size of the images.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "score/user_vectors.h"

namespace rec {

// A user as a scorer sees it.
struct EncodedUser {
  UserKind kind = UserKind::kZero;
  std::vector<float> image;           // D values, unless kPopular or kSkipped
  std::vector<uint32_t> row;          // of h's sparse part
  std::vector<float> sums;            // Σ_j h_j S_ji for each item, where there are neighbours
  PairFunction::PoolHistory history;  // of pool
};

// Immutable and thread-safe; Scratch is each thread's own.
class PairScorer {
 public:
  struct Scratch {
    Behaviour h;
    std::vector<const float*> rows;
    PairFunction::Scratch function;
    PairFunction::PoolSums sums;
    std::vector<const float*> queries;
    std::vector<float> products, logits;
  };

  // model and users must outlive this.
  PairScorer(const Model& model, ScoreForm form, const UserVectors& users);

  void encode(std::string_view user, EncodedUser& encoded, Scratch& scratch) const;
  // out[k] = f(h, x_item[k]); kNoId is an item the model lacks: its vector is the
  // model's for such (zero, unless it says one), its count 0 where popularity stands in. REQUIRES: not kSkipped. The
  // same bits as the catalogue's scores, wherever an item stands in the list.
  void score(const EncodedUser& user, std::span<const uint32_t> items, float* out, Scratch& scratch) const;

 private:
  void pool(const EncodedUser& user, std::span<const uint32_t> items, float* out, Scratch& scratch) const;

  const UserVectors& users_;
  PairFunction function_;
  size_t items_;
};

}  // namespace rec
