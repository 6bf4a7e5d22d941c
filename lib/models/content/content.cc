#include "models/content/content.h"

#include <algorithm>

#include "base/error.h"
#include "linalg/dot.h"
#include "linalg/randomized_svd.h"
#include "linalg/sparse_product.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

bool is_zero(const float* x, size_t n) {
  return std::all_of(x, x + n, [](float value) { return value == 0.0f; });
}

// V, C × D.
Matrix basis_of(const SideFeatures& items, const ContentOptions& options, int threads) {
  const size_t C = items.map.size();
  const auto most = static_cast<size_t>(options.dim);
  if (C > most) {
    const Csr by_feature = transpose(items.rows, C);
    return randomized_svd(items.rows.view(), by_feature.view(), {.rank = most, .seed = options.seed}, threads).right;
  }
  Matrix identity(C, C);
  for (size_t at = 0; at < C; ++at) identity(at, at) = 1.0f;
  return identity;
}

}  // namespace

ContentEncoder::ContentEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
  if (users != nullptr) users_ = users->view();
  if (users != nullptr && users_.cols != items_.cols)
    fail("model: users have {} factors, items {}", users_.cols, items_.cols);
  ContentOptions options;
  read_options(artefact.meta, options);
  check_ranges(options);
  weights_ = {options.confidence, options.confidence_scale, options.half_life.amount,
              options.now ? std::optional<double>(options.now->time.value) : std::nullopt};
}

bool ContentEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows || is_zero(users_.row(user), users_.cols)) return false;
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

bool ContentEncoder::encode_history(const History& history, Behaviour& h) const {
  const ItemBag bag = weigh_history(history, weights_);
  double sum = 0.0;
  for (size_t at = 0; at < bag.item.size(); ++at) sum += static_cast<double>(weight_at(bag.value, at));
  h.dense.assign(items_.cols, 0.0f);
  for (size_t at = 0; at < bag.item.size(); ++at) {
    const auto share = static_cast<float>(static_cast<double>(weight_at(bag.value, at)) / sum);
    axpy(share, items_.row(bag.item[at]), items_.cols, h.dense.data());
  }
  return !is_zero(h.dense.data(), h.dense.size());
}

Artefact fit_content_items(const Interactions& data, const Csr& by_user, const SideFeatures& items,
                           const ContentOptions& options, int threads) {
  const bool mean = options.user_model == UserModel::kMean;
  Artefact artefact;
  artefact.items = data.items;
  artefact.users = data.users;
  artefact.meta["model"] = "content";
  artefact.meta["encoder"] = mean ? "content" : "als";
  artefact.meta["attention"] = mean ? "cosine" : "dot";
  artefact.meta["predictor"] = mean ? "cosine" : "dot";
  write_options(options, artefact.meta);
  Matrix basis = basis_of(items, options, threads);
  Matrix vectors(data.items.size(), basis.cols());
  sparse_times_dense(items.rows.view(), basis, vectors, threads);
  artefact.take("items.factors", std::move(vectors));
  artefact.add(kItemCounts, item_counts(by_user, data.items.size()));
  add_feature_map(items.map, IdKind::kItem, artefact);
  artefact.take(feature_table_name(IdKind::kItem) + ".factors", std::move(basis));
  return artefact;
}

uint64_t content_memory(size_t users, const SideFeatures& items, const ContentOptions& options) {
  const uint64_t I = items.rows.rows();
  const uint64_t C = items.map.size();
  const uint64_t D = std::min<uint64_t>(static_cast<uint64_t>(options.dim), C);
  const uint64_t svd = C > D ? 2 * (I + C) * (D + 32) : 0;
  return sizeof(float) * (svd + 2 * (I + C) * D + users * D) + 8 * items.rows.entries();
}

}  // namespace rec
