#include "models/fm/fm_encoder.h"

#include <algorithm>

#include "base/error.h"

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

FmEncoder::FmEncoder(const Artefact& artefact) {
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (users == nullptr) fail("model: no tensor \"users.factors\"");
  users_ = users->view();
  if (users_.cols < 2) fail("model: tensor \"users.factors\" has {} columns, expected 2 or more", users_.cols);
  pairs_ = users_.cols - 2;
  unknown_user_ = tensor(artefact, kFmUnknownUser, users_.cols, 1).floats();
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
    if (at == 0) dim_ = factors->cols() - 1;
    column.factors = tensor(artefact, context_factors(at), column.categories.size(), dim_ + 1).view();
    columns_.push_back(std::move(column));
  }
  if (!columns_.empty()) {
    const ConstMatrixView unknown = tensor(artefact, kFmUnknownContext, columns_.size(), dim_ + 1).view();
    for (size_t at = 0; at < columns_.size(); ++at) columns_[at].unknown = unknown.row(at);
  }
  if (!columns_.empty() && pairs_ > 0 && pairs_ != dim_)
    fail("model: tensor \"{}\" has vectors of {} values, the users of {}", context_factors(0), dim_, pairs_);
  context_.assign(columns_.size(), kNoId);
}

uint32_t FmEncoder::find_category(size_t column, std::string_view category) const {
  return category.empty() ? kNoId : columns_[column].categories.find(category);
}

void FmEncoder::encode_in_context(uint32_t user, std::span<const uint32_t> categories, Behaviour& h) const {
  h.clear();
  const float* factors = user == kNoId ? unknown_user_ : users_.row(user);
  h.dense.assign(factors, factors + users_.cols);
  if (fields_.cols > 0) {
    const float* fields = user == kNoId ? unknown_fields_ : fields_.row(user);
    h.dense.insert(h.dense.end(), fields, fields + fields_.cols);
  }
  for (size_t at = 0; at < columns_.size(); ++at) {
    const Column& column = columns_[at];
    const float* row = categories[at] == kNoId ? column.unknown : column.factors.row(categories[at]);
    float* s = h.dense.data();
    float with_others = row[dim_];
    for (size_t c = 0; c < pairs_; ++c) {
      with_others += s[c] * row[c];
      s[c] += row[c];
    }
    s[pairs_ + 1] += with_others;
    if (fields_.cols > 0) h.dense.insert(h.dense.end(), row, row + dim_);
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
