#include "io/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/number-inl.h"
#include "base/number.h"
#include "base/time.h"
#include "io/column_names.h"
#include "io/foreign_header.h"
#include "io/other_text.h"
#include "io/table_notes.h"

namespace rec {
namespace {

ByteSource with_threads(ByteSource source, int threads) {
  source.set_threads(threads);
  return source;
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text) + "\""; }

std::string column_list(const TableSpec& spec) {
  std::string text;
  for (const auto& column : spec.columns) {
    if (!text.empty()) text += ' ';
    text += column.required ? column.name : "[" + column.name + "]";
  }
  return text;
}

bool has_column(const TableSpec& spec, std::string_view name) {
  return std::any_of(spec.columns.begin(), spec.columns.end(),
                     [&](const TableSpec::Column& column) { return column.name == name; });
}

[[noreturn]] void fail_unknown_column(const TableSpec& spec, std::string_view name, std::string_view option) {
  fail_usage("{}: no column \"{}\" in {} ({})", option, printable(name), spec.name, column_list(spec));
}

// REQUIRES: the spec has it.
size_t column_index(const TableSpec& spec, std::string_view name) {
  size_t column = 0;
  while (spec.columns[column].name != name) ++column;
  return column;
}

// The field of that name in `first`, or kAbsent; two of that name are an error.
int find_name(const std::vector<std::string_view>& fields, std::string_view name) {
  const auto found = std::find(fields.begin(), fields.end(), name);
  if (found == fields.end()) return Layout::kAbsent;
  if (const auto again = std::find(found + 1, fields.end(), name); again != fields.end()) {
    bad_field(static_cast<int>(again - fields.begin()) + 1, "column " + in_quotes(name) + " is in the header twice");
  }
  return static_cast<int>(found - fields.begin());
}

// What keeps a header of these fields from being one of the table.
std::string what_is_foreign(const TableSpec& spec, const std::vector<std::string_view>& fields) {
  const ColumnMap guess = guess_columns(spec, fields);
  for (const TableSpec::Column& column : spec.columns) {
    const bool guessed = std::any_of(guess.entries.begin(), guess.entries.end(),
                                     [&](const ColumnMap::Entry& entry) { return entry.column == column.name; });
    if (column.required && column.in_header && !guessed) return "that does not name " + column.name;
  }
  return "with other names";
}

// The map for a header with types: what is named by hand, then what the names say. A required column that no name
// is known to mean is an error.
ColumnMap typed_map(const TableSpec& spec, const ColumnMap& by_hand, const std::vector<std::string_view>& names,
                    std::string_view option) {
  ColumnMap map = by_hand;
  const auto is_mapped = [&](std::string_view column) {
    return std::any_of(map.entries.begin(), map.entries.end(),
                       [&](const ColumnMap::Entry& entry) { return entry.column == column; });
  };
  for (const ColumnMap::Entry& guess : guess_columns(spec, names).entries) {
    const bool taken = std::any_of(by_hand.entries.begin(), by_hand.entries.end(),
                                   [&](const ColumnMap::Entry& entry) { return entry.field == guess.field; });
    if (!taken && !is_mapped(guess.column) && name_rank(guess.column, guess.field)) map.entries.push_back(guess);
  }
  for (const TableSpec::Column& column : spec.columns) {
    if (!column.required || !column.in_header || is_mapped(column.name)) continue;
    bad_field(0,
              "a header with types that does not name " + column.name + "; say " + columns_advice(spec, names, option));
  }
  return map;
}

}  // namespace

void bad_number(int field, std::string_view found) {
  // What is a number here, but was none for the caller, is one of float32.
  const bool beyond = parse_number_inline<double>(found).has_value();
  bad_field(field, (beyond ? "a number beyond the range of float32: " : "not a number: ") + in_quotes(found));
}
void bad_time(int field, std::string_view found) {
  bad_field(field, fmt::format("not a time: {} (expected {})", in_quotes(found), kTimeExpected));
}
void bad_field(int field, std::string text) { throw BadField{field, std::move(text)}; }

