#include "score/context_scorer.h"

#include <algorithm>

namespace rec {

ContextScorer::ContextScorer(const Model& model, ScoreForm form)
    : model_(model), scorer_(make_scorer(form, model.parts())) {}

void ContextScorer::score(std::span<const uint32_t> users, const uint32_t* categories, std::span<const uint32_t> items,
                          Scratch& scratch, float* out) const {
  if (!scratch.users) scratch.users = scorer_->make_users(kRows);
  const size_t K = model_.encoder().context_columns().size();
  for (size_t first = 0; first < items.size(); first += kRows) {
    const size_t n = std::min(kRows, items.size() - first);
    for (size_t at = 0; at < n; ++at) {
      const uint32_t user = users[first + at];
      if (user == kZeroUser) {
        scratch.h.clear();
        scratch.h.dense.assign(model_.encoder().dim(), 0.0f);
      } else {
        model_.encoder().encode_in_context(user, {categories + (first + at) * K, K}, scratch.h);
      }
      scorer_->prepare(scratch.h, at, *scratch.users);
    }
    scorer_->score_pairs(items.subspan(first, n), *scratch.users, out + first);
  }
}

}  // namespace rec
