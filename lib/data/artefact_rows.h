// Rows of the users or of the items of a model, as the text encoding writes them
// (rec-formats(5)): "user ID VALUES" or "item ID VALUES", with the values of all tensors
// users.* or items.*. So parts of a model can be made by several programs, put together by
// cat or sort, and joined. Thread rule: functions without state.
#pragma once

#include <string>

#include "data/artefact.h"

namespace rec {

class Output;

enum class RowKind { kUser, kItem };

// The rows of all users (items), in the order of their numbers.
void write_rows(const Artefact& artefact, RowKind kind, Output& out, int threads);

// `base` with the users (items) of the file in place of its own, in byte order of
// their ids. Rows may stand in any order. Throws Error "FILE:line: ..." for a row of
// another kind or another number of values, "FILE: ..." for an id that is there
// twice, and Error where `base` holds sparse matrices, which speak of its ids.
Artefact join_rows(const Artefact& base, RowKind kind, const std::string& path, int threads);

}  // namespace rec
