#include "models/linear/ease_alignment.h"

#include <algorithm>
#include <cmath>

#include "base/parallel_for.h"
#include "linalg/small_gemm.h"

namespace rec {
namespace {

constexpr size_t kTile = SymmetricTiles::kTile;
constexpr size_t kMostUsers = 2000;  // that a_0 is found by

std::vector<double> users_of(const Csr& by_user, size_t U, size_t items) {
  std::vector<double> users(items, 0.0);
  for (uint64_t at = 0; at < by_user.begin[U]; ++at) users[by_user.index[at]] += 1.0;
  return users;
}

double weight_at(const Csr& rows, uint64_t at) {
  return rows.weight.empty() ? 1.0 : static_cast<double>(rows.weight[at]);
}

// sums[i] = Σ_c profile[c] w f_ic.
void spread(const Csr& features, const std::vector<double>& profile, std::vector<double>& sums) {
  for (size_t item = 0; item < sums.size(); ++item) {
    double sum = 0.0;
    for (uint64_t at = features.begin[item]; at < features.begin[item + 1]; ++at)
      sum += profile[features.index[at]] * weight_at(features, at);
    sums[item] = sum;
  }
}

size_t categories_of(const Csr& features) {
  return features.index.empty() ? 0 : *std::max_element(features.index.begin(), features.index.end()) + size_t{1};
}

}  // namespace

std::vector<uint32_t> items_to_align(const Csr& by_user, size_t U, size_t items, int users) {
  const std::vector<double> of_item = users_of(by_user, U, items);
  std::vector<uint32_t> aligned;
  for (uint32_t item = 0; item < items; ++item) {
    if (of_item[item] < static_cast<double>(users)) aligned.push_back(item);
  }
  return aligned;
}

EaseAlignment::EaseAlignment(const Csr& X, size_t items, const EaseFeatures& features, double strength, int users,
                             int threads)
    : aligned_(items_to_align(X, features.users, items, users)), place_(items, kNoId) {
  const std::vector<double> of_item = users_of(X, features.users, items);
  scale_ = least_squares(X, features, of_item, threads);
  columns_.resize(aligned_.size(), items);
  for (uint32_t at = 0; at < aligned_.size(); ++at) place_[aligned_[at]] = at;
  const size_t C = categories_of(features.rows);
  struct Worker {
    std::vector<double> profile, sums;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  parallel_for(aligned_.size(), threads, [&](size_t at, int worker) {
    Worker& own = workers[static_cast<size_t>(worker)];
    own.profile.assign(C, 0.0);
    own.sums.resize(items);
    const size_t j = aligned_[at];
    const double rarity = 1.0 - of_item[j] / static_cast<double>(users);
    const double factor = strength * scale_ * rarity / (features.weight * features.weight);
    for (uint64_t k = features.rows.begin[j]; k < features.rows.begin[j + 1]; ++k)
      own.profile[features.rows.index[k]] = factor * weight_at(features.rows, k);
    spread(features.rows, own.profile, own.sums);
    own.sums[j] = 0.0;
    for (size_t item = 0; item < items; ++item) columns_(at, item) = static_cast<float>(own.sums[item]);
  });
}

double EaseAlignment::least_squares(const Csr& X, const EaseFeatures& features, const std::vector<double>& of_user,
                                    int threads) const {
  const size_t items = of_user.size();
  const size_t C = categories_of(features.rows);
  const double w = features.weight * features.weight;
  const size_t step = (features.users + kMostUsers - 1) / kMostUsers;
  const size_t n = step == 0 ? 0 : (features.users + step - 1) / step;
  std::vector<double> squares(items, 0.0);  // |f_i|²
  for (size_t item = 0; item < items; ++item) {
    for (uint64_t at = features.rows.begin[item]; at < features.rows.begin[item + 1]; ++at)
      squares[item] += weight_at(features.rows, at) * weight_at(features.rows, at) / w;
  }
  struct Worker {
    std::vector<double> profile, sums;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  std::vector<double> along(n, 0.0), of_targets(n, 0.0);
  parallel_for(n, threads, [&](size_t task, int worker) {
    Worker& own = workers[static_cast<size_t>(worker)];
    own.profile.assign(C, 0.0);
    own.sums.resize(items);
    const size_t user = task * step;
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) {
      const size_t item = X.index[at];
      for (uint64_t k = features.rows.begin[item]; k < features.rows.begin[item + 1]; ++k)
        own.profile[features.rows.index[k]] += weight_at(X, at) * weight_at(features.rows, k) / w;
    }
    spread(features.rows, own.profile, own.sums);
    for (uint64_t at = X.begin[user]; at < X.begin[user + 1]; ++at) {
      double& sum = own.sums[X.index[at]];
      sum -= weight_at(X, at) * squares[X.index[at]];  // what an item says of itself
      along[task] += weight_at(X, at) * sum;
    }
    for (size_t item = 0; item < items; ++item) {
      if (of_user[item] > 0.0) of_targets[task] += own.sums[item] * own.sums[item];
    }
  });
  double product = 0.0, sum = 0.0;
  for (size_t task = 0; task < n; ++task) {
    product += along[task];
    sum += of_targets[task];
  }
  return sum > 0.0 ? std::max(0.0, product / sum) : 0.0;
}

void EaseAlignment::solve(const SymmetricTiles& P, const std::vector<double>& ridge, int threads) {
  const size_t items = P.size();
  const size_t r = aligned_.size();
  if (r == 0) return;
  Matrix pulled(r, items);  // -Λ a_j G_j
  for (size_t at = 0; at < r; ++at) {
    for (size_t item = 0; item < items; ++item)
      pulled(at, item) = static_cast<float>(-ridge[item] * static_cast<double>(columns_(at, item)));
  }
  constexpr size_t kColumns = 2 * kTile;
  Matrix block(kTile, items);
  for (size_t first = 0; first < items; first += kTile) {
    const size_t count = std::min(kTile, items - first);
    gather_columns(P, first, block.view().middle_rows(0, count));
    parallel_for((items + kColumns - 1) / kColumns, threads, [&](size_t task, int) {
      const size_t from = task * kColumns;
      gemm_nn(r, std::min(kColumns, items - from), count, Grid<const float>{pulled.row(0) + first, pulled.stride()},
              Grid<const float>{block.row(0) + from, block.stride()},
              Grid<float>{columns_.row(0) + from, columns_.stride()}, true);
    });
  }
}

uint64_t EaseAlignment::memory(size_t aligned, size_t items) {
  if (aligned == 0) return 0;
  return (2 * aligned + kTile) * pad16(items) * sizeof(float);
}

void gather_columns(const SymmetricTiles& P, size_t first, MatrixView out) {
  const size_t J = first / kTile;
  for (size_t K = 0; K < P.tiles(); ++K) {
    const float* tile = K < J ? P.tile(K, J) : P.tile(J, K);
    const size_t count = std::min(kTile, P.size() - K * kTile);
    for (size_t t = 0; t < out.rows; ++t) {
      float* row = out.row(t) + K * kTile;
      for (size_t i = 0; i < count; ++i)
        row[i] = tile[K < J ? SymmetricTiles::offset(i, t) : SymmetricTiles::offset(t, i)];
    }
  }
}

}  // namespace rec
