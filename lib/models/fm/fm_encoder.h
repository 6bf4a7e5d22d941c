// Inference of rec-embed fm: h of a user in a context, and the names in the model file. The
// function is that of models/fm/fm_net.h. Symbols: U users, I items, d values of a vector,
// P = d with --pairwise fm, 0 with none; W values of a category, d but with ffm; K columns of context; s a sum of
// vectors.
//
//   h = [s_h; 1; b_h]   s_h the sum of the vectors of the user's side (user, its features, context),
//                       b_h their weights and pairs, and w_0
//   x = [s_x; b_x; 1]   the same of the item's side
//   h·x = w_0 + l + pairs
// With --pairwise fwfm and ffm s_h and s_x are what models/fm/fm_pairs.h says, and P its size; the encoder is
// fm-fields. So a model without layers is an inner product, and P(label 1) its logistic function. Where there are
// layers, the vectors of the fields stand behind h, user's side first; those of the item's side are a table of their
// own.
//
// Tensors beside items.factors (x) and users.factors (h without context, 1 at place P):
//   unknown.user, unknown.item      the same of ids that the model does not know
//   context-k.factors               [v; w] (W + 1) of each category of column k, from 1; the categories are the
//                                   ids of the table context-k, and meta context-k names the column
//   unknown.context                 K rows: the same of a category that is not known
//   users.fields, items.fields      with layers, fwfm or ffm: the values of the fields of a side, one behind the other
//   unknown.user.fields, unknown.item.fields
//   item-features.factors, .fields  what a feature of an item adds to x (models/common/extend_artefact.h)
//   new.items.factors, .fields      x of an item without id and features
//   user-features.*, new.users.*    the same for users
// Immutable and thread-safe, but for set_context().
#pragma once

#include <string>
#include <vector>

#include "models/common/encoder.h"
#include "models/fm/fm_pairs.h"

namespace rec {

// The meta `encoder`; the second one where pairs are by_field().
inline constexpr const char* kFmEncoder = "fm";
inline constexpr const char* kFmFieldsEncoder = "fm-fields";
// The pairs of a model of the second one. A view of the artefact. Throws Error where tensors are missing or do not fit.
FmPairs fm_pairs_of(const Artefact& artefact);

inline constexpr const char* kFmUserFields = "users.fields";
inline constexpr const char* kFmItemFields = "items.fields";
inline constexpr const char* kFmUnknownUser = "unknown.user";
inline constexpr const char* kFmUnknownUserFields = "unknown.user.fields";
inline constexpr const char* kFmUnknownItemFields = "unknown.item.fields";
inline constexpr const char* kFmUnknownContext = "unknown.context";
// Of the table and of meta, where its value is the column's name; column from 0.
std::string context_key(size_t column);
std::string context_factors(size_t column);

class FmEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error where tensors are missing or do not fit.
  explicit FmEncoder(const Artefact& artefact);

  size_t dim() const override { return users_.cols + inputs(); }
  // h in the context of set_context(): all unknown unless that was called.
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History&, Behaviour&) const override { return false; }
  bool encode_unknown(Behaviour& h) const override;
  void prepare(int) override {}

  bool reads_rows() const override { return true; }
  std::span<const std::string> context_columns() const override { return names_; }
  uint32_t find_category(size_t column, std::string_view category) const override;
  void encode_in_context(uint32_t user, std::span<const uint32_t> categories, Behaviour& h) const override;
  std::span<const uint32_t> context() const override { return context_; }
  void set_context(std::vector<uint32_t> categories) override { context_ = std::move(categories); }

 private:
  struct Column {
    IdTable categories;
    ConstMatrixView factors;         // C × W + 1
    const float* unknown = nullptr;  // W + 1
    const float* row(uint32_t category) const { return category == kNoId ? unknown : factors.row(category); }
  };
  // Values behind [s; 1; b]: the fields of the user's side.
  size_t inputs() const { return layers_ ? fields_.cols + columns_.size() * width_ : 0; }
  void add_context(const float* user_fields, std::span<const uint32_t> categories, float* h) const;

  ConstMatrixView users_;   // U × P + 2
  ConstMatrixView fields_;  // U × their values; 0 columns: neither layers nor fwfm nor ffm
  bool layers_ = false;
  const float* unknown_user_ = nullptr;
  const float* unknown_fields_ = nullptr;
  size_t pairs_ = 0;  // P
  size_t width_ = 0;  // W
  FmPairs by_field_;  // kind kNone: one vector for all fields
  std::vector<std::string> names_;
  std::vector<Column> columns_;
  std::vector<uint32_t> context_;
};

}  // namespace rec
