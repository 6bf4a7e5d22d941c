#include "models/inference/projection_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel_for.h"
#include "base/parallel_sort.h"
#include "linalg/dot.h"
#include "linalg/sgemm.h"

namespace rec {
namespace {

// Items that all users pass before the next ones: their projections stay in the cache.
constexpr size_t kProjectionItemsPerStep = 192;

class ProjectedItems : public ArrangedItems {
 public:
  ProjectedItems(const ProjectionScorer& scorer, std::span<const uint32_t> item_at) : scorer_(scorer) {
    rows_.reserve(item_at.size());
    const ConstMatrixView items = scorer.item_projections().floats();
    for (const uint32_t item : item_at) rows_.push_back(items.row(item));
  }

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    auto& own = static_cast<ProjectionScorer::ProjectedUsers&>(users);
    for (size_t at = 0; at < count; at += kProjectionItemsPerStep) {
      const size_t n = std::min(kProjectionItemsPerStep, count - at);
      for (size_t user = 0; user < n_users; ++user) {
        scorer_.score_projections(own.projections.row(user), rows_.data() + first + at, n, own,
                                  out + user * stride + at);
      }
    }
  }

 private:
  const ProjectionScorer& scorer_;
  std::vector<const float*> rows_;  // by position
};

class ItemsInPlace : public ArrangedItems {
 public:
  explicit ItemsInPlace(const ProjectionScorer& scorer) : scorer_(scorer) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    auto& own = static_cast<ProjectionScorer::ProjectedUsers&>(users);
    const float* rows[kProjectionItemsPerStep];
    for (size_t at = 0; at < count; at += kProjectionItemsPerStep) {
      const size_t n = std::min(kProjectionItemsPerStep, count - at);
      scorer_.rows_of(
          n, [&](size_t k) { return static_cast<uint32_t>(first + at + k); }, own, rows);
      for (size_t user = 0; user < n_users; ++user)
        scorer_.score_projections(own.projections.row(user), rows, n, own, out + user * stride + at);
    }
  }

 private:
  const ProjectionScorer& scorer_;
};

}  // namespace

std::vector<uint32_t> by_norm(const RowTable& rows, int threads) {
  struct Item {
    double norm;
    uint32_t number;
  };
  constexpr size_t kRowsPerTask = 4096;
  std::vector<Item> items(rows.rows);
  parallel_for((rows.rows + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task, int) {
    std::vector<float> decoded(rows.cols);
    const size_t last = std::min(rows.rows, (task + 1) * kRowsPerTask);
    for (size_t item = task * kRowsPerTask; item < last; ++item) {
      const float* row = rows.row(item, decoded.data());
      double norm = 0.0;
      for (size_t d = 0; d < rows.cols; ++d) norm += static_cast<double>(row[d]) * static_cast<double>(row[d]);
      items[item] = {std::isnan(norm) ? std::numeric_limits<double>::infinity() : norm, static_cast<uint32_t>(item)};
    }
  });
  parallel_sort(items, threads, [](const Item& a, const Item& b) {
    return a.norm > b.norm || (a.norm == b.norm && a.number < b.number);
  });
  std::vector<uint32_t> order;
  order.reserve(items.size());
  for (const Item& item : items) order.push_back(item.number);
  return order;
}

Matrix transposed(ConstMatrixView weight, size_t first, size_t F) {
  Matrix map(F, pad16(weight.rows));
  for (size_t r = 0; r < weight.rows; ++r) {
    for (size_t f = 0; f < F; ++f) map(f, r) = weight(r, first + f);
  }
  return map;
}

AlignedBuffer<float> padded(std::span<const float> values) {
  AlignedBuffer<float> buffer(values.begin(), values.end());
  buffer.resize(pad16(values.size()), 0.0f);
  return buffer;
}

void multiply(const float* x, const Matrix& map, float* out) {
  std::fill_n(out, map.cols(), 0.0f);
  for (size_t f = 0; f < map.rows(); ++f) axpy(x[f], map.row(f), map.cols(), out);
}

void ProjectionScorer::use_items_themselves(const ScorerParts& parts) {
  item_projections_ = parts.items;
  unknown_ = unknown_item_of(parts);
}

void ProjectionScorer::project_items(const ScorerParts& parts, const Matrix& map) {
  Matrix made(parts.items.rows, map.cols());
  if (parts.items.rows > 0) sgemm(parts.items.floats(), map, made);  // the bits of multiply()
  std::vector<float> unknown(map.cols());
  multiply(unknown_item_of(parts).data(), map, unknown.data());
  use_projections(std::move(made), std::move(unknown));
}

void ProjectionScorer::use_projections(Matrix made, std::vector<float> unknown) {
  made_ = std::move(made);
  item_projections_ = RowTable(made_);
  unknown_ = std::move(unknown);
}

std::unique_ptr<Scorer::Users> ProjectionScorer::make_users(size_t capacity) const {
  auto users = std::make_unique<ProjectedUsers>();
  reserve(capacity, *users);
  return users;
}

void ProjectionScorer::prepare(const Behaviour& h, size_t user, Users& users) const {
  project_user(h.dense.data(), static_cast<ProjectedUsers&>(users).projections.row(user));
}

void ProjectionScorer::score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const {
  auto& own = static_cast<ProjectedUsers&>(users);
  own.rows.resize(std::min(items.size(), kProjectionItemsPerStep));
  for (size_t at = 0; at < items.size(); at += kProjectionItemsPerStep) {
    const size_t n = std::min(kProjectionItemsPerStep, items.size() - at);
    rows_of(
        n, [&](size_t k) { return items[at + k]; }, own, own.rows.data());
    score_projections(own.projections.row(user), own.rows.data(), n, own, out + at);
  }
}

std::unique_ptr<const ArrangedItems> ProjectionScorer::arrange(std::span<const uint32_t> item_at) const {
  return std::make_unique<ProjectedItems>(*this, item_at);
}

std::unique_ptr<const ArrangedItems> ProjectionScorer::arrange_in_place() const {
  return std::make_unique<ItemsInPlace>(*this);
}

}  // namespace rec
