#include "train_models.h"

#include "data/pair_means.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/common/popularity.h"
#include "models/popularity/category_popularity.h"
#include "train/fit_content.h"

namespace rec {
namespace {

SideFeatures parity_of(IdKind of, const IdTable& ids) {
  FeatureMap map;
  for (const char* name : {"parity=even", "parity=odd"}) map.names.intern(name);
  map.columns.assign(2, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  Csr rows;
  rows.begin = {0};
  for (uint32_t id = 0; id < ids.size(); ++id) {
    rows.index.push_back((ids[id].back() - '0') % 2);
    rows.weight.push_back(1.0f);
    rows.begin.push_back(rows.index.size());
  }
  return SideFeatures{of, std::move(map), std::move(rows)};
}

Artefact trained(Trainer& trainer, int epochs) {
  for (int epoch = 0; epoch < epochs; ++epoch) trainer.epoch();
  return trainer.artefact();
}

// Whether the number that an id ends in is even.
std::vector<SideFeatures> parity_features(const Interactions& data, Features of) {
  std::vector<SideFeatures> features;
  if (of != Features::kNone) features.push_back(parity_of(IdKind::kItem, data.items));
  if (of == Features::kBoth) features.push_back(parity_of(IdKind::kUser, data.users));
  return features;
}

}  // namespace

Artefact train_popularity(const Interactions& data) {
  return fit_popularity(data, item_counts(csr_by_user(data, {}), data.items.size()));
}

Artefact train_parity(const Interactions& data) {
  FeatureTable features;
  FeatureKind parity;
  parity.name = "parity";
  parity.categories.intern("even");
  parity.categories.intern("odd");
  parity.rows.begin = {0};
  for (uint32_t item = 0; item < data.items.size(); ++item) {
    features.ids.intern(data.items[item]);
    parity.rows.index.push_back((data.items[item].back() - '0') % 2);
    parity.rows.weight.push_back(1.0f);
    parity.rows.begin.push_back(parity.rows.index.size());
  }
  const Csr by_user = csr_by_user(data, {});
  return fit_category_popularity(data, by_user, item_counts(by_user, data.items.size()), features.ids, parity, 2.0);
}

Artefact train_als(const Interactions& data, const AlsOptions& options, int threads) {
  const Csr by_user = als_pairs(data, options);
  AlsTrainer trainer(data, by_user, options, threads);
  return trained(trainer, options.epochs);
}

Artefact train_als_features(const Interactions& data, const AlsOptions& options, bool of_users, int threads) {
  AlsTrainer trainer(data, als_pairs(data, options), options, threads,
                     parity_features(data, of_users ? Features::kBoth : Features::kItems));
  return trained(trainer, options.epochs);
}

Artefact train_content(const Interactions& data, const ContentOptions& options, int threads) {
  const bool values = options.confidence != Confidence::kNone;
  return fit_content(data, csr_by_user(data, values ? data.value : std::vector<float>{}),
                     parity_of(IdKind::kItem, data.items), options, threads);
}

Artefact train_ease(const Interactions& data, const EaseOptions& options, const HistoryWeight& weight, int threads) {
  Csr by_user = csr_by_user(data, weight.confidence == Confidence::kNone ? std::vector<float>{} : data.value);
  for (float& value : by_user.weight) value = confidence_weight(weight.confidence, weight.scale, value);
  return ease_artefact(data, by_user, fit_ease(by_user, data.items.size(), options, threads), options, weight);
}

Artefact train_svd(const Interactions& data, const SvdModelOptions& options, int threads) {
  const Csr by_user = csr_by_user(data, {});
  return svd_artefact(data, by_user, fit_svd(by_user, data.items.size(), options, threads), options, {});
}

Artefact train_mf(const Interactions& data, const MfOptions& options, int threads) {
  MfTrainer trainer(data, csr_of_means(data), options, threads);
  return trained(trainer, options.epochs);
}

Artefact train_mf_features(const Interactions& data, const MfOptions& options, int threads) {
  MfTrainer trainer(data, csr_of_means(data), options, threads, parity_features(data, Features::kBoth));
  return trained(trainer, options.epochs);
}

Artefact train_knn(const Interactions& data, const KnnOptions& options, bool by_user, bool values, int threads) {
  const Csr rows = csr_by_user(data, values ? data.value : std::vector<float>{});
  return by_user ? fit_knn_users(data, rows, options) : fit_knn_items(data, rows, rows, options, threads);
}

Artefact train_transformer(const Interactions& data, const SequenceOptions& options, int epochs, int threads,
                           Features features) {
  SequenceTrainer trainer(data, options, threads, parity_features(data, features));
  return trained(trainer, epochs);
}

Artefact train_pool(const Interactions& data, const PoolOptions& options, int epochs, int threads, Features features) {
  PoolTrainer trainer(data, options, threads, parity_features(data, features));
  return trained(trainer, epochs);
}

Artefact train_fm(const LabelledRows& data, const FmOptions& options, int threads) {
  options.check();
  Interactions liked = data.rows;
  liked.user.clear();
  liked.item.clear();
  for (size_t row = 0; row < data.size(); ++row) {
    if (data.rows.value[row] == 0.0f) continue;
    liked.user.push_back(data.rows.user[row]);
    liked.item.push_back(data.rows.item[row]);
  }
  FmTrainer trainer(data, csr_by_user(liked, {}), options, threads);
  return trained(trainer, options.epochs);
}

Artefact train_fm(const Interactions& data, const FmOptions& options, int threads) {
  LabelledRows labelled;
  labelled.rows = data;
  for (float& value : labelled.rows.value.own()) value = value > 3.0f ? 1.0f : 0.0f;
  return train_fm(labelled, options, threads);
}

Artefact train_neural(const Interactions& data, const NeuralOptions& options, int threads, bool features) {
  options.check();
  const Csr by_user = options.predictor_loss() == NeuralLoss::kMse ? csr_of_means(data) : csr_by_user(data, {});
  NeuralTrainer trainer(data, by_user, options, threads,
                        parity_features(data, features ? Features::kBoth : Features::kNone));
  return trained(trainer, options.epochs);
}

}  // namespace rec
