// What is said of interactions that were read, for stderr: how many, which columns, what looks wrong.
// Thread rule: functions without state.
#pragma once

#include <string>
#include <vector>

#include "data/interactions_tsv.h"

namespace rec {

// First "3 rows, 2 users, 2 items; columns user, item; unused: timestamp", then a line for each doubt: values that
// look like times, a handful of users or of items in a table that has very many of the others. used: which columns
// beside user and item the tool uses. No line names the file.
std::vector<std::string> interactions_notes(const LoadedInteractions& loaded, OptionalColumns used);

// Throws Error if the table has columns beside user, item, value and timestamp, which interactions in binary cannot
// hold; spec: of the table; `columns`: the --columns that was given, by which the others are left out.
void require_binary_columns(const Layout& layout, const TableSpec& spec, const std::string& name,
                            const std::string& columns);

}  // namespace rec
