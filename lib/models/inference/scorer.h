// The attention function g and the prediction model M: functions f of a behaviour vector
// h (models/common/encoder.h) and an item. Symbols: I items, F factors, H items of a
// history; x_i is the vector of item i.
//
// Inner products of a projection of h and a projection of x (inner_product_scorer.cc):
//   dot         h·x
//   scaled      h·x / sqrt(F)
//   cosine      h·x / (|h| |x|)             0 if either is zero
//   sum         w·(h + x) + b               w = 1, b = 0 where the model has none
//   bilinear    hᵀ W x
//   logistic    1 / (1 + e^-h·x)            above 0; 1 where h·x > 17
//   exp         e^h·x                       above 0, for h·x between -87 and 88
// A function of the sum of two projections (additive_scorer.cc), of K inner products
// (multi_head_scorer.cc), of layers with max(0, ·) between them (mlp_scorer.cc):
//   additive    v·tanh(W h + U x)
//   multi-head  ln (1/K) Σ_k e^((W_k h)·(U_k x) / sqrt(d))
//   mlp         layers on [h; x]
// Of h's sparse part, too, where the model has a neighbour matrix S (neighbours_scorer.cc).
// Row j of S holds what the j-th entry says of each item:
//   neighbours  Σ_j h_j S_ji + h·x          without h·x where the model has no x
// Of h's sparse part alone, the history, where the candidate is the query of an attention
// pool (attention_pool_scorer.cc; a_ij and y_j: models/attention_pool/pool.h):
//   attention-pool      Σ_j a_ij y_j·x_i
//   attention-pool-exp  e^attention-pool    above 0
//
// Of h, x and the vectors of fields beside them, layers and all (fm_scorer.cc; models/fm/fm_net.h):
//   fm           h·x + output·a_L
//   fm-logistic  1 / (1 + e^-fm)
//
// Of the model's logit, h·x or, with layers, fm (calibrated_scorer.cc; models/common/calibration.h):
//   calibrated   a probability, as fitted on held-out rows
//
// A new function is a new subclass and a line in make_scorer(): those who score
// (score/catalogue.h, pair_scorer.h, history_attention.h) know this interface alone.
//
// Scorers and ArrangedItems are immutable and thread-safe. Users belong to one thread.
// Every score depends on its own h and item alone: not on the other users and items of a
// call, nor on the call. score_items() and ArrangedItems::score_block() give the same bits.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "linalg/score_tile.h"
#include "models/common/encoder.h"
#include "models/common/score_form.h"
#include "models/inference/scorer_parts.h"

namespace rec {

// Items of a block of the catalogue: with the scores of 64 users it fits the second-level
// cache. Blocks start at multiples of it.
inline constexpr size_t kItemsPerBlock = 42 * PackedItems::kPanel;

class ArrangedItems;

class Scorer {
 public:
  // Several users as a scorer sees them, and the working memory of its scores. Only the
  // scorer that made them can use them.
  class Users {
   public:
    virtual ~Users() = default;

   private:
    friend class Scorer;
    Behaviour item_;  // of prepare_item()
  };

  virtual ~Scorer() = default;

  // Memory for `capacity` users, numbered from 0. None of them is prepared.
  virtual std::unique_ptr<Users> make_users(size_t capacity) const = 0;
  // Makes `user` the one whose behaviour vector is h. Nothing of an earlier one remains.
  virtual void prepare(const Behaviour& h, size_t user, Users& users) const = 0;
  // out[k] = f(h, items[k]). kNoId is an item that the model does not know: its vector is
  // ScorerParts::unknown_item. REQUIRES: `user` is prepared.
  virtual void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const = 0;

  // out[k] = f(h of user k, items[k]): pairs of users and items. REQUIRES: the users are prepared.
  virtual void score_pairs(std::span<const uint32_t> items, Users& users, float* out) const;

