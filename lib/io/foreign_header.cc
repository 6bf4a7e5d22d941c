#include "io/foreign_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"
#include "io/column_names.h"

namespace rec {
namespace {

// The least rows that tell a header of words from ids: rows of whole numbers, of ids with a digit. Names with a digit
// (user1, id2) take as many rows of whole numbers as the latter.
constexpr size_t kRowsOfNumbers = 3;
constexpr size_t kRowsWithDigits = 10;

bool is_word(std::string_view field) {
  bool letter = false;
  for (const char byte : field) {
    if (byte >= '0' && byte <= '9') return false;
    letter |= (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  }
  return letter && field != "nan" && field != "NaN" && field != "inf" && field != "Infinity";
}

bool begins_with_letter(std::string_view field) {
  return !field.empty() &&
         ((field.front() >= 'a' && field.front() <= 'z') || (field.front() >= 'A' && field.front() <= 'Z'));
}

bool is_whole_number(std::string_view field) {
  return !field.empty() &&
         std::all_of(field.begin(), field.end(), [](char byte) { return byte >= '0' && byte <= '9'; });
}

bool has_digit(std::string_view field) {
  return std::any_of(field.begin(), field.end(), [](char byte) { return byte >= '0' && byte <= '9'; });
}

bool begins_as_number(std::string_view field) {
  if (!field.empty() && (field.front() == '-' || field.front() == '.')) field.remove_prefix(1);
  return !field.empty() && field.front() >= '0' && field.front() <= '9';
}

// Where the ids stand that a first line is told by: those that are required and, where that is one, the field
// beside it.
std::vector<size_t> telling_fields(const TableSpec& spec, const Layout& layout, const Line& first) {
  std::vector<size_t> fields;
  for (size_t column = 0; column < spec.columns.size() && fields.size() < 2; ++column) {
    if (spec.columns[column].required && layout.has(column))
      fields.push_back(static_cast<size_t>(layout.position[column]));
  }
  for (size_t field = 0; field < first.n_fields && fields.size() < 2; ++field) {
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  }
  return fields;
}

bool is_text(const TableSpec& spec, const Layout& layout, size_t field) {
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (layout.position[column] == static_cast<int>(field)) return spec.columns[column].kind == TableSpec::Kind::kText;
  }
  return false;
}

bool fits_columns_option(std::string_view name) {
  return !name.empty() && name.find(',') == std::string_view::npos && printable(name) == name &&
         !parse_integer<int>(name);
}

}  // namespace

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "_=,:.@%/+-";
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [&](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           kPlain.find(byte) != std::string_view::npos;
  });
  if (plain) return text;
  std::string word = "'";
  for (const char byte : text) word += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
  return word + "'";
}

ColumnMap guess_columns(const TableSpec& spec, const std::vector<std::string_view>& fields) {
  std::vector<char> taken(fields.size(), 0);
  std::vector<size_t> found(spec.columns.size(), fields.size());
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    size_t best = 0;
    for (size_t field = 0; field < fields.size(); ++field) {
      const auto rank = name_rank(spec.columns[column].name, fields[field]);
      if (taken[field] || !rank || (found[column] < fields.size() && *rank >= best)) continue;
      found[column] = field;
      best = *rank;
    }
    if (found[column] < fields.size()) taken[found[column]] = 1;
  }
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    const TableSpec::Column& wanted = spec.columns[column];
    if (!wanted.required || !wanted.in_header || wanted.kind != TableSpec::Kind::kId) continue;
    const auto take = [&](auto&& fits) {
      for (size_t field = 0; field < fields.size() && found[column] == fields.size(); ++field) {
        if (!taken[field] && fits(fields[field])) found[column] = field, taken[field] = 1;
      }
    };
    const auto unknown = [&](std::string_view name) {
      return std::none_of(spec.columns.begin(), spec.columns.end(),
                          [&](const TableSpec::Column& other) { return name_rank(other.name, name).has_value(); });
    };
    take([&](std::string_view name) { return ends_in_id(name) && unknown(name); });
    take([&](std::string_view name) { return !reads_as_name(name); });
  }
  ColumnMap map;
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (found[column] == fields.size()) continue;
    map.entries.push_back({spec.columns[column].name, std::string(fields[found[column]]), 0});
  }
  return map;
}

