// What each feature, and what each field of a context, adds to the score of a candidate.
// Immutable and thread-safe. Symbols: F factors, f_c the values of a row's features
// (models/common/feature_rows.h), W_c what a feature adds to a vector, the rows of the tensor
// item-features.factors.
//
// Models whose score is h·x, one side at a time:
//   items   h·x = h·(x - Σ_c f_c W_c) + Σ_c f_c h·W_c
//   users   h·x = (h - Σ_c f_c V_c)·x + Σ_c f_c V_c·x
// The first term is that of the id: all that the features do not say.
//
// fm without layers (models/fm/fm_net.h), both sides and the context at once: of each category its
// weight and, with --pairwise fm, of each two fields the product of their vectors, each feature of
// a side by itself. The vector of an id is what its row has beside its features.
#pragma once

#include <memory>
#include <optional>

#include "data/features.h"
#include "models/inference/model.h"
#include "score/contributions.h"
#include "score/user_vectors.h"

namespace rec {

// The names of the terms of ids.
inline constexpr const char* kIdTerm = "(id)";
inline constexpr const char* kUserTerm = "(user)";  // fm
inline constexpr const char* kItemTerm = "(item)";  // fm
// Before the name of a user's feature in fm.
inline constexpr const char* kOfUser = "user:";
// Between the names of two fields whose product a term is.
inline constexpr const char* kPairOf = "*";

// Files of features of both sides; ids that the model lacks count nothing.
struct KnownFeatures {
  std::vector<FeatureTable> items;
  std::vector<FeatureTable> users;
};

// of: the side that is taken apart, where the model's terms are those of one side; absent: items, or users
// where `features` has those of users alone, or the model knows no others.
// Model and users must outlive the result. Throws UsageError where the model's score is no such sum,
// or where the features of that side are missing; Error for a malformed model.
std::unique_ptr<Contributions> feature_contributions(const Model& model, const UserVectors& users,
                                                     std::optional<IdKind> of, const KnownFeatures& features);

// What the sum of the terms is: "" for the score itself.
const char* sum_of_contributions(const Model& model);

}  // namespace rec
