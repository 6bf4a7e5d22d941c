// The best items of the whole catalogue for each user, without ever holding users
// × items values: blocks of users against blocks of items, selection at once.
// Symbols: I items, F dimension of h, D size of the images.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "linalg/score_tile.h"
#include "linalg/softmax.h"
#include "linalg/top_k.h"
#include "score/user_vectors.h"

namespace rec {

// Items that are no candidates for some users: by user, numbers of the model.
class Exclusions {
 public:
  // Rows of `lists` whose item the model lacks are left out. `lists` must
  // outlive this.
  void add(const UserItems& lists, const IdTable& model_items);
  // Appends the excluded items of a user, in no order, possibly repeated.
  void collect(std::string_view user, std::vector<uint32_t>& items) const;
  bool empty() const { return sources_.empty(); }

 private:
  struct Source {
    const UserItems* lists;
    std::vector<uint32_t> number_of;
  };
  std::vector<Source> sources_;
};

struct CatalogueOptions {
  enum class Output {
    kAttention,   // the best by g, written as α
    kPrediction,  // the best by M, written as M
    kScore,       // the best by r = M·α, written as r
  };
  Output output = Output::kPrediction;
  ScoreForm attention = ScoreForm::kDot;  // g
  ScoreForm predictor = ScoreForm::kDot;  // M
  double temperature = 1.0;               // τ
  size_t top = 100;
};

class Catalogue {
 public:
  static constexpr size_t kUsersPerBlock = 64;

  // Packs the items. model, users and exclusions must outlive this.
  Catalogue(const Model& model, const UserVectors& users, const Exclusions& exclusions,
            const CatalogueOptions& options);

  struct Scratch {
    std::vector<Behaviour> h;
    PairFunction::Scratch function;
    std::vector<PairFunction::PoolHistory> history;  // by user: of pool
    PairFunction::PoolSums pool_sums;
    AlignedBuffer<float> products, logits;  // kHistoryRows × items
    Matrix attention_images;
    Matrix predictor_images;
    std::vector<std::vector<uint64_t>> next;  // by user: where its rows of neighbours go on
    std::vector<float> added;
    std::vector<float> shares;
    AlignedBuffer<float> attention_block;
    AlignedBuffer<float> predictor_block;
    std::vector<TopK> best;
    std::vector<SoftmaxSum> sums;
    std::vector<std::vector<uint32_t>> excluded;  // positions, ascending
  };
  struct Result {
    UserKind kind = UserKind::kKnown;
    std::vector<Scored> items;  // best first; equal values by item number
  };

  // results[k]: the best of users[k]. α's softmax runs over the user's candidates:
  // the catalogue without the user's exclusions. A user has fewer than top items
  // only if it has fewer candidates. Each user's result depends on that user
  // alone. REQUIRES: users.size() <= kUsersPerBlock. Thread-safe but for scratch.
  void best(const std::vector<std::string_view>& users, std::vector<Result>& results, Scratch& scratch) const;

 private:
  // The items of f by position: packed where it is one of inner products, else their images.
  struct Items {
    PackedItems packed;
    PackedItems queries;  // pool
    std::vector<const float*> rows;
  };
  Items arrange(const PairFunction& f) const;

  // The values of f, attention_ or predictor_, for `count` positions.
  void score_rows(const PairFunction& f, const Items& items, const Matrix& images, const std::vector<Result>& results,
                  size_t first, size_t count, AlignedBuffer<float>& block, Scratch& scratch) const;

  // values[at] = f(history, item at first + at), of pool.
  void pool(const PairFunction& f, const Items& items, const PairFunction::PoolHistory& history, size_t first,
            size_t count, float* values, Scratch& scratch) const;

  // values[at] += Σ_j h_j S_ji for the item at first + at.
  void add_neighbours(const SparseView& neighbours, size_t user, size_t first, size_t count, float* values,
                      Scratch& scratch) const;

  const Model& model_;
  const UserVectors& users_;
  const Exclusions& exclusions_;
  CatalogueOptions options_;
  PairFunction attention_;
  PairFunction predictor_;
  // position -> item: large vectors first, so thresholds rise early; but the items'
  // own order where there are neighbours, whose rows are in that order.
  std::vector<uint32_t> item_at_;
  std::vector<uint32_t> position_of_;  // item -> position
  Items attention_items_;
  Items predictor_items_;
  std::vector<float> popularity_;  // by position
};

}  // namespace rec
