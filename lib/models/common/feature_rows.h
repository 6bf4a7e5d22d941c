// Features of items as columns beside the users: what makes a model of ids one of ids
// and features. Symbols: U users, I items, K kinds of features, C categories of all kinds.
//
//   f_i = w [√v_1 g_i1, ..., √v_K g_iK] / √(v_1 + ... + v_K)
//   g_ik  the entries e_c of item i in kind k, divided by their length
//   e_c   x_c (scaling none), or √x_c ln((1 + n) / (1 + n_c)) (tfidf): x_c the value of
//         category c, n the items that have the kind, n_c those that have c
//
// So |f_i| is at most w: where two items agree in all features, that counts as much as
// w² users in common. Items of rare features and items of common ones weigh the same.
// Functions of their arguments, for any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/features.h"
#include "data/interactions.h"

namespace rec {

enum class FeatureScaling { kTfidf, kNone };

inline constexpr Named<FeatureScaling> kFeatureScalings[] = {{"tfidf", FeatureScaling::kTfidf},
                                                             {"none", FeatureScaling::kNone}};

struct FeatureOptions {
  std::vector<std::string> files;
  double weight = 2.0;  // w, above 0
  FeatureScaling scaling = FeatureScaling::kTfidf;
  std::map<std::string, double> kind_weight;  // v, at least 0; a kind without: 1

  bool given() const { return !files.empty(); }
  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

// Makes the items of the features items of `data`: those that no row has come in without
// one. Both tables stay in byte order. Returns how many came in.
size_t add_items(Interactions& data, const std::vector<ItemFeatures>& features);

struct FeatureRows {
  Csr rows;                                 // I × C: f
  std::vector<std::string> names;           // C: "KIND=CATEGORY"
  std::vector<std::string> unknown_weight;  // kinds of --kind-weight that no file has
  size_t items_without = 0;                 // rows without an entry
};
// f of the items of `items`. A kind that two files have is one kind: its values are added
// up. REQUIRES: `items` is indexed.
FeatureRows feature_rows(const std::vector<ItemFeatures>& features, const IdTable& items,
                         const FeatureOptions& options);

// (U + C) × I: the users' rows, then a row for each category with the items that have it.
Csr with_features(const Csr& by_user, const FeatureRows& features);

}  // namespace rec
