#include "score/pair_scorer.h"

#include "linalg/dot.h"

namespace rec {

PairScorer::PairScorer(const Model& model, ScoreForm form, const UserVectors& users)
    : users_(users), function_(form, model.parts()), items_(model.items().size()) {}

void PairScorer::encode(std::string_view user, EncodedUser& encoded, Scratch& scratch) const {
  if (!encoded.row.empty()) clear_rows(function_.neighbours(), encoded.row, encoded.sums.data());
  encoded.row.clear();
  encoded.kind = users_.find(user, scratch.h);
  if (encoded.kind == UserKind::kPopular || encoded.kind == UserKind::kSkipped) return;
  encoded.image.resize(function_.image_size());
  function_.image(scratch.h.dense.data(), encoded.image.data());
  if (function_.is_pool()) function_.read_history(scratch.h, encoded.history);
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
  if (function_.is_pool()) return pool(user, items, out, scratch);
  function_.values(user.image.data(), scratch.rows.data(), items.size(), out, scratch.function);
  if (function_.neighbours().rows() == 0) return;
  for (size_t k = 0; k < items.size(); ++k) {
    if (items[k] != kNoId) out[k] += user.sums[items[k]];
  }
}

// scratch.rows: the items' vectors.
void PairScorer::pool(const EncodedUser& user, std::span<const uint32_t> items, float* out, Scratch& scratch) const {
  const size_t n = items.size();
  const ConstMatrixView queries = function_.pool_queries();
  scratch.queries.resize(n);
  for (size_t k = 0; k < n; ++k)
    scratch.queries[k] = items[k] == kNoId ? function_.unknown_query() : queries.row(items[k]);
  scratch.products.resize(n);
  scratch.logits.resize(n);
  scratch.sums.reset(n);
  const auto& [source, keys, weight] = user.history;
  for (size_t j = 0; j < user.history.size(); ++j) {
    dots(source.row(j), scratch.rows.data(), n, source.cols(), scratch.products.data());
    dots(keys.row(j), scratch.queries.data(), n, keys.cols(), scratch.logits.data());
    function_.add_pool(weight[j], scratch.products.data(), scratch.logits.data(), n, scratch.sums);
  }
  function_.finish_pool(scratch.sums, n, out);
}

}  // namespace rec
