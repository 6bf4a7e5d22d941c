#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/number.h"
#include "data/features.h"
#include "io/table.h"

namespace rec {
namespace {

constexpr size_t kPiecesPerThread = 4;

struct Entry {
  uint32_t id;
  uint32_t category;
  double value;
};

// A kind while its rows come in, categories by first appearance.
struct GrowingKind {
  IdTable categories;
  std::vector<Entry> entries;
};

// Rows as one thread reads them, ids by first appearance.
struct Part {
  IdTable ids;
  std::map<std::string, GrowingKind, std::less<>> kinds;
  std::vector<FeatureNumbers> numbers;  // by field
  // The kind of the row before: most rows are of the same.
  GrowingKind* last_kind = nullptr;
  std::string_view last_name;

  GrowingKind& kind(std::string_view name) {
    if (last_kind != nullptr && last_name == name) return *last_kind;
    auto found = kinds.find(name);
    if (found == kinds.end()) found = kinds.emplace(std::string(name), GrowingKind{}).first;
    last_name = found->first;
    return *(last_kind = &found->second);
  }
  void add(uint32_t id, std::string_view kind_name, std::string_view category, double value) {
    GrowingKind& growing = kind(kind_name);
    if (value > 0) growing.entries.push_back({id, growing.categories.intern(category), value});
  }
};

enum class ColumnType { kIds, kCategory, kCategories, kWords, kNumber, kVector, kText };

ColumnType type_of(std::string_view name) {
  if (name == "token") return ColumnType::kCategory;
  if (name == "token_seq") return ColumnType::kWords;
  if (name == "float") return ColumnType::kNumber;
  if (name == "float_seq") return ColumnType::kVector;
  return ColumnType::kText;
}

// What the fields of a row are.
struct Form {
  bool wide = false;
  size_t feature = 1;  // long
  int value = Layout::kAbsent;
  std::vector<std::string> names;  // wide, by field
  std::vector<ColumnType> types;
  bool has_numbers = false;

