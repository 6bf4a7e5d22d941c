#include "models/two_tower/neural_negatives.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace rec {

NeuralNegatives::NeuralNegatives(const Csr& by_user, size_t items, const NeuralOptions& options)
    : by_user_(by_user),
      items_(items),
      share_(items, 0.0),
      all_(options.attention_loss() == NeuralLoss::kSoftmax),
      draws_(options.draws_negatives()),
      sampling_(options.sampling),
      negatives_(static_cast<size_t>(options.negatives)) {
  for (const uint32_t item : by_user.index) share_[item] += 1.0 / static_cast<double>(by_user.entries());
  if (sampling_ == NegativeSampling::kUniform) share_.assign(items, 1.0 / static_cast<double>(items));
}

template <class T>
void NeuralNegatives::fill(std::span<const uint32_t> items, Rng& rng, NeuralExamples<T>& examples) const {
  std::vector<uint32_t> drawn;
  if (draws_ && sampling_ == NegativeSampling::kInBatch) {
    drawn.assign(items.begin(), items.end());
  } else if (draws_) {
    drawn.resize(negatives_);
    for (uint32_t& item : drawn) {
      item = sampling_ == NegativeSampling::kUniform ? static_cast<uint32_t>(rng.below(items_))
                                                     : by_user_.index[rng.below(by_user_.entries())];
    }
  }
  std::sort(drawn.begin(), drawn.end());

  std::vector<uint32_t>& candidate = examples.candidate;
  if (all_) {
    candidate.resize(items_);
    std::iota(candidate.begin(), candidate.end(), 0u);
  } else {
    candidate.assign(items.begin(), items.end());
    candidate.insert(candidate.end(), drawn.begin(), drawn.end());
    std::sort(candidate.begin(), candidate.end());
    candidate.erase(std::unique(candidate.begin(), candidate.end()), candidate.end());
  }
  const auto column = [&](uint32_t item) {
    return static_cast<uint32_t>(std::lower_bound(candidate.begin(), candidate.end(), item) - candidate.begin());
  };
  examples.own.resize(items.size());
  for (size_t e = 0; e < items.size(); ++e) examples.own[e] = column(items[e]);
  examples.count.assign(candidate.size(), T(0));
  for (const uint32_t item : drawn) examples.count[column(item)] += T(1);
  examples.shift.clear();
  if (!all_) {
    for (size_t c = 0; c < candidate.size(); ++c) {
      const auto n = static_cast<double>(examples.count[c]);
      const double estimate = n / (static_cast<double>(drawn.size()) * share_[candidate[c]]);
      examples.shift.push_back(n > 0.0 ? static_cast<T>(std::log(estimate)) : -std::numeric_limits<T>::infinity());
    }
  }
  examples.known_begin.assign(1, 0);
  examples.known.clear();
  for (const uint32_t user : examples.user) {
    if (draws_) {
      auto at = candidate.begin();
      for (const uint32_t item : by_user_.view().row(user)) {
        at = std::lower_bound(at, candidate.end(), item);
        if (at == candidate.end()) break;
        if (*at == item) examples.known.push_back(static_cast<uint32_t>(at - candidate.begin()));
      }
    }
    examples.known_begin.push_back(static_cast<uint32_t>(examples.known.size()));
  }
}

template void NeuralNegatives::fill(std::span<const uint32_t>, Rng&, NeuralExamples<float>&) const;
template void NeuralNegatives::fill(std::span<const uint32_t>, Rng&, NeuralExamples<double>&) const;

}  // namespace rec
