// The encoder of sasrec and bert4rec: it reads the last W items of a history, W the model's
// window, by the Transformer of models/transformer/transformer.h. h is its vector of the last
// item or, in a model that is not causal, of a hidden item behind the last W - 1. It knows
// users by their histories and, where training had features of users, by these. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "models/common/described_users.h"
#include "models/common/encoder.h"
#include "models/transformer/transformer_net.h"

namespace rec {

class TransformerEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing or do not fit.
  explicit TransformerEncoder(const Artefact& artefact);
  ~TransformerEncoder() override;

  size_t dim() const override { return static_cast<size_t>(weights_.shape().dim); }
  bool encode_user(uint32_t user, Behaviour& h) const override { return described_.encode(user, h); }
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

  // The attention weights of the position that h is read from. Those of a head sum to 1; in
  // a model that is not causal, with the weight of the hidden item, which is not returned.
  Heads attention_heads() const override {
    return {static_cast<size_t>(weights_.shape().blocks), static_cast<size_t>(weights_.shape().heads)};
  }
  size_t attention_weights(const History& history, std::vector<float>& weights) const override;

 private:
  struct Run;  // a network and its input
  std::unique_ptr<Run> take_run() const;
  void put_back(std::unique_ptr<Run> run) const;
  // The number of tokens read; 0: nothing to read.
  size_t run(const History& history, Run& run) const;

  ConstMatrixView items_;
  std::vector<float> values_;
  TransformerWeights<float> weights_;
  DescribedUsers described_;
  // Networks at rest; their memory is worth keeping from one history to the next.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Run>> resting_;
};

}  // namespace rec