ColumnMap ColumnMap::parse(std::string_view text, const TableSpec& spec, std::string_view option, bool shared) {
  ColumnMap map;
  std::vector<Entry> all;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == pair.size()) {
      fail_usage("{}: expected COLUMN=FIELD, found {}", option, in_quotes(pair));
    }
    Entry entry{std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)), 0};
    const bool own = has_column(spec, entry.column);
    if (!own && !shared && !has_column(interactions_spec(), entry.column))
      fail_unknown_column(spec, entry.column, option);
    for (const Entry& earlier : all) {
      if (earlier.column == entry.column) fail_usage("{}: column \"{}\" is given twice", option, entry.column);
    }
    if (const auto position = parse_integer<int>(entry.field)) {
      if (*position < 1) fail_usage("{}: positions count from 1, found {}", option, *position);
      entry.position = *position;
      if (!own && !shared) fail_unknown_column(spec, entry.column, option);
    }
    if (!all.empty() && (all.front().position > 0) != (entry.position > 0)) {
      fail_usage("{}: give either names or positions, not both", option);
    }
    for (const Entry& earlier : all) {
      if (earlier.field == entry.field) {
        fail_usage("{}: {} and {} are both {}", option, earlier.column, entry.column, in_quotes(entry.field));
      }
    }
    all.push_back(entry);
    (own ? map.entries : map.others).push_back(std::move(entry));
  }
  for (const auto& column : spec.columns) {
    if (!map.by_position() || shared || !column.required || !column.in_header) continue;
    if (std::none_of(map.entries.begin(), map.entries.end(),
                     [&](const Entry& entry) { return entry.column == column.name; }))
      fail_usage("{}: no position for the required column \"{}\"", option, column.name);
  }
  return map;
}

bool ColumnsUsed::has(const ColumnMap::Entry& entry) const {
  return std::any_of(entries.begin(), entries.end(), [&](const ColumnMap::Entry& used) {
    return used.column == entry.column && used.field == entry.field;
  });
}

