// The loss of a micro-batch and its gradient: examples, each a user and an item that the
// user chose, against candidates that they share. In float32, or in float64 for tests. By
// one thread at a time: it keeps scratch memory. Symbols: U users, I items, F factors, E
// examples, C candidates.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/rng.h"
#include "models/two_tower/neural_features.h"
#include "models/two_tower/neural_forms.h"
#include "models/two_tower/neural_loss.h"

namespace rec {

// Where the parameters lie in one array: the users' vectors, the items', the weights: those of
// the forms that losses train, and u and s of the sides that have features; then the vectors of
// these. A form that is both g and M is there once.
struct NeuralLayout {
  struct Part {
    FormShape shape;
    bool attention = false;  // its scores are g's, those of g's loss
    bool predictor = false;  // M's
    size_t offset = 0;       // of its weights
  };
  size_t users = 0;
  size_t items = 0;
  size_t factors = 0;
  std::vector<Part> parts;
  std::vector<NeuralFeatureTable> features;

  NeuralLayout() = default;
  // sides: those with features, which must outlive this.
  NeuralLayout(const NeuralOptions& options, size_t users, size_t items, std::span<const NeuralSide> sides = {});
  size_t user(size_t number) const { return number * factors; }
  size_t item(size_t number) const { return (users + number) * factors; }
  size_t weights() const { return (users + items) * factors; }  // their offset
  size_t weight_count() const { return weights_end_ - weights(); }
  size_t size() const { return size_; }  // of all parameters
  // Of each table of vectors, in the order of NeuralMicroBatch::rows(): users, items, features.
  struct Table {
    size_t offset, rows;
  };
  std::vector<Table> tables() const;

 private:
  size_t weights_end_ = 0;
  size_t size_ = 0;
};

// The gradient of some rows of a table of vectors.
template <class T>
struct NeuralRows {
  std::span<const uint32_t> row;  // n; kNoId: none
  const T* gradient;              // n × F
};

// What a micro-batch is about. Names in brackets: the losses that need them.
template <class T>
struct NeuralExamples {
  std::vector<uint32_t> user;         // E
  std::vector<T> value;               // E [mse]
  std::vector<T> weight;              // E: of what was chosen, beside that of the batch; empty: 1
  std::vector<uint32_t> candidate;    // C: items, ascending, each once
  std::vector<uint32_t> own;          // E: the column of the item that was chosen
  std::vector<T> shift;               // C [softmax]: of models/two_tower/neural_loss.h; empty: 0
  std::vector<T> count;               // C [bce, bpr]: how often it was drawn
  std::vector<uint32_t> known_begin;  // E + 1 [bce, bpr]: for each example the columns of
  std::vector<uint32_t> known;        // what its user chose, which are no negatives
};

template <class T>
class NeuralMicroBatch {
 public:
  // Scores that a block of examples holds at most, but for a single example's.
  static constexpr size_t kScores = size_t{1} << 19;

  NeuralMicroBatch(const NeuralOptions& options, const NeuralLayout& layout) : options_(options), layout_(layout) {
    for (const NeuralLayout::Part& part : layout.parts) forms_.emplace_back(part.shape);
    for (const NeuralFeatureTable& table : layout.features)
      features_.emplace_back(table, layout.factors, options.id_dropout);
  }

  NeuralExamples<T> examples;  // set before run()

  // The cross-entropy of what was chosen in each example (of two losses their sum), before weights and forms; as run()
  // with the same rng has it. E values until the next call.
  const std::vector<float>& measure(const T* parameters, Rng& rng) {
    place(parameters, rng);
    measured_.assign(examples.user.size(), 0.0f);
    dW_.resize(layout_.weight_count());  // where pass() points
    measures_ = true;
    pass(parameters + layout_.weights(), T(1));
    measures_ = false;
    return measured_;
  }

