// Names that a model file uses and that more than one family of models writes.
#pragma once

namespace rec {

// What models of explicit values may hold: the vector of an item they do not know
// (F values), and the values' range, as meta.
inline constexpr const char* kUnknownItem = "unknown.item";
inline constexpr const char* kLeastValue = "least";
inline constexpr const char* kGreatestValue = "greatest";

}  // namespace rec
