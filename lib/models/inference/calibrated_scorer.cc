// The probability that a model's calibration (models/common/calibration.h) makes of its logit: an inner product or,
// with layers, fm.
#include "models/common/calibration.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

class CalibratedItems : public ArrangedItems {
 public:
  CalibratedItems(const Calibration& calibration, std::unique_ptr<const ArrangedItems> logits)
      : calibration_(calibration), logits_(std::move(logits)) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    logits_->score_block(n_users, first, count, users, out, stride);
    for (size_t user = 0; user < n_users; ++user) calibration_.apply(out + user * stride, count);
  }

 private:
  const Calibration& calibration_;
  std::unique_ptr<const ArrangedItems> logits_;
};

class CalibratedScorer : public Scorer {
 public:
  CalibratedScorer(const ScorerParts& parts, std::unique_ptr<const Scorer> logit)
      : Scorer(parts), logit_(std::move(logit)), calibration_(parts.platt, parts.isotonic) {}

  std::unique_ptr<Users> make_users(size_t capacity) const override { return logit_->make_users(capacity); }
  void prepare(const Behaviour& h, size_t user, Users& users) const override { logit_->prepare(h, user, users); }

  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override {
    logit_->score_items(user, items, users, out);
    calibration_.apply(out, items.size());
  }

  void score_pairs(std::span<const uint32_t> items, Users& users, float* out) const override {
    logit_->score_pairs(items, users, out);
    calibration_.apply(out, items.size());
  }

  ScanOrder scan_order(int threads) const override { return logit_->scan_order(threads); }

  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override {
    return std::make_unique<CalibratedItems>(calibration_, logit_->arrange(item_at));
  }
  std::unique_ptr<const ArrangedItems> arrange_in_place() const override {
    std::unique_ptr<const ArrangedItems> logits = logit_->arrange_in_place();
    return logits ? std::make_unique<CalibratedItems>(calibration_, std::move(logits)) : nullptr;
  }

  // Between items there is no probability: they are compared by the logit.
  std::string history_obstacle() const override { return logit_->history_obstacle(); }
  bool read_history(const Encoder& encoder, const History& history, Users& users,
                    std::vector<uint32_t>& items) const override {
    return logit_->read_history(encoder, history, users, items);
  }
  void history_attention(uint32_t candidate, std::span<const uint32_t> items, double temperature, Users& users,
                         float* weights) const override {
    logit_->history_attention(candidate, items, temperature, users, weights);
  }
  void similarities(uint32_t item, Users& users, float* out) const override { logit_->similarities(item, users, out); }

 private:
  std::unique_ptr<const Scorer> logit_;
  Calibration calibration_;
};

}  // namespace

std::unique_ptr<const Scorer> make_calibrated_scorer(const ScorerParts& parts, std::unique_ptr<const Scorer> logit) {
  return std::make_unique<CalibratedScorer>(parts, std::move(logit));
}

}  // namespace rec
