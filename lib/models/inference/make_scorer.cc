#include "base/error.h"
#include "models/inference/scorer_kinds.h"

namespace rec {

std::unique_ptr<const Scorer> make_scorer(ScoreForm form, const ScorerParts& parts) {
  if (form == ScoreForm::kNeighbours && parts.neighbours.rows() == 0)
    fail_usage("the model has no neighbours; give another function");
  if (form != ScoreForm::kNeighbours && parts.items.cols == 0)
    fail_usage("the model has no item vectors, as {} needs; its function is neighbours", name_of(form));
  const auto require = [&](bool there, const char* trainer = "neural") {
    if (!there) {
      fail_usage("the model has no weights of {}, as rec-embed {} learns them; give another function", name_of(form),
                 trainer);
    }
  };
  switch (form) {
    case ScoreForm::kBilinear:
      require(parts.bilinear.rows > 0);
      return make_inner_product_scorer(form, parts);
    case ScoreForm::kDot:
    case ScoreForm::kScaled:
    case ScoreForm::kCosine:
    case ScoreForm::kSum:
    case ScoreForm::kLogistic:
    case ScoreForm::kExp:
      return make_inner_product_scorer(form, parts);
    case ScoreForm::kAdditive:
      require(parts.additive_user.rows > 0);
      return make_additive_scorer(parts);
    case ScoreForm::kMultiHead:
      require(parts.heads > 0);
      return make_multi_head_scorer(parts);
    case ScoreForm::kMlp:
      require(!parts.mlp.empty());
      return make_mlp_scorer(parts);
    case ScoreForm::kNeighbours:
      return make_neighbours_scorer(parts);
    case ScoreForm::kFm:
    case ScoreForm::kFmLogistic:
      require(!parts.fm.layers.empty(), "fm --layers");
      return make_fm_scorer(parts, form == ScoreForm::kFmLogistic);
    case ScoreForm::kCalibrated:
      require(!parts.platt.empty() || parts.isotonic.rows > 0, "fm --calibrate");
      return make_calibrated_scorer(parts,
                                    make_scorer(parts.fm.layers.empty() ? ScoreForm::kDot : ScoreForm::kFm, parts));
    case ScoreForm::kPool:
    case ScoreForm::kPoolExp:
      require(parts.pool_key.rows > 0, "attention-pool --query candidate");
      return make_attention_pool_scorer(parts, form == ScoreForm::kPoolExp);
  }
  fail("unknown function {}", static_cast<int>(form));
}

}  // namespace rec
