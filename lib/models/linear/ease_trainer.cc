#include "models/linear/ease_trainer.h"

#include <cmath>

#include "base/error.h"
#include "linalg/sparse_product.h"
#include "linalg/spd_inverse.h"
#include "models/common/normalized.h"

namespace rec {
namespace {

static_assert(kNeighbourColumns == SymmetricTiles::kTile, "a block of columns is a column of tiles");

// S of G, which becomes P. speaks: C_i^-p; hears: C_j^q.
Neighbours weights_of(SymmetricTiles& P, const std::vector<double>& speaks, const std::vector<double>& hears,
                      const EaseOptions& options, int threads, EaseAlignment* alignment = nullptr) {
  const size_t items = P.size();
  const double dropout = options.dropout / (1.0 - options.dropout);
  std::vector<double> ridge;  // Λ
  for (size_t i = 0; i < items; ++i) {
    const auto diagonal = static_cast<double>(P(i, i));
    P(i, i) = static_cast<float>(diagonal + dropout * diagonal + options.regularization);
    if (!std::isfinite(P(i, i))) fail("ease: --reg or --dropout is beyond the range of float32; give a smaller one");
    if (alignment != nullptr) ridge.push_back(dropout * diagonal + options.regularization);
  }
  if (!spd_invert(P, threads)) {
    fail("ease: the matrix of {} items is not positive definite in float32; give a larger --reg", items);
  }
  if (alignment != nullptr) alignment->solve(P, ridge, threads);
  return largest_weights(items, static_cast<size_t>(options.neighbours), threads, [&](size_t first, MatrixView out) {
    gather_columns(P, first, out);
    for (size_t t = 0; t < out.rows; ++t) {
      float* column = out.row(t);
      const size_t j = first + t;
      const float* target = alignment != nullptr ? alignment->column(j) : nullptr;
      if (target != nullptr) {
        const double scale = -(1.0 + static_cast<double>(target[j])) / static_cast<double>(column[j]);
        for (size_t i = 0; i < items; ++i) {
          const double weight = static_cast<double>(column[i]) * scale + static_cast<double>(target[i]);
          column[i] = static_cast<float>(weight * speaks[i] * hears[j]);
        }
        column[j] = 0.0f;
        continue;
      }
      const double scale = -hears[j] / static_cast<double>(column[j]);
      for (size_t i = 0; i < items; ++i)
        column[i] = static_cast<float>(static_cast<double>(column[i]) * speaks[i] * scale);
      column[j] = 0.0f;
    }
  });
}

}  // namespace

void EaseOptions::describe(OptionTable& table) {
  const auto of_items = [this](const std::optional<double>& exponent) {
    return fmt::format("{}", exponent.value_or(item_exponent));
  };
  table.add("--reg", regularization, "L", "L2 regularisation").at_least(0);
  table.add("--dropout", dropout, "P", "Regularise as if a share P of each history were dropped in training")
      .at_least(0)
      .below(1);
  table.add("--user-exponent", user_exponent, "A", "Divide the row of a user by its sum to the power of A")
      .range(-4, 4);
  table
      .add("--item-exponent", item_exponent, "B",
           "Divide the column of an item by its sum to the power of B; undone in the weights")
      .range(-4, 4);
  table.add("--history-exponent", history_exponent, "P", "Weight of an item of the history: its sum to the power of -P")
      .range(-4, 4)
      .default_text("B")
      .in_model_as([this, of_items] { return of_items(history_exponent); });
  table.add("--candidate-exponent", candidate_exponent, "Q", "Weight of a candidate: its sum to the power of Q")
      .range(-4, 4)
      .default_text("B")
      .in_model_as([this, of_items] { return of_items(candidate_exponent); });
  table.add("--neighbours", neighbours, "N", "How many weights are kept for each item, the largest ones")
      .at_least(1)
      .not_in_model();
  table
      .add("--align", align, "A",
           "Align the weights of new items to those of items with the same features; A is the strength, 1 the fitted "
           "one")
      .above(0)
      .none(0.0)
      .needs("--item-features", [this] { return !has_features || has_features(); })
      .in_model_if([this] { return align > 0.0; });
  table.add("--align-users", align_users, "N", "Align items with fewer than N users, the more the fewer they have")
      .at_least(1)
      .needs("--align", [this] { return align > 0.0; })
      .in_model_if([this] { return align > 0.0; });
}

void EaseOptions::check() const { check_ranges(*this); }

Neighbours fit_ease(const Csr& by_user, size_t items, const EaseOptions& options, int threads,
                    const EaseFeatures* features) {
  SymmetricTiles P(items);
  std::vector<double> speaks;  // C_i^-p
  std::vector<double> hears;   // C_j^q
  std::optional<EaseAlignment> alignment;
  {
    Normalized X = normalized(by_user, items, options.user_exponent, options.item_exponent);
    const Csr by_item = transpose(X.by_user, items, threads);
    sparse_gram(X.by_user.view(), by_item.view(), P, threads);
    speaks = X.item_powers(-options.history_exponent.value_or(options.item_exponent));
    hears = X.item_powers(options.candidate_exponent.value_or(options.item_exponent));
    if (features != nullptr && options.align > 0.0)
      alignment.emplace(X.by_user, items, *features, options.align, options.align_users, threads);
  }
  return weights_of(P, speaks, hears, options, threads, alignment ? &*alignment : nullptr);
}

Neighbours fit_ease_of_gram(SymmetricTiles& G, const std::vector<double>& item_sum, const EaseOptions& options,
                            int threads) {
  const auto powers = [&](double exponent) {
    std::vector<double> all;
    for (const double sum : item_sum) all.push_back(sum > 0.0 ? std::pow(sum, exponent) : 1.0);
    return all;
  };
  const double b = options.item_exponent;
  if (b != 0.0) {
    const std::vector<double> scale = powers(-b);
    for (size_t i = 0; i < G.size(); ++i) {
      for (size_t j = i; j < G.size(); ++j)
        G(i, j) = static_cast<float>(static_cast<double>(G(i, j)) * scale[i] * scale[j]);
    }
  }
  return weights_of(G, powers(-options.history_exponent.value_or(b)), powers(options.candidate_exponent.value_or(b)),
                    options, threads);
}

Artefact ease_artefact(const Interactions& data, const Csr& by_user, Neighbours neighbours, const EaseOptions& options,
                       const HistoryWeight& weight) {
  return ease_artefact(history_artefact(data, by_user, "history", weight), std::move(neighbours), options);
}

Artefact ease_artefact(Artefact artefact, Neighbours neighbours, const EaseOptions& options) {
  artefact.meta["model"] = "ease";
  add_neighbours(artefact, std::move(neighbours), options.neighbours);
  write_options(options, artefact.meta);
  return artefact;
}

uint64_t ease_memory(size_t users, size_t items, size_t entries, const EaseOptions& options, int threads,
                     size_t aligned) {
  const uint64_t scaled = entries * 2 * (sizeof(uint32_t) + sizeof(float)) + (users + items) * sizeof(uint64_t);
  const uint64_t block = kNeighbourColumns * items * sizeof(float);
  const uint64_t weights = 3 * items * std::min<uint64_t>(items, static_cast<uint64_t>(options.neighbours)) *
                           (sizeof(uint32_t) + sizeof(float));
  const uint64_t inverting = spd_invert_scratch(items, threads);
  const uint64_t choosing = static_cast<uint64_t>(threads) * block + weights;
  return SymmetricTiles::bytes(items) + std::max({scaled, inverting, choosing}) + EaseAlignment::memory(aligned, items);
}

}  // namespace rec
