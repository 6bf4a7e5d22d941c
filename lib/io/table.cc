#include "io/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/number-inl.h"
#include "base/number.h"

namespace rec {
namespace {

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

std::string column_list(const TableSpec& spec) {
  std::string text;
  for (const auto& column : spec.columns) {
    if (!text.empty()) text += ' ';
    text += column.required ? column.name : "[" + column.name + "]";
  }
  return text;
}

std::string required_list(const TableSpec& spec) {
  std::string text;
  for (const auto& column : spec.columns) {
    if (column.required) text += (text.empty() ? "" : " ") + column.name;
  }
  return text;
}

size_t column_index(const TableSpec& spec, std::string_view name) {
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (spec.columns[column].name == name) return column;
  }
  fail_usage("--columns: no column \"{}\" in {} ({})", printable(name), spec.name, column_list(spec));
}

// The field of that name in `first`, or kAbsent; two of that name are an error.
int find_name(const std::vector<std::string_view>& fields, std::string_view name) {
  const auto found = std::find(fields.begin(), fields.end(), name);
  if (found == fields.end()) return Layout::kAbsent;
  if (const auto again = std::find(found + 1, fields.end(), name); again != fields.end()) {
    bad_field(static_cast<int>(again - fields.begin()) + 1, "column " + quoted(name) + " is in the header twice");
  }
  return static_cast<int>(found - fields.begin());
}

// What people call the columns user and item.
constexpr std::string_view kUserNames[] = {"user", "customer", "visitor", "member"};
constexpr std::string_view kItemNames[] = {"item",   "movie", "film", "product", "song",    "track",
                                           "artist", "book",  "news", "video",   "business"};

// Whether a field is one of the names as people write them: userId, MOVIE_ID, "Item".
template <size_t N>
bool is_name_of(std::string_view field, const std::string_view (&names)[N]) {
  std::string stem;
  for (const char byte : field) {
    if (byte == '_' || byte == '-' || byte == ' ' || byte == '#') continue;
    stem += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  if (stem.ends_with("id")) stem.resize(stem.size() - 2);
  return std::find(std::begin(names), std::end(names), stem) != std::end(names);
}

bool looks_like_id_name(std::string_view field) {
  return is_name_of(field, kUserNames) || is_name_of(field, kItemNames);
}

// Refuses a first line whose ids are all such names: a header of other names.
void refuse_foreign_header(const TableSpec& spec, const Layout& layout, const Line& first) {
  std::string map;
  bool foreign = false;
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (!spec.columns[column].required || spec.columns[column].kind != TableSpec::Kind::kId || !layout.has(column))
      continue;
    const std::string_view field = first.fields[static_cast<size_t>(layout.position[column])];
    if (!looks_like_id_name(field)) return;
    foreign |= field != spec.columns[column].name;
    map += (map.empty() ? "" : ",") + spec.columns[column].name + "=" + printable(field);
  }
  if (foreign) bad_field(0, "looks like a header with other names; say --columns " + map);
}

}  // namespace

void bad_number(int field, std::string_view found) { bad_field(field, "not a number: " + quoted(found)); }
void bad_field(int field, std::string text) { throw BadField{field, std::move(text)}; }

ColumnMap ColumnMap::parse(std::string_view text, const TableSpec& spec) {
  ColumnMap map;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == pair.size()) {
      fail_usage("--columns: expected COLUMN=FIELD, found {}", quoted(pair));
    }
    Entry entry{std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)), 0};
    column_index(spec, entry.column);
    for (const Entry& earlier : map.entries) {
      if (earlier.column == entry.column) fail_usage("--columns: column \"{}\" is given twice", entry.column);
    }
    if (const auto position = parse_integer<int>(entry.field)) {
      if (*position < 1) fail_usage("--columns: positions count from 1, found {}", *position);
      entry.position = *position;
    }
    if (!map.entries.empty() && (map.entries.front().position > 0) != (entry.position > 0)) {
      fail_usage("--columns: give either names or positions, not both");
    }
    for (const Entry& earlier : map.entries) {
      if (earlier.field == entry.field) {
        fail_usage("--columns: {} and {} are both {}", earlier.column, entry.column, quoted(entry.field));
      }
    }
    map.entries.push_back(std::move(entry));
  }
  if (!map.entries.empty() && map.entries.front().position > 0) {
    for (const auto& column : spec.columns) {
      const bool given = std::any_of(map.entries.begin(), map.entries.end(),
                                     [&](const Entry& entry) { return entry.column == column.name; });
      if (column.required && column.in_header && !given)
        fail_usage("--columns: no position for the required column \"{}\"", column.name);
    }
  }
  return map;
}

