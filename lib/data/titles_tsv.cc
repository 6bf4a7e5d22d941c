#include "base/error.h"
#include "data/titles.h"
#include "io/table.h"

namespace rec {
namespace {

// The spec's columns behind the item are names of the same thing, the best first.
int text_position(const TableReader& reader, const TableSpec& spec, const std::string& option) {
  const Layout& layout = reader.layout();
  for (size_t column = 1; column < spec.columns.size(); ++column) {
    if (layout.has(column)) return layout.position[column];
  }
  const std::string& wanted = spec.columns[1].name;
  if (!layout.header)
    reader.fail_line(1,
                     {0, "expected at least 2 fields (item " + wanted + "), found " + std::to_string(layout.n_fields)});
  std::string named;
  for (size_t column = 1; column < spec.columns.size(); ++column)
    named += (column == 1 ? "" : " or ") + spec.columns[column].name;
  reader.fail_line(1, {0, "the header names no column " + named + "; say " + option + " " + wanted + "=NAME"});
}

ItemTexts read_texts(const std::string& path, const TableSpec& spec, const ReadOptions& options, bool escapes) {
  ItemTexts texts;
  TableReader reader(path, spec, options);
  texts.name = reader.name();
  const int item_at = reader.layout().position[0];
  int text_at = Layout::kAbsent;
  while (reader.next()) {
    if (text_at == Layout::kAbsent) text_at = text_position(reader, spec, options.columns_option);
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view item = id_field(line, item_at, "item");
      if (texts.items.find(item) != kNoId) bad_field(item_at + 1, "item \"" + printable(item) + "\" is there twice");
      texts.items.intern(item);
      const std::string_view text = line.fields[static_cast<size_t>(text_at)];
      if (escapes) {
        texts.bytes += escaped(text);
      } else {
        texts.bytes += text;
      }
      texts.begin.push_back(texts.bytes.size());
    });
  }
  texts.bad_lines = reader.bad_lines();
  return texts;
}

TableSpec texts_spec(std::string name, const std::vector<std::string>& columns) {
  TableSpec spec{std::move(name), {{"item"}}};
  for (const std::string& column : columns) spec.columns.push_back({column, false, TableSpec::Kind::kText});
  return spec;
}

}  // namespace

std::optional<std::string_view> ItemTexts::find(std::string_view item) const {
  const uint32_t number = items.find(item);
  if (number == kNoId) return std::nullopt;
  return std::string_view(bytes).substr(begin[number], begin[number + size_t{1}] - begin[number]);
}

TableSpec titles_spec() { return texts_spec("titles", {"title", "text", "name"}); }
TableSpec images_spec() { return texts_spec("images", {"image", "url"}); }

ItemTexts read_titles(const std::string& path, const ReadOptions& options) {
  return read_texts(path, titles_spec(), options, true);
}

ItemTexts read_images(const std::string& path, const ReadOptions& options) {
  return read_texts(path, images_spec(), options, false);
}

}  // namespace rec
