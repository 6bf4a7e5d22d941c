#include "models/two_tower/neural_negatives.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <limits>

#include "models/common/popularity.h"

namespace rec {

NeuralNegatives::NeuralNegatives(const Csr& by_user, size_t items, const NeuralOptions& options, bool features)
    : by_user_(by_user),
      needs_(options.needs_negatives()),
      leaves_out_known_(options.predictor_loss() == NeuralLoss::kBce || options.predictor_loss() == NeuralLoss::kBpr),
      in_batch_(options.in_batch),
      by_pair_(options.negative_exponent == 1.0),
      negatives_(static_cast<size_t>(options.negatives)),
      sampler_(item_counts(by_user, items), in_batch_ ? 1.0 : options.negative_exponent) {
  if (options.attention_loss() != NeuralLoss::kSoftmax) return;
  const std::vector<float> counts = item_counts(by_user, items);
  for (uint32_t item = 0; item < items; ++item) {
    if (counts[item] > 0.0f || !features) all_.push_back(item);
  }
}

uint32_t NeuralNegatives::draw(Rng& rng) const {
  return by_pair_ ? by_user_.index[rng.below(by_user_.entries())] : sampler_.draw(rng);
}

template <class T>
void NeuralNegatives::fill(std::span<const uint32_t> items, Rng& rng, NeuralExamples<T>& examples) const {
  std::vector<uint32_t> drawn;
  if (needs_ && in_batch_) {
    drawn.assign(items.begin(), items.end());
  } else if (needs_) {
    drawn.resize(negatives_);
    for (uint32_t& item : drawn) item = draw(rng);
  }
  std::sort(drawn.begin(), drawn.end());

  std::vector<uint32_t>& candidate = examples.candidate;
  if (!all_.empty()) {
    candidate = all_;
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
  if (all_.empty()) {
    for (size_t c = 0; c < candidate.size(); ++c) {
      const auto n = static_cast<double>(examples.count[c]);
      const double estimate = n / (static_cast<double>(drawn.size()) * sampler_.probability(candidate[c]));
      examples.shift.push_back(n > 0.0 ? static_cast<T>(std::log(estimate)) : -std::numeric_limits<T>::infinity());
    }
  }
  examples.known_begin.assign(1, 0);
  examples.known.clear();
  // Which of the candidates end in these bits: most items of a user are none.
  constexpr uint32_t kBits = 4096;
  std::bitset<kBits> may_be;
  for (const uint32_t item : candidate) may_be.set(item % kBits);
  for (const uint32_t user : examples.user) {
    if (leaves_out_known_) {
      auto at = candidate.begin();
      for (const uint32_t item : by_user_.view().row(user)) {
        if (!may_be[item % kBits]) continue;
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
