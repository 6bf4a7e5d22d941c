// Features of items (or of users) as rows of numbers, and as columns beside the users: what
// makes a model of ids one of ids and features. Symbols: N items (users), K kinds of
// features, C categories of all kinds.
//
//   f_i = w [√v_1 g_i1, ..., √v_K g_iK] / √(v_1 + ... + v_K)
//   g_ik  the entries e_c of item i in kind k, divided by their length
//   e_c   x_c (scaling none), or √x_c ln((1 + n) / (1 + n_c)) (tfidf): x_c the value of
//         category c, n the items that have the kind, n_c those that have c
//
// A vector is a kind whose categories are its components, e_c = x_c, of any sign. A number is
// a kind alone: g = (x - mean) / deviation over the items that have it, at most 4 either way;
// an item without it has g = 0, as the mean has.
//
// So |f_i| is at most w: where two items agree in all features, that counts as much as
// w² users in common. Items of rare features and items of common ones weigh the same.
// Functions of their arguments, for any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"
#include "data/features.h"
#include "data/interactions.h"

namespace rec {

enum class FeatureScaling { kTfidf, kNone };

inline constexpr Named<FeatureScaling> kFeatureScalings[] = {{"tfidf", FeatureScaling::kTfidf},
                                                             {"none", FeatureScaling::kNone}};

struct FeatureOptions {
  // What the model takes: features of users, too; --feature-weight.
  bool takes_users = false;
  bool takes_weight = false;

  std::vector<std::string> item_files{};
  std::vector<std::string> user_files{};
  std::vector<std::string> item_vectors{};  // [NAME=]FILE[:PART] of data/vectors.h
  std::vector<std::string> user_vectors{};
  double weight = 1.0;  // w, above 0
  FeatureScaling scaling = FeatureScaling::kTfidf;
  std::map<std::string, double> kind_weight{};  // v, at least 0; a kind without: 1

  bool given() const { return given(IdKind::kItem) || given(IdKind::kUser); }
  bool given(IdKind of) const { return !files(of).empty() || !vectors(of).empty(); }
  const std::vector<std::string>& files(IdKind of) const { return of == IdKind::kItem ? item_files : user_files; }
  const std::vector<std::string>& vectors(IdKind of) const { return of == IdKind::kItem ? item_vectors : user_vectors; }
  // How often stdin is among the files.
  size_t stdins() const;
  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

// Makes the ids of the features ids of `data`, of which no row has some. The table stays in
// byte order. Returns how many came in.
size_t add_ids(Interactions& data, IdKind of, const std::vector<FeatureTable>& features);

// How features become numbers: fitted once, kept in the model, applied to what comes later.
enum class FeatureRule { kValue, kRoot, kNumber };  // e from x: its value, its root, its deviations

struct FeatureColumn {
  float scale;       // of a category ln((1 + n) / (1 + n_c)) or 1, of a number 1 / deviation
  float kind_scale;  // w √v / √(v_1 + ... + v_K) of its kind
  float mean;        // of a number
  FeatureRule rule;

  double scaled(double value) const;  // e
};

struct FeatureMap {
  IdTable names;                       // C: "KIND=CATEGORY", for numbers "KIND", in byte order, indexed
  std::vector<FeatureColumn> columns;  // C

  size_t size() const { return names.size(); }
};

// The number of the kind of each name "KIND=CATEGORY", from 0 in the order in which they come.
std::vector<uint32_t> kinds_of(const IdTable& names);
// How many kinds there are in that.
size_t kind_count(const std::vector<uint32_t>& kind);

struct FeatureRows {
  Csr rows;                  // N × C: f
  size_t without = 0;        // rows without an entry
  uint64_t unknown = 0;      // values of categories that the map lacks
  size_t kinds_unknown = 0;  // kinds of which it has no category
};

// What is known of one side beside its rows, as a trainer takes it.
struct SideFeatures {
  IdKind of = IdKind::kItem;
  FeatureMap map;
  Csr rows;  // f of each item (user) of the log, those without rows included
};
// Tells runs apart (data/digest.h).
std::string digest_of(const SideFeatures& features);

// Of the ids of `ids`; a kind that two files have is one kind, its values are added up.
// REQUIRES: `ids` is indexed.
struct FittedFeatures {
  FeatureMap map;
  FeatureRows rows;
  std::vector<std::string> unknown_weight;  // kinds of options.kind_weight that no file has
};
FittedFeatures fit_features(const std::vector<FeatureTable>& features, const IdTable& ids,
                            const FeatureOptions& options);
// By a map that was fitted before. Throws Error for vectors of another length than the map's.
FeatureRows feature_rows(const FeatureMap& map, const std::vector<FeatureTable>& features, const IdTable& ids);

// (U + C) × I: the users' rows, then a row for each of `categories` with the items that have it.
// features: I × C.
Csr with_features(const Csr& by_user, const Csr& features, size_t categories);

// The map in a model file: the ids of the table "item-features" ("user-features") and the tensor
// TABLE.map with the four values of FeatureColumn, its rule as 0, 1 or 2.
std::string feature_table_name(IdKind of);
void add_feature_map(const FeatureMap& map, IdKind of, Artefact& artefact);
bool has_feature_map(const Artefact& artefact, IdKind of);
// Throws Error where the model has none, or one that is malformed.
FeatureMap feature_map_of(const Artefact& artefact, IdKind of);

}  // namespace rec
