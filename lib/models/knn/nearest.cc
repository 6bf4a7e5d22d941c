#include "models/knn/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <type_traits>

#include "base/parallel_for.h"

namespace rec {
namespace {

// A row whose lists hold fewer than R / 8 entries remembers which rows it met,
// rather than looking at all.
constexpr uint64_t kDenseShare = 8;
// Lists are in no order that a processor could foresee: the first lines of the one
// this many further on are asked for in time.
constexpr size_t kListsAhead = 4;
constexpr size_t kRowsPerTask = 8;
constexpr float kNever = -std::numeric_limits<float>::infinity();

template <class Form>
void for_form(Similarities::Form form, float shrink, Form&& body) {
  switch (form) {
    case Similarities::Form::kProduct:
      body([](float c, float l, float r) { return c * l * r; });
      break;
    case Similarities::Form::kRatio:
      body([shrink](float c, float l, float r) { return c / (l * r + shrink); });
      break;
    case Similarities::Form::kUnion:
      body([shrink](float c, float l, float r) { return c / (l + r - c + shrink); });
      break;
  }
}

// Empties what it is given.
Csr in_rows(std::vector<std::vector<Scored>>& nearest) {
  Csr out;
  out.begin.assign(1, 0);
  for (std::vector<Scored>& row : nearest) {
    for (const Scored& one : row) {
      out.index.push_back(one.index);
      out.weight.push_back(one.score);
    }
    out.begin.push_back(out.index.size());
    row = {};
  }
  return out;
}

}  // namespace

NearestRows::NearestRows(const Similarities& similarities)
    : similarities_(similarities),
      by_column_(similarities.by_column()),
      row_at_(similarities.size()),
      place_of_(similarities.size()) {
  const SparseView rows = similarities.rows();
  std::iota(row_at_.begin(), row_at_.end(), 0u);
  std::stable_sort(row_at_.begin(), row_at_.end(),
                   [&](uint32_t a, uint32_t b) { return rows.row(a).size() > rows.row(b).size(); });
  for (uint32_t place = 0; place < row_at_.size(); ++place) {
    place_of_[row_at_[place]] = place;
    right_.push_back(similarities.right()[row_at_[place]]);
  }
  const auto renumber = [&](auto& places) {
    places.reserve(by_column_.entries());
    for (const uint32_t row : by_column_.index)
      places.push_back(static_cast<typename std::decay_t<decltype(places)>::value_type>(place_of_[row]));
  };
  if (similarities.size() <= size_t{1} << 16) {
    renumber(narrow_);
  } else {
    renumber(wide_);
  }
}

uint64_t NearestRows::work(std::span<const uint32_t> column) const {
  uint64_t sum = 0;
  for (const uint32_t f : column) sum += by_column_.begin[f + 1] - by_column_.begin[f];
  return sum;
}

template <class Id, class Cell>
void NearestRows::add_lists(const Id* ids, std::span<const uint32_t> column, std::span<const float> entries, bool dense,
                            Cell* cells, Scratch& scratch) const {
  const std::vector<float>& column_weight = similarities_.column_weight();
  for (size_t at = 0; at < column.size(); ++at) {
    if (at + kListsAhead < column.size()) {
      const auto* ahead = reinterpret_cast<const char*>(ids + by_column_.begin[column[at + kListsAhead]]);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + 64);
    }
    const uint32_t f = column[at];
    const uint64_t first = by_column_.begin[f];
    const uint64_t last = by_column_.begin[f + 1];
    if (!dense) {
      for (uint64_t entry = first; entry < last; ++entry) {
        if (cells[ids[entry]] == Cell{0}) scratch.touched.push_back(ids[entry]);
        if constexpr (std::is_integral_v<Cell>) {
          ++cells[ids[entry]];
        } else {
          cells[ids[entry]] += entries.empty() ? column_weight[f] : entries[at] * by_column_.weight[entry];
        }
      }
      continue;
    }
    if constexpr (std::is_integral_v<Cell>) {
      uint64_t entry = first;
      for (; entry + 8 <= last; entry += 8) {  // a quarter faster than one at a time
        const Id* of = ids + entry;
        ++cells[of[0]], ++cells[of[1]], ++cells[of[2]], ++cells[of[3]];
        ++cells[of[4]], ++cells[of[5]], ++cells[of[6]], ++cells[of[7]];
      }
      for (; entry < last; ++entry) ++cells[ids[entry]];
    } else if (entries.empty()) {
      const float weight = column_weight[f];
      for (uint64_t entry = first; entry < last; ++entry) cells[ids[entry]] += weight;
    } else {
      const float own = entries[at];
      for (uint64_t entry = first; entry < last; ++entry) cells[ids[entry]] += own * by_column_.weight[entry];
    }
  }
}

template <class Cell>
void NearestRows::count(std::span<const uint32_t> column, std::span<const float> entries, bool dense,
                        std::vector<Cell>& cells, Scratch& scratch) const {
  cells.resize(similarities_.size());
  if (narrow_.empty()) {
    add_lists(wide_.data(), column, entries, dense, cells.data(), scratch);
  } else {
    add_lists(narrow_.data(), column, entries, dense, cells.data(), scratch);
  }
}

