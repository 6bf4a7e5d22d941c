// Every score that leaves rec-score and rec-attend is finite: where a model's numbers overflow
// there is an error that says user and item, and no row is dropped. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rec {

// The place of the first of n values that is not finite; n if all are.
size_t first_not_finite(const float* values, size_t n);

// What an error says: `what` is "score" or "attention".
std::string not_finite(std::string_view user, std::string_view item, const char* what);

// Appends a value that goes into the output. Throws Error "user ..., item ...: the <what> is
// not finite".
void append_finite(std::string& text, float value, std::string_view user, std::string_view item, const char* what);

}  // namespace rec
