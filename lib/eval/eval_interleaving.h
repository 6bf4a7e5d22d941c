// Interleaved lists (user item score rank team) measured by the clicks on them.
#pragma once

#include <string>

#include "io/table.h"
#include "metrics/interleaving.h"

namespace rec {

struct InterleavingOptions {
  std::string clicks;  // user item [value]; a value of 0 or below is no click
};

struct InterleavingEvaluation {
  InterleavingResult result;
  uint64_t users = 0;             // with a list
  uint64_t clicks = 0;            // on items of the user's list; a repeated one counts once
  uint64_t clicks_elsewhere = 0;  // on items that the user's list does not have
  uint64_t bad_lines = 0;
  uint64_t clicks_bad_lines = 0;
  std::vector<std::string> warnings;  // lists and clicks that do not meet
};

// Streams the lists, in any order of lines; memory is bounded by the clicks and
// the ids of the users. Throws Error for a team that is neither A nor B, for a
// clicked item that is twice in a user's list, and for a table without rows.
TableSpec interleaving_spec();
InterleavingEvaluation evaluate_interleaving(const std::string& path, const ReadOptions& read,
                                             const InterleavingOptions& options, const ReadOptions& side_read,
                                             const BootstrapOptions& bootstrap, int threads);

}  // namespace rec
