#include "models/linear/svd_trainer.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "linalg/sparse_product.h"
#include "models/common/normalized.h"

namespace rec {
namespace {

// X̃ᵀX̃, which is never there as a whole where it is that of rows.
struct Gram {
  size_t items;
  std::function<void(size_t column, float* out)> column;
  std::function<void(ConstMatrixView A, MatrixView out, int threads)> times;
};

Gram gram_of_rows(const SparseView& by_user, const SparseView& by_item) {
  return {by_item.rows(), [=](size_t column, float* out) { gram_row(by_user, by_item, column, out); },
          [=](ConstMatrixView A, MatrixView out, int threads) {
            Matrix blurred(by_user.rows(), A.cols);
            sparse_times_dense(by_user, A, blurred, threads);
            sparse_times_dense(by_item, blurred, out, threads);
          }};
}

Gram gram_as_given(const SparseView& G) {
  return {G.rows(),
          [=](size_t column, float* out) {
            std::fill(out, out + G.rows(), 0.0f);
            const auto index = G.row(column);  // it is symmetric
            const auto weight = G.row_weight(column);
            for (size_t at = 0; at < index.size(); ++at) out[index[at]] = weight[at];
          },
          [=](ConstMatrixView A, MatrixView out, int threads) { sparse_times_dense(G, A, out, threads); }};
}

std::vector<double> powers_of(const std::vector<double>& sums, double exponent) {
  std::vector<double> powers;
  for (const double sum : sums) powers.push_back(sum > 0.0 ? std::pow(sum, exponent) : 1.0);
  return powers;
}

// A becomes A - s X̃ᵀX̃ A.
void sharpen(const Gram& gram, double s, MatrixView A, int threads) {
  Matrix twice(A.rows, A.cols);
  gram.times(A, twice, threads);
  const auto scale = static_cast<float>(-s);
  for (size_t r = 0; r < A.rows; ++r) {
    for (size_t f = 0; f < A.cols; ++f) A(r, f) = std::fma(scale, twice(r, f), A(r, f));
  }
}

// The columns of X̃ᵀX̃, sharpened by s, which is symmetric; column j times hears[j], row
// i times speaks[i].
Neighbours filter_neighbours(const Gram& gram, const SvdModelOptions& options, double s,
                             const std::vector<double>& speaks, const std::vector<double>& hears, int threads) {
  const size_t items = gram.items;
  return largest_weights(items, static_cast<size_t>(options.neighbours), threads, [&](size_t first, MatrixView out) {
    for (size_t t = 0; t < out.rows; ++t) gram.column(first + t, out.row(t));
    if (s != 0.0) {
      Matrix columns(items, out.rows);
      for (size_t t = 0; t < out.rows; ++t) {
        for (size_t i = 0; i < items; ++i) columns(i, t) = out(t, i);
      }
      sharpen(gram, s, columns, 1);
      for (size_t t = 0; t < out.rows; ++t) {
        for (size_t i = 0; i < items; ++i) out(t, i) = columns(i, t);
      }
    }
    for (size_t t = 0; t < out.rows; ++t) {
      for (size_t i = 0; i < items; ++i)
        out(t, i) = static_cast<float>(static_cast<double>(out(t, i)) * speaks[i] * hears[first + t]);
    }
  });
}

SvdOptions svd_options(const SvdModelOptions& options) {
  return {static_cast<size_t>(options.dim), static_cast<size_t>(options.oversampling), options.power_iterations,
          options.seed};
}

// item_sum: C_i.
LinearModel filter_of(TruncatedSvd svd, const Gram& gram, const std::vector<double>& item_sum,
                      const SvdModelOptions& options, int threads) {
  const size_t items = gram.items;
  LinearModel model;
  model.values = std::move(svd.values);
  model.source = svd.right;
  model.target = std::move(svd.right);
  const size_t F = model.values.size();
  const auto eigenvalue = [&](size_t f) {
    return static_cast<double>(model.values[f]) * static_cast<double>(model.values[f]);
  };
  const double largest = eigenvalue(0);
  const double tail = options.ridge ? 1.0 / (eigenvalue(F - 1) + *options.ridge) : 1.0 / largest;
  const double s = options.graph_filter ? options.sharpening / largest : 0.0;
  std::vector<double> weight(F, options.graph_filter.value_or(1.0));
  for (size_t f = 0; f < F && options.ridge; ++f)
    weight[f] = eigenvalue(f) / (eigenvalue(f) + *options.ridge) - tail * eigenvalue(f);
  std::vector<double> speaks = powers_of(item_sum, -options.history_exponent.value_or(options.item_exponent));
  std::vector<double> hears = powers_of(item_sum, options.candidate_exponent.value_or(options.item_exponent));
  const auto scale_by_item = [](Matrix& factors, const std::vector<double>& scale) {
    for (size_t i = 0; i < factors.rows(); ++i) {
      for (size_t f = 0; f < factors.cols(); ++f)
        factors(i, f) = static_cast<float>(static_cast<double>(factors(i, f)) * scale[i]);
    }
  };
  scale_by_item(model.source, speaks);
  for (size_t i = 0; i < items; ++i) {
    for (size_t f = 0; f < F; ++f)
      model.target(i, f) = static_cast<float>(static_cast<double>(model.target(i, f)) * weight[f]);
  }
  // What is asked for comes last; D_I^b is of the model that is sharpened.
  if (!options.candidate_exponent) scale_by_item(model.target, hears);
  if (s != 0.0) sharpen(gram, s, model.target, threads);
  if (options.candidate_exponent) scale_by_item(model.target, hears);
  if (options.graph_filter) {  // whose neighbours are not scaled back unless that is asked for
    if (!options.history_exponent) speaks.assign(items, 1.0);
    if (!options.candidate_exponent) hears.assign(items, 1.0);
  }
  if (options.has_neighbours()) {
    for (double& one : hears) one *= tail;
    model.neighbours = filter_neighbours(gram, options, s, speaks, hears, threads);
  }
  return model;
}

}  // namespace

void SvdModelOptions::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Factors of an item and of a history").range(1, 4096);
  table.add("--user-exponent", user_exponent, "A", "Divide the row of a user by its sum to the power of A")
      .range(-4, 4)
      .default_text("0.5, with --pure 0");
  table.add("--item-exponent", item_exponent, "B", "Divide the column of an item by its sum to the power of B")
      .range(-4, 4)
      .default_text("as for A");
  table
      .add("--graph-filter", graph_filter, "W",
           "Graph filter: the item-item weights of the scaled matrix, plus W times the factors (GF-CF)")
      .at_least(0)
      .default_text("0.3, without --ridge or --pure");
  table
      .add("--ridge", ridge, "C",
           "Linear autoencoder with L2 regularisation C, from the factors and the item-item weights")
      .above(0)
      .excludes("--graph-filter");
  table.flag("--pure", pure, "Use the factors alone, without item-item weights (PureSVD)")
      .excludes("--graph-filter")
      .excludes("--ridge")
      .not_in_model();
  table.add("--history-exponent", history_exponent, "P", "Weight of an item of the history: its sum to the power of -P")
      .range(-4, 4)
      .default_text("B");
  table.add("--candidate-exponent", candidate_exponent, "Q", "Weight of a candidate: its sum to the power of Q")
      .range(-4, 4)
      .default_text("B");
  table
      .add("--sharpen", sharpening, "S",
           "Subtract S times the result of one more pass of the filter; it lowers popular items (BSPM)")
      .needs("--graph-filter", [this] { return !pure && !ridge; })
      .in_model_if([this] { return graph_filter.has_value(); });
  table.add("--neighbours", neighbours, "N", "Item-item weights kept for each item, the largest")
      .at_least(1)
      .needs("--graph-filter or --ridge", [this] { return !pure; })
      .not_in_model();
  table.add("--oversampling", oversampling, "N", "Factors that are computed beyond --dim and dropped").range(0, 4096);
  table.add("--power-iterations", power_iterations, "N", "Passes over the data that make the factors more exact")
      .range(0, 100);
  table.add("--seed", seed, "N", "Seed of the random start");
}

