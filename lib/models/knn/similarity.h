// How alike two rows of a table are. Symbols: R rows, C columns, x_rf the value of
// row r in column f (1 where pairs have none), n_r a row's number of pairs, d_r the
// sum of its values, n_f, d_f the same of a column.
//
// With entries e_rf and c_ji = Σ_f e_jf e_if:
//
//   cosine   e = x                          s_ji = c / (|e_j|^2a |e_i|^2(1-a) + λ)
//   tfidf    e = √x (ln R - ln(1 + n_f))    the same
//   bm25     e = x (k1 + 1) / (k1 (1 - b + b d_r / mean d) + x) (ln R - ln(1 + n_f))
//                                           s_ji = c
//   jaccard  e = 1                          s_ji = c / (n_j + n_i - c + λ)
//   rp3beta  e = x^α d_f^-α/2               s_ji = c d_j^-α d_i^-β
//
// a = ½ is the cosine; other a are the asymmetric one (Aiolli 2013). tfidf and bm25
// are those of implicit (PyPI). rp3beta: a walk of three steps from j, punished for
// popular ends (Paudel, Christoffel, Newell, Bernstein 2017, doi:10.1145/2955101).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"
#include "data/interactions.h"

namespace rec {

enum class Similarity { kCosine, kTfidf, kBm25, kJaccard, kRp3beta };

inline constexpr Named<Similarity> kSimilarities[] = {{"cosine", Similarity::kCosine},
                                                      {"tfidf", Similarity::kTfidf},
                                                      {"bm25", Similarity::kBm25},
                                                      {"jaccard", Similarity::kJaccard},
                                                      {"rp3beta", Similarity::kRp3beta}};

struct SimilarityOptions {
  Similarity kind = Similarity::kCosine;
  double shrink = 10.0;    // λ, at least 0
  double asymmetry = 0.6;  // a, 0 to 1; the cosine itself is 0.5
  double alpha = 0.6;      // α, at least 0
  double beta = 0.3;       // β, at least 0
  double k1 = 1.2;         // at least 0
  double b = 0.75;         // 0 to 1

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

class Similarities {
 public:
  // rows: R × C, with values or without, and its transpose; held by the caller.
  // Throws Error for a negative value where the similarity has a root or power.
  Similarities(const SparseView& rows, const SparseView& by_column, const SimilarityOptions& options);

  size_t size() const { return left_.size(); }  // R
  // With values: e, by row and by column; without: the pairs, whose weight depends
  // on the column alone.
  SparseView rows() const { return valued_ ? own_rows_.view() : rows_; }
  SparseView by_column() const { return valued_ ? own_by_column_.view() : by_column_; }
  bool valued() const { return valued_; }
  // C: what a common column adds to c where there are no values; empty: 1 each.
  const std::vector<float>& column_weight() const { return column_weight_; }

  // What a row brings to s as j (left) and as i (right).
  struct Terms {
    float left;
    float right;
  };
  float left(size_t row) const { return left_[row]; }
  std::span<const float> right() const { return right_; }
  // Those of a row that is not of the table, and its entries e (none without values).
  Terms terms(std::span<const uint32_t> column, std::span<const float> value, std::vector<float>& entries) const;

  // s_ji where c = Σ_f e_jf e_if.
  enum class Form { kProduct, kRatio, kUnion };  // c l r; c / (l r + λ); c / (l + r - c + λ)
  Form form() const { return form_; }
  float shrink() const { return static_cast<float>(options_.shrink); }

  // s_ij in place of s_ji.
  void swap_sides() { left_.swap(right_); }

 private:
  SimilarityOptions options_;
  SparseView rows_;
  SparseView by_column_;
  bool valued_;
  Form form_;
  double mean_sum_ = 1.0;            // mean d
  std::vector<double> column_term_;  // C: idf_f, or d_f^-α/2; empty: 1 each
  std::vector<float> column_weight_;
  Csr own_rows_;
  Csr own_by_column_;
  std::vector<float> left_;
  std::vector<float> right_;
};

}  // namespace rec
