// The encoder of pool, of the last W items of a history, W the model's window. h is
// their attention pool (models/pool.h) or, where the candidate is the query, the items
// with their m, which the function pool reads, beside a dense part for others: the mean
// of y, weighed by m. It knows no users but by their histories.
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
  size_t sparse_rows() const override { return weights_.shape().candidate ? source_.rows : 0; }
  bool encode_user(uint32_t, Behaviour&) const override { return false; }
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

 private:
  // item: of the window, in time order.
  void encode_items(std::span<const uint32_t> item, Behaviour& h) const;

  ConstMatrixView source_;  // I × F: y
  std::vector<float> values_;
  PoolWeights<float> weights_;
};

}  // namespace rec
