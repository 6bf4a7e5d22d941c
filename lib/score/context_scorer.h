// f(h, x) for rows that each have a context of their own: a user, an item and a category of
// each column of the model's context. Symbols: K columns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "models/inference/model.h"

namespace rec {

// Immutable and thread-safe.
class ContextScorer {
 public:
  // Rows that are scored together; more go in steps of it.
  static constexpr size_t kRows = 64;
  // The number of a user whose h is 0.
  static constexpr uint32_t kZeroUser = kNoId - 1;

  // model must outlive this; its encoder reads rows. Throws UsageError for a form that it cannot serve.
  ContextScorer(const Model& model, ScoreForm form);

  // What a thread needs.
  struct Scratch {
    std::unique_ptr<Scorer::Users> users;
    Behaviour h;
  };
  // out[r] = f for row r: a user of the model (kNoId: one it does not know; kZeroUser), K categories at
  // categories[r·K] and an item, kNoId where they are unknown.
  void score(std::span<const uint32_t> users, const uint32_t* categories, std::span<const uint32_t> items,
             Scratch& scratch, float* out) const;

 private:
  const Model& model_;
  std::unique_ptr<const Scorer> scorer_;
};

}  // namespace rec
