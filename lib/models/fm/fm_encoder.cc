#include "models/fm/fm_encoder.h"

#include <algorithm>

#include "base/error.h"
#include "models/common/feature_rows.h"
#include "models/fm/fm_net.h"

namespace rec {
namespace {

const Artefact::Tensor& tensor(const Artefact& artefact, const std::string& name, size_t rows, size_t cols) {
  const Artefact::Tensor* found = artefact.find(name);
  if (found == nullptr) fail("model: no tensor \"{}\"", name);
  if (found->rows() != rows || found->cols() != cols)
    fail("model: tensor \"{}\" has {} x {} values, expected {} x {}", name, found->rows(), found->cols(), rows, cols);
  return *found;
}

}  // namespace

std::string context_key(size_t column) { return fmt::format("context-{}", column + 1); }
std::string context_factors(size_t column) { return context_key(column) + ".factors"; }

FmPairs fm_pairs_of(const Artefact& artefact) {
  FmPairs pairs;
  const std::optional<Pairwise> kind = value_in(kPairwise, artefact.text("pairwise"));
  if (!kind || !by_field(*kind))
    fail("model: pairwise is \"{}\", expected fwfm or ffm", printable(artefact.text("pairwise")));
  pairs.kind = *kind;
  const double dim = artefact.number("dim");
  if (!(dim >= 1.0 && dim <= kMostDim)) fail("model: dim is {}, expected 1 to {}", dim, kMostDim);
  pairs.dim = static_cast<size_t>(dim);
  size_t columns = 0;
  while (artefact.meta.contains(context_key(columns))) ++columns;
  // A side is one field, or two with its features.
  const size_t of_users = has_feature_map(artefact, IdKind::kUser) ? 2 : 1;
  const size_t of_items = has_feature_map(artefact, IdKind::kItem) ? 2 : 1;
  pairs.of_item = of_users + columns;
  pairs.fields = pairs.of_item + of_items;
  (void)tensor(artefact, kFmUserFields, artefact.users.size(), of_users * pairs.width());
  (void)tensor(artefact, kFmItemFields, artefact.items.size(), of_items * pairs.width());
  if (pairs.kind == Pairwise::kFwfm) pairs.weight = tensor(artefact, kFmPairs, pairs.fields, pairs.fields).floats();
  return pairs;
}

FmEncoder::FmEncoder(const Artefact& artefact) {
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (users == nullptr) fail("model: no tensor \"users.factors\"");
  users_ = users->view();
  if (users_.cols < 2) fail("model: tensor \"users.factors\" has {} columns, expected 2 or more", users_.cols);
  pairs_ = users_.cols - 2;
  unknown_user_ = tensor(artefact, kFmUnknownUser, users_.cols, 1).floats();
  layers_ = artefact.find(layer_tensor(1, "weight")) != nullptr;
  if (const Artefact::Tensor* fields = artefact.find(kFmUserFields)) {
    fields_ = fields->view();
    unknown_fields_ = tensor(artefact, kFmUnknownUserFields, fields_.cols, 1).floats();
  }
  for (size_t at = 0; artefact.meta.contains(context_key(at)); ++at) {
    names_.push_back(artefact.text(context_key(at)));
    Column column;
    if (const auto table = artefact.tables.find(context_key(at)); table != artefact.tables.end()) {
      column.categories = table->second;
      column.categories.index();
    }
    const Artefact::Tensor* factors = artefact.find(context_factors(at));
    if (factors == nullptr || factors->cols() == 0) fail("model: no tensor \"{}\"", context_factors(at));
    if (at == 0) width_ = factors->cols() - 1;
    column.factors = tensor(artefact, context_factors(at), column.categories.size(), width_ + 1).view();
    columns_.push_back(std::move(column));
  }
  if (!columns_.empty()) {
    const ConstMatrixView unknown = tensor(artefact, kFmUnknownContext, columns_.size(), width_ + 1).view();
    for (size_t at = 0; at < columns_.size(); ++at) columns_[at].unknown = unknown.row(at);
  }
  context_.assign(columns_.size(), kNoId);
  if (artefact.text("encoder") == kFmFieldsEncoder) {
    by_field_ = fm_pairs_of(artefact);
    if (by_field_.size() != pairs_ || (!columns_.empty() && width_ != by_field_.width()))
      fail("model: h of {} values, contexts of {}, expected {} and {}", users_.cols, width_, by_field_.size() + 2,
           by_field_.width());
    width_ = by_field_.width();
    return;
  }
  if (!columns_.empty() && pairs_ > 0 && pairs_ != width_)
    fail("model: tensor \"{}\" has vectors of {} values, the users of {}", context_factors(0), width_, pairs_);
}

uint32_t FmEncoder::find_category(size_t column, std::string_view category) const {
  return category.empty() ? kNoId : columns_[column].categories.find(category);
}

void FmEncoder::encode_in_context(uint32_t user, std::span<const uint32_t> categories, Behaviour& h) const {
  h.clear();
  const float* factors = user == kNoId ? unknown_user_ : users_.row(user);
  h.dense.assign(factors, factors + users_.cols);
  const float* fields = user == kNoId || fields_.cols == 0 ? unknown_fields_ : fields_.row(user);
  if (layers_) h.dense.insert(h.dense.end(), fields, fields + fields_.cols);
  if (by_field_.kind != Pairwise::kNone) {
    add_context(fields, categories, h.dense.data());
    if (!layers_) return;
    for (size_t at = 0; at < columns_.size(); ++at) {
      const float* row = columns_[at].row(categories[at]);
      h.dense.insert(h.dense.end(), row, row + width_);
    }
    return;
  }
  for (size_t at = 0; at < columns_.size(); ++at) {
    const float* row = columns_[at].row(categories[at]);
    float* s = h.dense.data();
    float with_others = row[width_];
    for (size_t c = 0; c < pairs_; ++c) {
      with_others += s[c] * row[c];
      s[c] += row[c];
    }
    s[pairs_ + 1] += with_others;
    if (layers_) h.dense.insert(h.dense.end(), row, row + width_);
  }
}

void FmEncoder::add_context(const float* user_fields, std::span<const uint32_t> categories, float* h) const {
  std::vector<const float*> fields;  // of the row so far
  for (size_t at = 0; at < fields_.cols; at += width_) fields.push_back(user_fields + at);
  for (size_t at = 0; at < columns_.size(); ++at) {
    const float* row = columns_[at].row(categories[at]);
    float with_others = row[width_];
    for (size_t f = 0; f < fields.size(); ++f) with_others += by_field_.pair(f, fields[f], fields.size(), row);
    by_field_.add(fields.size(), row, h);
    h[pairs_ + 1] += with_others;
    fields.push_back(row);
  }
}

bool FmEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user == kNoId) return false;
  encode_in_context(user, context_, h);
  return true;
}

bool FmEncoder::encode_unknown(Behaviour& h) const {
  encode_in_context(kNoId, context_, h);
  return true;
}

}  // namespace rec
