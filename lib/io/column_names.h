// What people call the columns of a table: userId, customer_id, movieId, ASIN, Book-Rating, t_dat. From
// the headers of public data sets and of what other libraries read and write.
// Thread rule: functions without state.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace rec {

// How well `field` names the column "user", "item", "value", "timestamp", "score", "label" or "prediction":
// 0 is the column's own name, and of two fields the lower one names it better. Nothing: it does not name it, or
// no other names of `column` are known. Case, _, -, blanks and quotes around the field do not matter.
std::optional<size_t> name_rank(std::string_view column, std::string_view field);

// Whether the field reads as the name of a column of any table: a name of the columns above, a common one beside
// them (event, price, title), a word that ends in an id (thing_id, thingId), or nothing at all, as pandas names its
// index.
bool reads_as_name(std::string_view field);

// Whether it ends in an id, and has a letter before it and no digit: user_id, thingId, ITEM ID.
bool ends_in_id(std::string_view field);

// A header whose every field is NAME:TYPE with a type of RecBole's atomic files (token, token_seq, float, float_seq) or
// text; nothing for any other line.
struct TypedNames {
  std::vector<std::string_view> names;
  std::vector<std::string_view> types;
};
std::optional<TypedNames> typed_names(const std::vector<std::string_view>& fields);

}  // namespace rec
