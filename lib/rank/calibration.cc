#include "rank/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rec {
namespace {

constexpr double kSmoothing = 0.01;  // α

class Calibration : public Selector {
 public:
  Calibration(const IdTable& items, const FeatureKind& kind, const UserItems& history, double lambda)
      : items_(items),
        kind_(kind),
        history_(history),
        lambda_(lambda),
        p_(kind.categories.size()),
        sum_(kind.categories.size()) {
    // The history's item numbers are those of its own table.
    number_.resize(history.items.size());
    for (uint32_t item = 0; item < number_.size(); ++item) number_[item] = items.find(history.items[item]);
  }

  void start(std::string_view user, std::span<const Candidate> candidates, std::span<const double> relevance) override {
    for (const uint32_t g : wanted_) p_[g] = 0.0;
    for (const uint32_t g : listed_) sum_[g] = 0.0;
    wanted_.clear();
    listed_.clear();
    count_ = 0.0;
    size_t counted = 0;
    for (const uint32_t item : history_.items_of(history_.users.find(user)))
      counted += add(number_[item], p_, wanted_) ? 1 : 0;
    for (const uint32_t g : wanted_) p_[g] /= static_cast<double>(counted);
    relevance_ = relevance;
    open_.resize(candidates.size());
    for (size_t at = 0; at < open_.size(); ++at) open_[at] = {at, items_.find(candidates[at].item)};
  }

  std::optional<size_t> best() override {
    if (wanted_.empty()) return std::nullopt;
    // KL(p || q') of the list as it is, and of it with one more item that has
    // categories, before these are counted.
    double here = 0.0;
    double behind = 0.0;
    for (const uint32_t g : wanted_) {
      here += term(g, sum_[g], count_);
      behind += term(g, sum_[g], count_ + 1.0);
    }
    double most = -std::numeric_limits<double>::infinity();
    values_.clear();
    for (const Open& open : open_) {
      const FeatureKind::Row row = kind_.row(open.item);
      double divergence = row.size == 0 ? here : behind;
      row.for_each_share([&](uint32_t g, double share) {
        if (p_[g] > 0.0) divergence += term(g, sum_[g] + share, count_ + 1.0) - term(g, sum_[g], count_ + 1.0);
      });
      values_.push_back((1.0 - lambda_) * relevance_[open.candidate] - lambda_ * divergence);
      most = std::max(most, values_.back());
    }
    // The first that is as good as the best, but for the rounding of sums.
    const double enough = most - kCalibrationTolerance * std::max(1.0, std::fabs(most));
    for (size_t at = 0; at < open_.size(); ++at) {
      if (values_[at] >= enough) return open_[at].candidate;
    }
    return std::nullopt;
  }

  void take(size_t candidate) override {
    const auto at = find(candidate);
    if (add(at->item, sum_, listed_)) count_ += 1.0;
    open_.erase(at);
  }

  void drop(size_t candidate) override { open_.erase(find(candidate)); }

 private:
  struct Open {
    size_t candidate;
    uint32_t item;  // number in items_, or kNoId
  };

  std::vector<Open>::iterator find(size_t candidate) {
    return std::lower_bound(open_.begin(), open_.end(), candidate,
                            [](const Open& open, size_t wanted) { return open.candidate < wanted; });
  }

  // p(g) ln(p(g) / q'(g)), where the sum of shares over `count` items is `sum`.
  double term(uint32_t g, double sum, double count) const {
    const double q = count > 0.0 ? sum / count : 0.0;
    return p_[g] * std::log(p_[g] / ((1.0 - kSmoothing) * q + kSmoothing * p_[g]));
  }

  // Adds the item's shares; false if it has no category. seen: where `into` is not 0.
  bool add(uint32_t item, std::vector<double>& into, std::vector<uint32_t>& seen) const {
    const FeatureKind::Row row = kind_.row(item);
    row.for_each_share([&](uint32_t g, double share) {
      if (into[g] == 0.0) seen.push_back(g);
      into[g] += share;
    });
    return row.size > 0;
  }

  const IdTable& items_;
  const FeatureKind& kind_;
  const UserItems& history_;
  double lambda_;
  std::vector<uint32_t> number_;  // of the history's items in items_
  std::vector<double> p_;         // by category
  std::vector<double> sum_;       // by category: the shares on the list; q is sum_ / count_
  std::vector<uint32_t> wanted_;  // where p_ is not 0
  std::vector<uint32_t> listed_;  // where sum_ is not 0
  double count_ = 0.0;            // items on the list that have categories
  std::span<const double> relevance_;
  std::vector<Open> open_;      // ascending by candidate
  std::vector<double> values_;  // of open_, while the best is sought
};

}  // namespace

std::unique_ptr<Selector> make_calibration(const IdTable& items, const FeatureKind& kind, const UserItems& history,
                                           double lambda) {
  return std::make_unique<Calibration>(items, kind, history, lambda);
}

}  // namespace rec