Layout find_columns(const TableSpec& spec, const ColumnMap& map, const Line& first) {
  Layout layout;
  layout.n_fields = first.n_fields;
  layout.position.assign(spec.columns.size(), Layout::kAbsent);
  const bool by_position = !map.entries.empty() && map.entries.front().position > 0;

  if (by_position) {
    bool named = true;
    const bool any_required = std::any_of(map.entries.begin(), map.entries.end(), [&](const ColumnMap::Entry& entry) {
      return spec.columns[column_index(spec, entry.column)].required;
    });
    for (const auto& entry : map.entries) {
      const size_t column = column_index(spec, entry.column);
      if (static_cast<size_t>(entry.position) > first.n_fields) {
        bad_field(0, fmt::format("--columns wants field {} for {}, found {} field{}", entry.position, entry.column,
                                 first.n_fields, first.n_fields == 1 ? "" : "s"));
      }
      layout.position[column] = entry.position - 1;
      if ((spec.columns[column].required || !any_required) &&
          first.fields[static_cast<size_t>(entry.position - 1)] != entry.column) {
        named = false;
      }
    }
    layout.header = named;
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
    if (layout.header) {
      for (size_t column = 0; column < wanted.size(); ++column)
        layout.position[column] = find_name(first.fields, wanted[column]);
      // A column may be left out, but not by its name alone.
      for (size_t column = 0; column < wanted.size() && map.entries.empty(); ++column) {
        if (spec.columns[column].in_header || layout.has(column)) continue;
        for (const std::string_view field : first.fields) {
          const bool known = std::find(wanted.begin(), wanted.end(), field) != wanted.end();
          if (known || !(wanted[column] == "user" ? is_name_of(field, kUserNames) : is_name_of(field, kItemNames)))
            continue;
          bad_field(0, fmt::format("looks like a header with other names; say --columns {}={}", wanted[column],
                                   printable(field)));
        }
      }
    }
    for (const auto& entry : map.entries) {
      if (std::find(first.fields.begin(), first.fields.end(), entry.field) == first.fields.end()) {
        bad_field(0, fmt::format("--columns names the field {}, not found in the header {}", quoted(entry.field),
                                 quoted(first.text)));
      }
    }
    // A header there is, then, but not the whole of it.
    if (!layout.header && (!map.entries.empty() || (loose && names > 1 && words))) {
      for (size_t column = 0; column < wanted.size(); ++column) {
        if (spec.columns[column].required && spec.columns[column].in_header &&
            std::find(first.fields.begin(), first.fields.end(), wanted[column]) == first.fields.end()) {
          bad_field(0, fmt::format("no column {} in the header {}", quoted(wanted[column]), quoted(first.text)));
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
                                 column_list(spec), first.n_fields, quoted(first.text)));
      }
    }
  }
  if (layout.header) {
    for (const auto& field : first.fields) layout.names.emplace_back(field);
  }
  layout.width = static_cast<size_t>(*std::max_element(layout.position.begin(), layout.position.end())) + 1;
  return layout;
}

