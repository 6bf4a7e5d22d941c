// Fits the model of models/als/als.h. Same bits for every number of threads.
#pragma once

#include <string_view>

#include "data/artefact.h"
#include "data/interactions.h"
#include "models/als/als_options.h"

namespace rec {

class AlsTrainer {
 public:
  // by_user: U × I, weights > 0; both it and the trainer are held by the caller.
  AlsTrainer(const Csr& by_user, size_t items, const AlsOptions& options, int threads);

  // Takes over the vectors of `base`'s users and items that are in `data`, too (the
  // log that by_user was made of), and says how many. New items start from random
  // vectors by id and seed, new users from zero. Throws Error if `base` has no such
  // factors. REQUIRES: base's ids are indexed.
  struct Kept {
    size_t users = 0;
    size_t items = 0;
  };
  Kept start_from(const Artefact& base, const Interactions& data);

  // Bytes that training takes at most, by_user and the trainer together.
  static size_t memory(const Csr& by_user, size_t users, size_t items, const AlsOptions& options, int threads);

  // Solves (or, with blocks, sweeps over) all users against the items, then all
  // items against the users; the first one takes the start passes before that.
  // Throws Error if a value is no longer finite.
  void epoch();

  // L of models/als/als.h for the present vectors.
  double objective() const;

  const AlsOptions& options() const { return options_; }  // resolved
  const Matrix& users() const { return users_; }          // U × F
  const Matrix& items() const { return items_; }          // I × F

  // The artefact's parts: ids, factors, item counts and the options that
  // inference needs.
  Artefact artefact(const Interactions& data) const;
  // The same with the trainer's own vectors where their rows need no padding (F a
  // multiple of 16). No other call may follow.
  Artefact take(const Interactions& data);

 private:
  Artefact without_tensors(const Interactions& data) const;
  void pass_through_data();
  void random_start(std::string_view id, float* row) const;

  const Csr& by_user_;
  Csr by_item_;
  AlsOptions options_;
  int threads_;
  Matrix users_;
  Matrix items_;
  bool started_ = false;              // the vectors are not those of the constructor
  std::vector<uint32_t> user_order_;  // longest row first
  std::vector<uint32_t> item_order_;
};

}  // namespace rec
