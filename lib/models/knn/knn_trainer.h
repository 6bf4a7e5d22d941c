// Neighbourhood models. By item, each item keeps those that it speaks for most,
// M(h, x_i) = Σ_j h_j s_ji over a history; by user, a user gets the histories of
// those most like it, M(u, x_i) = Σ_v s_uv x_vi. Same bytes for every number of
// threads.
#pragma once

#include "models/common/history_encoder.h"
#include "models/knn/similarity.h"

namespace rec {

struct KnnOptions {
  SimilarityOptions similarity;
  HistoryWeight weight;  // of a value, for new users' histories
  int neighbours = 100;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

// by_user: U × I, with values where they are to count. rows: what makes items alike, R × I:
// by_user itself, or that with features of items below (with_features). Of every item i the
// `neighbours` items j with the largest s_ji are kept. Encoder "history".
Artefact fit_knn_items(const Interactions& data, const Csr& by_user, const Csr& rows, const KnnOptions& options,
                       int threads);

// The same of a Gramian of items: `gram`, I × I, G_ij the users who have both, or a weight of theirs, or that with
// noise (cosine alone, shrink above 0), of which what is not above 0 is no similarity. counts: the users of each item,
// d of rp3beta; cosine and jaccard take G_ii in their place. Made of what history_artefact() gives. Throws UsageError
// for tfidf and bm25, which need the rows. REQUIRES: alpha is twice the user exponent of the Gramian, with rp3beta.
Artefact fit_knn_of_gram(Artefact artefact, const Csr& gram, const std::vector<double>& counts,
                         const KnnOptions& options, int threads);
// Throws UsageError unless a Gramian is enough for the similarity.
void check_gram_similarity(const KnnOptions& options);

// Bytes that fit_knn_items needs beyond the rows.
uint64_t knn_memory(const Csr& rows, size_t items, const KnnOptions& options, int threads);

// Bytes that fit_knn_of_gram needs, its gram of so many entries included.
uint64_t knn_of_gram_memory(size_t items, uint64_t entries, const KnnOptions& options, int threads);

// Keeps the histories; who is similar is found when it is asked for. Encoder
// "similar-users".
Artefact fit_knn_users(const Interactions& data, const Csr& by_user, const KnnOptions& options);

}  // namespace rec
