// How alike two items are, for diversity and near-duplicates. Symbols: I items, F
// factors. Immutable and thread-safe once made; whoever makes one keeps alive what
// it was made from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/features.h"
#include "linalg/matrix.h"

namespace rec {

class ItemSimilarity {
 public:
  virtual ~ItemSimilarity() = default;
  // The item's number here, or kNoId: then it is like no other item.
  virtual uint32_t number(std::string_view item) const = 0;
  // out[i] = sim(item, others[i]): symmetric, at most 1, 0 with kNoId. The same bits
  // whatever else is in `others`.
  virtual void similarities(uint32_t item, std::span<const uint32_t> others, float* out) const = 0;
  // Whether a similarity may be below 0 (down to -1).
  virtual bool is_signed() const = 0;
};

// The cosine of item vectors; 0 where one of them is the zero vector.
class VectorCosine : public ItemSimilarity {
 public:
  // items: the ids of the rows of `vectors` (I × F), indexed. The vectors are copied.
  VectorCosine(const IdTable& items, ConstMatrixView vectors);
  uint32_t number(std::string_view item) const override { return items_.find(item); }
  void similarities(uint32_t item, std::span<const uint32_t> others, float* out) const override;
  bool is_signed() const override { return true; }

 private:
  const IdTable& items_;
  Matrix unit_;  // I × F: rows of length 1 or 0
  std::vector<float> zero_;
};

// Of the categories A, B of two items: |A ∩ B| / |A ∪ B| (Jaccard), or the cosine of
// their values. 0 where one has none.
class FeatureSimilarity : public ItemSimilarity {
 public:
  enum class Form { kJaccard, kCosine };
  FeatureSimilarity(const IdTable& items, const FeatureKind& kind, Form form);
  uint32_t number(std::string_view item) const override { return items_.find(item); }
  void similarities(uint32_t item, std::span<const uint32_t> others, float* out) const override;
  bool is_signed() const override { return false; }

 private:
  double similarity(uint32_t a, uint32_t b) const;

  const IdTable& items_;
  const FeatureKind& kind_;
  Form form_;
  std::vector<double> norm_;  // I, for the cosine: the length of the values
};

}  // namespace rec
