// The best items of the whole catalogue for each user. It scores blocks of users for blocks
// of items and selects at once, so that users × items values are never held. The functions
// are scorers (models/inference/scorer.h). Immutable and thread-safe; a Scratch belongs to
// one thread. Symbols: I items.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "linalg/softmax.h"
#include "linalg/top_k.h"
#include "score/user_vectors.h"

namespace rec {

// Items that are no candidates for some users: by user, numbers of the model. Thread-safe
// once all lists are added.
class Exclusions {
 public:
  // Rows of `lists` with an item that the model does not know are left out. `lists` must
  // outlive this.
  void add(const UserItems& lists, const IdTable& model_items);
  // Appends the excluded items of a user, in no order; an item may come twice.
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
  int threads = 1;          // that arrange the items
  size_t users = SIZE_MAX;  // about so many are asked for: for few of them kPrediction leaves the items where they are
};

class Catalogue {
 public:
  static constexpr size_t kUsersPerBlock = 64;

  // model, users and exclusions must outlive this. Throws UsageError for a form that the
  // model cannot serve.
  Catalogue(const Model& model, const UserVectors& users, const Exclusions& exclusions,
            const CatalogueOptions& options);
  // The same by scorers of the caller's own, in place of options.attention and
  // options.predictor. attention: nullptr where the output is kPrediction. predictor: nullptr
  // where the output is kAttention, or where it is kScore and M is g.
  Catalogue(const Model& model, const UserVectors& users, const Exclusions& exclusions, const CatalogueOptions& options,
            std::unique_ptr<const Scorer> attention, std::unique_ptr<const Scorer> predictor);

  // Belongs to one thread and one catalogue.
  class Scratch {
    friend class Catalogue;
    Behaviour h;
    std::unique_ptr<Scorer::Users> attention_users;
    std::unique_ptr<Scorer::Users> predictor_users;
    AlignedBuffer<float> attention_block;  // rows × items
    AlignedBuffer<float> predictor_block;
    std::vector<float> weights;  // of a row: α
    std::vector<size_t> user_of_row;
    size_t prepared = 0;     // the rows before it have an h, the others popularity
    std::vector<TopK> best;  // by row, as the next two
    std::vector<SoftmaxSum> sums;
    std::vector<float> floors;                    // by row: no score below it can be among the best
    std::vector<std::vector<uint32_t>> excluded;  // positions, ascending
  };
  struct Result {
    UserKind kind = UserKind::kKnown;
    std::vector<Scored> items;  // best first; equal values by item number
  };

  // results[k]: the best of users[k]. α's softmax runs over the user's candidates:
  // the catalogue without the user's exclusions. A user has fewer than `top` items
  // only if it has fewer candidates. Each user's result depends on that user
  // alone. REQUIRES: users.size() <= kUsersPerBlock. Thread-safe but for scratch.
  void best(const std::vector<std::string_view>& users, std::vector<Result>& results, Scratch& scratch) const;

  // The same by as many threads as there are `scratch`es where shares_items(), else by one. By one caller at a time.
  // did: for each user items of the model in the order of time, of which h is made (UserVectors::find()) and which are
  // left out; empty: of nobody. REQUIRES: with `did`, users.prepare().
  void best(const std::vector<std::string_view>& users, std::vector<Result>& results, std::span<Scratch> scratch,
            std::span<const std::vector<uint32_t>> did = {}) const;
  // Whether threads can share the items of a block of users: they are scored in place, and written as M.
  bool shares_items() const { return in_place_; }

  // How many items of a result are in the user's own history; 0 where there are exclusions, which
  // say what is left out. Thread-safe.
  size_t own_items(std::string_view user, const Result& result) const {
    return exclusions_.empty() ? users_.own_items(user, result.items) : 0;
  }

 private:
  // A function, and the items arranged for it. Without a scorer: not needed.
  struct Function {
    std::unique_ptr<const Scorer> scorer;
    std::unique_ptr<const ArrangedItems> items;
  };

  void arrange();
  bool arrange_in_place();
  uint32_t item_at(size_t position) const {
    return item_at_.empty() ? static_cast<uint32_t>(position) : item_at_[position];
  }
  // Scores the positions from `first` to `end` and keeps the best.
  void scan(const std::vector<std::string_view>& users, size_t first, size_t end, Scratch& scratch) const;
  void finish(std::vector<Result>& results, Scratch& scratch) const;
  void begin(const std::vector<std::string_view>& users, std::span<const std::vector<uint32_t>> did,
             std::vector<Result>& results, Scratch& scratch) const;
  // The values of `f` for `count` positions and all rows into `block`.
  void score_rows(const Function& f, Scorer::Users& prepared, size_t first, size_t count,
                  const std::vector<std::string_view>& users, Scratch& scratch, AlignedBuffer<float>& block) const;
  // Whether the row has a candidate among `count` positions.
  static bool has_candidates(const Function& f, const Scorer::Users& prepared, size_t row, size_t first, size_t count,
                             const Scratch& scratch);

  const IdTable& items_;
  const UserVectors& users_;
  const Exclusions& exclusions_;
  CatalogueOptions options_;
  bool in_place_ = false;
  Function attention_;
  Function predictor_;
  // In place these three are empty: items are scanned in the order of their numbers.
  std::vector<uint32_t> item_at_;      // position -> item, in the order of the scan
  std::vector<uint32_t> position_of_;  // item -> position
  std::vector<float> popularity_;      // by position
};

}  // namespace rec