  // The sum over the examples of weight times the loss; the gradients are in
  // rows() and weight_gradient() until the next call. rng: of dropout.
  double run(const T* parameters, T weight, Rng& rng) {
    const size_t E = examples.user.size();
    const size_t C = examples.candidate.size();
    const size_t F = layout_.factors;
    place(parameters, rng);
    dH_.assign(E * F, T(0));
    dX_.assign(C * F, T(0));
    dW_.assign(layout_.weight_count(), T(0));
    double loss = pass(parameters + layout_.weights(), weight);
    if (options_.adversarial > 0.0) {
      // Against the worst small step of each vector, to first order (APR: He et al. 2018,
      // arXiv:1808.03908): the step counts as a constant.
      perturb(H_, dH_, E);
      perturb(X_, dX_, C);
      loss += pass(parameters + layout_.weights(), weight * static_cast<T>(options_.adversarial_weight));
    }
    for (size_t at = 0; at < user_kept_.size(); ++at) dH_[at] *= user_kept_[at];
    for (size_t at = 0; at < item_kept_.size(); ++at) dX_[at] *= item_kept_[at];
    for (size_t at = 0; at < features_.size(); ++at) {
      const NeuralFeatureTable& table = layout_.features[at];
      const std::vector<T>& gradient = table.side->features.of == IdKind::kUser ? dH_ : dX_;
      features_[at].back(parameters, gradient.data(), dW_.data() + (table.dense - layout_.weights()));
    }
    return loss;
  }

  // Of each table of the layout. A row may be there several times.
  std::vector<NeuralRows<T>> rows() const {
    const auto own = [&](IdKind of) {
      const size_t at = features_of(of);
      return at < features_.size() ? features_[at].own() : std::span<const uint32_t>(ids(of));
    };
    std::vector<NeuralRows<T>> all{{own(IdKind::kUser), dH_.data()}, {own(IdKind::kItem), dX_.data()}};
    for (const NeuralFeatureRows<T>& features : features_) all.push_back({features.categories(), features.gradient()});
    return all;
  }
  const std::vector<T>& weight_gradient() const { return dW_; }  // of all weights

 private:
  // The vectors of both sides as dropout leaves them.
  void place(const T* parameters, Rng& rng) {
    H_.resize(examples.user.size() * layout_.factors);
    X_.resize(examples.candidate.size() * layout_.factors);
    gather(parameters, IdKind::kUser, rng);
    gather(parameters, IdKind::kItem, rng);
    drop(rng, H_, user_kept_);
    drop(rng, X_, item_kept_);
  }

  const std::vector<uint32_t>& ids(IdKind of) const { return of == IdKind::kUser ? examples.user : examples.candidate; }

  // The number of the side's features in the layout; as many as there are: none.
  size_t features_of(IdKind of) const {
    size_t at = 0;
    while (at < features_.size() && layout_.features[at].side->features.of != of) ++at;
    return at;
  }

  // The vectors of one side.
  void gather(const T* parameters, IdKind of, Rng& rng) {
    const bool users = of == IdKind::kUser;
    const T* own = parameters + (users ? layout_.user(0) : layout_.item(0));
    T* to = (users ? H_ : X_).data();
    const size_t at = features_of(of);
    if (at < features_.size()) return features_[at].gather(parameters, own, ids(of), rng, to);
    const size_t F = layout_.factors;
    for (const uint32_t id : ids(of)) to = std::copy_n(own + id * F, F, to);
  }

  // Inverted dropout: kept = 0 or 1 / (1 - p).
  void drop(Rng& rng, std::vector<T>& rows, std::vector<T>& kept) {
    if (options_.dropout == 0.0) return;
    const T scale = T(1) / static_cast<T>(1.0 - options_.dropout);
    kept.resize(rows.size());
    for (size_t at = 0; at < rows.size(); ++at) {
      kept[at] = rng.uniform() < options_.dropout ? T(0) : scale;
      rows[at] *= kept[at];
    }
  }

  void perturb(std::vector<T>& rows, const std::vector<T>& gradient, size_t n) {
    const size_t F = layout_.factors;
    for (size_t r = 0; r < n; ++r) {
      const T norm = std::sqrt(lane_dot(&gradient[r * F], &gradient[r * F], F));
      if (norm > T(0)) add_scaled(static_cast<T>(options_.adversarial) / norm, &gradient[r * F], F, &rows[r * F]);
    }
  }

