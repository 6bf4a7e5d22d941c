#include <algorithm>

#include "base/number.h"
#include "base/parallel_for.h"
#include "data/labelled_rows.h"
#include "io/table.h"

namespace rec {
namespace {

struct LabelledColumn {
  enum : size_t { kLabel, kUser, kItem, kContext };
};

// What one piece of a batch holds: the labels, and for each id column the numbers of the
// worker's own tables.
struct LabelledPiece {
  std::vector<float> label;
  std::vector<std::vector<uint32_t>> number;
  size_t slot = 0;
};

// Makes `ids` the union of the tables in byte order. Returns for each table the numbers of its ids there.
std::vector<std::vector<uint32_t>> unite(const std::vector<std::vector<IdTable>>& tables, size_t column, int threads,
                                         IdTable& ids) {
  IdTable all;
  std::vector<std::vector<uint32_t>> renumber(tables.size());
  for (size_t slot = 0; slot < tables.size(); ++slot) {
    const IdTable& table = tables[slot][column];
    renumber[slot].resize(table.size());
    for (uint32_t id = 0; id < table.size(); ++id) renumber[slot][id] = all.intern(table[id]);
  }
  const std::vector<uint32_t> order = all.sorted_order(threads);
  const std::vector<uint32_t> rank = places_in(order);
  for (std::vector<uint32_t>& numbers : renumber) {
    for (uint32_t& number : numbers) number = rank[number];
  }
  ids = all.reordered(order);
  return renumber;
}

}  // namespace

size_t LabelledRows::positives() const {
  return static_cast<size_t>(std::count(rows.value.begin(), rows.value.end(), 1.0f));
}

TableSpec labelled_spec(std::span<const std::string> context) {
  TableSpec spec{"labelled rows", {{"label", true, TableSpec::Kind::kNumber}, {"user"}, {"item"}}};
  add_context_columns(context, spec);
  return spec;
}

void add_context_columns(std::span<const std::string> context, TableSpec& spec) {
  for (const std::string& name : context) spec.columns.push_back({name, false, TableSpec::Kind::kText});
}

void require_context(std::span<const std::string> context, const Layout& layout, size_t first,
                     const std::string& name) {
  for (size_t at = 0; at < context.size(); ++at) {
    if (layout.has(first + at)) continue;
    std::string there;
    for (const std::string& field : layout.names) there += (there.empty() ? "" : ", ") + printable(field);
    fail("{}: no column \"{}\", a column of the context; {}", name, printable(context[at]),
         layout.header
             ? fmt::format("the header has {}; --columns {}=NAME says which it is", there, printable(context[at]))
             : "a header names it, or --columns says where it is");
  }
}

float label_of(std::string_view field, int position) {
  const auto number = parse_number<float>(field);
  if (!number) bad_number(position + 1, field);
  if (*number != 0.0f && *number != 1.0f)
    bad_field(position + 1, fmt::format("a label is 0 or 1, found \"{}\"", printable(field)));
  return *number;
}

LabelledRows read_labelled_rows(const std::string& path, const ReadOptions& options,
                                std::span<const std::string> context, int threads) {
  const size_t slots = static_cast<size_t>(std::max(1, threads));
  TableReader reader(path, labelled_spec(context), options);
  reader.input().set_chunk_bytes(Input::kChunkBytes * slots);
  const Layout& layout = reader.layout();
  require_context(context, layout, LabelledColumn::kContext, reader.name());
  const size_t columns = 2 + context.size();  // of ids
  std::vector<std::vector<IdTable>> tables(slots, std::vector<IdTable>(columns));
  std::vector<LabelledPiece> pieces;
  while (reader.next()) {
    const size_t first = pieces.size();
    pieces.resize(first + slots);
    for (size_t slot = 0; slot < slots; ++slot) {
      pieces[first + slot].number.resize(columns);
      pieces[first + slot].slot = slot;
    }
    reader.parse(threads, slots, [&](size_t slot, const Line& line) {
      LabelledPiece& piece = pieces[first + slot];
      const int at_label = layout.position[LabelledColumn::kLabel];
      const float label = label_of(line.fields[static_cast<size_t>(at_label)], at_label);
      const std::string_view user = id_field(line, layout.position[LabelledColumn::kUser], "user");
      const std::string_view item = id_field(line, layout.position[LabelledColumn::kItem], "item");
      piece.label.push_back(label);
      piece.number[0].push_back(tables[slot][0].intern(user));
      piece.number[1].push_back(tables[slot][1].intern(item));
      for (size_t at = 0; at < context.size(); ++at) {
        const std::string_view field = line.fields[static_cast<size_t>(layout.position[LabelledColumn::kContext + at])];
        piece.number[2 + at].push_back(field.empty() ? kNoId : tables[slot][2 + at].intern(field));
      }
    });
  }

  LabelledRows loaded;
  loaded.bad_lines = reader.bad_lines();
  loaded.context.resize(context.size());
  for (const LabelledPiece& piece : pieces) loaded.rows.value.append(piece.label);
  for (size_t column = 0; column < columns; ++column) {
    IdTable* ids = column == 0 ? &loaded.rows.users : &loaded.rows.items;
    if (column > 1) {
      loaded.context[column - 2].name = context[column - 2];
      ids = &loaded.context[column - 2].categories;
    }
    const std::vector<std::vector<uint32_t>> renumber = unite(tables, column, threads, *ids);
    std::vector<uint32_t> values;
    values.reserve(loaded.rows.value.size());
    for (const LabelledPiece& piece : pieces) {
      for (const uint32_t number : piece.number[column])
        values.push_back(number == kNoId ? kNoId : renumber[piece.slot][number]);
    }
    if (column > 1) {
      loaded.context[column - 2].value = std::move(values);
    } else {
      (column == 0 ? loaded.rows.user : loaded.rows.item) = std::move(values);
    }
  }
  return loaded;
}

}  // namespace rec
