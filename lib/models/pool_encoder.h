// The encoder of pool: h is the attention pool (models/pool.h) of the last W items of a
// history, W the model's window. It knows no users but by their histories.
#pragma once

#include <vector>

#include "models/encoder.h"
#include "models/pool_net.h"

namespace rec {

class PoolEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing or do not fit.
  explicit PoolEncoder(const Artefact& artefact);

  size_t dim() const override { return static_cast<size_t>(weights_.shape().dim); }
  bool encode_user(uint32_t, Behaviour&) const override { return false; }
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

 private:
  ConstMatrixView source_;  // I × F: y
  std::vector<float> values_;
  PoolWeights<float> weights_;
};

}  // namespace rec
