#include "models/inference/int8_items.h"

#include <cmath>
#include <limits>

namespace rec {
namespace {

// Items that all users pass before the next ones: their codes stay in the first-level cache.
constexpr size_t kItemsPerStep = 192;

}  // namespace

// With codes c of a row, |c| <= 128, its scale s, the query q and what it is as whole numbers, p·k:
//   |Σ q s c - p s Σ k c| <= s 128 F max|q - p k|,
// and dots(), which rounds s·c and each of F additions, is off by less than (F + 2) 2^-24 s 128 F max|q|. What is
// rounded here is five values more. A bound that is too great costs time alone, so (F + 16) 2^-23 stands for all of it.
void upper_bounds(const Int16Query& query, size_t F, const int32_t* products, const float* scale, size_t n,
                  float* out) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kLeast = 1e-35f;  // more than what is lost where products are too small for a normal number
  const auto size = static_cast<double>(F);
  const auto margin =
      static_cast<float>(128.0 * size * (query.error + (size + 16.0) * std::ldexp(1.0, -23) * query.greatest) * 1.0001);
  // Beyond it a sum might overflow on its way.
  const auto greatest_scale = static_cast<float>(1e37 / (128.0 * size * query.greatest));
  const float step = query.step;
  for (size_t k = 0; k < n; ++k) {
    const float bound = scale[k] * (step * static_cast<float>(products[k]) + margin) + kLeast;
    out[k] = scale[k] <= greatest_scale ? bound : kInfinity;
  }
}

void Int8Items::score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                                  float* out, size_t stride) const {
  const RowTable& items = scorer_.item_projections();
  auto& own = static_cast<ProjectionScorer::ProjectedUsers&>(users);
  const size_t F = items.cols;
  Int16Query query;
  int32_t products[kItemsPerStep];
  std::vector<uint32_t> again;
  std::vector<float> scores;
  for (size_t user = 0; user < n_users; ++user) {
    const float* h = own.projections.row(user);
    float* const bounds = out + user * stride;
    const bool bounded = floors[user] > -std::numeric_limits<float>::infinity() && quantise_query(h, F, query);
    again.clear();
    for (size_t at = 0; at < count; at += kItemsPerStep) {
      const size_t n = std::min(kItemsPerStep, count - at);
      const size_t row = first + at;
      if (bounded) {
        int8_dots(query, items.codes() + row * F, n, F, (items.rows - row) * F, products);
        upper_bounds(query, F, products, items.scales() + row, n, bounds + at);
      }
      for (size_t k = at; k < at + n; ++k) {
        if (!bounded || bounds[k] >= floors[user]) again.push_back(static_cast<uint32_t>(first + k));
      }
    }
    scores.resize(again.size());
    scorer_.score_items(user, again, users, scores.data());
    for (size_t k = 0; k < again.size(); ++k) bounds[again[k] - first] = scores[k];
  }
}

}  // namespace rec