Layout find_columns(const TableSpec& spec, const ColumnMap& map, const Line& first, FirstLine told,
                    std::string_view option) {
  Layout layout;
  layout.n_fields = first.n_fields;
  layout.position.assign(spec.columns.size(), Layout::kAbsent);
  const bool by_position = map.by_position();

  if (by_position) {
    bool named = true;
    const bool any_required = std::any_of(map.entries.begin(), map.entries.end(), [&](const ColumnMap::Entry& entry) {
      return spec.columns[column_index(spec, entry.column)].required;
    });
    for (const auto& entry : map.entries) {
      const size_t column = column_index(spec, entry.column);
      if (static_cast<size_t>(entry.position) > first.n_fields) {
        bad_field(0, fmt::format("{} wants field {} for {}, found {} field{}", option, entry.position, entry.column,
                                 first.n_fields, first.n_fields == 1 ? "" : "s"));
      }
      layout.position[column] = entry.position - 1;
      if ((spec.columns[column].required || !any_required) &&
          first.fields[static_cast<size_t>(entry.position - 1)] != entry.column) {
        named = false;
      }
    }
    layout.header = told == FirstLine::kHeader || (told == FirstLine::kByNames && named);
  } else {
    std::vector<std::string> wanted;
    for (const auto& column : spec.columns) wanted.push_back(column.name);
    for (const auto& entry : map.entries) wanted[column_index(spec, entry.column)] = entry.field;
    // Where a header need not name all that stands by position, some names and no
    // number make a line one.
    const bool loose = std::any_of(spec.columns.begin(), spec.columns.end(),
                                   [](const TableSpec::Column& column) { return !column.in_header; });
    const auto names = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& name) {
      return std::find(first.fields.begin(), first.fields.end(), name) != first.fields.end();
    });
    const bool words = std::none_of(first.fields.begin(), first.fields.end(), [](std::string_view field) {
      return parse_number_inline<double>(field).has_value();
    });
    layout.header = !loose || (names > 0 && words);
    for (size_t column = 0; column < wanted.size(); ++column) {
      if (spec.columns[column].required && spec.columns[column].in_header &&
          std::find(first.fields.begin(), first.fields.end(), wanted[column]) == first.fields.end()) {
        layout.header = false;
      }
    }
    if (told == FirstLine::kData) {
      if (!map.entries.empty()) fail_usage("{} by name needs a header, and --header-rows 0 says there is none", option);
      layout.header = false;
    }
    if (layout.header) {
      for (size_t column = 0; column < wanted.size(); ++column)
        layout.position[column] = find_name(first.fields, wanted[column]);
      // A column may be left out, but not by its name alone.
      for (size_t column = 0; column < wanted.size() && map.entries.empty(); ++column) {
        if (spec.columns[column].in_header || layout.has(column)) continue;
        for (const std::string_view field : first.fields) {
          const bool known = std::find(wanted.begin(), wanted.end(), field) != wanted.end();
          if (!known && name_rank(wanted[column], field))
            bad_field(0, "looks like a header with other names; say " + columns_advice(spec, first.fields, option));
        }
      }
    }
    for (const auto& entry : map.entries) {
      if (std::find(first.fields.begin(), first.fields.end(), entry.field) == first.fields.end()) {
        bad_field(0, fmt::format("{} names the field {}, not found in the header {}", option, in_quotes(entry.field),
                                 in_quotes(first.text)));
      }
    }
    // A header there is, then, but not the whole of it.
    if (!layout.header && told == FirstLine::kByNames && (!map.entries.empty() || (loose && names > 1 && words))) {
      for (size_t column = 0; column < wanted.size(); ++column) {
        if (spec.columns[column].required && spec.columns[column].in_header &&
            std::find(first.fields.begin(), first.fields.end(), wanted[column]) == first.fields.end()) {
          bad_field(0, fmt::format("no column {} in the header {}", in_quotes(wanted[column]), in_quotes(first.text)));
        }
      }
    }
    if (!layout.header) {
      size_t required = 0;
      for (size_t column = 0; column < spec.columns.size(); ++column) {
        if (column < first.n_fields) layout.position[column] = static_cast<int>(column);
        if (spec.columns[column].required) required = column + 1;
      }
      if (first.n_fields < required) {
        bad_field(0, fmt::format("expected at least {} TAB-separated fields ({}), found {}: {}", required,
                                 column_list(spec), first.n_fields, in_quotes(first.text)));
      }
      layout.header = told == FirstLine::kHeader;
    }
  }
  if (layout.header) {
    for (const auto& field : first.fields) layout.names.emplace_back(field);
  }
  layout.width = static_cast<size_t>(*std::max_element(layout.position.begin(), layout.position.end())) + 1;
  return layout;
}

