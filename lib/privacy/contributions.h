// What each user may contribute to a private sum: the items that are in a public list, each
// once, and no more than a cap. Thread-safe.
#pragma once

#include <cstddef>

#include "data/interactions.h"

namespace rec {

// Users of `data` as rows, `items` as columns, without weights. Of a user with more than
// max_per_user of the items those with the least hashes of (user, item) stay (XXH3; equal
// ones by number): neither the order of the file nor anyone else's rows decide. Items
// that are not in the list do not count. REQUIRES: items.index() was called;
// max_per_user > 0.
Csr bounded_contributions(const Interactions& data, const IdTable& items, size_t max_per_user);

}  // namespace rec
