// Names that a model file uses and that more than one family of models writes.
#pragma once

#include <cstddef>
#include <string>

namespace rec {

// What models of explicit values may hold: the vector of an item they do not know
// (F values), and the values' range, as meta.
inline constexpr const char* kUnknownItem = "unknown.item";
inline constexpr const char* kLeastValue = "least";
inline constexpr const char* kGreatestValue = "greatest";

// How many pairs of training each user has, in models where some are known by features alone (0).
inline constexpr const char* kUserCounts = "users.count";

// The weights of attention functions and predictors; layer l of mlp, from 1, has mlp.l.weight and mlp.l.bias.
inline constexpr const char* kBilinearWeight = "bilinear.weight";
inline constexpr const char* kAdditiveUser = "additive.user";
inline constexpr const char* kAdditiveItem = "additive.item";
inline constexpr const char* kAdditiveWeight = "additive.weight";
inline constexpr const char* kHeadsUser = "heads.user";
inline constexpr const char* kHeadsItem = "heads.item";
inline constexpr const char* kHeads = "heads";  // meta: K
inline constexpr const char* kSumWeight = "sum.weight";
inline constexpr const char* kSumBias = "sum.bias";
inline std::string mlp_weight(size_t layer) { return "mlp." + std::to_string(layer) + ".weight"; }
inline std::string mlp_bias(size_t layer) { return "mlp." + std::to_string(layer) + ".bias"; }

}  // namespace rec