TableReader::TableReader(ByteSource source, const std::string& path, TableSpec spec, ReadOptions options,
                         size_t chunk_bytes)
    : spec_(std::move(spec)),
      options_(std::move(options)),
      chunk_bytes_(chunk_bytes),
      delimiter_(options_.format ? std::nullopt : csv_delimiter(path, options_.csv)),
      input_(with_threads(std::move(source), options_.threads), chunk_bytes,
             options_.format ? Input::Fields::kBlanks
             : delimiter_    ? Input::Fields::kCsv
                             : Input::Fields::kTabs,
             delimiter_.value_or("")) {
  const ColumnMap map = options_.format
                            ? ColumnMap::parse(options_.format->columns, spec_)
                            : ColumnMap::parse(options_.columns, spec_, options_.columns_option, options_.side);
  for (const ColumnMap::Entry& entry : map.others) {
    if (options_.side || (options_.columns_used && options_.columns_used->has(entry))) continue;
    if (!options_.columns_used) fail_unknown_column(spec_, entry.column, options_.columns_option);
    fail_usage("{}: {}: no other table with the field {}, and {} has no such column", options_.columns_option,
               entry.column, in_quotes(entry.field), spec_.name);
  }
  if (options_.as_it_comes) input_.give_as_it_comes();
  first_pending_ = input_.next();
  if (!first_pending_ && open_next()) return;
  if (!first_pending_) {
    lay_out_nothing();
    return;
  }
  text_ = input_.text();
  if (const std::string other = other_format(text_, path); !other.empty()) fail("{}: {}", name(), other);
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // a byte order mark is no part of an id
  for (int row = 1; row < (options_.side ? 1 : options_.header_rows.value_or(1)) && !text_.empty(); ++row)
    text_.remove_prefix(text_.find('\n') + 1);
  if (text_.empty()) {
    if (!input_.at_end()) fail("{}: --header-rows: the first {} bytes are not data", name(), input_.text().size());
    first_pending_ = false;
    if (open_next()) return;
    lay_out_nothing();
    return;
  }
  // The first line is split whole: a header may hold any number of fields.
  const std::string_view first_text = text_.substr(0, text_.find('\n') + 1);
  Line first;
  const size_t fields = static_cast<size_t>(std::count(first_text.begin(), first_text.end(), '\t')) + 1;
  LineCursor cursor(text_, std::min(fields, Layout::kMaxFields));
  cursor.next(first);
  first_line_ = input_.line_of(first.text.data());
  try {
    if (const auto* problem = input_.csv_problem(input_.line_of(first.text.data())))
      bad_field(problem->field, problem->text);
    if (fields > Layout::kMaxFields)
      bad_field(0, fmt::format("{} fields, expected at most {}", fields, Layout::kMaxFields));
    if (options_.format && (first.n_fields < options_.format->n_fields ||
                            (first.n_fields > options_.format->n_fields && !options_.format->more_fields))) {
      const FixedFormat& format = *options_.format;
      bad_field(0, fmt::format("expected the {} fields of a {} ({}), found {}: {}", format.n_fields, format.name,
                               format.fields, first.n_fields, in_quotes(first.text)));
    }
    lay_out(map, first, text_.substr(first_text.size()));
  } catch (const BadField& bad) {
    const auto required = std::count_if(spec_.columns.begin(), spec_.columns.end(),
                                        [](const TableSpec::Column& column) { return column.required; });
    const auto* const problem = input_.csv_problem(input_.line_of(first.text.data()));
    if (options_.format || required < 2 || (fields > 1 && problem == nullptr)) fail_at(first.text.data(), bad);
    const bool tabs = problem != nullptr && problem->text.starts_with("a TAB");
    if (problem != nullptr && !tabs) fail_at(first.text.data(), bad);
    const std::string hint = other_text_hint(tabs ? "\t" : first.text, tabs ? 2 : static_cast<size_t>(required), path);
    fail("{}:{}: {}{}{}", name(), input_.line_of(first.text.data()),
         bad.field > 0 ? fmt::format("field {}: ", bad.field) : std::string(), bad.text, hint);
  }
  if (!layout_.header) return;
  if (!options_.header_rows) header_ = first.text;
  text_.remove_prefix(first_text.size());
}

void TableReader::lay_out_nothing() {
  layout_.position.assign(spec_.columns.size(), Layout::kAbsent);
  for (size_t column = 0; column < spec_.columns.size(); ++column) {
    if (!spec_.columns[column].required) continue;
    layout_.position[column] = static_cast<int>(column);
    layout_.width = layout_.n_fields = column + 1;
  }
}

ColumnMap TableReader::map_of_this(const ColumnMap& map, const std::vector<std::string_view>& fields,
                                   const std::vector<std::string_view>& names) const {
  if (map.by_position()) return map;
  ColumnMap own;
  for (ColumnMap::Entry entry : map.entries) {
    const ColumnMap::Entry given = entry;
    const auto whole = std::find(fields.begin(), fields.end(), entry.field);
    if (whole != fields.end()) entry.field = names[static_cast<size_t>(whole - fields.begin())];
    const bool here = std::find(names.begin(), names.end(), entry.field) != names.end();
    if (here && options_.columns_used) options_.columns_used->entries.push_back(given);
    if (!here && (options_.side || (options_.columns_used && options_.columns_used->has(given)))) continue;
    own.entries.push_back(std::move(entry));
  }
  return own;
}

