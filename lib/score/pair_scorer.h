// f(h_u, x_i) for given candidates, where f is an attention function or a prediction model.
// Symbols: n candidates.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "score/user_vectors.h"

namespace rec {

// A user as a PairScorer sees it, and the memory that its scores need. It belongs to one
// thread and one PairScorer, and may be used for one user after the other.
struct EncodedUser {
  UserKind kind = UserKind::kZero;
  Behaviour h;
  std::unique_ptr<Scorer::Users> prepared;
};

// Immutable and thread-safe.
class PairScorer {
 public:
  // model and users must outlive this. Throws UsageError for a form that the model cannot
  // serve.
  PairScorer(const Model& model, ScoreForm form, const UserVectors& users);
  // By a scorer of the caller's own.
  PairScorer(std::unique_ptr<const Scorer> scorer, const UserVectors& users);

  void encode(std::string_view user, EncodedUser& encoded) const;
  // out[k] = f(h, x of items[k]) for k < n. kNoId is an item that the model does not know: it
  // has the model's vector for such items (zeros unless the model has one) or, where popularity
  // stands in for f, the count 0. The bits are those of the catalogue's scores, wherever an
  // item stands in the list. REQUIRES: the user is not kSkipped.
  void score(EncodedUser& user, std::span<const uint32_t> items, float* out) const;

 private:
  const UserVectors& users_;
  std::unique_ptr<const Scorer> scorer_;
};

}  // namespace rec
