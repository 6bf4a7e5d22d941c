// Rows of interactions whose items their users are not to get: for good, or until some time has passed.
// Thread-safe: without state.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "data/user_items.h"

namespace rec {

struct ReadOptions;  // io/table.h

struct ExcludedRows {
  std::vector<UserItems> lists;    // one a file, without values and times
  std::vector<std::string> notes;  // how many rows exclude nothing, and what the timestamps were taken for
  std::string warning;             // an age without a unit that looks like one of days; "": nothing
};

// Reads the files ("-" is stdin). age above 0: rows of that age or more are left out, the age being counted from the
// newest row of all files. With a unit it is converted to that of the timestamps, which all files have to share.
// Throws Error for a malformed line and, with an age, for rows without timestamps, and files of two units.
ExcludedRows read_excluded_rows(const std::vector<std::string>& paths, const Duration& age, const ReadOptions& options,
                                int threads);

}  // namespace rec
