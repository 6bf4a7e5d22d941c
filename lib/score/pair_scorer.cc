#include "score/pair_scorer.h"

namespace rec {

PairScorer::PairScorer(const Model& model, PairForm form, const UserVectors& users)
    : users_(users),
      function_(form, model.parts()),
      items_(model.items().size()) {}

void PairScorer::encode(std::string_view user, EncodedUser& encoded, Scratch& scratch) const {
  if (!encoded.row.empty()) clear_rows(function_.neighbours(), encoded.row, encoded.sums.data());
  encoded.row.clear();
  encoded.kind = users_.find(user, scratch.h);
  if (encoded.kind == UserKind::kPopular || encoded.kind == UserKind::kSkipped) return;
  encoded.image.resize(function_.image_size());
  function_.image(scratch.h.dense.data(), encoded.image.data());
  if (function_.neighbours().rows() == 0) return;
  encoded.sums.resize(items_, 0.0f);
  encoded.row = scratch.h.row;
  add_rows(function_.neighbours(), encoded.row, scratch.h.weight, encoded.sums.data());
}

void PairScorer::score(const EncodedUser& user, std::span<const uint32_t> items, float* out, Scratch& scratch) const {
  if (user.kind == UserKind::kPopular) {
    for (size_t k = 0; k < items.size(); ++k) out[k] = items[k] == kNoId ? 0.0f : users_.popularity()[items[k]];
    return;
  }
  scratch.rows.resize(items.size());
  const ConstMatrixView images = function_.item_images();
  for (size_t k = 0; k < items.size(); ++k)
    scratch.rows[k] = items[k] == kNoId ? function_.unknown_item() : images.row(items[k]);
  function_.values(user.image.data(), scratch.rows.data(), items.size(), out, scratch.function);
  if (function_.neighbours().rows() == 0) return;
  for (size_t k = 0; k < items.size(); ++k) {
    if (items[k] != kNoId) out[k] += user.sums[items[k]];
  }
}

}  // namespace rec
