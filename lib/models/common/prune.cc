#include "models/common/prune.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "data/quantise.h"
#include "linalg/symmetric_eigen.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

// Everything but tensors, sparse matrices and items.
Artefact frame_of(const Artefact& model) {
  Artefact out;
  out.meta = model.meta;
  out.users = model.users;
  out.tables = model.tables;
  return out;
}

// The rows (where they are items) and columns of `matrix` that have a new number; kNoId: it goes.
Csr renumbered(const Artefact::Sparse& matrix, const std::vector<uint32_t>& number) {
  const bool by_item = matrix.name.starts_with("items.");
  Csr out;
  out.begin.assign(1, 0);
  for (size_t row = 0; row < matrix.view.rows(); ++row) {
    if (by_item && number[row] == kNoId) continue;
    for (uint64_t at = matrix.view.begin[row]; at < matrix.view.begin[row + 1]; ++at) {
      if (number[matrix.view.index[at]] == kNoId) continue;
      out.index.push_back(number[matrix.view.index[at]]);
      if (!matrix.view.weight.empty()) out.weight.push_back(matrix.view.weight[at]);
    }
    out.begin.push_back(out.index.size());
  }
  return out;
}

// The sums of products of columns: F × F, row by row.
std::vector<double> gram_of(ConstMatrixView rows) {
  const size_t F = rows.cols;
  std::vector<double> gram(F * F), row(F);
  for (size_t r = 0; r < rows.rows; ++r) {
    for (size_t f = 0; f < F; ++f) row[f] = static_cast<double>(rows(r, f));
    for (size_t f = 0; f < F; ++f) {
      for (size_t g = f; g < F; ++g) gram[f * F + g] += row[f] * row[g];
    }
  }
  for (size_t f = 0; f < F; ++f) {
    for (size_t g = 0; g < f; ++g) gram[f * F + g] = gram[g * F + f];
  }
  return gram;
}

// vᵀ A v for a symmetric F × F.
double quadratic_form(const std::vector<double>& A, std::span<const double> v) {
  double sum = 0.0;
  for (size_t f = 0; f < v.size(); ++f)
    sum += v[f] * std::inner_product(v.begin(), v.end(), A.data() + f * v.size(), 0.0);
  return sum;
}

// An orthogonal turn of all vectors, cut to the factors that stay.
struct Turn {
  size_t factors = 0;      // F
  size_t kept = 0;         // those that stay
  std::vector<double> to;  // F × kept, row by row
  double lost = 0.0;
};

// The turn in which the columns that `gram` is of are orthogonal, so that the energy of all products is a sum over
// factors, |column|² |column of the other side|². Those of the least energy go, up to `loss` of all of it.
Turn turn_by(const std::vector<double>& gram, const std::vector<double>& other, size_t F, double loss) {
  const SymmetricEigen eigen = symmetric_eigen(gram, F);
  std::vector<double> energy(F);
  for (size_t f = 0; f < F; ++f)
    energy[f] = std::max(0.0, eigen.values[f]) * std::max(0.0, quadratic_form(other, eigen.vector(f)));
  std::vector<size_t> order(F);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return energy[a] > energy[b]; });
  const double all = std::accumulate(energy.begin(), energy.end(), 0.0);
  double gone = 0.0;
  while (order.size() > 1 && gone + energy[order.back()] <= loss * all) {
    gone += energy[order.back()];
    order.pop_back();
  }
  Turn turn{F, order.size(), std::vector<double>(F * order.size()), all > 0.0 ? gone / all : 0.0};
  for (size_t c = 0; c < turn.kept; ++c) {
    const std::span<const double> vector = eigen.vector(order[c]);
    for (size_t f = 0; f < F; ++f) turn.to[f * turn.kept + c] = vector[f];
  }
  return turn;
}

void add_turned(const Artefact::Tensor& tensor, const Turn& turn, Artefact& out) {
  const bool is_row = tensor.shape.size() == 1;  // one vector
  const size_t rows = is_row ? 1 : tensor.rows();
  float* values =
      is_row ? out.add_empty(tensor.name, {turn.kept}) : out.add_empty(tensor.name, {tensor.rows(), turn.kept});
  std::vector<double> turned(turn.kept);
  for (size_t r = 0; r < rows; ++r) {
    std::fill(turned.begin(), turned.end(), 0.0);
    for (size_t f = 0; f < turn.factors; ++f) {
      const auto x = static_cast<double>(tensor.floats()[r * turn.factors + f]);
      const double* to = turn.to.data() + f * turn.kept;
      for (size_t c = 0; c < turn.kept; ++c) turned[c] += x * to[c];
    }
    for (const double value : turned) *values++ = static_cast<float>(value);
  }
}

}  // namespace

