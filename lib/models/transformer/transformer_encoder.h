// The encoder of sasrec and bert4rec: h is what the Transformer (models/transformer/transformer.h)
// makes of the last W items of a history, W the model's window: causal, the vector of
// the last item; otherwise that of a hidden item put behind the last W - 1. It knows
// no users but by their histories.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "models/common/encoder.h"
#include "models/transformer/transformer_net.h"

namespace rec {

class TransformerEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing or do not fit.
  explicit TransformerEncoder(const Artefact& artefact);
  ~TransformerEncoder() override;

  size_t dim() const override { return static_cast<size_t>(weights_.shape().dim); }
  bool encode_user(uint32_t, Behaviour&) const override { return false; }
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

  // What the place that h is read from pays to the others. Each head's shares sum to 1,
  // but for what a model that is not causal pays to the hidden item.
  Heads attention_heads() const override {
    return {static_cast<size_t>(weights_.shape().blocks), static_cast<size_t>(weights_.shape().heads)};
  }
  size_t attention_shares(const History& history, std::vector<float>& shares) const override;

 private:
  struct Run;  // a network and its input
  std::unique_ptr<Run> take_run() const;
  void put_back(std::unique_ptr<Run> run) const;
  // The number of tokens read; 0: nothing to read.
  size_t run(const History& history, Run& run) const;

  ConstMatrixView items_;
  std::vector<float> values_;
  TransformerWeights<float> weights_;
  // Networks at rest; their memory is worth keeping from one history to the next.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Run>> resting_;
};

}  // namespace rec
