// The kinds of scorers, one in a file of its own; models/inference/scorer.h says what each
// computes. Only make_scorer() and tests need this header. All of them are thread-safe.
//
// REQUIRES, everywhere: `parts` hold what the kind needs; make_scorer() checks it.
#pragma once

#include <memory>

#include "models/inference/scorer.h"

namespace rec {

// dot, scaled, cosine, sum, bilinear, logistic, exp.
std::unique_ptr<const Scorer> make_inner_product_scorer(ScoreForm form, const ScorerParts& parts);
std::unique_ptr<const Scorer> make_additive_scorer(const ScorerParts& parts);
std::unique_ptr<const Scorer> make_multi_head_scorer(const ScorerParts& parts);
std::unique_ptr<const Scorer> make_mlp_scorer(const ScorerParts& parts);
std::unique_ptr<const Scorer> make_neighbours_scorer(const ScorerParts& parts);
// fm or, with `logistic`, fm-logistic.
std::unique_ptr<const Scorer> make_fm_scorer(const ScorerParts& parts, bool logistic);
// attention-pool or, with `exponential`, attention-pool-exp.
std::unique_ptr<const Scorer> make_attention_pool_scorer(const ScorerParts& parts, bool exponential);

// calibrated; logit: the scorer of z, of the same parts.
std::unique_ptr<const Scorer> make_calibrated_scorer(const ScorerParts& parts, std::unique_ptr<const Scorer> logit);

}  // namespace rec
