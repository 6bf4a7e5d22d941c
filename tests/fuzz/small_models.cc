#include "fuzz/small_models.h"

#include "models/common/calibration.h"
#include "small_data.h"
#include "train_models.h"

namespace rec::fuzz {
namespace {

Artefact als(const Interactions& data, Confidence confidence, int dim) {
  AlsOptions options;
  options.dim = dim;
  options.epochs = 1;
  options.confidence = confidence;
  return train_als(data, options, 1);
}

Artefact ease(const Interactions& data, const HistoryWeight& weight) {
  EaseOptions options;
  options.regularization = 1.0;
  return train_ease(data, options, weight, 1);
}

Artefact svd(const Interactions& data, double graph_filter) {
  SvdModelOptions options;
  options.dim = 2;
  options.graph_filter = graph_filter;
  return train_svd(data, options, 1);
}

Artefact mf(const Interactions& data, bool implicit) {
  MfOptions options;
  options.dim = 2;
  options.epochs = 1;
  options.implicit = implicit;
  return train_mf(data, options, 1);
}

Artefact knn(const Interactions& data, Similarity kind, bool by_user, bool values) {
  KnnOptions options;
  options.similarity.kind = kind;
  options.neighbours = 3;
  return train_knn(data, options, by_user, values, 1);
}

Artefact transformer(const Interactions& data, bool causal, Positions positions, Activation activation,
                     Features features = Features::kNone) {
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
  return train_transformer(data, options, 1, 1, features);
}

Artefact pool(const Interactions& data, bool tied, bool candidate, Features features = Features::kNone) {
  PoolOptions options;
  options.shape.dim = options.shape.units = 3;
  options.shape.tied = tied;
  options.sight = PoolSight::kOthers;
  options.shape.candidate = candidate;
  if (candidate) options.loss = SequenceLoss::kSampledSoftmax;
  options.negatives = 4;
  options.dropout = 0.0;
  return train_pool(data, options, 1, 1, features);
}

Artefact neural(const Interactions& data, ScoreForm attention, ScoreForm predictor, std::vector<NeuralLoss> loss,
                bool features = false) {
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
  return train_neural(data, options, 1, features);
}

// With a column of context.
Artefact fm(std::vector<int> layers, bool product, Pairwise pairwise = Pairwise::kFm) {
  LabelledRows data;
  data.rows = rated_checkerboard(6);
  data.context.resize(1);
  data.context[0].name = "day";
  data.context[0].categories.intern("monday");
  data.context[0].categories.intern("sunday");
  for (size_t row = 0; row < data.size(); ++row) {
    data.rows.value.own()[row] = data.rows.value[row] > 3.0f ? 1.0f : 0.0f;
    data.context[0].value.push_back(static_cast<uint32_t>(row % 2));
  }
  FmOptions options;
  options.dim = 3;
  options.layers = std::move(layers);
  options.product = product;
  options.pairwise = pairwise;
  options.batch = 8;
  options.epochs = 1;
  return train_fm(data, options, 1);
}

}  // namespace

std::vector<Artefact> small_models() {
  const Interactions pairs = checkerboard(6);
  const Interactions rated = rated_checkerboard(6);
  std::vector<Artefact> models;
  models.push_back(train_popularity(pairs));
  models.push_back(train_parity(pairs));
  models.push_back(als(pairs, Confidence::kNone, 3));
  models.push_back(als(rated, Confidence::kLog, 3));
  AlsOptions with_features;
  with_features.dim = 3;
  with_features.epochs = 1;
  models.push_back(train_als_features(pairs, with_features, true, 1));
  models.push_back(train_content(pairs, {}, 1));
  models.push_back(ease(pairs, {}));
  models.push_back(ease(rated, {Confidence::kLog, 2.0}));
  models.push_back(svd(pairs, 0.0));
  models.push_back(svd(pairs, 0.3));
  models.push_back(mf(rated, false));
  models.push_back(mf(rated, true));
  MfOptions mf_with_features;
  mf_with_features.dim = 2;
  mf_with_features.epochs = 1;
  models.push_back(train_mf_features(rated, mf_with_features, 1));
  models.push_back(knn(pairs, Similarity::kCosine, false, false));
  models.push_back(knn(rated, Similarity::kBm25, false, true));
  models.push_back(knn(pairs, Similarity::kJaccard, true, false));
  models.push_back(knn(rated, Similarity::kTfidf, true, true));
  models.push_back(transformer(pairs, true, Positions::kLearned, Activation::kGelu));
  models.push_back(transformer(pairs, true, Positions::kRope, Activation::kSwiglu));
  models.push_back(transformer(pairs, false, Positions::kRelative, Activation::kRelu));
  models.push_back(transformer(pairs, true, Positions::kLearned, Activation::kGelu, Features::kBoth));
  models.push_back(pool(pairs, true, false));
  models.push_back(pool(pairs, true, false, Features::kBoth));
  models.push_back(pool(pairs, false, false));
  models.push_back(pool(pairs, true, true));
  models.push_back(neural(pairs, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSoftmax}));
  models.push_back(neural(pairs, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSampledSoftmax}, true));
  models.push_back(neural(pairs, ScoreForm::kBilinear, ScoreForm::kDot, {NeuralLoss::kSoftmax}));
  models.push_back(neural(pairs, ScoreForm::kAdditive, ScoreForm::kDot, {NeuralLoss::kSampledSoftmax}));
  models.push_back(
      neural(pairs, ScoreForm::kMultiHead, ScoreForm::kMlp, {NeuralLoss::kSampledSoftmax, NeuralLoss::kBce}));
  models.push_back(neural(rated, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kMse}));
  models.push_back(fm({}, false));
  models.push_back(fm({4}, false));
  models.push_back(fm({6, 4}, true));
  models.push_back(fm({}, false, Pairwise::kFwfm));
  models.push_back(fm({4}, false, Pairwise::kFwfm));
  models.push_back(fm({}, false, Pairwise::kFfm));
  for (const bool platt : {true, false}) {
    Artefact calibrated = fm(platt ? std::vector<int>{} : std::vector<int>{4}, false);
    if (platt) {
      calibrated.add(kPlattTensor, std::vector<float>{1.5f, -0.5f});
    } else {
      Matrix knots(2, 2);
      knots(0, 0) = -1.0f;
      knots(0, 1) = 0.25f;
      knots(1, 0) = 1.0f;
      knots(1, 1) = 0.75f;
      calibrated.add(kIsotonicTensor, knots);
    }
    calibrated.meta["predictor"] = "calibrated";
    models.push_back(std::move(calibrated));
  }
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
