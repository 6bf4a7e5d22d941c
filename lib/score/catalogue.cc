#include "score/catalogue.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace rec {
namespace {

// Items a block holds: with 64 users' scores it fits the second-level cache.
constexpr size_t kItemsPerBlock = 42 * PackedItems::kPanel;
// Those that functions which are no inner products work on at a time.
constexpr size_t kItemsPerStep = 192;
// Items of a history that pool works on at a time.
constexpr size_t kHistoryRows = 32;
constexpr float kNever = -std::numeric_limits<float>::infinity();

std::vector<uint32_t> by_norm(ConstMatrixView images) {
  std::vector<double> norm(images.rows, 0.0);
  for (size_t item = 0; item < images.rows; ++item) {
    for (size_t d = 0; d < images.cols; ++d)
      norm[item] += static_cast<double>(images(item, d)) * static_cast<double>(images(item, d));
  }
  std::vector<uint32_t> order(images.rows);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return norm[a] > norm[b]; });
  return order;
}

}  // namespace

void Exclusions::add(const UserItems& lists, const IdTable& model_items) {
  sources_.push_back({&lists, match_ids(lists.items, model_items)});
}

void Exclusions::collect(std::string_view user, std::vector<uint32_t>& items) const {
  for (const Source& source : sources_) {
    for (const uint32_t item : source.lists->items_of(source.lists->users.find(user))) {
      if (source.number_of[item] != kNoId) items.push_back(source.number_of[item]);
    }
  }
}

Catalogue::Catalogue(const Model& model, const UserVectors& users, const Exclusions& exclusions,
                     const CatalogueOptions& options)
    : model_(model),
      users_(users),
      exclusions_(exclusions),
      options_(options),
      attention_(options.output == CatalogueOptions::Output::kPrediction ? options.predictor : options.attention,
                 model.parts()),
      predictor_(options.output == CatalogueOptions::Output::kAttention ? options.attention : options.predictor,
                 model.parts()) {
  const bool wants_attention = options.output != CatalogueOptions::Output::kPrediction;
  const bool wants_predictor = options.output != CatalogueOptions::Output::kAttention;
  const size_t I = model.items().size();
  options_.top = std::min(options_.top, I);
  if (attention_.neighbours().rows() + predictor_.neighbours().rows() > 0) {
    item_at_.resize(I);
    std::iota(item_at_.begin(), item_at_.end(), 0u);
  } else {
    item_at_ = by_norm((wants_predictor ? predictor_ : attention_).item_images());
  }
  position_of_.resize(I);
  for (uint32_t position = 0; position < I; ++position) position_of_[item_at_[position]] = position;
  if (wants_attention) attention_items_ = arrange(attention_);
  if (wants_predictor) predictor_items_ = arrange(predictor_);
  if (!users.popularity().empty()) {
    popularity_.resize(I);
    for (size_t position = 0; position < I; ++position) popularity_[position] = users.popularity()[item_at_[position]];
  }
}

Catalogue::Items Catalogue::arrange(const PairFunction& f) const {
  Items items;
  if (f.is_pool()) items.queries = PackedItems(f.pool_queries(), nullptr, item_at_.data(), item_at_.size());
  if (f.is_inner_product() || f.is_pool()) {
    items.packed = PackedItems(f.item_images(), nullptr, item_at_.data(), item_at_.size());
  } else {
    for (const uint32_t item : item_at_) items.rows.push_back(f.item_images().row(item));
  }
  return items;
}

void Catalogue::score_rows(const PairFunction& f, const Items& items, const Matrix& images,
                           const std::vector<Result>& results, size_t first, size_t count, AlignedBuffer<float>& block,
                           Scratch& scratch) const {
  const size_t users = results.size();
  block.resize(kUsersPerBlock * kItemsPerBlock);
  if (f.is_pool()) {
    for (size_t user = 0; user < users; ++user)
      pool(f, items, scratch.history[user], first, count, block.data() + user * kItemsPerBlock, scratch);
  } else if (!f.is_inner_product()) {
    // Few items at a time: their images stay in the cache for all users.
    for (size_t at = 0; at < count; at += kItemsPerStep) {
      for (size_t user = 0; user < users; ++user) {
        f.values(images.row(user), items.rows.data() + first + at, std::min(kItemsPerStep, count - at),
                 block.data() + user * kItemsPerBlock + at, scratch.function);
      }
    }
  } else if (f.image_size() > 0) {
    score_block(images.view().middle_rows(0, users), items.packed, first, count, block.data(), kItemsPerBlock);
    for (size_t user = 0; user < users; ++user) f.finish(block.data() + user * kItemsPerBlock, count);
  } else {
    std::fill(block.begin(), block.end(), 0.0f);
  }
  for (size_t user = 0; user < users; ++user) {
    float* values = block.data() + user * kItemsPerBlock;
    if (results[user].kind == UserKind::kPopular) std::copy_n(popularity_.data() + first, count, values);
    if (f.neighbours().rows() > 0) add_neighbours(f.neighbours(), user, first, count, values, scratch);
    const std::vector<uint32_t>& excluded = scratch.excluded[user];
    auto at = std::lower_bound(excluded.begin(), excluded.end(), first);
    for (; at != excluded.end() && *at < first + count; ++at) values[*at - first] = kNever;
  }
}

