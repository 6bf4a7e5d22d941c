// Sums over the neighbour matrix S, plus h·x where the model has item vectors. The sum over
// j runs in ascending order of j from 0 and is rounded before h·x is added.
#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "linalg/dot.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

struct NeighbourUsers : Scorer::Users {
  std::unique_ptr<Scorer::Users> dense;     // of h·x, where the model has x
  std::vector<std::vector<uint32_t>> row;   // by user: the entries of h's sparse part
  std::vector<std::vector<float>> weight;   // by user: theirs, empty: all 1
  std::vector<std::vector<uint64_t>> next;  // by user: where each row of S goes on, in a scan
  std::vector<float> added;                 // kItemsPerBlock
  // By user: Σ_j h_j S_ji for each item i, once score_items() has needed it, and the rows
  // that it was made of.
  std::vector<std::vector<float>> sums;
  std::vector<std::vector<uint32_t>> summed;
  std::vector<char> is_summed;
};

// S with its columns renumbered by position: column item_at[p] becomes p.
Csr by_position(const SparseView& S, std::span<const uint32_t> item_at) {
  std::vector<uint32_t> position_of(item_at.size());
  for (uint32_t position = 0; position < item_at.size(); ++position) position_of[item_at[position]] = position;
  Csr result;
  result.begin.assign(S.begin.begin(), S.begin.end());
  std::vector<std::pair<uint32_t, float>> entries;
  for (size_t row = 0; row < S.rows(); ++row) {
    entries.clear();
    for (size_t at = 0; at < S.row(row).size(); ++at)
      entries.emplace_back(position_of[S.row(row)[at]], weight_at(S.row_weight(row), at));
    std::sort(entries.begin(), entries.end());
    for (const auto& [position, weight] : entries) {
      result.index.push_back(position);
      if (!S.weight.empty()) result.weight.push_back(weight);
    }
  }
  return result;
}

class NeighboursScorer : public Scorer {
 public:
  explicit NeighboursScorer(const ScorerParts& parts)
      : Scorer(parts),
        S_(parts.neighbours),
        are_items_(parts.neighbours_are_items),
        source_(parts.item_source),
        item_count_(parts.items.rows) {
    if (parts.items.cols > 0) dense_ = make_inner_product_scorer(ScoreForm::kDot, parts);
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<NeighbourUsers>();
    if (dense_) users->dense = dense_->make_users(capacity);
    users->row.resize(capacity);
    users->weight.resize(capacity);
    users->next.resize(capacity);
    users->sums.resize(capacity);
    users->summed.resize(capacity);
    users->is_summed.assign(capacity, 0);
    return users;
  }

  void prepare(const Behaviour& h, size_t user, Users& users) const override {
    auto& own = static_cast<NeighbourUsers&>(users);
    if (dense_) dense_->prepare(h, user, *own.dense);
    own.row[user] = h.row;
    own.weight[user] = h.weight;
    own.is_summed[user] = 0;
  }

  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override {
    auto& own = static_cast<NeighbourUsers&>(users);
    sum_up(user, own);
    if (dense_) {
      dense_->score_items(user, items, *own.dense, out);
    } else {
      std::fill_n(out, items.size(), 0.0f);
    }
    for (size_t k = 0; k < items.size(); ++k) {
      if (items[k] != kNoId) out[k] += own.sums[user][items[k]];
    }
  }

  ScanOrder scan_order(int) const override {
    ScanOrder order{std::vector<uint32_t>(item_count_), true};
    std::iota(order.item_at.begin(), order.item_at.end(), 0u);
    return order;
  }
  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override;

  // The model is a sum over the history, so the attention to j is its evidence for i: c_j =
  // h_j (S_ji + s_j·x_i) where that is above 0, by the sum of these; 1/H where none is.
  std::string history_obstacle() const override {
    return are_items_ ? "" : "the model's neighbours are users, not items of the history";
  }
  bool history_has_temperature() const override { return false; }

  bool read_history(const Encoder& encoder, const History& history, Users& users,
                    std::vector<uint32_t>& items) const override {
    auto& own = static_cast<NeighbourUsers&>(users);
    Behaviour h;
    if (!encoder.encode_history(history, h)) return false;
    items = own.row[0] = std::move(h.row);
    own.weight[0] = std::move(h.weight);
    own.is_summed[0] = 0;
    return !items.empty();
  }