  double pass(const T* weights, T weight) {
    const size_t E = examples.user.size();
    const size_t C = examples.candidate.size();
    double loss = 0.0;
    for (size_t at = 0; at < forms_.size(); ++at) {
      const NeuralLayout::Part& part = layout_.parts[at];
      NeuralForm<T>& form = forms_[at];
      const size_t D = form.projection_size();
      const T* w = weights + (part.offset - layout_.weights());
      T* dw = dW_.data() + (part.offset - layout_.weights());
      A_.resize(E * D);
      B_.resize(C * D);
      form.user_projections(w, H_.data(), E, A_.data());
      form.item_projections(w, X_.data(), C, B_.data());
      dA_.assign(E * D, T(0));
      dB_.assign(C * D, T(0));
      const bool own_alone = !part.attention && *options_.predictor_loss() == NeuralLoss::kMse;
      const size_t most = own_alone ? E : std::min(E, std::max<size_t>(1, kScores / C));
      for (size_t first = 0; first < E; first += most) {
        NeuralPairs pairs{.examples = std::min(most, E - first),
                          .candidates = C,
                          .own = own_alone ? examples.own.data() + first : nullptr};
        s_.resize(pairs.count());
        ds_.assign(pairs.count(), T(0));
        form.scores(w, &A_[first * D], B_.data(), pairs, s_.data());
        loss += losses(part, pairs, first, weight);
        if (measures_) continue;
        form.scores_back(w, &A_[first * D], B_.data(), pairs, s_.data(), ds_.data(), &dA_[first * D], dB_.data(), dw);
      }
      if (measures_) continue;
      form.user_projections_back(w, H_.data(), A_.data(), dA_.data(), E, dH_.data(), dw);
      form.item_projections_back(w, X_.data(), B_.data(), dB_.data(), C, dX_.data(), dw);
    }
    return loss;
  }

  // Of the block's scores s_; their gradients are added to ds_.
  double losses(const NeuralLayout::Part& part, const NeuralPairs& pairs, size_t first, T weight) {
    const size_t C = pairs.candidates;
    const bool both = options_.loss.size() == 2;
    const T mix = both ? weight * static_cast<T>(options_.mix) : weight;
    const LossForm form = options_.form;
    work_.resize(2 * C);
    double loss = 0.0;
    double l = 0.0;
    for (size_t k = 0; k < pairs.examples; ++k) {
      const size_t e = first + k;
      const size_t own = examples.own[e];
      const T its = examples.weight.empty() ? T(1) : examples.weight[e];
      if (pairs.own != nullptr) {
        loss += mse_loss(s_[k], examples.value[e], mix * its, ds_[k], l);
        if (measures_) measured_[e] += static_cast<float>(both ? options_.mix * l : l);
        continue;
      }
      const T* s = &s_[k * C];
      T* ds = &ds_[k * C];
      if (part.attention) {
        loss += softmax_loss(s, C, own, examples.shift.empty() ? nullptr : examples.shift.data(),
                             static_cast<T>(options_.temperature), weight * its, form, ds, work_.data(), l);
        if (measures_) measured_[e] += static_cast<float>(l);
      }
      if (!part.predictor) continue;
      switch (*options_.predictor_loss()) {
        case NeuralLoss::kBce:
          loss += bce_loss(s, C, own, negatives(e), mix, its, form, ds, work_.data(), l);
          break;
        case NeuralLoss::kBpr:
          loss += bpr_loss(s, C, own, negatives(e), mix * its, ds, work_.data(), l);
          break;
        default:
          loss += mse_loss(s[own], examples.value[e], mix * its, ds[own], l);
          break;
      }
      if (measures_) measured_[e] += static_cast<float>(both ? options_.mix * l : l);
    }
    return loss;
  }

  // The counts without what the example's user chose.
  const T* negatives(size_t e) {
    counts_ = examples.count;
    for (uint32_t at = examples.known_begin[e]; at < examples.known_begin[e + 1]; ++at)
      counts_[examples.known[at]] = T(0);
    return counts_.data();
  }

  const NeuralOptions& options_;
  const NeuralLayout& layout_;
  std::vector<NeuralForm<T>> forms_;
  std::vector<NeuralFeatureRows<T>> features_;  // as in the layout
  std::vector<T> H_, X_, user_kept_, item_kept_;
  std::vector<T> dH_, dX_, dW_;
  std::vector<T> A_, B_, dA_, dB_;
  std::vector<T> s_, ds_, work_, counts_;
  std::vector<float> measured_;  // E
  bool measures_ = false;
};

}  // namespace rec
