#include "models/knn/similarity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace rec {
namespace {

double sum_of(std::span<const float> value, size_t n) {
  if (value.empty()) return static_cast<double>(n);
  double sum = 0.0;
  for (const float x : value) sum += static_cast<double>(x);
  return sum;
}

}  // namespace

void SimilarityOptions::describe(OptionTable& table) {
  constexpr double kMost = 1e9;
  const auto is = [this](Similarity one) { return [this, one] { return kind == one; }; };
  const auto has_norm = [this] { return kind == Similarity::kCosine || kind == Similarity::kTfidf; };
  table.choice("--similarity", kind, kSimilarities, "Similarity of neighbours");
  table
      .add("--shrink", shrink, "L",
           "Added to the denominator of cosine, tfidf and jaccard: similarities from few pairs shrink")
      .range(0, kMost)
      .needs("--similarity cosine, tfidf or jaccard",
             [this, has_norm] { return has_norm() || kind == Similarity::kJaccard; });
  table
      .add("--asymmetry", asymmetry, "A",
           "Exponent of the norm of the item in the history; the candidate has 1 - A (cosine, tfidf)")
      .range(0, 1)
      .needs("--similarity cosine or tfidf", has_norm);
  table.add("--alpha", alpha, "A", "Exponent of the transition probabilities of rp3beta")
      .range(0, 10)
      .needs("--similarity rp3beta", is(Similarity::kRp3beta));
  table.add("--beta", beta, "B", "How much rp3beta lowers popular items")
      .range(0, 10)
      .needs("--similarity rp3beta", is(Similarity::kRp3beta));
  table.add("--k1", k1, "K", "Saturation of bm25").range(0, kMost).needs("--similarity bm25", is(Similarity::kBm25));
  table.add("-b", b, "B", "Length normalisation of bm25").range(0, 1).needs("--similarity bm25", is(Similarity::kBm25));
}

Similarities::Similarities(const SparseView& rows, const SparseView& by_column, const SimilarityOptions& options)
    : options_(options),
      rows_(rows),
      by_column_(by_column),
      valued_(!rows.weight.empty() && options.kind != Similarity::kJaccard),
      form_(options.kind == Similarity::kJaccard                                        ? Form::kUnion
            : options.kind == Similarity::kCosine || options.kind == Similarity::kTfidf ? Form::kRatio
                                                                                        : Form::kProduct),
      left_(rows.rows()),
      right_(rows.rows()) {
  if (valued_ && options.kind != Similarity::kCosine) {
    for (const float x : rows.weight) {
      if (x < 0.0f)
        fail("knn: value {} is negative, similarity {} expects at least 0", x, name_in(kSimilarities, options.kind));
    }
  }
  const size_t R = rows.rows();
  const size_t C = by_column.rows();
  if (options.kind == Similarity::kBm25) mean_sum_ = sum_of(rows.weight, rows.entries()) / static_cast<double>(R);
  if (options.kind == Similarity::kTfidf || options.kind == Similarity::kBm25) {
    for (size_t f = 0; f < C; ++f)
      column_term_.push_back(std::log(static_cast<double>(R)) -
                             std::log1p(static_cast<double>(by_column.row(f).size())));
  } else if (options.kind == Similarity::kRp3beta) {
    for (size_t f = 0; f < C; ++f) {
      const double sum = sum_of(by_column.row_weight(f), by_column.row(f).size());
      column_term_.push_back(sum > 0.0 ? std::pow(sum, -options.alpha / 2.0) : 0.0);
    }
  }
  if (!valued_) {
    for (const double term : column_term_) column_weight_.push_back(static_cast<float>(term * term));
  } else {
    own_rows_ = {{rows.begin.begin(), rows.begin.end()},
                 {rows.index.begin(), rows.index.end()},
                 std::vector<float>(rows.entries())};
  }
  std::vector<float> entries;
  for (size_t row = 0; row < R; ++row) {
    const Terms both = terms(rows.row(row), rows.row_weight(row), entries);
    left_[row] = both.left;
    right_[row] = both.right;
    if (valued_)
      std::copy(entries.begin(), entries.end(),
                own_rows_.weight.begin() + static_cast<std::ptrdiff_t>(rows.begin[row]));
  }
  if (valued_) own_by_column_ = transpose(own_rows_, C);
}

Similarities::Terms Similarities::terms(std::span<const uint32_t> column, std::span<const float> value,
                                        std::vector<float>& entries) const {
  const double sum = sum_of(value, column.size());
  const bool bm25 = options_.kind == Similarity::kBm25;
  const double length = bm25 ? options_.k1 * (1.0 - options_.b + options_.b * sum / mean_sum_) : 0.0;
  const auto saturated = [&](double x) { return x > 0.0 ? x * (options_.k1 + 1.0) / (length + x) : 0.0; };
  entries.clear();
  double squares = 0.0;
  for (size_t at = 0; at < column.size(); ++at) {
    double e = column_term_.empty() ? 1.0 : column_term_[column[at]];
    if (valued_) {
      const double x = value.empty() ? 1.0 : static_cast<double>(value[at]);
      if (options_.kind == Similarity::kCosine) e = x;
      if (options_.kind == Similarity::kTfidf) e *= std::sqrt(std::max(0.0, x));
      if (options_.kind == Similarity::kRp3beta) e *= std::pow(std::max(0.0, x), options_.alpha);
      if (bm25) e *= saturated(x);
      entries.push_back(static_cast<float>(e));
    }
    squares += e * e;
  }
  const auto pair = [](double left, double right) {
    return Terms{static_cast<float>(left), static_cast<float>(right)};
  };
  switch (options_.kind) {
    case Similarity::kCosine:
    case Similarity::kTfidf:
      return pair(std::pow(squares, options_.asymmetry), std::pow(squares, 1.0 - options_.asymmetry));
    case Similarity::kBm25:
      return valued_ ? pair(1.0, 1.0) : pair(saturated(1.0), saturated(1.0));
    case Similarity::kJaccard:
      return pair(static_cast<double>(column.size()), static_cast<double>(column.size()));
    case Similarity::kRp3beta:
      break;
  }
  if (!(sum > 0.0)) return {0.0f, 0.0f};
  return pair(std::pow(sum, -options_.alpha), std::pow(sum, -options_.beta));
}

}  // namespace rec
