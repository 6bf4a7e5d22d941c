// A loaded model: the parts that inference works with, whichever trainer made it. Thread-safe
// once made, but for encoder().prepare(). Symbols: I items, F factors.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "data/artefact.h"
#include "models/common/encoder.h"
#include "models/inference/scorer.h"

namespace rec {

class Model {
 public:
  // Takes the artefact apart. Throws Error if a part is missing, unknown or not float32. lookups: how many ids are
  // going to be looked up in each of its tables; they are indexed where that takes less time.
  explicit Model(Artefact artefact, size_t lookups = SIZE_MAX);
  // Reads a model file as read_artefact() does. Errors carry the file's name.
  static std::unique_ptr<Model> load(const std::string& path, int threads);
  // Of an artefact that was read from `path`, for errors.
  static std::unique_ptr<Model> of(Artefact artefact, const std::string& path, size_t lookups = SIZE_MAX);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Artefact& artefact() const { return artefact_; }
  // Of users, or items, or both that so many more ids are going to be looked up. Not while others use the model.
  void expect_lookups(size_t users, size_t items);
  // Both tables can be searched by find().
  const IdTable& users() const { return artefact_.users; }
  const IdTable& items() const { return artefact_.items; }
  // What make_scorer() makes g and M of.
  const ScorerParts& parts() const { return parts_; }
  // I × F; F = 0: none. Decoded at the first call where they are no float32; parts().items has them as they are.
  ConstMatrixView item_vectors() const { return parts_.items.floats(); }
  // false: the items' vectors say how much everyone likes them, and not which are alike (popularity).
  bool compares_items() const;
  // Throws UsageError where it does not. name: of the model's file.
  void require_comparable_items(const std::string& name) const;
  // S; without rows if the model has none.
  const SparseView& neighbours() const { return parts_.neighbours; }
  // I values, n_i of models/common/popularity.h; nullptr if the model has no counts.
  const float* item_counts() const { return item_counts_; }

  // Whether the model was trained on rows of user number `user`: kNoId is not, nor is one that
  // is known by features alone.
  bool knows_rows_of(uint32_t user) const {
    return user != kNoId && (user_counts_ == nullptr || user_counts_[user] > 0.0f);
  }

  // The least and the greatest value of training; infinite if the model does not say.
  struct ValueRange {
    float least = -std::numeric_limits<float>::infinity();
    float greatest = std::numeric_limits<float>::infinity();
  };
  ValueRange value_range() const { return value_range_; }

  Encoder& encoder() { return *encoder_; }
  const Encoder& encoder() const { return *encoder_; }
  ScoreForm attention() const { return attention_; }  // g unless told otherwise
  ScoreForm predictor() const { return predictor_; }  // M unless told otherwise

 private:
  Artefact artefact_;
  ScorerParts parts_;
  const float* item_counts_ = nullptr;
  const float* user_counts_ = nullptr;
  ValueRange value_range_;
  std::unique_ptr<Encoder> encoder_;
  ScoreForm attention_;
  ScoreForm predictor_;
};

}  // namespace rec