void TableReader::lay_out(const ColumnMap& whole_map, const Line& first, std::string_view rest) {
  if (options_.format) {
    layout_ = find_columns(spec_, whole_map, first, FirstLine::kByNames);
    layout_.n_fields = options_.format->n_fields;
    return;
  }
  FirstLine told = FirstLine::kByNames;
  if (options_.header_rows && !options_.side) told = *options_.header_rows == 0 ? FirstLine::kData : FirstLine::kHeader;
  const auto typed = told == FirstLine::kData ? std::nullopt : typed_names(first.fields);
  const ColumnMap map = map_of_this(whole_map, first.fields, typed ? typed->names : first.fields);
  const std::string& option = options_.columns_option;
  if (typed) {
    Line named = first;
    named.fields = typed->names;
    layout_ = find_columns(spec_, map.by_position() ? map : typed_map(spec_, map, typed->names, option), named,
                           FirstLine::kHeader, option);
    layout_.types.assign(typed->types.begin(), typed->types.end());
  } else {
    layout_ = find_columns(spec_, map, first, told, option);
  }
  layout_.doubts = column_doubts(
      spec_, layout_,
      layout_.header
          ? rest
          : std::string_view(first.text.data(), static_cast<size_t>(rest.data() + rest.size() - first.text.data())));
  if (layout_.header) return;
  const bool has_ids = std::any_of(spec_.columns.begin(), spec_.columns.end(), [](const TableSpec::Column& column) {
    return column.required && column.kind != TableSpec::Kind::kText;
  });
  if (told == FirstLine::kByNames && options_.header_rows != 0 && has_ids &&
      is_foreign_header(spec_, layout_, first, rest)) {
    const bool place = map.by_position() && option == "--columns";
    bad_field(0, fmt::format("looks like a header {}; say {}, or --header-rows 0 where it is data",
                             what_is_foreign(spec_, first.fields),
                             place ? "--header-rows 1" : columns_advice(spec_, first.fields, option)));
  }
  // The numbers that a header lacks give it away, also in columns that nobody is going to read.
  if (options_.bad_lines == BadLines::kSkip) return;
  for (size_t column = 0; column < spec_.columns.size(); ++column) {
    const bool is_time = spec_.columns[column].kind == TableSpec::Kind::kTime;
    if ((spec_.columns[column].kind != TableSpec::Kind::kNumber && !is_time) || !layout_.has(column)) continue;
    if (!map.by_position() && is_word_above_numbers(spec_, layout_, first, layout_.position[column], rest))
      header_hint_ = "; of a header, say " + columns_advice(spec_, first.fields, option);
    const std::string_view field = first.fields[static_cast<size_t>(layout_.position[column])];
    if (!is_time)
      number_field(first, layout_.position[column]);
    else if (!parse_time(field))
      bad_time(layout_.position[column] + 1, field);
  }
}

bool TableReader::next() {
  if (first_pending_) {
    first_pending_ = false;
    if (!text_.empty()) return true;
  }
  const bool more = input_.next();
  text_ = more ? input_.text() : std::string_view{};
  if (options_.progress) options_.progress(input_.bytes_read(), input_.bytes_total());
  if (more || !open_next()) return more;
  return next();
}

bool TableReader::open_next() {
  while (options_.more_files && files_read_ < options_.more_files->size()) {
    const std::string& path = (*options_.more_files)[files_read_++];
    ReadOptions alone = options_;
    alone.more_files.emplace();
    TableReader next(path, spec_, std::move(alone), chunk_bytes_);
    if (!next.first_pending_) continue;
    if (layout_.n_fields > 0) check_same_columns(next);
    delimiter_ = std::move(next.delimiter_);
    input_ = std::move(next.input_);
    layout_ = std::move(next.layout_);
    text_ = next.text_;
    header_ = std::move(next.header_);
    header_hint_ = std::move(next.header_hint_);
    first_line_ = next.first_line_;
    first_pending_ = true;
    return true;
  }
  return false;
}

