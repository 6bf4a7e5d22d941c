// Behaviour vectors for the users of one run: trained, folded in from a history,
// or a declared fallback. Symbols: F dimension of h.
#pragma once

#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "data/user_items.h"
#include "linalg/top_k.h"
#include "models/inference/model.h"

namespace rec {

// What a user gets of whom neither the model nor a history says anything.
enum class Fallback {
  kModel,    // kAverage where the model has an average user, else kPopular
  kAverage,  // the model's average user
  kPopular,  // ln(1 + n_i) instead of f(h, x_i), n_i the item's count in training
  kZero,     // h = 0
  kSkip,     // no output
};

const char* name_of(Fallback fallback);  // as --fallback has it

enum class UserKind {
  kKnown,      // has a vector in the model
  kFolded,     // has one from its history
  kDescribed,  // has one in the model, by its features alone
  kAverage,    // is taken for the average user
  kPopular,    // no vector: score by popularity
  kZero,       // the zero vector
  kSkipped,    // is left out
};

class UserVectors {
 public:
  // histories may be nullptr. Folds in every user of `histories` that the model
  // lacks or, with `refold`, every one, by `threads` threads. Throws Error for Fallback::kPopular with a model
  // that has no counts, for kAverage with one that has no average user. Model and histories must outlive this.
  // by_features: false: a user whom the model knows by features alone gets the fallback.
  UserVectors(Model& model, const UserItems* histories, Fallback fallback, int threads, bool refold = false,
              bool by_features = true);

  size_t dim() const { return dim_; }
  // Writes h for all kinds but kPopular and kSkipped. Thread-safe.
  UserKind find(std::string_view user, Behaviour& h) const;

  // What was asked for, or what kModel came to.
  Fallback fallback() const { return fallback_; }
  bool by_features() const { return by_features_; }
  // How many of `items` (numbers of the model) are in the user's history, where --history or the
  // model has one.
  size_t own_items(std::string_view user, std::span<const Scored> items) const;
  // Whether the model has a vector of everyone, as that of popularity has.
  bool knows_everyone() const { return knows_everyone_; }
  // Users of the histories that keep the vector that the model has of them.
  size_t kept() const { return kept_; }
  // find(), where the user did this, `items` of the model in the order of time: h is made of that and of nothing else
  // unless the model makes nothing of it. REQUIRES: prepare(). Thread-safe.
  UserKind find(std::string_view user, std::span<const uint32_t> items, Behaviour& h) const;
  void prepare(int threads) { model_.encoder().prepare(threads); }

  // Users folded in, and rows of histories whose item the model lacks.
  size_t folded() const { return folded_.size(); }
  uint64_t unknown_history_items() const { return unknown_history_items_; }
  // ln(1 + n_i) for the model's items; made when it is asked for. REQUIRES: the fallback is kPopular. Thread-safe.
  const std::vector<float>& popularity() const;

 private:
  Model& model_;
  const UserItems* histories_;
  Fallback fallback_;
  size_t dim_;
  bool refold_ = false;
  bool by_features_ = true;
  bool knows_everyone_ = false;
  size_t kept_ = 0;
  const Artefact::Sparse* stored_histories_ = nullptr;  // the model's own, by user
  std::vector<uint32_t> number_of_;                     // for each item of histories_: the model's, or kNoId
  std::vector<Behaviour> folded_;
  std::vector<uint32_t> folded_row_;  // for each user of histories_, or kNoId
  mutable std::once_flag popularity_made_;
  mutable std::vector<float> popularity_;
  uint64_t unknown_history_items_ = 0;
};

// A history's known items as the model's numbers, in time order (equal times, or
// no times: input order), with their values and times.
struct KnownHistory {
  std::vector<uint32_t> item;
  std::vector<float> value;       // empty if the histories have none
  std::vector<double> timestamp;  // the same
};

// number_of: for each item of `histories`, the model's number or kNoId.
KnownHistory known_history(const UserItems& histories, uint32_t user, const std::vector<uint32_t>& number_of);

}  // namespace rec
