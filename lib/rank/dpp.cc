#include "rank/dpp.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rank/open_candidates.h"

namespace rec {
namespace {

class Dpp : public Selector {
 public:
  Dpp(const ItemSimilarity& similarity, double theta) : similarity_(similarity), theta_(theta) {}

  void start(std::string_view, std::span<const Candidate> candidates, std::span<const double> relevance) override {
    open_.start(similarity_, candidates);
    relevance_ = relevance;
    volume_.assign(candidates.size(), 1.0);
    taken_ = 0;
  }

  std::optional<size_t> best() override {
    std::optional<size_t> best;
    double value = -std::numeric_limits<double>::infinity();
    for (const uint32_t i : open_.ids()) {
      if (volume_[i] < kDppFloor) continue;
      const double its = theta_ * relevance_[i] + (1.0 - theta_) * std::log(volume_[i]);
      if (its > value) {
        value = its;
        best = i;
      }
    }
    return best;
  }

  void take(size_t candidate) override {
    drop(candidate);
    if (volume_[candidate] < kDppFloor) return;  // in the span already: changes no volume
    const size_t n = volume_.size();
    const std::span<const uint32_t> ids = open_.ids();
    fresh_.resize(ids.size());
    const uint32_t number = open_.number(candidate);
    similarity_.similarities(number, open_.numbers(), fresh_.data());
    if (cholesky_.size() < (taken_ + 1) * n) cholesky_.resize((taken_ + 1) * n);
    double* row = cholesky_.data() + taken_ * n;
    std::fill_n(row, n, 0.0);
    for (size_t at = 0; at < ids.size(); ++at) {
      const bool both_known = number != kNoId && open_.numbers()[at] != kNoId;
      row[ids[at]] = similarity_.is_signed() ? (both_known ? 0.5 * (1.0 + static_cast<double>(fresh_[at])) : 0.0)
                                             : static_cast<double>(fresh_[at]);
    }
    for (size_t step = 0; step < taken_; ++step) {
      const double* earlier = cholesky_.data() + step * n;
      const double factor = earlier[candidate];
      for (size_t i = 0; i < n; ++i) row[i] -= factor * earlier[i];
    }
    const double scale = 1.0 / std::sqrt(volume_[candidate]);
    for (size_t i = 0; i < n; ++i) row[i] *= scale;
    for (const uint32_t i : ids) volume_[i] -= row[i] * row[i];
    ++taken_;
  }

  void drop(size_t candidate) override { open_.remove(candidate); }

 private:
  const ItemSimilarity& similarity_;
  double theta_;
  OpenCandidates open_;
  std::span<const double> relevance_;
  std::vector<double> volume_;    // n: det S(L + i) / det S(L), the d² of the paper
  std::vector<double> cholesky_;  // taken_ × n: column i is the c_i of the paper
  std::vector<float> fresh_;
  size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Selector> make_dpp(const ItemSimilarity& similarity, double theta) {
  return std::make_unique<Dpp>(similarity, theta);
}

}  // namespace rec