  void history_attention(uint32_t candidate, std::span<const uint32_t> items, double, Users& users,
                         float* weights) const override {
    const std::vector<float>& h = static_cast<NeighbourUsers&>(users).weight[0];
    double sum = 0.0;
    for (size_t j = 0; j < items.size(); ++j) {
      float value = 0.0f;
      if (candidate != kNoId) {
        const auto row = S_.row(items[j]);
        const auto found = std::lower_bound(row.begin(), row.end(), candidate);
        if (found != row.end() && *found == candidate)
          value = weight_at(S_.row_weight(items[j]), static_cast<size_t>(found - row.begin()));
        if (source_.cols > 0) value += dot(source_.row(items[j]), this->items().row(candidate), source_.cols);
      }
      const float evidence = value * weight_at(h, j);
      weights[j] = evidence <= 0.0f ? 0.0f : evidence;  // NaN stays
      sum += static_cast<double>(weights[j]);
    }
    const double equal = 1.0 / static_cast<double>(items.size());
    for (size_t j = 0; j < items.size(); ++j)
      weights[j] = static_cast<float>(!(sum <= 0.0) ? static_cast<double>(weights[j]) / sum : equal);
  }

  // The weights of the item's row.
  void similarities(uint32_t item, Users&, float* out) const override {
    if (!are_items_) fail_usage("the model's neighbours are users, not items");
    std::fill_n(out, item_count_, -std::numeric_limits<float>::infinity());
    const auto others = S_.row(item);
    for (size_t at = 0; at < others.size(); ++at) out[others[at]] = weight_at(S_.row_weight(item), at);
  }

  const Scorer* dense() const { return dense_.get(); }

 private:
  void sum_up(size_t user, NeighbourUsers& own) const {
    if (own.is_summed[user]) return;
    std::vector<float>& sums = own.sums[user];
    sums.resize(item_count_, 0.0f);
    clear_rows(S_, own.summed[user], sums.data());
    add_rows(S_, own.row[user], own.weight[user], sums.data());
    own.summed[user] = own.row[user];
    own.is_summed[user] = 1;
  }

  SparseView S_;
  bool are_items_;
  ConstMatrixView source_;  // s: what an item of a history adds to h's dense part; or no columns
  size_t item_count_;
  std::unique_ptr<const Scorer> dense_;

  friend class ArrangedNeighbours;
};

class ArrangedNeighbours : public ArrangedItems {
 public:
  ArrangedNeighbours(const NeighboursScorer& scorer, std::span<const uint32_t> item_at) : S_(scorer.S_) {
    if (!std::is_sorted(item_at.begin(), item_at.end())) {
      renumbered_ = by_position(scorer.S_, item_at);
      S_ = renumbered_.view();
    }
    if (scorer.dense()) dense_ = scorer.dense()->arrange(item_at);
  }

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    auto& own = static_cast<NeighbourUsers&>(users);
    if (dense_) dense_->score_block(n_users, first, count, *own.dense, out, stride);
    for (size_t user = 0; user < n_users; ++user) {
      float* values = out + user * stride;
      if (!dense_) std::fill_n(values, count, 0.0f);
      const std::vector<uint32_t>& row = own.row[user];
      if (row.empty()) continue;
      std::vector<uint64_t>& next = own.next[user];
      if (first == 0) {
        next.resize(row.size());
        for (size_t k = 0; k < next.size(); ++k) next[k] = S_.begin[row[k]];
      }
      own.added.assign(kItemsPerBlock, 0.0f);
      add_rows_window(S_, row, own.weight[user], next.data(), first, first + count, own.added.data());
      for (size_t at = 0; at < count; ++at) values[at] += own.added[at];
    }
  }

 private:
  SparseView S_;  // columns by position
  Csr renumbered_;
  std::unique_ptr<const ArrangedItems> dense_;
};

std::unique_ptr<const ArrangedItems> NeighboursScorer::arrange(std::span<const uint32_t> item_at) const {
  return std::make_unique<ArrangedNeighbours>(*this, item_at);
}

}  // namespace

std::unique_ptr<const Scorer> make_neighbours_scorer(const ScorerParts& parts) {
  return std::make_unique<NeighboursScorer>(parts);
}

}  // namespace rec
