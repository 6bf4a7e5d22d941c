// Tells a first line that is a header with names of its own from data, and says the --columns that
// reads it: a header must not become a user.
// Thread rule: functions without state.
#pragma once

#include <string>
#include <string_view>

#include "io/table.h"

namespace rec {

// The bytes after the first line that are looked at: part of what is read first, for any number of threads.
inline constexpr size_t kHeaderLookAhead = size_t{64} << 10;

// For each column of the spec that a field of `fields` names, the best such field; a required id that none names
// gets one of those left that name nothing else, one that ends in an id first. No field is taken twice.
ColumnMap guess_columns(const TableSpec& spec, const std::vector<std::string_view>& fields);

// The options that read a header of these fields, ready for a shell: "--columns user=userId,item=movieId". By
// position, with --header-rows 1, where a name cannot be given to --columns. A required column that no field can
// be gets NAME. option: "--columns", or what maps this table.
std::string columns_advice(const TableSpec& spec, const std::vector<std::string_view>& fields, std::string_view option);

// `text` as one word of a shell: quoted where it has other bytes than names and numbers do.
std::string shell_word(const std::string& text);

// Calls see(line) for the whole lines in the first kHeaderLookAhead bytes of `text`, split into `width` fields.
template <class See>
void look_ahead(std::string_view text, size_t width, See&& see) {
  if (text.size() > kHeaderLookAhead) text = text.substr(0, text.rfind('\n', kHeaderLookAhead) + 1);
  LineCursor cursor(text, width);
  Line line;
  while (cursor.next(line)) see(line);
}

// Whether `first`, which names no column as the table does, is a header nevertheless: its first two ids read as names
// of columns, or both are words where all rows that follow have whole numbers, or at least ten have ids with a
// digit. In a table of texts: the id ends in an id, and the text is a word without blanks. Never where an id of it
// comes again in `rest`, the lines that follow: then it is an id. A line of one field must end in an id to be a name.
bool is_foreign_header(const TableSpec& spec, const Layout& layout, const Line& first, std::string_view rest);

// Whether field `position` (from 0) is a word in `first`, as the ids are, and begins as a number in all of `rest`:
// then the line may be a header, of names that nobody knows.
bool is_word_above_numbers(const TableSpec& spec, const Layout& layout, const Line& first, int position,
                           std::string_view rest);

}  // namespace rec