  bool has(ColumnType type) const { return std::find(types.begin(), types.end(), type) != types.end(); }
};

Form form_of(const Layout& layout) {
  Form form;
  if (!layout.header) {
    if (layout.n_fields > 2) form.value = 2;
    return form;
  }
  const auto find = [&](std::string_view column) {
    const auto at = std::find(layout.names.begin(), layout.names.end(), column);
    return at == layout.names.end() ? Layout::kAbsent : static_cast<int>(at - layout.names.begin());
  };
  form.wide = find("feature") == Layout::kAbsent;
  if (!form.wide) {
    form.feature = static_cast<size_t>(find("feature"));
    form.value = find("value");
    return form;
  }
  form.names = layout.names;
  for (size_t field = 0; field < layout.names.size(); ++field) {
    form.types.push_back(static_cast<int>(field) == layout.position[0] ? ColumnType::kIds
                         : layout.types.empty()                        ? ColumnType::kCategories
                                                                       : type_of(layout.types[field]));
  }
  form.has_numbers = form.has(ColumnType::kNumber) || form.has(ColumnType::kVector);
  return form;
}

void add_long(Part& part, uint32_t id, const std::vector<std::string_view>& fields, const Form& form) {
  const std::string_view feature = fields[form.feature];
  if (feature.empty()) bad_field(static_cast<int>(form.feature) + 1, "empty feature");
  double value = 1.0;
  if (form.value != Layout::kAbsent) {
    const std::string_view text = fields[static_cast<size_t>(form.value)];
    const auto number = parse_number<float>(text);
    if (!number) bad_number(form.value + 1, text);
    if (*number < 0) bad_field(form.value + 1, "expected a value of at least 0, found " + printable(text));
    value = static_cast<double>(*number);
  }
  const size_t equals = feature.find('=');
  if (equals == 0 || equals + 1 == feature.size()) {
    bad_field(static_cast<int>(form.feature) + 1, "expected KIND=CATEGORY, found \"" + printable(feature) + "\"");
  }
  if (equals == std::string_view::npos) {
    part.add(id, "feature", feature, value);
  } else {
    part.add(id, feature.substr(0, equals), feature.substr(equals + 1), value);
  }
}

// Calls each(piece) for what stands between the `split`s of a field, if it is not empty.
template <class Each>
void for_each_piece(std::string_view field, char split, Each&& each) {
  for (std::string_view rest = field; !rest.empty();) {
    const size_t end = std::min(rest.find(split), rest.size());
    if (end > 0) each(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// The numbers of a field, behind those of `parsed`.
void parse_numbers(std::string_view text, size_t field, std::vector<float>& parsed) {
  for_each_piece(text, ' ', [&](std::string_view one) {
    const auto number = parse_number<float>(one);
    if (!number) bad_number(static_cast<int>(field) + 1, one);
    parsed.push_back(*number);
  });
}

// The numbers first: a row that is malformed leaves nothing behind.
void add_numbers(Part& part, uint32_t id, const std::vector<std::string_view>& fields, const Form& form) {
  std::vector<float> parsed;
  std::vector<size_t> end(fields.size(), 0);
  for (size_t field = 0; field < fields.size(); ++field) {
    const FeatureNumbers& numbers = part.numbers[field];
    const size_t before = parsed.size();
    if (form.types[field] == ColumnType::kNumber || form.types[field] == ColumnType::kVector)
      parse_numbers(fields[field], field, parsed);
    const size_t found = parsed.size() - before;
    if (found != 0 && numbers.size != 0 && found != numbers.size) {
      bad_field(static_cast<int>(field) + 1,
                numbers.is_vector
                    ? fmt::format("expected {} numbers, as in the rows before, found {}", numbers.size, found)
                    : fmt::format("expected a number, found \"{}\"", printable(fields[field])));
    }
    end[field] = parsed.size();
  }
  auto at = parsed.begin();
  for (size_t field = 0; field < fields.size(); ++field) {
    const auto last = parsed.begin() + static_cast<std::ptrdiff_t>(end[field]);
    if (at == last) continue;
    FeatureNumbers& numbers = part.numbers[field];
    numbers.size = static_cast<uint32_t>(last - at);
    numbers.id.push_back(id);
    numbers.value.insert(numbers.value.end(), at, last);
    at = last;
  }
}

void add_wide(Part& part, uint32_t id, const std::vector<std::string_view>& fields, const Form& form) {
  if (form.has_numbers) add_numbers(part, id, fields, form);
  for (size_t field = 0; field < fields.size(); ++field) {
    const auto category = [&](std::string_view one) { part.add(id, form.names[field], one, 1.0); };
    switch (form.types[field]) {
      case ColumnType::kIds:
      case ColumnType::kText:
      case ColumnType::kNumber:
      case ColumnType::kVector:
        break;
      case ColumnType::kCategory:
        if (!fields[field].empty()) category(fields[field]);
        break;
      case ColumnType::kCategories:
        for_each_piece(fields[field], '|', category);
        break;
      case ColumnType::kWords:
        for_each_piece(fields[field], ' ', category);
        break;
    }
  }
}

Part part_for(const Form& form) {
  Part part;
  part.numbers.resize(form.names.size());
  for (size_t field = 0; field < form.names.size(); ++field) {
    part.numbers[field].name = form.names[field];
    part.numbers[field].is_vector = form.types[field] == ColumnType::kVector;
    part.numbers[field].size = form.types[field] == ColumnType::kNumber ? 1 : 0;
  }
  return part;
}

// `all` with the rows of `part` behind its own. REQUIRES: no vectors.
void append(const Part& part, Part& all) {
  std::vector<uint32_t> id_of(part.ids.size());
  for (uint32_t id = 0; id < id_of.size(); ++id) id_of[id] = all.ids.intern(part.ids[id]);
  for (const auto& [name, growing] : part.kinds) {
    GrowingKind& to = all.kind(name);
    std::vector<uint32_t> category_of(growing.categories.size());
    for (uint32_t at = 0; at < category_of.size(); ++at) category_of[at] = to.categories.intern(growing.categories[at]);
    for (const Entry& entry : growing.entries)
      to.entries.push_back({id_of[entry.id], category_of[entry.category], entry.value});
  }
  for (size_t field = 0; field < part.numbers.size(); ++field) {
    const FeatureNumbers& from = part.numbers[field];
    FeatureNumbers& to = all.numbers[field];
    for (const uint32_t id : from.id) to.id.push_back(id_of[id]);
    to.value.insert(to.value.end(), from.value.begin(), from.value.end());
  }
}

// The entries by id and category, those of one pair added up in the order of the file.
FeatureKind finished(const std::string& name, GrowingKind&& growing, size_t ids) {
  FeatureKind kind;
  kind.name = name;
  const std::vector<uint32_t> order = growing.categories.sorted_order();
  std::vector<uint32_t> number(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) number[order[at]] = at;
  kind.categories = growing.categories.reordered(order);
  std::vector<uint64_t> next(ids + 1, 0);
  for (const Entry& entry : growing.entries) ++next[entry.id + size_t{1}];
  std::partial_sum(next.begin(), next.end(), next.begin());
  struct Cell {
    uint32_t category;
    double value;
  };
  std::vector<Cell> cells(growing.entries.size());
  const std::vector<uint64_t> begin = next;
  for (const Entry& entry : growing.entries) cells[next[entry.id]++] = {number[entry.category], entry.value};
  growing = {};
  kind.rows.begin.assign(1, 0);
  for (size_t id = 0; id < ids; ++id) {
    const auto first = cells.begin() + static_cast<std::ptrdiff_t>(begin[id]);
    const auto last = cells.begin() + static_cast<std::ptrdiff_t>(begin[id + 1]);
    std::stable_sort(first, last, [](const Cell& a, const Cell& b) { return a.category < b.category; });
    for (auto at = first; at != last;) {
      const uint32_t category = at->category;
      double sum = 0.0;
      for (; at != last && at->category == category; ++at) sum += at->value;
      kind.rows.index.push_back(category);
      kind.rows.weight.push_back(static_cast<float>(sum));
    }
    kind.rows.begin.push_back(kind.rows.index.size());
  }
  return kind;
}

void read_row(Part& part, const Line& line, const Form& form, const Layout& layout, const char* side,
              std::vector<std::string_view>& fields) {
  if (!form.wide && line.n_fields < 2)
    bad_field(0, fmt::format("expected at least 2 TAB-separated fields ({} feature [value]), found 1: \"{}\"", side,
                             printable(line.text)));
  const std::string_view name = id_field(line, layout.position[0], side);
  fields.clear();
  for (size_t at = 0; at <= line.text.size();) {
    const size_t tab = std::min(line.text.find('\t', at), line.text.size());
    fields.push_back(line.text.substr(at, tab - at));
    at = tab + 1;
  }
  const uint32_t id = part.ids.intern(name);
  if (form.wide) {
    add_wide(part, id, fields, form);
  } else {
    add_long(part, id, fields, form);
  }
}

}  // namespace

std::string FeatureTable::unused_columns(bool uses_numbers) const {
  std::string columns;
  const auto add = [&](const std::string& column) {
    columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ", ", printable(column));
  };
  for (const FeatureNumbers& column : numbers) {
    if (!uses_numbers) add(column.name);
  }
  for (const std::string& column : texts) add(column);
  if (columns.empty()) return "";
  return fmt::format("{}: not used, as columns of {}: {}", name, uses_numbers ? "text" : "numbers and text", columns);
}

const FeatureKind& FeatureTable::kind(std::string_view kind_name) const {
  std::string names;
  for (const FeatureKind& kind : kinds) {
    if (kind.name == kind_name) return kind;
    names += (names.empty() ? "" : ", ") + printable(kind.name);
  }
  fail("{}: no features of kind \"{}\"; there are: {}", name, printable(kind_name), names.empty() ? "none" : names);
}

FeatureTable read_features(const std::string& path, IdKind of, const ReadOptions& options, int threads) {
  const char* const side = of == IdKind::kItem ? "item" : "user";
  TableReader reader(path, {"features", {{side}}}, options);
  const Layout& layout = reader.layout();
  const Form form = form_of(layout);
  FeatureTable features;
  features.name = reader.name();
  Part all = part_for(form);
  for (size_t field = 0; field < form.names.size(); ++field) {
    const ColumnType type = form.types[field];
    if (type == ColumnType::kText) features.texts.push_back(form.names[field]);
    if (type == ColumnType::kCategory || type == ColumnType::kCategories || type == ColumnType::kWords)
      all.kind(form.names[field]);
  }
  // The first row with a vector says how long all are.
  const size_t pieces =
      threads > 1 && !form.has(ColumnType::kVector) ? static_cast<size_t>(threads) * kPiecesPerThread : 1;
  std::vector<std::vector<std::string_view>> fields(pieces);
  while (reader.next()) {
    if (pieces == 1) {
      reader.parse(1, 1, [&](size_t, const Line& line) { read_row(all, line, form, layout, side, fields[0]); });
      continue;
    }
    std::vector<Part> parts(pieces);
    for (Part& part : parts) part = part_for(form);
    reader.parse(threads, pieces, [&](size_t piece, const Line& line) {
      read_row(parts[piece], line, form, layout, side, fields[piece]);
    });
    for (const Part& part : parts) append(part, all);
  }
  features.bad_lines = reader.bad_lines();
  for (auto& [name, growing] : all.kinds) features.kinds.push_back(finished(name, std::move(growing), all.ids.size()));
  for (FeatureNumbers& numbers : all.numbers) {
    if (!numbers.id.empty()) features.numbers.push_back(std::move(numbers));
  }
  std::sort(features.numbers.begin(), features.numbers.end(),
            [](const FeatureNumbers& a, const FeatureNumbers& b) { return a.name < b.name; });
  features.ids = std::move(all.ids);
  return features;
}

}  // namespace rec