void SvdModelOptions::check() const { check_ranges(*this); }

LinearModel fit_svd(const Csr& by_user, size_t items, const SvdModelOptions& options, int threads) {
  const Normalized X = normalized(by_user, items, options.user_exponent, options.item_exponent);
  const Csr by_item = transpose(X.by_user, items, threads);
  return filter_of(randomized_svd(X.by_user.view(), by_item.view(), svd_options(options), threads),
                   gram_of_rows(X.by_user.view(), by_item.view()), X.item_sum, options, threads);
}

LinearModel fit_svd_of_gram(Csr gram, const std::vector<double>& item_sum, double noise, const SvdModelOptions& options,
                            int threads) {
  const size_t items = gram.rows();
  if (options.item_exponent != 0.0) {
    const std::vector<double> scale = powers_of(item_sum, -options.item_exponent);
    for (size_t i = 0; i < items; ++i) {
      for (uint64_t at = gram.begin[i]; at < gram.begin[i + 1]; ++at)
        gram.weight[at] = static_cast<float>(static_cast<double>(gram.weight[at]) * scale[i] * scale[gram.index[at]]);
    }
  }
  const auto add_to_diagonal = [&](double shift) {
    for (size_t i = 0; i < items && shift != 0.0; ++i) {
      const auto first = gram.index.begin() + static_cast<std::ptrdiff_t>(gram.begin[i]);
      const auto last = gram.index.begin() + static_cast<std::ptrdiff_t>(gram.begin[i + 1]);
      const auto at = std::lower_bound(first, last, static_cast<uint32_t>(i));
      if (at != last && *at == i)
        gram.weight[static_cast<size_t>(at - gram.index.begin())] += static_cast<float>(shift);
    }
  };
  // With that the noise has no eigenvalue below 0, which would be taken for a large singular value.
  add_to_diagonal(noise);
  TruncatedSvd svd = randomized_svd(gram.view(), gram.view(), svd_options(options), threads);
  add_to_diagonal(-noise);
  size_t rank = 0;  // of what stands out of the noise, but for the first
  while (rank < svd.values.size() && (rank == 0 || static_cast<double>(svd.values[rank]) > 2.0 * noise)) ++rank;
  svd.values.resize(rank);
  for (float& value : svd.values)
    value = static_cast<float>(std::sqrt(std::max(static_cast<double>(value) - noise, noise)));
  Matrix right(items, rank);
  for (size_t i = 0; i < items; ++i) std::copy_n(svd.right.row(i), rank, right.row(i));
  svd.right = std::move(right);
  return filter_of(std::move(svd), gram_as_given(gram.view()), item_sum, options, threads);
}

