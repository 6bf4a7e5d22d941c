// An attention pool whose query is the candidate: sums over the items of a history, in their
// order. Symbols: A units of queries and keys; models/attention_pool/pool.h has the rest.
#include <algorithm>
#include <cmath>

#include "linalg/dot.h"
#include "linalg/sgemm.h"
#include "linalg/softmax.h"
#include "linalg/vector_exp.h"
#include "models/attention_pool/pool.h"
#include "models/inference/projection_scorer.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

// Items of a history that a block of the catalogue meets at a time.
constexpr size_t kHistoryRows = 32;

struct PoolUsers : Scorer::Users {
  struct History {
    Matrix source, keys;        // H × F: y; H × A: K y / sqrt(A)
    std::vector<float> weight;  // H: m
    size_t size() const { return weight.size(); }
  };
  std::vector<History> history;                // by user
  std::vector<const float*> vectors, queries;  // of the candidates: x, Q x
  AlignedBuffer<float> products, logits;       // history items × candidates: y·x, e
  std::vector<float> sum, weighted;            // by candidate: Σ m exp(e), Σ m exp(e) y·x
};

class AttentionPoolScorer : public Scorer {
 public:
  AttentionPoolScorer(const ScorerParts& parts, bool exponential)
      : Scorer(parts),
        source_(parts.pool_source),
        unknown_(unknown_item_of(parts)),
        unknown_query_(parts.pool_key.rows, 0.0f),
        minus_beta_(-parts.pool_smoothing),
        exponential_(exponential) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(parts.pool_key.rows));
    keys_ = project(source_, parts.pool_key, scale);
    queries_ = project(parts.items.floats(), parts.pool_query, 1.0);
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<PoolUsers>();
    users->history.resize(capacity);
    return users;
  }

  void prepare(const Behaviour& h, size_t user, Users& users) const override {
    PoolUsers::History& history = static_cast<PoolUsers&>(users).history[user];
    const size_t H = h.row.size();
    history.source.resize(H, source_.cols);
    history.keys.resize(H, keys_.cols());
    history.weight.resize(H);
    for (size_t j = 0; j < H; ++j) {
      std::copy_n(source_.row(h.row[j]), source_.cols, history.source.row(j));
      std::copy_n(keys_.row(h.row[j]), keys_.cols(), history.keys.row(j));
      history.weight[j] = weight_at(h.weight, j);
    }
  }

  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override {
    auto& own = static_cast<PoolUsers&>(users);
    const size_t n = items.size();
    own.vectors.resize(n);
    own.queries.resize(n);
    for (size_t k = 0; k < n; ++k) {
      own.vectors[k] = items[k] == kNoId ? unknown_.data() : this->items().row(items[k]);
      own.queries[k] = items[k] == kNoId ? unknown_query_.data() : queries_.row(items[k]);
    }
    own.products.resize(std::max(own.products.size(), n));
    own.logits.resize(std::max(own.logits.size(), n));
    begin_sums(n, own);
    const PoolUsers::History& history = own.history[user];
    for (size_t j = 0; j < history.size(); ++j) {
      dots(history.source.row(j), own.vectors.data(), n, history.source.cols(), own.products.data());
      dots(history.keys.row(j), own.queries.data(), n, history.keys.cols(), own.logits.data());
      add_to_sums(history.weight[j], own.products.data(), own.logits.data(), n, own);
    }
    finish_sums(n, own, out);
  }

  ScanOrder scan_order(int threads) const override { return {by_norm(items(), threads), false}; }
  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override;

  // The attention to j is a_ij by the sum of all: that of the model itself.
  bool history_has_temperature() const override { return false; }

  bool read_history(const Encoder& encoder, const History& history, Users& users,
                    std::vector<uint32_t>& items) const override {
    Behaviour h;
    if (!encoder.encode_history(history, h)) return false;
    prepare(h, 0, users);
    items = std::move(h.row);
    return !items.empty();
  }

  void history_attention(uint32_t candidate, std::span<const uint32_t> items, double, Users& users,
                         float* weights) const override {
    auto& own = static_cast<PoolUsers&>(users);
    const PoolUsers::History& history = own.history[0];
    own.vectors.resize(items.size());
    for (size_t j = 0; j < items.size(); ++j) own.vectors[j] = history.keys.row(j);
    const float* query = candidate == kNoId ? unknown_query_.data() : queries_.row(candidate);
    dots(query, own.vectors.data(), items.size(), queries_.cols(), weights);
    for (size_t j = 0; j < items.size(); ++j)
      weights[j] = std::clamp(weights[j], -kMostPoolLogit, kMostPoolLogit) + std::log(history.weight[j]);
    softmax(weights, items.size(), 1.0, weights);
  }

  const Matrix& queries() const { return queries_; }
  ConstMatrixView vectors() const { return items(); }

  // The sums over a history for n candidates: begin, add item by item, finish with out = f.
  // `products` and `logits` are y·x and e of the item; they become something else.
  static void begin_sums(size_t n, PoolUsers& own) {
    own.sum.assign(n, 0.0f);
    own.weighted.assign(n, 0.0f);
  }
  static void add_to_sums(float weight, const float* products, float* logits, size_t n, PoolUsers& own) {
    for (size_t i = 0; i < n; ++i) logits[i] = std::min(kMostPoolLogit, std::max(-kMostPoolLogit, logits[i]));
    exp_all(logits, n);
    float* sum = own.sum.data();
    float* weighted = own.weighted.data();
    for (size_t i = 0; i < n; ++i) {
      const float its = weight * logits[i];
      sum[i] += its;
      weighted[i] += its * products[i];
    }
  }
  void finish_sums(size_t n, PoolUsers& own, float* out) const {
    for (size_t i = 0; i < n; ++i) own.sum[i] = own.sum[i] > 0.0f ? minus_beta_ * std::log(own.sum[i]) : 0.0f;
    exp_all(own.sum.data(), n);
    for (size_t i = 0; i < n; ++i) out[i] = own.weighted[i] * own.sum[i];
    if (exponential_) exp_all(out, n);
  }

 private:
  // rows·weightᵀ·scale.
  static Matrix project(ConstMatrixView rows, ConstMatrixView weight, double scale) {
    Matrix map(weight.cols, weight.rows);
    for (size_t a = 0; a < weight.rows; ++a) {
      for (size_t f = 0; f < weight.cols; ++f)
        map(f, a) = static_cast<float>(scale * static_cast<double>(weight(a, f)));
    }
    Matrix out(rows.rows, weight.rows);
    if (rows.rows > 0) sgemm(rows, map, out);
    return out;
  }

  ConstMatrixView source_;            // I × F: y
  Matrix keys_, queries_;             // I × A: K y / sqrt(A), Q x
  std::vector<float> unknown_;        // F: x of an unknown item
  std::vector<float> unknown_query_;  // A: zeros
  float minus_beta_;
  bool exponential_;
};

