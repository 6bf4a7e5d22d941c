// Models of small data, trained without the tools: for suites that want one of every kind.
// Each trains for the epochs of its options. Same bytes for every number of threads.
#pragma once

#include "models/als/als_options.h"
#include "models/attention_pool/pool_trainer.h"
#include "models/content/content.h"
#include "models/fm/fm_trainer.h"
#include "models/knn/knn_trainer.h"
#include "models/linear/ease_trainer.h"
#include "models/linear/svd_trainer.h"
#include "models/mf/mf_trainer.h"
#include "models/transformer/sequence_trainer.h"
#include "models/two_tower/neural_trainer.h"

namespace rec {

Artefact train_popularity(const Interactions& data);
// Categories: whether the number that an item's id ends in is even.
Artefact train_parity(const Interactions& data);
Artefact train_als(const Interactions& data, const AlsOptions& options, int threads);
// The same with the parity of ids as a feature of items and, if of_users, of users.
Artefact train_als_features(const Interactions& data, const AlsOptions& options, bool of_users, int threads);
// Of the same feature.
Artefact train_content(const Interactions& data, const ContentOptions& options, int threads);
// The values count where `weight` has a confidence.
Artefact train_ease(const Interactions& data, const EaseOptions& options, const HistoryWeight& weight, int threads);
Artefact train_svd(const Interactions& data, const SvdModelOptions& options, int threads);
Artefact train_mf(const Interactions& data, const MfOptions& options, int threads);
// The same with the parity of ids as a feature of items and of users.
Artefact train_mf_features(const Interactions& data, const MfOptions& options, int threads);
// values: whether they count.
Artefact train_knn(const Interactions& data, const KnnOptions& options, bool by_user, bool values, int threads);
// features: with the parity of ids as a feature of items.
Artefact train_transformer(const Interactions& data, const SequenceOptions& options, int epochs, int threads,
                           bool features = false);
Artefact train_pool(const Interactions& data, const PoolOptions& options, int epochs, int threads,
                    bool features = false);
Artefact train_fm(const LabelledRows& data, const FmOptions& options, int threads);
// Without context: a value above 3 is a label of 1.
Artefact train_fm(const Interactions& data, const FmOptions& options, int threads);
// features: with the parity of ids as a feature of items and of users.
Artefact train_neural(const Interactions& data, const NeuralOptions& options, int threads, bool features = false);

}  // namespace rec