std::string columns_advice(const TableSpec& spec, const std::vector<std::string_view>& fields,
                           std::string_view option) {
  const ColumnMap guess = guess_columns(spec, fields);
  const bool by_name = std::all_of(guess.entries.begin(), guess.entries.end(), [&](const ColumnMap::Entry& entry) {
    return fits_columns_option(entry.field) && std::count(fields.begin(), fields.end(), entry.field) == 1;
  });
  std::string map;
  for (const TableSpec::Column& column : spec.columns) {
    const auto entry = std::find_if(guess.entries.begin(), guess.entries.end(),
                                    [&](const ColumnMap::Entry& guessed) { return guessed.column == column.name; });
    const bool guessed = entry != guess.entries.end();
    if (!guessed && (!column.required || !column.in_header)) continue;
    std::string field = by_name ? "NAME" : "N";
    if (guessed) {
      field = by_name ? entry->field
                      : fmt::format("{}", std::find(fields.begin(), fields.end(), entry->field) - fields.begin() + 1);
    }
    map += (map.empty() ? "" : ",") + column.name + "=" + field;
  }
  return fmt::format("{} {}{}", option, shell_word(map), by_name ? "" : " --header-rows 1");
}

bool is_foreign_header(const TableSpec& spec, const Layout& layout, const Line& first, std::string_view rest) {
  const std::vector<size_t> telling = telling_fields(spec, layout, first);
  const auto all = [&](auto&& test) {
    return std::all_of(telling.begin(), telling.end(), [&](size_t field) { return test(first.fields[field]); });
  };
  // What stands beside an id in a table of texts is a text, of which one word without blanks alone is a name.
  const bool above_texts = telling.size() == 2 && is_text(spec, layout, telling.back()) &&
                           ends_in_id(first.fields[telling.front()]) && is_word(first.fields[telling.back()]) &&
                           first.fields[telling.back()].find(' ') == std::string_view::npos;
  const bool names =
      above_texts || (telling.size() < 2 ? ends_in_id(first.fields[telling.front()]) : all(reads_as_name));
  const bool words = telling.size() == 2 && all(is_word);
  if (!names && !words && !(telling.size() == 2 && all(begins_with_letter))) return false;
  size_t rows = 0;
  bool again = false;
  bool numbers = true;
  bool digits = true;
  look_ahead(rest, std::max(telling.front(), telling.back()) + 1, [&](const Line& line) {
    if (line.text == first.text) return;
    ++rows;
    for (const size_t field : telling) {
      if (field >= line.n_fields) continue;
      again |= !first.fields[field].empty() && line.fields[field] == first.fields[field];
      numbers = numbers && is_whole_number(line.fields[field]);
      digits = digits && has_digit(line.fields[field]);
    }
  });
  return !again && (names || (words && numbers && rows >= kRowsOfNumbers) ||
                    (words && digits && rows >= kRowsWithDigits) || (numbers && rows >= kRowsWithDigits));
}

bool is_word_above_numbers(const TableSpec& spec, const Layout& layout, const Line& first, int position,
                           std::string_view rest) {
  const auto at = static_cast<size_t>(position);
  if (!is_word(first.fields[at])) return false;
  for (const size_t field : telling_fields(spec, layout, first)) {
    if (!is_word(first.fields[field])) return false;
  }
  size_t rows = 0;
  bool numbers = true;
  look_ahead(rest, at + 1, [&](const Line& line) {
    ++rows;
    numbers = numbers && line.n_fields > at && begins_as_number(line.fields[at]);
  });
  return numbers && rows > 0;
}

}  // namespace rec