class ArrangedPool : public ArrangedItems {
 public:
  ArrangedPool(const AttentionPoolScorer& scorer, std::span<const uint32_t> item_at)
      : scorer_(scorer),
        vectors_(scorer.vectors(), nullptr, item_at.data(), item_at.size()),
        queries_(scorer.queries(), nullptr, item_at.data(), item_at.size()) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    auto& own = static_cast<PoolUsers&>(users);
    own.products.resize(std::max(own.products.size(), kHistoryRows * kItemsPerBlock));
    own.logits.resize(std::max(own.logits.size(), kHistoryRows * kItemsPerBlock));
    for (size_t user = 0; user < n_users; ++user) {
      const PoolUsers::History& history = own.history[user];
      scorer_.begin_sums(count, own);
      for (size_t from = 0; from < history.size(); from += kHistoryRows) {
        const size_t rows = std::min(kHistoryRows, history.size() - from);
        rec::score_block(history.source.view().middle_rows(from, rows), vectors_, first, count, own.products.data(),
                         kItemsPerBlock);
        rec::score_block(history.keys.view().middle_rows(from, rows), queries_, first, count, own.logits.data(),
                         kItemsPerBlock);
        for (size_t j = 0; j < rows; ++j) {
          scorer_.add_to_sums(history.weight[from + j], own.products.data() + j * kItemsPerBlock,
                              own.logits.data() + j * kItemsPerBlock, count, own);
        }
      }
      scorer_.finish_sums(count, own, out + user * stride);
    }
  }

 private:
  const AttentionPoolScorer& scorer_;
  PackedItems vectors_, queries_;
};

std::unique_ptr<const ArrangedItems> AttentionPoolScorer::arrange(std::span<const uint32_t> item_at) const {
  return std::make_unique<ArrangedPool>(*this, item_at);
}

}  // namespace

std::unique_ptr<const Scorer> make_attention_pool_scorer(const ScorerParts& parts, bool exponential) {
  return std::make_unique<AttentionPoolScorer>(parts, exponential);
}

}  // namespace rec