void Catalogue::pool(const PairFunction& f, const Items& items, const PairFunction::PoolHistory& history, size_t first,
                     size_t count, float* values, Scratch& scratch) const {
  scratch.pool_sums.reset(count);
  scratch.products.resize(kHistoryRows * kItemsPerBlock);
  scratch.logits.resize(kHistoryRows * kItemsPerBlock);
  for (size_t from = 0; from < history.size(); from += kHistoryRows) {
    const size_t rows = std::min(kHistoryRows, history.size() - from);
    score_block(history.source.view().middle_rows(from, rows), items.packed, first, count, scratch.products.data(),
                kItemsPerBlock);
    score_block(history.keys.view().middle_rows(from, rows), items.queries, first, count, scratch.logits.data(),
                kItemsPerBlock);
    for (size_t j = 0; j < rows; ++j) {
      f.add_pool(history.weight[from + j], scratch.products.data() + j * kItemsPerBlock,
                 scratch.logits.data() + j * kItemsPerBlock, count, scratch.pool_sums);
    }
  }
  f.finish_pool(scratch.pool_sums, count, values);
}

void Catalogue::add_neighbours(const SparseView& neighbours, size_t user, size_t first, size_t count, float* values,
                               Scratch& scratch) const {
  const Behaviour& h = scratch.h[user];
  if (h.row.empty()) return;
  std::vector<uint64_t>& next = scratch.next[user];
  if (first == 0) {
    next.resize(h.row.size());
    for (size_t k = 0; k < next.size(); ++k) next[k] = neighbours.begin[h.row[k]];
  }
  scratch.added.assign(kItemsPerBlock, 0.0f);
  add_rows_window(neighbours, h.row, h.weight, next.data(), first, first + count, scratch.added.data());
  for (size_t at = 0; at < count; ++at) values[at] += scratch.added[at];
}

void Catalogue::best(const std::vector<std::string_view>& users, std::vector<Result>& results, Scratch& scratch) const {
  using Kind = CatalogueOptions::Output;
  const size_t U = users.size();
  assert(U <= kUsersPerBlock);
  const size_t I = item_at_.size();
  results.resize(U);
  scratch.h.resize(kUsersPerBlock);
  scratch.next.resize(kUsersPerBlock);
  scratch.history.resize(kUsersPerBlock);
  scratch.best.resize(kUsersPerBlock);
  scratch.sums.assign(kUsersPerBlock, SoftmaxSum(options_.temperature));
  scratch.excluded.resize(kUsersPerBlock);
  scratch.attention_images.resize(kUsersPerBlock, attention_.image_size());
  scratch.predictor_images.resize(kUsersPerBlock, predictor_.image_size());

  for (size_t user = 0; user < U; ++user) {
    const UserKind kind = results[user].kind = users_.find(users[user], scratch.h[user]);
    scratch.best[user].reset(options_.top);
    scratch.excluded[user].clear();
    exclusions_.collect(users[user], scratch.excluded[user]);
    for (uint32_t& item : scratch.excluded[user]) item = position_of_[item];
    std::sort(scratch.excluded[user].begin(), scratch.excluded[user].end());
    const bool nothing = kind == UserKind::kPopular || kind == UserKind::kSkipped;  // their rows stay zero
    if (nothing) scratch.h[user].clear();
    for (const PairFunction* f : {&attention_, &predictor_}) {
      if (f->is_pool()) f->read_history(scratch.h[user], scratch.history[user]);
    }
    if (nothing) continue;
    attention_.image(scratch.h[user].dense.data(), scratch.attention_images.row(user));
    predictor_.image(scratch.h[user].dense.data(), scratch.predictor_images.row(user));
  }

  const bool is_score = options_.output == Kind::kScore;
  const bool same = options_.attention == options_.predictor;
  for (int pass = is_score ? 0 : 1; pass < 2; ++pass) {
    for (size_t first = 0; first < I; first += kItemsPerBlock) {
      const size_t count = std::min(kItemsPerBlock, I - first);
      if (options_.output != Kind::kPrediction) {
        score_rows(attention_, attention_items_, scratch.attention_images, results, first, count,
                   scratch.attention_block, scratch);
      }
      if (pass == 1 && (options_.output == Kind::kPrediction || (is_score && !same))) {
        score_rows(predictor_, predictor_items_, scratch.predictor_images, results, first, count,
                   scratch.predictor_block, scratch);
      }
      for (size_t user = 0; user < U; ++user) {
        if (results[user].kind == UserKind::kSkipped) continue;
        float* g = scratch.attention_block.data() + user * kItemsPerBlock;
        if (pass == 0) {
          scratch.sums[user].add(g, count);
          continue;
        }
        if (options_.output == Kind::kAttention) {
          scratch.sums[user].add(g, count);
          scratch.best[user].push_block(g, count, static_cast<uint32_t>(first), item_at_.data());
          continue;
        }
        float* values = scratch.predictor_block.data() + user * kItemsPerBlock;
        if (is_score) {
          // r = M·α; an excluded item (-infinity) stays excluded.
          std::vector<float>& share = scratch.shares;
          share.resize(kItemsPerBlock);
          scratch.sums[user].shares(g, count, share.data());
          const float* predicted = same ? g : values;
          scratch.predictor_block.resize(kUsersPerBlock * kItemsPerBlock);
          values = scratch.predictor_block.data() + user * kItemsPerBlock;
          for (size_t at = 0; at < count; ++at)
            values[at] = predicted[at] == kNever ? kNever : predicted[at] * share[at];
        }
        scratch.best[user].push_block(values, count, static_cast<uint32_t>(first), item_at_.data());
      }
    }
  }
  for (size_t user = 0; user < U; ++user) {
    results[user].items.clear();
    if (results[user].kind == UserKind::kSkipped) continue;
    scratch.best[user].finish(results[user].items);
    if (options_.output == Kind::kAttention) {
      for (Scored& scored : results[user].items) scored.score = scratch.sums[user].share(scored.score);
    }
  }
}

}  // namespace rec
