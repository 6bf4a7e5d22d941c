#include "models/popularity/category_popularity.h"

#include <cmath>

#include "base/error.h"
#include "models/common/history_encoder.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

constexpr const char* kCategories = "items.source";
constexpr const char* kCategoryShares = "categories";
constexpr const char* kSmoothing = "smoothing";

}  // namespace

Artefact fit_category_popularity(const Interactions& data, const Csr& by_user, const std::vector<float>& counts,
                                 const IdTable& feature_items, const FeatureKind& kind, double smoothing) {
  if (!(smoothing > 0.0) || !std::isfinite(smoothing))
    fail_usage("--smoothing: expected a number above 0, found {}", smoothing);
  const size_t I = data.items.size();
  const size_t none = kind.categories.size();  // the category of items without any
  Matrix given_item(I, none + 1);              // P(c|i)
  bool any = false;
  for (uint32_t item = 0; item < I; ++item) {
    const FeatureKind::Row row = kind.row(feature_items.find(data.items[item]));
    double sum = 0.0;
    for (size_t at = 0; at < row.size; ++at) sum += static_cast<double>(row.value[at]);
    for (size_t at = 0; at < row.size; ++at)
      given_item(item, row.category[at]) = static_cast<float>(static_cast<double>(row.value[at]) / sum);
    if (row.size == 0) given_item(item, none) = 1.0f;
    any |= row.size > 0;
  }
  if (!any) fail("no item of the interactions has a category of kind \"{}\"", printable(kind.name));

  std::vector<double> in_category(none + 1, 0.0);  // Σ_i n_i P(c|i)
  double all = 0.0;
  for (size_t item = 0; item < I; ++item) {
    all += static_cast<double>(counts[item]);
    for (size_t c = 0; c <= none; ++c)
      in_category[c] += static_cast<double>(counts[item]) * static_cast<double>(given_item(item, c));
  }
  Matrix given_category(I, none + 1);  // P(i|c)
  for (size_t item = 0; item < I; ++item) {
    for (size_t c = 0; c <= none; ++c) {
      if (in_category[c] > 0.0)
        given_category(item, c) = static_cast<float>(static_cast<double>(counts[item]) *
                                                     static_cast<double>(given_item(item, c)) / in_category[c]);
    }
  }
  std::vector<float> shares;
  for (const double sum : in_category) shares.push_back(static_cast<float>(sum / all));

  Artefact artefact;
  artefact.items = data.items;
  artefact.users = data.users;
  artefact.meta["model"] = "pop";
  artefact.meta["encoder"] = "categories";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
  artefact.meta["category"] = kind.name;
  artefact.meta[kSmoothing] = fmt::format("{}", smoothing);
  artefact.add("items.factors", given_category);
  artefact.add(kCategories, given_item);
  artefact.add(kItemCounts, counts);
  artefact.add(kCategoryShares, shares);
  artefact.add_sparse(kUserHistory, {by_user.begin, by_user.index, {}});
  return artefact;
}

CategoryEncoder::CategoryEncoder(const Artefact& artefact) : smoothing_(artefact.number(kSmoothing)) {
  const Artefact::Tensor* categories = artefact.find(kCategories);
  const Artefact::Tensor* shares = artefact.find(kCategoryShares);
  const Artefact::Sparse* histories = artefact.find_sparse(kUserHistory);
  if (categories == nullptr || shares == nullptr || histories == nullptr) {
    fail("model: the encoder categories needs the tensors \"{}\" and \"{}\" and the matrix \"{}\"", kCategories,
         kCategoryShares, kUserHistory);
  }
  if (!(smoothing_ > 0.0)) fail("model: meta \"{}\": expected a number above 0, found {}", kSmoothing, smoothing_);
  categories_ = categories->view();
  if (shares->rows() * shares->cols() != categories_.cols)
    fail("model: tensor \"{}\" has {} values, expected {}", kCategoryShares, shares->rows() * shares->cols(),
         categories_.cols);
  all_ = {shares->floats(), categories_.cols};
  histories_ = histories->view;
}

void CategoryEncoder::mix(std::span<const uint32_t> items, Behaviour& h) const {
  std::vector<double> sum(categories_.cols);
  for (size_t c = 0; c < sum.size(); ++c) sum[c] = smoothing_ * static_cast<double>(all_[c]);
  for (const uint32_t item : items) {
    for (size_t c = 0; c < sum.size(); ++c) sum[c] += static_cast<double>(categories_(item, c));
  }
  h.clear();
  for (const double value : sum)
    h.dense.push_back(static_cast<float>(value / (static_cast<double>(items.size()) + smoothing_)));
}

bool CategoryEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= histories_.rows() || histories_.row(user).empty()) return false;
  mix(histories_.row(user), h);
  return true;
}

bool CategoryEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  mix(bag_of(history).item, h);
  return true;
}

bool CategoryEncoder::encode_unknown(Behaviour& h) const {
  mix({}, h);
  return true;
}

}  // namespace rec
