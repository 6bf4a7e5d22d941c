// Layers on the fields of rec-embed fm beside its inner product (models/fm/fm_net.h), with the moments that the model
// keeps in place of a batch's. Symbols: F the fields' values, those of h first; D units.
#include <algorithm>
#include <cmath>

#include "linalg/small_gemm.h"
#include "linalg/vector_exp.h"
#include "models/fm/fm_net.h"
#include "models/inference/scorer_kinds.h"
#include "models/sgd/network_layers.h"

namespace rec {
namespace {

// Items that pass through a layer together.
constexpr size_t kFmItemsPerStep = 64;

struct FmUsers : Scorer::Users {
  Matrix h;                                // a row for each user: factors, then fields
  std::vector<float> input, units, other;  // of kFmItemsPerStep pairs
};

class FmScorer : public Scorer {
 public:
  FmScorer(const ScorerParts& parts, bool logistic)
      : Scorer(parts), parts_(parts.fm), factors_(parts.items.cols), logistic_(logistic) {
    unknown_item_ = unknown_item_of(parts);
    inputs_ = parts_.user_inputs + parts_.item_fields.cols;
    for (const ScorerParts::FmLayer& layer : parts_.layers) {
      const size_t D = layer.weight.cols;
      std::vector<float> scale(D, 1.0f), shift(D, 0.0f);
      for (size_t c = 0; c < D && !layer.gain.empty(); ++c) {
        scale[c] = static_cast<float>(static_cast<double>(layer.gain[c]) /
                                      std::sqrt(static_cast<double>(layer.variance[c]) + kBatchNormEpsilon));
        shift[c] = layer.shift[c] - layer.mean[c] * scale[c];
      }
      scale_.push_back(std::move(scale));
      shift_.push_back(std::move(shift));
      widest_ = std::max(widest_, D);
    }
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<FmUsers>();
    users->h.resize(capacity, factors_ + parts_.user_inputs);
    users->input.resize(kFmItemsPerStep * inputs_);
    users->units.resize(kFmItemsPerStep * widest_);
    users->other.resize(kFmItemsPerStep * widest_);
    return users;
  }

  void prepare(const Behaviour& h, size_t user, Users& users) const override {
    std::copy(h.dense.begin(), h.dense.end(), static_cast<FmUsers&>(users).h.row(user));
  }

  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override {
    score(items, users, out, [user](size_t) { return user; });
  }

  void score_pairs(std::span<const uint32_t> items, Users& users, float* out) const override {
    score(items, users, out, [](size_t at) { return at; });
  }

  ScanOrder scan_order(int) const override {
    ScanOrder order;
    for (uint32_t item = 0; item < items().rows; ++item) order.item_at.push_back(item);
    return order;
  }

  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override;

  std::string history_obstacle() const override {
    return "the layers of fm compare a user in a context with an item, not items with each other";
  }

  // The inner product of the items' vectors of all fields.
  void similarities(uint32_t item, Users&, float* out) const override {
    const size_t values = parts_.item_fields.cols;
    for (size_t other = 0; other < items().rows; ++other)
      out[other] = lane_dot(parts_.item_fields.row(item), parts_.item_fields.row(other), values);
  }

 private:
  template <class UserOf>
  void score(std::span<const uint32_t> items, Users& users, float* out, UserOf user_of) const {
    auto& own = static_cast<FmUsers&>(users);
    for (size_t first = 0; first < items.size(); first += kFmItemsPerStep) {
      const size_t n = std::min(kFmItemsPerStep, items.size() - first);
      score_step(items.subspan(first, n), own, out + first, [&](size_t at) { return user_of(first + at); });
    }
    if (logistic_) sigmoid_all(out, items.size());
  }

  template <class UserOf>
  void score_step(std::span<const uint32_t> items, FmUsers& own, float* out, UserOf user_of) const {
    const size_t n = items.size();
    const size_t of_item = parts_.item_fields.cols;
    for (size_t at = 0; at < n; ++at) {
      const float* h = own.h.row(user_of(at));
      const bool known = items[at] != kNoId;
      const float* x = known ? this->items().row(items[at]) : unknown_item_.data();
      const float* fields = known ? parts_.item_fields.row(items[at]) : parts_.unknown_item_fields.data();
      out[at] = lane_dot(h, x, factors_);
      float* to = std::copy_n(h + factors_, parts_.user_inputs, own.input.data() + at * inputs_);
      std::copy_n(fields, of_item, to);
    }
    const float* in = own.input.data();
    size_t width = inputs_;
    float* now = own.units.data();
    float* then = own.other.data();
    for (size_t k = 0; k < parts_.layers.size(); ++k) {
      const ScorerParts::FmLayer& layer = parts_.layers[k];
      const size_t D = layer.weight.cols;
      gemm_nn_from(n, D, width, layer.bias.data(), Grid<const float>{in, width},
                   Grid<const float>{layer.weight.data, layer.weight.stride}, Grid<float>{now, D});
      for (size_t at = 0; at < n; ++at) {
        float* u = now + at * D;
        if (parts_.product) multiply(D / 2, u, u + D / 2, u + D / 2);
        const float* scale = scale_[k].data();
        const float* shift = shift_[k].data();
        for (size_t c = 0; c < D; ++c) u[c] = std::max(0.0f, scale[c] * u[c] + shift[c]);
      }
      in = now;
      width = D;
      std::swap(now, then);
    }
    for (size_t at = 0; at < n; ++at) out[at] += lane_dot(in + at * width, parts_.output.data(), width);
  }

  const ScorerParts::Fm parts_;
  size_t factors_;
  bool logistic_;
  size_t inputs_ = 0;
  size_t widest_ = 0;
  std::vector<float> unknown_item_;
  std::vector<std::vector<float>> scale_, shift_;  // of each layer: batch normalisation as one step
};

class FmItems : public ArrangedItems {
 public:
  FmItems(const FmScorer& scorer, std::span<const uint32_t> item_at)
      : scorer_(scorer), item_at_(item_at.begin(), item_at.end()) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    for (size_t user = 0; user < n_users; ++user)
      scorer_.score_items(user, {item_at_.data() + first, count}, users, out + user * stride);
  }

 private:
  const FmScorer& scorer_;
  std::vector<uint32_t> item_at_;
};

std::unique_ptr<const ArrangedItems> FmScorer::arrange(std::span<const uint32_t> item_at) const {
  return std::make_unique<FmItems>(*this, item_at);
}

}  // namespace

std::unique_ptr<const Scorer> make_fm_scorer(const ScorerParts& parts, bool logistic) {
  return std::make_unique<FmScorer>(parts, logistic);
}

}  // namespace rec
