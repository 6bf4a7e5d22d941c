#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

#include "base/number.h"
#include "base/parallel_for.h"
#include "data/feature_row_tsv.h"
#include "data/features.h"
#include "io/table.h"

namespace rec {
namespace {

constexpr size_t kPiecesPerThread = 2;
constexpr size_t kPieceBytes = size_t{2} << 20;
constexpr size_t kMostOfPart = 65536;  // categories of a kind that a part keeps for its next text
constexpr size_t kPending = 1024;      // categories that get their numbers together
constexpr size_t kIdsAtOnce = 16384;   // whose rows one thread puts in order

struct Entry {
  uint32_t id;
  uint32_t category;
  float value;
};

// A kind while its rows come in, categories by first appearance.
struct GrowingKind {
  IdTable categories;
  std::vector<uint32_t> number_in_all;  // of the first categories, those that have been appended
  std::vector<Entry> entries;
  std::vector<std::string_view> pending;  // the categories of the last entries, which have no numbers yet

  void add(uint32_t id, std::string_view category, float value) {
    entries.push_back({id, 0, value});
    pending.push_back(category);
    if (pending.size() == kPending) number_pending();
  }
  void number_pending() {
    uint32_t numbers[kPending];
    categories.intern_all(pending, numbers);
    Entry* entry = entries.data() + (entries.size() - pending.size());
    for (size_t at = 0; at < pending.size(); ++at) entry[at].category = numbers[at];
    pending.clear();
  }
};

// Rows as one thread reads them. An id of an entry is the number of a name; equal names may come again.
struct Part {
  std::vector<std::string_view> names;  // live as long as the text
  std::map<std::string, GrowingKind, std::less<>> kinds;
  std::vector<FeatureNumbers> numbers;  // by field
  std::vector<float> parsed;            // of a row
  std::vector<size_t> end;              // of each field, in `parsed`
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
  void add(uint32_t name, std::string_view kind_name, std::string_view category, float value) {
    GrowingKind& growing = kind(kind_name);
    if (value > 0) growing.add(name, category, value);
  }
  // What the next text of this part keeps is its categories.
  void clear_rows() {
    names.clear();
    for (auto& [name, growing] : kinds) {
      growing.entries.clear();
      if (growing.categories.size() > kMostOfPart) growing = {};
    }
    for (FeatureNumbers& its : numbers) {
      its.id.clear();
      its.value.clear();
    }
  }
  uint32_t number_of(std::string_view name) {
    if (names.empty() || names.back() != name) names.push_back(name);
    return static_cast<uint32_t>(names.size() - 1);
  }
};

// All rows so far.
struct All {
  IdTable ids;
  std::map<std::string, GrowingKind, std::less<>> kinds;
  std::vector<FeatureNumbers> numbers;
};

// The numbers of a field, behind those of `parsed`.
void parse_numbers(std::string_view text, size_t field, std::vector<float>& parsed) {
  for_each_piece(text, ' ', [&](std::string_view one) {
    const auto number = parse_number<float>(one);
    if (!number) bad_number(static_cast<int>(field) + 1, one);
    parsed.push_back(*number);
  });
}

// The numbers first: a row that is malformed leaves nothing behind.
void add_numbers(Part& part, uint32_t name, const std::vector<std::string_view>& fields, const FeatureForm& form) {
  std::vector<float>& parsed = part.parsed;
  std::vector<size_t>& end = part.end;
  parsed.clear();
  end.assign(fields.size(), 0);
  for (size_t field = 0; field < fields.size(); ++field) {
    const FeatureNumbers& numbers = part.numbers[field];
    const size_t before = parsed.size();
    if (form.types[field] == FeatureColumn::kNumber || form.types[field] == FeatureColumn::kVector)
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
    numbers.id.push_back(name);
    numbers.value.insert(numbers.value.end(), at, last);
    at = last;
  }
}

std::vector<FeatureNumbers> numbers_for(const FeatureForm& form) {
  std::vector<FeatureNumbers> numbers(form.names.size());
  for (size_t field = 0; field < form.names.size(); ++field) {
    numbers[field].name = form.names[field];
    numbers[field].is_vector = form.types[field] == FeatureColumn::kVector;
    numbers[field].size = form.types[field] == FeatureColumn::kNumber ? 1 : 0;
  }
  return numbers;
}

// `all` with the rows of `part` behind its own.
void append(Part& part, All& all) {
  std::vector<uint32_t> id_of(part.names.size());
  all.ids.intern_all(part.names, id_of.data());
  std::vector<std::string_view> names;
  for (auto& [name, growing] : part.kinds) {
    GrowingKind& to = all.kinds[name];
    std::vector<uint32_t>& number = growing.number_in_all;
    const size_t known = number.size();
    names.clear();
    for (size_t at = known; at < growing.categories.size(); ++at)
      names.push_back(growing.categories[static_cast<uint32_t>(at)]);
    number.resize(growing.categories.size());
    to.categories.intern_all(names, number.data() + known);
    for (const Entry& entry : growing.entries)
      to.entries.push_back({id_of[entry.id], number[entry.category], entry.value});
  }
  for (size_t field = 0; field < part.numbers.size(); ++field) {
    const FeatureNumbers& from = part.numbers[field];
    FeatureNumbers& to = all.numbers[field];
    to.size = from.size;
    for (const uint32_t name : from.id) to.id.push_back(id_of[name]);
    to.value.insert(to.value.end(), from.value.begin(), from.value.end());
  }
}

struct Cell {
  uint32_t category;
  float value;
};

// Sorts the cells of an id, adds up those of one category in their order, and returns how many are left.
size_t finish_row(std::span<Cell> cells) {
  const auto before = [](const Cell& a, const Cell& b) { return a.category < b.category; };
  if (cells.size() > 64) {
    std::stable_sort(cells.begin(), cells.end(), before);
  } else {
    for (size_t at = 1; at < cells.size(); ++at) {
      const Cell cell = cells[at];
      size_t place = at;
      for (; place > 0 && cells[place - 1].category > cell.category; --place) cells[place] = cells[place - 1];
      cells[place] = cell;
    }
  }
  size_t kept = 0;
  for (size_t at = 0; at < cells.size();) {
    const uint32_t category = cells[at].category;
    double sum = 0.0;
    for (; at < cells.size() && cells[at].category == category; ++at) sum += static_cast<double>(cells[at].value);
    cells[kept++] = {category, static_cast<float>(sum)};
  }
  return kept;
}

// The entries by id and category, those of one pair added up in the order of the file.
FeatureKind finished(const std::string& name, GrowingKind&& growing, size_t ids, int threads) {
  FeatureKind kind;
  kind.name = name;
  const std::vector<uint32_t> order = growing.categories.sorted_order(threads);
  const std::vector<uint32_t> number = places_in(order);
  kind.categories = growing.categories.reordered(order);
  std::vector<uint64_t> next(ids + 1, 0);
  for (const Entry& entry : growing.entries) ++next[entry.id + size_t{1}];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<Cell> cells(growing.entries.size());
  const std::vector<uint64_t> begin = next;
  for (const Entry& entry : growing.entries) cells[next[entry.id]++] = {number[entry.category], entry.value};
  growing = {};

  const size_t blocks = (ids + kIdsAtOnce - 1) / kIdsAtOnce;
  const auto for_each_id = [&](auto&& each) {
    parallel_for(blocks, threads, [&](size_t block, int) {
      for (size_t id = block * kIdsAtOnce; id < std::min(ids, (block + 1) * kIdsAtOnce); ++id) each(id);
    });
  };
  std::vector<uint64_t>& to = kind.rows.begin;
  to.assign(ids + 1, 0);
  for_each_id([&](size_t id) { to[id + 1] = finish_row({cells.data() + begin[id], cells.data() + begin[id + 1]}); });
  std::partial_sum(to.begin(), to.end(), to.begin());
  kind.rows.index.resize(to.back());
  kind.rows.weight.resize(to.back());
  for_each_id([&](size_t id) {
    const Cell* cell = cells.data() + begin[id];
    for (uint64_t at = to[id]; at < to[id + 1]; ++at, ++cell) {
      kind.rows.index[at] = cell->category;
      kind.rows.weight[at] = cell->value;
    }
  });
  return kind;
}

void read_row(Part& part, const Line& line, const FeatureForm& form, const Layout& layout, const char* side) {
  const uint32_t name = part.number_of(feature_row_id(line, form, layout, side));
  if (!form.wide) {
    const LongFeature feature = parse_long_feature(line.fields, form);
    part.add(name, feature.kind, feature.category, feature.value);
    return;
  }
  if (form.has_numbers) add_numbers(part, name, line.fields, form);
  for_each_wide_category(line.fields, form, [&](std::string_view kind, std::string_view category) {
    part.add(name, kind, category, 1.0f);
  });
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
  const size_t most_pieces = static_cast<size_t>(std::max(threads, 1)) * (threads > 1 ? kPiecesPerThread : 1);
  TableReader reader(path, {"features", {{side}}}, options, kPieceBytes * std::min<size_t>(most_pieces, 32));
  reader.keep_all_fields();
  const Layout& layout = reader.layout();
  const FeatureForm form = feature_form_of(layout);
  FeatureTable features;
  features.name = reader.name();
  All all;
  all.numbers = numbers_for(form);
  for (size_t field = 0; field < form.names.size(); ++field) {
    const FeatureColumn type = form.types[field];
    if (type == FeatureColumn::kText) features.texts.push_back(form.names[field]);
    if (type == FeatureColumn::kCategory || type == FeatureColumn::kCategories || type == FeatureColumn::kWords)
      all.kinds[form.names[field]];
  }
  // The first row with a vector says how long all are.
  const size_t pieces = form.has(FeatureColumn::kVector) ? 1 : most_pieces;
  std::vector<Part> parts(pieces);
  for (Part& part : parts) part.numbers = numbers_for(form);
  while (reader.next()) {
    for (Part& part : parts) part.clear_rows();
    reader.parse(threads, pieces,
                 [&](size_t piece, const Line& line) { read_row(parts[piece], line, form, layout, side); });
    for (Part& part : parts) {
      for (auto& [name, growing] : part.kinds) growing.number_pending();
      append(part, all);
    }
  }
  features.bad_lines = reader.bad_lines();
  for (auto& [name, growing] : all.kinds)
    features.kinds.push_back(finished(name, std::move(growing), all.ids.size(), threads));
  for (FeatureNumbers& numbers : all.numbers) {
    if (!numbers.id.empty()) features.numbers.push_back(std::move(numbers));
  }
  std::sort(features.numbers.begin(), features.numbers.end(),
            [](const FeatureNumbers& a, const FeatureNumbers& b) { return a.name < b.name; });
  features.ids = std::move(all.ids);
  return features;
}

}  // namespace rec
