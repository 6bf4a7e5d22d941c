#include "features/reduce.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel_for.h"
#include "base/rng.h"
#include "linalg/randomized_svd.h"
#include "linalg/sparse_product.h"

namespace rec {
namespace {

constexpr const char* kReduceModel = "rec-features reduce";

// The features' names of all kinds, in byte order; number[k][c] is the place of category c of kind k, or kNoId where
// `names` was given and lacks it.
struct Columns {
  IdTable names;
  std::vector<std::vector<uint32_t>> number;
  uint64_t unknown = 0;
};

Columns columns_of(const FeatureTable& features, const IdTable* known) {
  Columns columns;
  IdTable all;
  const auto each = [&](auto&& visit) {
    for (size_t kind = 0; kind < features.kinds.size(); ++kind) {
      const IdTable& categories = features.kinds[kind].categories;
      for (uint32_t category = 0; category < categories.size(); ++category) {
        visit(kind, features.kinds[kind].name + "=" + std::string(categories[category]));
      }
    }
  };
  if (known == nullptr) {
    each([&](size_t, const std::string& name) { all.intern(name); });
    columns.names = all.reordered(all.sorted_order());
    columns.names.index();
    known = &columns.names;
  }
  columns.number.resize(features.kinds.size());
  each([&](size_t kind, const std::string& name) {
    columns.number[kind].push_back(known->find(name));
    columns.unknown += columns.number[kind].back() == kNoId;
  });
  return columns;
}

// The items in byte order by the features, in ascending order of their columns.
Csr rows_of(const FeatureTable& features, const Columns& columns, const std::vector<uint32_t>& order) {
  Csr rows;
  rows.begin.push_back(0);
  std::vector<std::pair<uint32_t, float>> row;
  for (const uint32_t item : order) {
    row.clear();
    for (size_t kind = 0; kind < features.kinds.size(); ++kind) {
      const FeatureKind::Row values = features.kinds[kind].row(item);
      for (size_t at = 0; at < values.size; ++at) {
        const uint32_t column = columns.number[kind][values.category[at]];
        if (column != kNoId) row.emplace_back(column, values.value[at]);
      }
    }
    std::sort(row.begin(), row.end());
    for (const auto& [column, value] : row) {
      rows.index.push_back(column);
      rows.weight.push_back(value);
    }
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

Matrix projection_of(const IdTable& names, const ReduceOptions& options, int threads) {
  Matrix basis(names.size(), options.dim);
  const float value = 1.0f / std::sqrt(static_cast<float>(options.dim));
  parallel_for(names.size(), threads, [&](size_t name, int) {
    const std::string_view id = names[static_cast<uint32_t>(name)];
    Rng random(options.seed, XXH3_64bits(id.data(), id.size()));
    float* row = basis.row(name);
    uint64_t bits = 0;
    for (size_t d = 0; d < options.dim; ++d, bits >>= 1) {
      if (d % 64 == 0) bits = random.next();
      row[d] = bits & 1 ? value : -value;
    }
  });
  return basis;
}

}  // namespace

void ReduceOptions::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Length of a vector; svd may find fewer directions").range(1, 4096);
  table.choice("--method", method, kReductions,
               "svd: the directions in which the features differ most\n"
               "projection: sums of random signs, one for each feature by its name");
  table.add("--seed", seed, "N", "Seed of the random numbers");
}

Artefact ReduceState::to_artefact() const {
  Artefact artefact;
  artefact.meta["model"] = kReduceModel;
  write_options(options, artefact.meta);
  if (options.method == Reduction::kSvd) {
    artefact.items = features;
    artefact.add("items.basis", basis);
  }
  return artefact;
}

ReduceState ReduceState::from_artefact(const Artefact& artefact, const std::string& path) {
  const auto model = artefact.meta.find("model");
  if (model == artefact.meta.end() || model->second != kReduceModel) {
    fail("{}: expected a state that rec-features reduce --state wrote, found a model of {}", printable(path),
         model == artefact.meta.end() ? "no kind" : printable(model->second));
  }
  ReduceState state;
  try {
    read_options(artefact.meta, state.options);
    check_ranges(state.options);
    if (state.options.method == Reduction::kProjection) return state;
    const Artefact::Tensor* basis = artefact.find("items.basis");
    if (basis == nullptr || basis->cols() < 1) fail("model: no tensor \"items.basis\"");
    state.features = artefact.items;
    state.features.index();
    state.basis = Matrix(basis->rows(), basis->cols());
    for (size_t row = 0; row < basis->rows(); ++row) {
      std::copy_n(basis->floats() + row * basis->cols(), basis->cols(), state.basis.row(row));
    }
  } catch (const std::runtime_error& error) {
    fail("{}: {}", printable(path), error.what());
  }
  return state;
}

ReduceState fit_reduction(const FeatureTable& features, const ReduceOptions& options, int threads) {
  ReduceState state;
  state.options = options;
  Columns columns = columns_of(features, nullptr);
  if (columns.names.size() == 0) fail("{}: no feature with a value above 0", features.name);
  if (options.method == Reduction::kProjection) return state;
  const Csr rows = rows_of(features, columns, features.ids.sorted_order(threads));
  const Csr turned = transpose(rows, columns.names.size());
  SvdOptions svd;
  svd.rank = options.dim;
  svd.seed = options.seed;
  state.basis = randomized_svd(rows.view(), turned.view(), svd, threads).right;
  state.features = std::move(columns.names);
  return state;
}

Vectors reduce_features(const FeatureTable& features, const ReduceState& state, int threads) {
  const bool is_svd = state.options.method == Reduction::kSvd;
  const Columns columns = columns_of(features, is_svd ? &state.features : nullptr);
  const Matrix projection = is_svd ? Matrix() : projection_of(columns.names, state.options, threads);
  const Matrix& basis = is_svd ? state.basis : projection;
  const std::vector<uint32_t> order = features.ids.sorted_order(threads);
  const Csr rows = rows_of(features, columns, order);
  Vectors made;
  made.items = features.ids.reordered(order);
  made.unknown = columns.unknown;
  made.vectors = Matrix(rows.rows(), basis.cols());
  sparse_times_dense(rows.view(), basis, made.vectors, threads);
  for (size_t item = 0; item < rows.rows(); ++item) {
    made.without += rows.row_size(item) == 0;
    for (size_t column = 0; column < basis.cols(); ++column) {
      if (!std::isfinite(made.vectors.row(item)[column]))
        fail("the vector of \"{}\" is beyond the range of float32: expected values nearer to 1",
             printable(made.items[static_cast<uint32_t>(item)]));
    }
  }
  return made;
}

}  // namespace rec
