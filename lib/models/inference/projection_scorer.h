// What those scorers share that see the user and the item through one projection each, a
// vector of D values: f(h, x) = kernel(a(h), b(x)). The projections of all items are made
// once. Immutable and thread-safe once made. Symbols: I items, F factors.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "models/inference/scorer.h"

namespace rec {

// The item numbers by falling |row|², equal ones by number.
std::vector<uint32_t> by_norm(const RowTable& rows, int threads);

// The transpose of columns [first, first + F) of `weight` (R × any): F × pad16(R), padded
// with zeros.
Matrix transposed(ConstMatrixView weight, size_t first, size_t F);

// `values`, padded with zeros to a multiple of 16.
AlignedBuffer<float> padded(std::span<const float> values);

class ProjectionScorer : public Scorer {
 public:
  struct ProjectedUsers : Users {
    Matrix projections;              // users × D: a(h)
    std::vector<const float*> rows;  // of score_items()
    AlignedBuffer<float> decoded;    // of rows that are no float32
  };

  std::unique_ptr<Users> make_users(size_t capacity) const override;
  void prepare(const Behaviour& h, size_t user, Users& users) const override;
  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override;
  ScanOrder scan_order(int threads) const override { return {by_norm(item_projections_, threads), false}; }
  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override;

  std::unique_ptr<const ArrangedItems> arrange_in_place() const override;

  const RowTable& item_projections() const { return item_projections_; }  // I × D: b(x)

  // rows[k] = b of the item number item(k), which may be kNoId, for k < n: where it lies or, where the table is no
  // float32, in scratch.decoded.
  template <class Item>
  void rows_of(size_t n, Item item, ProjectedUsers& scratch, const float** rows) const {
    const size_t stride = pad16(projection_size());
    if (!item_projections_.is_float()) scratch.decoded.resize(std::max(scratch.decoded.size(), n * stride));
    for (size_t k = 0; k < n; ++k) {
      const uint32_t number = item(k);
      rows[k] = number == kNoId ? unknown_.data() : item_projections_.row(number, scratch.decoded.data() + k * stride);
    }
  }

  // out[k] = kernel(user, items[k]) for k < n: a projection of a user by those of n items.
  virtual void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers& scratch,
                                 float* out) const = 0;

 protected:
  using Scorer::Scorer;

  // To be called once, when a subclass is made. The items are their own projections; or x·map
  // is (map: F × D); or the rows of `made` are (I × D), and `unknown` (D) is that of an
  // unknown item.
  void use_items_themselves(const ScorerParts& parts);
  void project_items(const ScorerParts& parts, const Matrix& map);
  void use_projections(Matrix made, std::vector<float> unknown);

  size_t projection_size() const { return item_projections_.cols; }  // D
  // a(h) of h (F values) into out (D values, whatever they were).
  virtual void project_user(const float* h, float* out) const = 0;
  // Sets the projections' memory; make_users() of a subclass with scratch of its own.
  void reserve(size_t capacity, ProjectedUsers& users) const { users.projections.resize(capacity, projection_size()); }

 private:
  Matrix made_;
  RowTable item_projections_;
  std::vector<float> unknown_;  // D
};

// out (n values) = x (F values) · map (F × n).
void multiply(const float* x, const Matrix& map, float* out);

}  // namespace rec
