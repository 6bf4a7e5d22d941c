// What a table's first rows and its columns tell a reader beside the data, for notes on stderr.
// Thread rule: functions without state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/table.h"

namespace rec {

// Which columns were used, and under which name they stand, then what the table has beside them:
// "columns user, item, rating as value; unused: timestamp". used: for each column of the spec. A name beside them
// that reads as an absent column is followed by the --columns to say.
std::string columns_note(const TableSpec& spec, const Layout& layout, const std::vector<bool>& used);

// What speaks against the columns, from the rows in kHeaderLookAhead bytes of `text`: ids or values that are all times.
// Empty where nothing does.
std::vector<std::string> column_doubts(const TableSpec& spec, const Layout& layout, std::string_view text);

}  // namespace rec
