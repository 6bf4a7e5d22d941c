#include "score/catalogue.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "score/finite.h"

namespace rec {
namespace {

using OutputKind = CatalogueOptions::Output;

constexpr float kNever = -std::numeric_limits<float>::infinity();

std::unique_ptr<const Scorer> attention_of(const Model& model, const CatalogueOptions& options) {
  return options.output == OutputKind::kPrediction ? nullptr : make_scorer(options.attention, model.parts());
}

std::unique_ptr<const Scorer> predictor_of(const Model& model, const CatalogueOptions& options) {
  const bool same = options.output == OutputKind::kScore && options.attention == options.predictor;
  return options.output == OutputKind::kAttention || same ? nullptr : make_scorer(options.predictor, model.parts());
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
    : Catalogue(model, users, exclusions, options, attention_of(model, options), predictor_of(model, options)) {}

Catalogue::Catalogue(const Model& model, const UserVectors& users, const Exclusions& exclusions,
                     const CatalogueOptions& options, std::unique_ptr<const Scorer> attention,
                     std::unique_ptr<const Scorer> predictor)
    : items_(model.items()),
      users_(users),
      exclusions_(exclusions),
      options_(options),
      attention_{std::move(attention), nullptr},
      predictor_{std::move(predictor), nullptr} {
  options_.top = std::min(options_.top, model.items().size());
  in_place_ = arrange_in_place();
  if (!in_place_) arrange();
}

// To sort and pack the items takes as long as some users do in place.
bool Catalogue::arrange_in_place() {
  constexpr size_t kFewUsers = 96;
  // The sum of α has the order of the scan, and one alone.
  if (options_.users > kFewUsers || options_.output != OutputKind::kPrediction) return false;
  for (Function* f : {&attention_, &predictor_}) {
    if (f->scorer) f->items = f->scorer->arrange_in_place();
    if (f->scorer && !f->items) return false;
  }
  return true;
}

// Both functions are scanned in one order: that of the predictor's tables, that of the
// attention's tables, or else the order in which the items' scores fall.
void Catalogue::arrange() {
  const size_t items = items_.size();
  Scorer::ScanOrder order;
  for (const Function* f : {&predictor_, &attention_}) {
    if (!f->scorer) continue;
    Scorer::ScanOrder its = f->scorer->scan_order(options_.threads);
    if (order.item_at.empty() || (its.of_tables && !order.of_tables)) order = std::move(its);
  }
  item_at_ = std::move(order.item_at);
  assert(item_at_.size() == items);
  position_of_.resize(items);
  for (uint32_t position = 0; position < items; ++position) position_of_[item_at_[position]] = position;
  for (Function* f : {&attention_, &predictor_}) {
    if (!f->scorer) continue;
    f->items = options_.output == OutputKind::kPrediction ? f->scorer->arrange_for_best(item_at_, options_.threads)
                                                          : f->scorer->arrange(item_at_);
  }
  if (users_.fallback() != Fallback::kPopular) return;
  popularity_.resize(items);
  for (size_t position = 0; position < items; ++position)
    popularity_[position] = users_.popularity()[item_at_[position]];
}

// Scores are looked at before excluded items get theirs, -infinity: a score that is not finite is
// an error here, and never a row that is missing.
void Catalogue::score_rows(const Function& f, Scorer::Users& prepared, size_t first, size_t count,
                           const std::vector<std::string_view>& users, Scratch& scratch,
                           AlignedBuffer<float>& block) const {
  if (scratch.prepared > 0 && options_.output == OutputKind::kPrediction) {
    scratch.floors.resize(scratch.prepared);
    for (size_t row = 0; row < scratch.prepared; ++row) scratch.floors[row] = scratch.best[row].threshold();
    f.items->score_block_above(scratch.prepared, scratch.floors.data(), first, count, prepared, block.data(),
                               kItemsPerBlock);
  } else if (scratch.prepared > 0) {
    f.items->score_block(scratch.prepared, first, count, prepared, block.data(), kItemsPerBlock);
  }
  for (size_t row = 0; row < scratch.user_of_row.size(); ++row) {
    float* values = block.data() + row * kItemsPerBlock;
    if (row >= scratch.prepared)
      std::copy_n((item_at_.empty() ? users_.popularity() : popularity_).data() + first, count, values);
    if (has_candidates(f, prepared, row, first, count, scratch)) {
      size_t bad = first_not_finite(values, count);
      if (row < scratch.prepared && f.items->is_partial()) {
        while (bad < count && values[bad] == kNever) bad += 1 + first_not_finite(values + bad + 1, count - bad - 1);
      }
      if (bad < count) throw Error(not_finite(users[scratch.user_of_row[row]], items_[item_at(first + bad)], "score"));
    }
    const std::vector<uint32_t>& excluded = scratch.excluded[row];
    auto at = std::lower_bound(excluded.begin(), excluded.end(), first);
    for (; at != excluded.end() && *at < first + count; ++at) values[*at - first] = kNever;
  }
}

bool Catalogue::has_candidates(const Function& f, const Scorer::Users& prepared, size_t row, size_t first, size_t count,
                               const Scratch& scratch) {
  return row >= scratch.prepared || f.items->has_candidates(row, first, count, prepared);
}

// Gives a row to each user who gets a list: first those with an h, then the others.
void Catalogue::begin(const std::vector<std::string_view>& users, std::span<const std::vector<uint32_t>> did,
                      std::vector<Result>& results, Scratch& scratch) const {
  const auto did_of = [&](size_t user) {
    return did.empty() ? std::span<const uint32_t>() : std::span<const uint32_t>(did[user]);
  };
  for (const auto& [f, prepared] :
       {std::pair(&attention_, &scratch.attention_users), std::pair(&predictor_, &scratch.predictor_users)}) {
    if (f->scorer && !*prepared) *prepared = f->scorer->make_users(kUsersPerBlock);
  }
  const size_t values = kUsersPerBlock * kItemsPerBlock;
  if (attention_.scorer) scratch.attention_block.resize(values);
  if (options_.output != OutputKind::kAttention) scratch.predictor_block.resize(values);
  scratch.weights.resize(kItemsPerBlock);
  scratch.best.resize(kUsersPerBlock);
  scratch.excluded.resize(kUsersPerBlock);
  scratch.sums.assign(kUsersPerBlock, SoftmaxSum(options_.temperature));
  scratch.user_of_row.clear();
  for (size_t user = 0; user < users.size(); ++user) {
    const UserKind kind = results[user].kind = users_.find(users[user], did_of(user), scratch.h);
    if (kind == UserKind::kPopular || kind == UserKind::kSkipped) continue;
    const size_t row = scratch.user_of_row.size();
    if (attention_.scorer) attention_.scorer->prepare(scratch.h, row, *scratch.attention_users);
    if (predictor_.scorer) predictor_.scorer->prepare(scratch.h, row, *scratch.predictor_users);
    scratch.user_of_row.push_back(user);
  }
  scratch.prepared = scratch.user_of_row.size();
  for (size_t user = 0; user < users.size(); ++user) {
    if (results[user].kind == UserKind::kPopular) scratch.user_of_row.push_back(user);
  }
  for (size_t row = 0; row < scratch.user_of_row.size(); ++row) {
    scratch.best[row].reset(options_.top);
    std::vector<uint32_t>& excluded = scratch.excluded[row];
    excluded.clear();
    exclusions_.collect(users[scratch.user_of_row[row]], excluded);
    const std::span<const uint32_t> own = did_of(scratch.user_of_row[row]);
    excluded.insert(excluded.end(), own.begin(), own.end());
    if (!position_of_.empty()) {
      for (uint32_t& item : excluded) item = position_of_[item];
    }
    std::sort(excluded.begin(), excluded.end());
  }
}

void Catalogue::best(const std::vector<std::string_view>& users, std::vector<Result>& results, Scratch& scratch) const {
  best(users, results, {&scratch, 1});
}

void Catalogue::best(const std::vector<std::string_view>& users, std::vector<Result>& results,
                     std::span<Scratch> scratch, std::span<const std::vector<uint32_t>> did) const {
  assert(users.size() <= kUsersPerBlock);
  const size_t blocks = (items_.size() + kItemsPerBlock - 1) / kItemsPerBlock;
  const size_t parts = in_place_ ? std::min(scratch.size(), std::max<size_t>(1, blocks)) : 1;
  results.resize(users.size());
  parallel_for(parts, static_cast<int>(parts), [&](size_t part, int) {
    std::vector<Result> own(users.size());
    begin(users, did, part == 0 ? results : own, scratch[part]);
    const auto position = [&](size_t at) { return std::min(items_.size(), blocks * at / parts * kItemsPerBlock); };
    scan(users, position(part), position(part + 1), scratch[part]);
  });
  std::vector<Scored> items;
  for (size_t part = 1; part < parts; ++part) {
    for (size_t row = 0; row < scratch[part].user_of_row.size(); ++row) {
      scratch[part].best[row].finish(items);
      for (const Scored& scored : items) scratch.front().best[row].push(scored.score, scored.index);
    }
  }
  finish(results, scratch.front());
}

void Catalogue::scan(const std::vector<std::string_view>& users, size_t first_position, size_t end,
                     Scratch& scratch) const {
  const size_t rows = scratch.user_of_row.size();
  const bool attends = attention_.scorer != nullptr;
  const bool predicts = predictor_.scorer != nullptr;
  const uint32_t* const map = item_at_.empty() ? nullptr : item_at_.data();
  const bool is_score = options_.output == OutputKind::kScore;
  for (int pass = is_score ? 0 : 1; pass < 2; ++pass) {
    for (size_t first = first_position; first < end; first += kItemsPerBlock) {
      const size_t count = std::min(kItemsPerBlock, end - first);
      if (attends)
        score_rows(attention_, *scratch.attention_users, first, count, users, scratch, scratch.attention_block);
      if (predicts && pass == 1)
        score_rows(predictor_, *scratch.predictor_users, first, count, users, scratch, scratch.predictor_block);
      for (size_t row = 0; row < rows; ++row) {
        if (attends && !has_candidates(attention_, *scratch.attention_users, row, first, count, scratch)) continue;
        float* g = attends ? scratch.attention_block.data() + row * kItemsPerBlock : nullptr;
        if (pass == 0) {
          scratch.sums[row].add(g, count);
          continue;
        }
        if (predicts && !has_candidates(predictor_, *scratch.predictor_users, row, first, count, scratch)) continue;
        if (options_.output == OutputKind::kAttention) {
          scratch.sums[row].add(g, count);
          scratch.best[row].push_block(g, count, static_cast<uint32_t>(first), map);
          continue;
        }
        float* values = scratch.predictor_block.data() + row * kItemsPerBlock;
        if (is_score) {
          // r = M·α; an excluded item (-infinity) stays excluded.
          scratch.sums[row].weights(g, count, scratch.weights.data());
          const float* predicted = predicts ? values : g;
          for (size_t at = 0; at < count; ++at)
            values[at] = predicted[at] == kNever ? kNever : predicted[at] * scratch.weights[at];
        }
        scratch.best[row].push_block(values, count, static_cast<uint32_t>(first), map);
      }
    }
  }
}

void Catalogue::finish(std::vector<Result>& results, Scratch& scratch) const {
  for (Result& result : results) result.items.clear();
  for (size_t row = 0; row < scratch.user_of_row.size(); ++row) {
    std::vector<Scored>& items = results[scratch.user_of_row[row]].items;
    scratch.best[row].finish(items);
    if (options_.output == OutputKind::kAttention) {
      for (Scored& scored : items) scored.score = scratch.sums[row].weight(scored.score);
    }
  }
}

}  // namespace rec
