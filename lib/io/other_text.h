// What a text looks like that was expected to be TSV. Thread rule: a function without state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rec {

// "looks like Parquet: read it as ..." for a text that begins as one of other formats does: a model, Parquet, SQLite.
// Empty for all others. path: the file's, "-" for stdin.
std::string other_format(std::string_view text, const std::string& path);

// "; looks like CSV: say --csv" for the first line of a table that should have had `fields` fields, and has no TAB (or
// none of the delimiter of CSV): the option or the command that reads it. Empty if nothing is recognised.
// path: the file's, "-" for stdin.
std::string other_text_hint(std::string_view line, size_t fields, const std::string& path);

}  // namespace rec
