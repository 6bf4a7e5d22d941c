// What each item of a user's history adds to the score of a candidate, in models whose score is
// a sum over the history: als (models/als/als_history_parts.h), ease, knn of items and svd. The
// score is that of the user as folded in, whether or not the model has a vector of its own.
// Immutable and thread-safe once made.
#pragma once

#include "models/inference/model.h"
#include "score/contributions.h"
#include "score/user_vectors.h"

namespace rec {

// The name of what features of the user add, where they count beside the history.
inline constexpr const char* kPriorTerm = "(prior)";

class HistoryContributions : public Contributions {
 public:
  // Both must outlive this. `threads`: of the encoder's preparation. Throws UsageError where the
  // model's score is no such sum.
  HistoryContributions(Model& model, const UserItems& histories, int threads);

  const char* column() const override { return "history_item"; }
  std::unique_ptr<Scratch> make_scratch() const override;
  // false for a user without a history of items that the model knows.
  bool read_user(std::string_view user, Scratch& scratch) const override;
  // Of an unknown item all terms are those of ScorerParts::unknown_item.
  void explain(uint32_t item, Scratch& scratch, std::vector<Contribution>& terms) const override;

 private:
  const Model& model_;
  const UserItems& histories_;
  std::vector<uint32_t> number_of_;  // for each item of histories_: the model's, or kNoId
  std::vector<float> unknown_item_;  // F
  bool neighbours_;                  // the score has a term of S
};

}  // namespace rec