  // The order in which the whole catalogue is best scanned.
  struct ScanOrder {
    std::vector<uint32_t> item_at;  // position -> item: a permutation of the items
    // true: the scorer's own tables lie in this order, and any other costs memory and time.
    // false: items of large scores come first, which lets a search for the best stop early.
    bool of_tables = false;
  };
  // The same for every number of threads.
  virtual ScanOrder scan_order(int threads) const = 0;
  // The items as score_block() needs them; item_at is any permutation of the items. The
  // scorer must outlive the result.
  virtual std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const = 0;
  // The same for who looks for the best alone: score_block_above() may take less time, and score_block() more.
  virtual std::unique_ptr<const ArrangedItems> arrange_for_best(std::span<const uint32_t> item_at,
                                                                [[maybe_unused]] int threads) const {
    return arrange(item_at);
  }
  // The items in the order of their numbers, where they lie: nothing is copied, and a block may follow any other. It
  // takes longer for each user than arrange() and less for the first. nullptr: the scorer does not have it.
  virtual std::unique_ptr<const ArrangedItems> arrange_in_place() const { return nullptr; }

  // The attention that candidates pay to the items of a history (rec-attend --over history).
  // Unless a scorer says otherwise, it is the softmax over j of f(x_i, x_j)/τ.
  //
  // Why there is no such attention, for a message; empty if there is.
  virtual std::string history_obstacle() const { return {}; }
  // Whether τ has an effect.
  virtual bool history_has_temperature() const { return true; }
  // Prepares user 0 from a history. `items`: its H distinct items, ascending. false if
  // `encoder` makes nothing of the history.
  virtual bool read_history(const Encoder& encoder, const History& history, Users& users,
                            std::vector<uint32_t>& items) const;
  // weights[j]: the attention that `candidate` (kNoId: x = 0) pays to items[j], what
  // read_history() gave for `users`. They sum to 1; some are not finite where a score is not.
  virtual void history_attention(uint32_t candidate, std::span<const uint32_t> items, double temperature, Users& users,
                                 float* weights) const;

  // out[i], for all I items: how alike `item` and i are; -infinity where they have nothing
  // in common. Unless a scorer says otherwise, it is f(x_item, x_i). Throws UsageError where
  // the model does not compare items.
  virtual void similarities(uint32_t item, Users& users, float* out) const;

 protected:
  explicit Scorer(const ScorerParts& parts) : items_(parts.items) {}
  const RowTable& rows() const { return items_; }            // I × F: x, or F = 0
  ConstMatrixView items() const { return items_.floats(); }  // the same; decoded where they are no float32
  // Makes user 0 the one whose h is x of `item` (kNoId: 0).
  void prepare_item(uint32_t item, Users& users) const;

 private:
  RowTable items_;
};

// A scorer's items in the order of a scan.
class ArrangedItems {
 public:
  virtual ~ArrangedItems() = default;

  // out[u·stride + k] = f(h_u, item at position first + k) for the users u < n_users, all of
  // them prepared, and k < count. All are
  // finite unless the model's numbers overflow, which the caller takes for an error.
  // REQUIRES: first % kItemsPerBlock == 0; count <= kItemsPerBlock <= stride; blocks come in
  // ascending order, and a scan of the same users starts at first = 0 (but with arrange_in_place()).
  virtual void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                           size_t stride) const = 0;
  // As score_block(), but a score below floors[u] may be any finite number below floors[u]: who looks for the best need
  // not know it. The others are what score_block() gives, bit by bit. Unless a scorer says otherwise, all are.
  virtual void score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                                 float* out, size_t stride) const;
  // true: a scorer that looks at a part of the catalogue only. Items that it passes over in a
  // block have the score -infinity, which is no overflow there.
  virtual bool is_partial() const { return false; }
  // false: `user` has no candidate in this block, and score_block() writes none of its
  // scores. Of partial scorers alone.
  virtual bool has_candidates(size_t user, size_t first, size_t count, const Scorer::Users& users) const;
};

// What `parts` are views of lives as long as the scorer. Throws UsageError where the parts
// that `form` needs are missing.
std::unique_ptr<const Scorer> make_scorer(ScoreForm form, const ScorerParts& parts);

}  // namespace rec