Artefact svd_artefact(const Interactions& data, const Csr& by_user, LinearModel fitted, const SvdModelOptions& options,
                      const HistoryWeight& weight) {
  return svd_artefact(history_artefact(data, by_user, "history", weight), std::move(fitted), options);
}

Artefact svd_artefact(Artefact artefact, LinearModel fitted, const SvdModelOptions& options) {
  artefact.meta["encoder"] = fitted.neighbours ? "history" : "linear";
  artefact.meta["model"] = "svd";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
  if (fitted.neighbours) add_neighbours(artefact, std::move(*fitted.neighbours), options.neighbours);
  write_options(options, artefact.meta);
  artefact.meta["dim"] = std::to_string(fitted.values.size());  // the matrix may have no more
  artefact.add(kItemSource, fitted.source);
  artefact.add("items.factors", fitted.target);
  artefact.add("singular.values", fitted.values);
  return artefact;
}

uint64_t svd_of_gram_memory(size_t items, uint64_t entries, const SvdModelOptions& options, int threads) {
  const uint64_t bases = 4 * items * pad16(static_cast<size_t>(options.dim + options.oversampling)) * sizeof(float);
  const uint64_t kept = items * std::min<uint64_t>(items, static_cast<uint64_t>(options.neighbours));
  const uint64_t blocks = options.sharpening == 0.0 ? items : 3 * items;
  const uint64_t choosing = static_cast<uint64_t>(threads) * kNeighbourColumns * blocks * sizeof(float) +
                            2 * kept * (sizeof(uint32_t) + sizeof(float));
  return entries * (sizeof(uint32_t) + sizeof(float)) + std::max(bases, options.has_neighbours() ? choosing : 0);
}

uint64_t svd_memory(const Csr& by_user, size_t items, const SvdModelOptions& options, int threads) {
  const size_t users = by_user.rows();
  const uint64_t scaled =
      by_user.entries() * 2 * (sizeof(uint32_t) + sizeof(float)) + (users + items) * sizeof(uint64_t);
  const uint64_t bases =
      2 * (users + items) * pad16(static_cast<size_t>(options.dim + options.oversampling)) * sizeof(float);
  uint64_t choosing = 0;
  if (options.has_neighbours()) {
    const uint64_t blocks = options.sharpening == 0.0 ? items : 3 * items + users;
    uint64_t kept = items * std::min<uint64_t>(items, static_cast<uint64_t>(options.neighbours));
    if (options.sharpening == 0.0) {  // X̃ᵀX̃ alone: a user's pairs of items, and zeros are not kept
      uint64_t pairs = 0;
      for (size_t user = 0; user < users; ++user) pairs += by_user.row_size(user) * by_user.row_size(user);
      kept = std::min(kept, pairs);
    }
    choosing = (static_cast<uint64_t>(threads) * kNeighbourColumns * blocks) * sizeof(float) +
               2 * kept * (sizeof(uint32_t) + sizeof(float));
  }
  return scaled + std::max(bases, choosing);
}

}  // namespace rec
