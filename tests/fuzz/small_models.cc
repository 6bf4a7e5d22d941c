#include "fuzz/small_models.h"

#include "data/pair_means.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/attention_pool/pool_trainer.h"
#include "models/common/popularity.h"
#include "models/knn/knn_trainer.h"
#include "models/linear/ease_trainer.h"
#include "models/linear/svd_trainer.h"
#include "models/mf/mf_trainer.h"
#include "models/popularity/category_popularity.h"
#include "models/transformer/sequence_trainer.h"
#include "models/two_tower/neural_trainer.h"
#include "small_data.h"

namespace rec::fuzz {
namespace {

Artefact als(const Interactions& data, Confidence confidence, int dim) {
  AlsOptions options;
  options.dim = dim;
  options.epochs = 1;
  options.confidence = confidence;
  const Csr by_user = als_pairs(data, options);
  AlsTrainer trainer(data, by_user, options, 1);
  trainer.epoch();
  return trainer.artefact();
}

Artefact ease(const Interactions& data, const HistoryWeight& weight) {
  EaseOptions options;
  options.regularization = 1.0;
  Csr by_user = csr_by_user(data, weight.confidence == Confidence::kNone ? std::vector<float>{} : data.value);
  for (float& value : by_user.weight) value = confidence_weight(weight.confidence, weight.scale, value);
  return ease_artefact(data, by_user, fit_ease(by_user, data.items.size(), options, 1), options, weight);
}

Artefact svd(const Interactions& data, double graph_filter) {
  SvdModelOptions options;
  options.dim = 2;
  options.graph_filter = graph_filter;
  const Csr by_user = csr_by_user(data, {});
  return svd_artefact(data, by_user, fit_svd(by_user, data.items.size(), options, 1), options, {});
}

Artefact mf(const Interactions& data, bool implicit) {
  MfOptions options;
  options.dim = 2;
  options.epochs = 1;
  options.implicit = implicit;
  MfTrainer trainer(data, csr_of_means(data), options, 1);
  trainer.epoch();
  return trainer.artefact();
}

Artefact knn(const Interactions& data, Similarity kind, bool by_user, bool values) {
  KnnOptions options;
  options.similarity.kind = kind;
  options.neighbours = 3;
  const Csr rows = csr_by_user(data, values ? data.value : std::vector<float>{});
  return by_user ? fit_knn_users(data, rows, options) : fit_knn_items(data, rows, rows, options, 1);
}

Artefact categories(const Interactions& data) {
  ItemFeatures features;
  FeatureKind parity;
  parity.name = "parity";
  parity.categories.intern("even");
  parity.categories.intern("odd");
  parity.rows.begin = {0};
  for (uint32_t item = 0; item < data.items.size(); ++item) {
    features.items.intern(data.items[item]);
    parity.rows.index.push_back((data.items[item].back() - '0') % 2);
    parity.rows.weight.push_back(1.0f);
    parity.rows.begin.push_back(parity.rows.index.size());
  }
  const Csr by_user = csr_by_user(data, {});
  return fit_category_popularity(data, by_user, item_counts(by_user, data.items.size()), features.items, parity, 2.0);
}

Artefact transformer(const Interactions& data, bool causal, Positions positions, Activation activation) {
  SequenceOptions options;
  options.shape = {.dim = 4,
                   .heads = 2,
                   .blocks = 1,
                   .hidden = 4,
                   .window = 4,
                   .causal = causal,
                   .gated = positions == Positions::kRelative,
                   .positions = positions,
                   .activation = activation,
                   .filter = causal ? 2 : 0,
                   .input_norm = causal};
  options.batches.batch = 4;
  options.dropout = 0.0;
  SequenceTrainer trainer(data, options, 1);
  trainer.epoch();
  return trainer.artefact();
}

Artefact pool(const Interactions& data, bool tied, bool candidate) {
  PoolOptions options;
  options.shape.dim = options.shape.units = 3;
  options.shape.tied = tied;
  options.sight = PoolSight::kOthers;
  options.shape.candidate = candidate;
  if (candidate) options.loss = SequenceLoss::kSampledSoftmax;
  options.negatives = 4;
  options.dropout = 0.0;
  PoolTrainer trainer(data, options, 1);
  trainer.epoch();
  return trainer.artefact();
}

Artefact neural(const Interactions& data, ScoreForm attention, ScoreForm predictor, std::vector<NeuralLoss> loss) {
  NeuralOptions options;
  options.dim = 4;
  options.heads = 2;
  options.layers = {4, 2};
  options.attention = attention;
  options.predictor = predictor;
  options.loss = std::move(loss);
  options.negatives = 4;
  options.batch = 8;
  options.epochs = 1;
  options.dropout = 0.0;
  options.check();
  const Csr by_user = options.predictor_loss() == NeuralLoss::kMse ? csr_of_means(data) : csr_by_user(data, {});
  NeuralTrainer trainer(data, by_user, options, 1);
  trainer.epoch();
  return trainer.artefact();
}

}  // namespace

std::vector<Artefact> small_models() {
  const Interactions pairs = checkerboard(6);
  const Interactions rated = rated_checkerboard(6);
  std::vector<Artefact> models;
  models.push_back(fit_popularity(pairs, item_counts(csr_by_user(pairs, {}), pairs.items.size())));
  models.push_back(categories(pairs));
  models.push_back(als(pairs, Confidence::kNone, 3));
  models.push_back(als(rated, Confidence::kLog, 3));
  models.push_back(ease(pairs, {}));
  models.push_back(ease(rated, {Confidence::kLog, 2.0}));
  models.push_back(svd(pairs, 0.0));
  models.push_back(svd(pairs, 0.3));
  models.push_back(mf(rated, false));
  models.push_back(mf(rated, true));
  models.push_back(knn(pairs, Similarity::kCosine, false, false));
  models.push_back(knn(rated, Similarity::kBm25, false, true));
  models.push_back(knn(pairs, Similarity::kJaccard, true, false));
  models.push_back(knn(rated, Similarity::kTfidf, true, true));
  models.push_back(transformer(pairs, true, Positions::kLearned, Activation::kGelu));
  models.push_back(transformer(pairs, true, Positions::kRope, Activation::kSwiglu));
  models.push_back(transformer(pairs, false, Positions::kRelative, Activation::kRelu));
  models.push_back(pool(pairs, true, false));
  models.push_back(pool(pairs, false, false));
  models.push_back(pool(pairs, true, true));
  models.push_back(neural(pairs, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSoftmax}));
  models.push_back(neural(pairs, ScoreForm::kBilinear, ScoreForm::kDot, {NeuralLoss::kSoftmax}));
  models.push_back(neural(pairs, ScoreForm::kAdditive, ScoreForm::kDot, {NeuralLoss::kSampledSoftmax}));
  models.push_back(
      neural(pairs, ScoreForm::kMultiHead, ScoreForm::kMlp, {NeuralLoss::kSampledSoftmax, NeuralLoss::kBce}));
  models.push_back(neural(rated, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kMse}));
  // Wider than a vector register, and more items.
  const Interactions more = random_rows(3, 12, 50, 200);
  models.push_back(als(more, Confidence::kNone, 19));
  models.push_back(ease(more, {}));
  // No trainer's: neighbours and vectors together, with weights for every form.
  Artefact all = cooccurrence_model(pairs, true);
  add_pair_weights(all, 3, 1);
  models.push_back(std::move(all));
  return models;
}

}  // namespace rec::fuzz