TableReader::TableReader(const std::string& path, TableSpec spec, ReadOptions options, size_t chunk_bytes)
    : spec_(std::move(spec)),
      options_(std::move(options)),
      chunk_bytes_(chunk_bytes),
      input_(path, chunk_bytes, options_.format ? Input::Fields::kBlanks : Input::Fields::kTabs) {
  const ColumnMap map = ColumnMap::parse(options_.format ? options_.format->columns : options_.columns, spec_);
  first_pending_ = input_.next();
  if (!first_pending_ && open_next()) return;
  if (!first_pending_) {
    layout_.position.assign(spec_.columns.size(), Layout::kAbsent);
    for (size_t column = 0; column < spec_.columns.size(); ++column) {
      if (!spec_.columns[column].required) continue;
      layout_.position[column] = static_cast<int>(column);
      layout_.width = layout_.n_fields = column + 1;
    }
    return;
  }
  text_ = input_.text();
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // a byte order mark is no part of an id
  // The first line is split whole: a header may hold any number of fields.
  const std::string_view first_text = text_.substr(0, text_.find('\n') + 1);
  Line first;
  const size_t fields = static_cast<size_t>(std::count(first_text.begin(), first_text.end(), '\t')) + 1;
  LineCursor cursor(text_, std::min(fields, Layout::kMaxFields));
  cursor.next(first);
  try {
    if (fields > Layout::kMaxFields)
      bad_field(0, fmt::format("{} fields, expected at most {}", fields, Layout::kMaxFields));
    if (options_.format && (first.n_fields < options_.format->n_fields ||
                            (first.n_fields > options_.format->n_fields && !options_.format->more_fields))) {
      const FixedFormat& format = *options_.format;
      bad_field(0, fmt::format("expected the {} fields of a {} ({}), found {}: {}", format.n_fields, format.name,
                               format.fields, first.n_fields, quoted(first.text)));
    }
    layout_ = find_columns(spec_, map, first);
    if (options_.format) layout_.n_fields = options_.format->n_fields;
    if (!layout_.header && !options_.format) refuse_foreign_header(spec_, layout_, first);
    // A first line that was meant as a header, but lacks a name, is data by the
    // rule: its errors say so.
    const auto is_name = [&](const TableSpec::Column& column) {
      return std::find(first.fields.begin(), first.fields.end(), column.name) != first.fields.end();
    };
    if (!layout_.header && std::any_of(spec_.columns.begin(), spec_.columns.end(), is_name)) {
      header_hint_ = fmt::format(" (taken for data: a header of {} names {})", spec_.name, required_list(spec_));
    }
    // A header with other names is data by the rule; the numbers it lacks give it
    // away, also in columns that nobody is going to read.
    for (size_t column = 0; column < spec_.columns.size() && !layout_.header && options_.bad_lines == BadLines::kFail;
         ++column) {
      if (spec_.columns[column].kind == TableSpec::Kind::kNumber && layout_.has(column))
        number_field(first, layout_.position[column]);
    }
  } catch (const BadField& bad) {
    fail_at(first.text.data(), bad);
  }
  if (!layout_.header) return;
  header_text_ = first.text;
  text_.remove_prefix(first_text.size());
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
    input_ = std::move(next.input_);
    layout_ = std::move(next.layout_);
    text_ = next.text_;
    header_text_ = std::move(next.header_text_);
    header_hint_ = std::move(next.header_hint_);
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
    return layout.header ? fmt::format("{} in the header", quoted(fmt::format("{}", fmt::join(layout.names, "\t"))))
                         : fmt::format("{} fields without a header", layout.n_fields);
  };
  fail("{}: the files of one table need the same columns: found {}, expected {} as in {}", next.name(), columns(other),
       columns(layout_), name());
}

void TableReader::header_again() const {
  bad_field(0, fmt::format("the header line again, as in the output of cat; {}",
                           options_.more_files ? "name the files one by one in place of it: FILE FILE"
                                               : "awk 'NR == 1 || FNR > 1' FILE FILE makes one table of several"));
}

void TableReader::fail_at(const char* where, const BadField& bad) const { fail_line(input_.line_of(where), bad); }

void TableReader::fail_line(uint64_t line, const BadField& bad) const {
  const std::string hint = line == 1 ? header_hint_ : std::string();
  if (bad.field == 0) fail("{}:{}: {}{}", name(), line, bad.text, hint);
  fail("{}:{}: field {}: {}{}", name(), line, bad.field, bad.text, hint);
}

void TableReader::bad_field_count(const Line& line) const {
  const char* const split = options_.format ? "" : "TAB-separated ";
  if (line.text.empty()) bad_field(0, fmt::format("empty line, expected {} {}fields", layout_.n_fields, split));
  bad_field(0, fmt::format("expected {} {}field{} as on the first line, found {}: {}", layout_.n_fields, split,
                           layout_.n_fields == 1 ? "" : "s", line.n_fields, quoted(line.text)));
}

std::string header_line(const TableSpec& spec, const Layout& layout) {
  std::vector<std::string> names = layout.names;
  for (size_t field = names.size(); field < layout.n_fields; ++field)
    names.push_back(fmt::format("field{}", field + 1));
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (layout.has(column)) names[static_cast<size_t>(layout.position[column])] = spec.columns[column].name;
  }
  return fmt::format("{}\n", fmt::join(names, "\t"));
}

double number_field(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto number = parse_number_inline<double>(field);
  if (!number) bad_number(position + 1, field);
  return *number;
}

TableSpec interactions_spec() {
  return {
      "interactions",
      {{"user"}, {"item"}, {"value", false, TableSpec::Kind::kNumber}, {"timestamp", false, TableSpec::Kind::kNumber}}};
}
TableSpec candidates_spec() { return {"candidates", {{"user"}, {"item"}}}; }
TableSpec users_spec() { return {"users", {{"user"}}}; }

}  // namespace rec
