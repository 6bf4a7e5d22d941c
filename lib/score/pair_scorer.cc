#include "score/pair_scorer.h"

namespace rec {

PairScorer::PairScorer(const Model& model, ScoreForm form, const UserVectors& users)
    : PairScorer(make_scorer(form, model.parts()), users) {}

PairScorer::PairScorer(std::unique_ptr<const Scorer> scorer, const UserVectors& users)
    : users_(users), scorer_(std::move(scorer)) {}

void PairScorer::encode(std::string_view user, EncodedUser& encoded) const {
  if (!encoded.prepared) encoded.prepared = scorer_->make_users(1);
  encoded.kind = users_.find(user, encoded.h);
  if (encoded.kind == UserKind::kPopular || encoded.kind == UserKind::kSkipped) return;
  scorer_->prepare(encoded.h, 0, *encoded.prepared);
}

void PairScorer::score(EncodedUser& user, std::span<const uint32_t> items, float* out) const {
  if (user.kind == UserKind::kPopular) {
    for (size_t k = 0; k < items.size(); ++k) out[k] = items[k] == kNoId ? 0.0f : users_.popularity()[items[k]];
    return;
  }
  scorer_->score_items(0, items, *user.prepared, out);
}

}  // namespace rec
