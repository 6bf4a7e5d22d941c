#include "models/linear/ease_trainer.h"

#include <cmath>

#include "base/error.h"
#include "linalg/sparse_product.h"
#include "linalg/spd_inverse.h"
#include "models/common/normalized.h"

namespace rec {
namespace {

constexpr size_t kTile = SymmetricTiles::kTile;
static_assert(kNeighbourColumns == kTile, "a block of columns is a column of tiles");

// out: rows are the columns [first, first + out.rows) of P, made those of B.
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

}  // namespace

void EaseOptions::check() const {
  if (!(regularization >= 0) || !std::isfinite(regularization))
    fail_usage("--reg: expected at least 0, found {}", regularization);
  if (!(dropout >= 0 && dropout < 1)) fail_usage("--dropout: expected 0 to less than 1, found {}", dropout);
  if (!(std::abs(user_exponent) <= 4)) fail_usage("--user-exponent: expected -4 to 4, found {}", user_exponent);
  if (!(std::abs(item_exponent) <= 4)) fail_usage("--item-exponent: expected -4 to 4, found {}", item_exponent);
  if (history_exponent && !(std::abs(*history_exponent) <= 4))
    fail_usage("--history-exponent: expected -4 to 4, found {}", *history_exponent);
  if (candidate_exponent && !(std::abs(*candidate_exponent) <= 4))
    fail_usage("--candidate-exponent: expected -4 to 4, found {}", *candidate_exponent);
  if (neighbours < 1) fail_usage("--neighbours: expected at least 1, found {}", neighbours);
}

Neighbours fit_ease(const Csr& by_user, size_t items, const EaseOptions& options, int threads) {
  SymmetricTiles P(items);
  std::vector<double> speaks;  // C_i^-p
  std::vector<double> hears;   // C_j^q
  {
    Normalized X = normalized(by_user, items, options.user_exponent, options.item_exponent);
    const Csr by_item = transpose(X.by_user, items);
    sparse_gram(X.by_user.view(), by_item.view(), P, threads);
    speaks = X.item_powers(-options.history_exponent.value_or(options.item_exponent));
    hears = X.item_powers(options.candidate_exponent.value_or(options.item_exponent));
  }
  const double dropout = options.dropout / (1.0 - options.dropout);
  for (size_t i = 0; i < items; ++i) {
    const auto diagonal = static_cast<double>(P(i, i));
    P(i, i) = static_cast<float>(diagonal + dropout * diagonal + options.regularization);
  }
  if (!spd_invert(P, threads)) {
    fail("ease: the matrix of {} items is not positive definite in float32; give a larger --reg", items);
  }
  return largest_weights(items, static_cast<size_t>(options.neighbours), threads, [&](size_t first, MatrixView out) {
    gather_columns(P, first, out);
    for (size_t t = 0; t < out.rows; ++t) {
      float* column = out.row(t);
      const size_t j = first + t;
      const double scale = -hears[j] / static_cast<double>(column[j]);
      for (size_t i = 0; i < items; ++i)
        column[i] = static_cast<float>(static_cast<double>(column[i]) * speaks[i] * scale);
      column[j] = 0.0f;
    }
  });
}

Artefact ease_artefact(const Interactions& data, const Csr& by_user, Neighbours neighbours, const EaseOptions& options,
                       const HistoryWeight& weight) {
  Artefact artefact = history_artefact(data, by_user, "history", weight);
  artefact.meta["model"] = "ease";
  add_neighbours(artefact, std::move(neighbours), options.neighbours);
  artefact.meta["reg"] = fmt::format("{}", options.regularization);
  artefact.meta["dropout"] = fmt::format("{}", options.dropout);
  artefact.meta["user-exponent"] = fmt::format("{}", options.user_exponent);
  artefact.meta["item-exponent"] = fmt::format("{}", options.item_exponent);
  artefact.meta["history-exponent"] = fmt::format("{}", options.history_exponent.value_or(options.item_exponent));
  artefact.meta["candidate-exponent"] = fmt::format("{}", options.candidate_exponent.value_or(options.item_exponent));
  return artefact;
}

uint64_t ease_memory(size_t users, size_t items, size_t entries, const EaseOptions& options, int threads) {
  const uint64_t scaled = entries * 2 * (sizeof(uint32_t) + sizeof(float)) + (users + items) * sizeof(uint64_t);
  const uint64_t block = kNeighbourColumns * items * sizeof(float);
  const uint64_t weights = 3 * items * std::min<uint64_t>(items, static_cast<uint64_t>(options.neighbours)) *
                           (sizeof(uint32_t) + sizeof(float));
  const uint64_t inverting = spd_invert_scratch(items, threads);
  const uint64_t choosing = static_cast<uint64_t>(threads) * block + weights;
  return SymmetricTiles::bytes(items) + std::max({scaled, inverting, choosing});
}

}  // namespace rec