template <class Cell>
void NearestRows::score(float left, uint32_t self, bool dense, std::vector<Cell>& cells, Scratch& scratch) const {
  const float* right = right_.data();
  const size_t n = dense ? cells.size() : scratch.touched.size();
  scratch.scores.resize(n);
  float* scores = scratch.scores.data();
  const uint32_t own = self == kNoId ? kNoId : place_of_[self];
  for_form(similarities_.form(), similarities_.shrink(), [&](auto&& similarity) {
    if (dense) {
      const Cell* cell = cells.data();
      for (size_t place = 0; place < n; ++place) {  // no branch, so that it is done 16 at a time
        const auto c = static_cast<float>(cell[place]);
        const float s = similarity(c, left, right[place]);
        scores[place] = (c != 0.0f) & (s > 0.0f) ? s : kNever;
      }
      if (own != kNoId) scores[own] = kNever;
      std::fill(cells.begin(), cells.end(), Cell{0});
      return;
    }
    scratch.rows.resize(n);
    for (size_t at = 0; at < n; ++at) {
      const uint32_t place = scratch.touched[at];
      const auto c = static_cast<float>(cells[place]);
      cells[place] = Cell{0};  // so a row that is listed twice counts once
      const float s = similarity(c, left, right[place]);
      scores[at] = c != 0.0f && s > 0.0f && place != own ? s : kNever;
      scratch.rows[at] = row_at_[place];
    }
  });
  scratch.best.push_block(scores, n, 0, dense ? row_at_.data() : scratch.rows.data());
}

void NearestRows::find(std::span<const uint32_t> column, std::span<const float> entries, float left, uint32_t self,
                       size_t keep, std::vector<Scored>& found, Scratch& scratch) const {
  const bool dense = work(column) * kDenseShare >= similarities_.size();
  scratch.touched.clear();
  scratch.best.reset(std::min(keep, similarities_.size()));
  if (similarities_.valued() || !similarities_.column_weight().empty()) {
    count(column, entries, dense, scratch.sums, scratch);
    score(left, self, dense, scratch.sums, scratch);
  } else if (column.size() <= std::numeric_limits<uint16_t>::max()) {  // no count can be larger
    count(column, entries, dense, scratch.few, scratch);
    score(left, self, dense, scratch.few, scratch);
  } else {
    count(column, entries, dense, scratch.many, scratch);
    score(left, self, dense, scratch.many, scratch);
  }
  scratch.best.finish(found);
}

Csr NearestRows::all(size_t keep, int threads) const {
  const SparseView rows = similarities_.rows();
  const size_t R = rows.rows();
  std::vector<uint64_t> cost(R);
  for (size_t row = 0; row < R; ++row) cost[row] = work(rows.row(row));
  std::vector<uint32_t> order(R);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return cost[a] > cost[b]; });

  struct Worker {
    Scratch scratch;
    std::vector<Scored> found;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  std::vector<std::vector<Scored>> nearest(R);
  parallel_for((R + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task, int worker) {
    Worker& own = workers[static_cast<size_t>(worker)];
    const size_t last = std::min(R, (task + 1) * kRowsPerTask);
    for (size_t at = task * kRowsPerTask; at < last; ++at) {
      const uint32_t row = order[at];
      find(rows.row(row), rows.row_weight(row), similarities_.left(row), row, keep, own.found, own.scratch);
      std::sort(own.found.begin(), own.found.end(), [](const Scored& a, const Scored& b) { return a.index < b.index; });
      nearest[row] = own.found;
    }
  });
  return in_rows(nearest);
}

Csr nearest_of_gram(const Csr& gram, Similarities::Form form, float shrink, std::span<const float> left,
                    std::span<const float> right, size_t keep, int threads) {
  struct Worker {
    TopK best;
    std::vector<float> scores;
    std::vector<Scored> found;
  };
  const size_t R = gram.rows();
  std::vector<Worker> workers(static_cast<size_t>(threads));
  std::vector<std::vector<Scored>> nearest(R);
  parallel_for(R, threads, [&](size_t row, int worker) {
    auto& [best, scores, found] = workers[static_cast<size_t>(worker)];
    const auto index = gram.view().row(row);
    const auto sum = gram.view().row_weight(row);
    scores.resize(index.size());
    for_form(form, shrink, [&](auto&& similarity) {
      for (size_t at = 0; at < index.size(); ++at) {
        const float s = similarity(sum[at], left[row], right[index[at]]);
        scores[at] = sum[at] > 0.0f && s > 0.0f && index[at] != row ? s : kNever;
      }
    });
    best.reset(std::min(keep, R));
    best.push_block(scores.data(), scores.size(), 0, index.data());
    best.finish(found);
    std::sort(found.begin(), found.end(), [](const Scored& a, const Scored& b) { return a.index < b.index; });
    nearest[row] = found;
  });
  return in_rows(nearest);
}

}  // namespace rec