void TableReader::check_same_columns(const TableReader& next) const {
  const Layout& other = next.layout_;
  if (other.n_fields == layout_.n_fields && other.position == layout_.position &&
      (!other.header || !layout_.header || other.names == layout_.names))
    return;
  const auto columns = [](const Layout& layout) {
    return layout.header ? fmt::format("{} in the header", in_quotes(fmt::format("{}", fmt::join(layout.names, "\t"))))
                         : fmt::format("{} fields without a header", layout.n_fields);
  };
  fail("{}: the files of one table need the same columns: found {}, expected {} as in {}", next.name(), columns(other),
       columns(layout_), name());
}

void TableReader::fail_at(const char* where, const BadField& bad) const { fail_line(input_.line_of(where), bad); }

void TableReader::fail_line(uint64_t line, const BadField& bad) const {
  if (const auto* problem = input_.csv_problem(line))
    fail("{}:{}: field {}: {}", name(), line, problem->field, problem->text);
  const std::string hint = line == first_line_ ? header_hint_ : std::string();
  if (bad.field == 0) fail("{}:{}: {}{}", name(), line, bad.text, hint);
  fail("{}:{}: field {}: {}{}", name(), line, bad.field, bad.text, hint);
}

void TableReader::bad_field_count(const Line& line) const {
  if (line.text.empty()) bad_field(0, fmt::format("empty line, expected {} {}fields", layout_.n_fields, separated()));
  bad_field(0, fmt::format("expected {} {}field{} as on the first line, found {}: {}", layout_.n_fields, separated(),
                           layout_.n_fields == 1 ? "" : "s", line.n_fields, shown(line)));
}

void TableReader::repeated_header() const {
  bad_field(0, std::string("the header line again, as cat of two tables makes it; ") +
                   (options_.more_files ? "name the files in place of it: A B"
                                        : "leave it out: { cat A; tail -n +2 B; } | ..."));
}

std::string TableReader::separated() const {
  if (options_.format) return "";
  if (!delimiter_ || *delimiter_ == "\t") return "TAB-separated ";
  return *delimiter_ == "," ? "comma-separated " : in_quotes(*delimiter_) + "-separated ";
}

std::string TableReader::shown(const Line& line) const {
  std::string text;
  for (const char byte : line.text) text += delimiter_ && byte == '\t' ? *delimiter_ : std::string(1, byte);
  return in_quotes(text);
}

std::string header_line(const TableSpec& spec, const Layout& layout) {
  std::vector<std::string> names = layout.names;
  for (size_t field = names.size(); field < layout.n_fields; ++field)
    names.push_back(fmt::format("field{}", field + 1));
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (!layout.has(column)) continue;
    const std::string& name = spec.columns[column].name;
    for (std::string& other : names) {
      if (other == name) other = "input_" + name;
    }
    names[static_cast<size_t>(layout.position[column])] = name;
  }
  return fmt::format("{}\n", fmt::join(names, "\t"));
}

double number_field(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto number = parse_number_inline<double>(field);
  if (!number) bad_number(position + 1, field);
  return *number;
}

uint32_t rank_field(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto rank = parse_integer<uint32_t>(field);
  if (!rank || *rank == 0) {
    bad_field(position + 1, fmt::format("expected a rank from 1 to {}, found \"{}\"",
                                        std::numeric_limits<uint32_t>::max(), printable(field)));
  }
  return *rank;
}

TableSpec interactions_spec() {
  return {
      "interactions",
      {{"user"}, {"item"}, {"value", false, TableSpec::Kind::kNumber}, {"timestamp", false, TableSpec::Kind::kTime}}};
}
TableSpec event_spec() {
  return {"interactions", {{"user"}, {"item"}, {"event"}, {"timestamp", false, TableSpec::Kind::kTime}}};
}
TableSpec candidates_spec() { return {"candidates", {{"user"}, {"item"}}}; }
TableSpec users_spec() { return {"users", {{"user"}}}; }

}  // namespace rec
