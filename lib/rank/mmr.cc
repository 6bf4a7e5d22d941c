#include "rank/mmr.h"

#include <limits>

#include "rank/open_candidates.h"

namespace rec {
namespace {

class Mmr : public Selector {
 public:
  Mmr(const ItemSimilarity& similarity, double lambda) : similarity_(similarity), lambda_(lambda) {}

  void start(std::string_view, std::span<const Candidate> candidates, std::span<const double> relevance) override {
    open_.start(similarity_, candidates);
    gain_.resize(candidates.size());
    for (size_t at = 0; at < gain_.size(); ++at) gain_[at] = lambda_ * relevance[at];
    nearest_.assign(candidates.size(), -std::numeric_limits<float>::infinity());
    any_ = false;
  }

  std::optional<size_t> best() override {
    size_t best = gain_.size();
    double value = -std::numeric_limits<double>::infinity();
    for (size_t at = 0; at < gain_.size(); ++at) {
      const double its = any_ ? gain_[at] - (1.0 - lambda_) * static_cast<double>(nearest_[at]) : gain_[at];
      if (its > value) {
        value = its;
        best = at;
      }
    }
    if (best == gain_.size()) return std::nullopt;
    return open_.ids()[best];
  }

  void take(size_t candidate) override {
    drop(candidate);
    any_ = true;
    fresh_.resize(gain_.size());
    similarity_.similarities(open_.number(candidate), open_.numbers(), fresh_.data());
    for (size_t at = 0; at < fresh_.size(); ++at) nearest_[at] = std::max(nearest_[at], fresh_[at]);
  }

  void drop(size_t candidate) override {
    const auto at = static_cast<std::ptrdiff_t>(open_.remove(candidate));
    gain_.erase(gain_.begin() + at);
    nearest_.erase(nearest_.begin() + at);
  }

 private:
  const ItemSimilarity& similarity_;
  double lambda_;
  OpenCandidates open_;
  bool any_ = false;  // the list is not empty
  // By place in open_:
  std::vector<double> gain_;    // λ rel
  std::vector<float> nearest_;  // the largest similarity to the list
  std::vector<float> fresh_;
};

}  // namespace

std::unique_ptr<Selector> make_mmr(const ItemSimilarity& similarity, double lambda) {
  return std::make_unique<Mmr>(similarity, lambda);
}

}  // namespace rec