Pruned prune_items(const Artefact& model, double least) {
  const Artefact::Tensor* counts = model.find(kItemCounts);
  if (counts == nullptr) fail("the model has no tensor \"{}\", which says how many users an item has", kItemCounts);
  Pruned result;
  result.before = model.items.size();
  const auto rest = std::make_shared<const Artefact>(model);
  Artefact out = frame_of(model);
  std::vector<uint32_t> number(model.items.size(), kNoId), kept;
  double all = 0.0, gone = 0.0;
  for (uint32_t item = 0; item < model.items.size(); ++item) {
    const auto count = static_cast<double>(counts->floats()[item]);
    all += count;
    if (count < least) {
      gone += count;
      continue;
    }
    number[item] = out.items.intern(model.items[item]);
    kept.push_back(item);
  }
  result.after = kept.size();
  if (kept.empty()) fail("no item has {} users or more: nothing would be left", least);
  result.lost = all > 0.0 ? gone / all : 0.0;
  for (const Artefact::Tensor& tensor : rest->tensors()) {
    if (!tensor.name.starts_with("items.")) {
      out.add_mapped(tensor, rest);
      continue;
    }
    std::vector<uint64_t> shape = tensor.shape;
    shape[0] = kept.size();
    auto* to = static_cast<char*>(out.add_empty(tensor.name, std::move(shape), tensor.dtype));
    const size_t bytes = tensor.cols() * size_of(tensor.dtype);
    for (const uint32_t item : kept) {
      if (bytes > 0) std::memcpy(to, static_cast<const char*>(tensor.data) + item * bytes, bytes);
      to += bytes;
    }
  }
  for (const Artefact::Sparse& matrix : rest->sparse()) out.add_sparse(matrix.name, renumbered(matrix, number));
  link_quantised(out);
  result.model = std::move(out);
  return result;
}

Pruned prune_neighbours(const Artefact& model, size_t most) {
  const auto named = model.meta.find("neighbours");
  const Artefact::Sparse* neighbours = named == model.meta.end() ? nullptr : model.find_sparse(named->second);
  if (neighbours == nullptr || neighbours->view.weight.empty())
    fail("the model has no weights of neighbours, as rec-embed knn and ease learn them");
  Pruned result;
  const SparseView& view = neighbours->view;
  result.before = view.entries();
  Csr kept;
  kept.begin.assign(1, 0);
  double all = 0.0, stays = 0.0;
  std::vector<uint64_t> order;
  for (size_t row = 0; row < view.rows(); ++row) {
    order.resize(view.begin[row + 1] - view.begin[row]);
    std::iota(order.begin(), order.end(), view.begin[row]);
    const auto square = [&](uint64_t at) {
      return static_cast<double>(view.weight[at]) * static_cast<double>(view.weight[at]);
    };
    for (const uint64_t at : order) all += square(at);
    if (order.size() > most) {
      std::stable_sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) { return square(a) > square(b); });
      order.resize(most);
      std::sort(order.begin(), order.end());
    }
    for (const uint64_t at : order) {
      stays += square(at);
      kept.index.push_back(view.index[at]);
      kept.weight.push_back(view.weight[at]);
    }
    kept.begin.push_back(kept.index.size());
  }
  result.after = kept.index.size();
  result.lost = all > 0.0 ? std::max(0.0, 1.0 - stays / all) : 0.0;
  const auto rest = std::make_shared<const Artefact>(model);
  Artefact out = frame_of(model);
  out.items = model.items;
  for (const Artefact::Tensor& tensor : rest->tensors()) out.add_mapped(tensor, rest);
  for (const Artefact::Sparse& matrix : rest->sparse()) {
    if (matrix.name == neighbours->name) {
      out.add_sparse(matrix.name, std::move(kept));
    } else {
      out.add_mapped_sparse(matrix.name, matrix.view, rest);
    }
  }
  result.model = std::move(out);
  return result;
}

Pruned prune_factors(const Artefact& given, double loss) {
  const auto kind = given.meta.find("model");
  const bool svd = kind != given.meta.end() && kind->second == "svd";
  if (!svd && (kind == given.meta.end() || kind->second != "als"))
    fail("factors are pruned in models of als and svd; this one is of {}",
         kind == given.meta.end() ? "nothing that is known" : printable(kind->second));
  const auto rest = std::make_shared<const Artefact>(dequantised(given));
  const Artefact::Tensor* items = rest->find("items.factors");
  const Artefact::Tensor* users = rest->find(svd ? "items.source" : "users.factors");
  if (!svd && users == nullptr) fail("the model has no users, whose vectors say what a factor is worth");
  if (items == nullptr || users == nullptr || items->cols() != users->cols() || items->shape.size() != 2)
    fail("model: the vectors of items and users do not fit together");
  const size_t F = items->cols();
  const std::vector<double> of_items = gram_of(items->view()), of_users = gram_of(users->view());
  Turn turn = turn_by(of_items, of_users, F, loss);
  // Where the items' columns are orthogonal as they stand, as those of svd may be, rounding alone would turn them.
  Turn by_users = turn_by(of_users, of_items, F, loss);
  if (by_users.kept < turn.kept || (by_users.kept == turn.kept && by_users.lost < turn.lost))
    turn = std::move(by_users);
  Pruned result;
  result.before = F;
  result.after = turn.kept;
  result.lost = turn.lost;
  Artefact out = frame_of(*rest);
  out.items = rest->items;
  if (out.meta.contains("dim")) out.meta["dim"] = fmt::format("{}", result.after);
  const auto is_vectors = [&](const Artefact::Tensor& tensor) {
    const std::string_view what = std::string_view(tensor.name).substr(tensor.name.rfind('.') + 1);
    if (what != "factors" && what != "source" && tensor.name != "unknown.item" && tensor.name != "unknown.user")
      return false;
    return tensor.dtype == Dtype::kFloat32 && (tensor.shape.size() == 1 ? tensor.rows() : tensor.cols()) == F;
  };
  for (const Artefact::Tensor& tensor : rest->tensors()) {
    is_vectors(tensor) ? add_turned(tensor, turn, out) : out.add_mapped(tensor, rest);
  }
  for (const Artefact::Sparse& matrix : rest->sparse()) out.add_mapped_sparse(matrix.name, matrix.view, rest);
  result.model = std::move(out);
  return result;
}

}  // namespace rec
