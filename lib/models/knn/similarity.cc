#include "models/knn/similarity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace rec {
namespace {

constexpr std::pair<const char*, Similarity> kSimilarities[] = {{"cosine", Similarity::kCosine},
                                                                {"tfidf", Similarity::kTfidf},
                                                                {"bm25", Similarity::kBm25},
                                                                {"jaccard", Similarity::kJaccard},
                                                                {"rp3beta", Similarity::kRp3beta}};

double sum_of(std::span<const float> value, size_t n) {
  if (value.empty()) return static_cast<double>(n);
  double sum = 0.0;
  for (const float x : value) sum += static_cast<double>(x);
  return sum;
}

bool within(double value, double least, double greatest) { return value >= least && value <= greatest; }

}  // namespace

Similarity similarity_of(const std::string& name) {
  for (const auto& [known, kind] : kSimilarities) {
    if (name == known) return kind;
  }
  fail("unknown similarity \"{}\" (expected cosine, tfidf, bm25, jaccard or rp3beta)", printable(name));
}

const char* name_of(Similarity similarity) {
  for (const auto& [name, kind] : kSimilarities) {
    if (kind == similarity) return name;
  }
  return "";
}

void SimilarityOptions::check() const {
  constexpr double kMost = 1e9;
  if (!within(shrink, 0.0, kMost)) fail_usage("--shrink: expected 0 to {}, found {}", kMost, shrink);
  if (!within(asymmetry, 0.0, 1.0)) fail_usage("--asymmetry: expected 0 to 1, found {}", asymmetry);
  if (!within(alpha, 0.0, 10.0)) fail_usage("--alpha: expected 0 to 10, found {}", alpha);
  if (!within(beta, 0.0, 10.0)) fail_usage("--beta: expected 0 to 10, found {}", beta);
  if (!within(k1, 0.0, kMost)) fail_usage("--k1: expected 0 to {}, found {}", kMost, k1);
  if (!within(b, 0.0, 1.0)) fail_usage("-b: expected 0 to 1, found {}", b);
}

void SimilarityOptions::write(Artefact& artefact) const {
  const auto put = [&](const char* key, double value) { artefact.meta[key] = fmt::format("{}", value); };
  artefact.meta["similarity"] = name_of(kind);
  put("shrink", shrink);
  put("asymmetry", asymmetry);
  put("alpha", alpha);
  put("beta", beta);
  put("k1", k1);
  put("b", b);
}

SimilarityOptions SimilarityOptions::read(const Artefact& artefact) {
  SimilarityOptions options;
  options.kind = similarity_of(artefact.text("similarity"));
  options.shrink = artefact.number("shrink");
  options.asymmetry = artefact.number("asymmetry");
  options.alpha = artefact.number("alpha");
  options.beta = artefact.number("beta");
  options.k1 = artefact.number("k1");
  options.b = artefact.number("b");
  try {
    options.check();
  } catch (const UsageError& error) {
    fail("model: {}", error.what());
  }
  return options;
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
      if (x < 0.0f) fail("knn: value {} is negative, similarity {} expects at least 0", x, name_of(options.kind));
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
