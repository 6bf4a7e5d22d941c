#include "models/knn/knn_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/common/neighbours.h"
#include "models/knn/nearest.h"
#include "models/knn/similar_users.h"

namespace rec {
namespace {

// matrix: that of the function "neighbours".
void describe_model(Artefact& artefact, const char* matrix, const KnnOptions& options) {
  artefact.meta["model"] = "knn";
  write_options(options, artefact.meta);
  artefact.meta["attention"] = "neighbours";
  artefact.meta["predictor"] = "neighbours";
  artefact.meta["neighbours"] = matrix;
}

}  // namespace

void KnnOptions::describe(OptionTable& table) {
  similarity.describe(table);
  table.add("--neighbours", neighbours, "N", "Neighbours kept for each item, or searched for each user")
      .at_least(1)
      .key("neighbours-kept");
}

void KnnOptions::check() const { check_ranges(*this); }

Artefact fit_knn_items(const Interactions& data, const Csr& by_user, const Csr& rows, const KnnOptions& options,
                       int threads) {
  const size_t I = data.items.size();
  const Csr by_item = transpose(rows, I, threads);
  Similarities similarities(by_item.view(), rows.view(), options.similarity);
  similarities.swap_sides();  // row i of the nearest: the j with the largest s_ji
  const Csr nearest = NearestRows(similarities).all(static_cast<size_t>(options.neighbours), threads);
  Artefact artefact = history_artefact(data, by_user, "history", options.weight);
  describe_model(artefact, kItemNeighbours, options);
  artefact.add_sparse(kItemNeighbours, transpose(nearest, I, threads));
  return artefact;
}

void check_gram_similarity(const KnnOptions& options) {
  const Similarity kind = options.similarity.kind;
  if (kind == Similarity::kTfidf || kind == Similarity::kBm25)
    fail_usage(
        "--similarity {}: needs the rows of all users; sums over users are enough for cosine, jaccard and rp3beta",
        name_in(kSimilarities, kind));
}

Artefact fit_knn_of_gram(Artefact artefact, const Csr& gram, const std::vector<double>& counts,
                         const KnnOptions& options, int threads) {
  check_gram_similarity(options);
  const SimilarityOptions& its = options.similarity;
  const size_t I = gram.rows();
  std::vector<float> left(I, 0.0f);  // of the row whose nearest are looked for: s is turned round
  std::vector<float> right(I, 0.0f);
  for (size_t item = 0; item < I; ++item) {
    double diagonal = 0.0;
    for (uint64_t at = gram.begin[item]; at < gram.begin[item + 1]; ++at) {
      if (gram.index[at] == item) diagonal = std::max(0.0, static_cast<double>(gram.weight[at]));
    }
    switch (its.kind) {
      case Similarity::kJaccard:
        left[item] = right[item] = static_cast<float>(diagonal);
        break;
      case Similarity::kRp3beta:
        if (!(counts[item] > 0.0)) break;
        left[item] = static_cast<float>(std::pow(counts[item], -its.beta));
        right[item] = static_cast<float>(std::pow(counts[item], -its.alpha));
        break;
      default:
        left[item] = static_cast<float>(std::pow(diagonal, 1.0 - its.asymmetry));
        right[item] = static_cast<float>(std::pow(diagonal, its.asymmetry));
    }
  }
  const Similarities::Form form = its.kind == Similarity::kJaccard   ? Similarities::Form::kUnion
                                  : its.kind == Similarity::kRp3beta ? Similarities::Form::kProduct
                                                                     : Similarities::Form::kRatio;
  const Csr nearest = nearest_of_gram(gram, form, static_cast<float>(its.shrink), left, right,
                                      static_cast<size_t>(options.neighbours), threads);
  describe_model(artefact, kItemNeighbours, options);
  artefact.add_sparse(kItemNeighbours, transpose(nearest, I, threads));
  return artefact;
}

uint64_t knn_memory(const Csr& rows, size_t items, const KnnOptions& options, int threads) {
  const uint64_t entry = sizeof(uint32_t) + (rows.weight.empty() ? 0 : sizeof(float));
  // The transpose; with values both sides once more; and the lists renumbered.
  const uint64_t tables = rows.entries() * ((rows.weight.empty() ? 1 : 3) * entry +
                                            (items <= size_t{1} << 16 ? sizeof(uint16_t) : sizeof(uint32_t)));
  const uint64_t kept = std::min<uint64_t>(items, static_cast<uint64_t>(options.neighbours)) * items;
  // The best of a row while they are looked for, twice the same weights after.
  return tables + 3 * kept * (sizeof(uint32_t) + sizeof(float)) + static_cast<uint64_t>(threads) * items * 16;
}

uint64_t knn_of_gram_memory(size_t items, uint64_t entries, const KnnOptions& options, int threads) {
  const uint64_t kept = std::min(entries, uint64_t{items} * static_cast<uint64_t>(options.neighbours));
  return (entries + 3 * kept) * (sizeof(uint32_t) + sizeof(float)) + static_cast<uint64_t>(threads) * items * 16;
}

Artefact fit_knn_users(const Interactions& data, const Csr& by_user, const KnnOptions& options) {
  const Csr by_item = transpose(by_user, data.items.size());
  const Similarities checked(by_user.view(), by_item.view(), options.similarity);  // the values
  Artefact artefact = history_artefact(data, by_user, kSimilarUsers, options.weight);
  describe_model(artefact, kUserHistory, options);
  return artefact;
}

}  // namespace rec
