#include "data/interactions_tsv.h"

#include <array>

#include "base/number-inl.h"
#include "base/parallel_for.h"
#include "data/artefact_codec.h"
#include "data/interactions_safetensors.h"
#include "io/other_text.h"
#include "io/time_column.h"

namespace rec {
namespace {

// Of a batch: enough that waiting for the slowest thread hardly shows.
constexpr size_t kInteractionBytesPerThread = size_t{4} << 20;

struct InteractionColumn {
  enum : size_t { kUser, kItem, kValue, kTimestamp, kWeight };
};

// What one piece of a batch holds, ids as numbers of the worker's own tables.
struct InteractionPiece {
  std::vector<uint32_t> user;
  std::vector<uint32_t> item;
  std::vector<float> value;
  std::vector<float> weight;
  std::vector<double> timestamp;
  std::vector<double> timestamp_rest;  // as far as the last row that has one
  uint64_t rounded_times = 0;
  size_t slot = 0;  // whose tables

  void add_time(const Time& time) {
    timestamp.push_back(time.value);
    if (time.rest == 0) return;
    timestamp_rest.resize(timestamp.size());
    timestamp_rest.back() = time.rest;
  }

  // Room for about as many rows as `other` has.
  void reserve_like(const InteractionPiece& other) {
    const size_t rows = other.user.size() + other.user.size() / 8;
    user.reserve(rows);
    item.reserve(rows);
    if (!other.value.empty()) value.reserve(rows);
    if (!other.weight.empty()) weight.reserve(rows);
    if (!other.timestamp.empty()) timestamp.reserve(rows);
  }
};

// A worker's tables, and the ids of rows that wait to be looked up together.
struct Tables {
  static constexpr size_t kWaiting = 64;
  IdTable users;
  IdTable items;
  std::array<std::string_view, kWaiting> user;
  std::array<std::string_view, kWaiting> item;
  size_t waiting = 0;

  void add(std::string_view its_user, std::string_view its_item, InteractionPiece& piece) {
    user[waiting] = its_user;
    item[waiting] = its_item;
    if (++waiting == kWaiting) flush(piece);
  }
  void flush(InteractionPiece& piece) {
    const size_t rows = piece.user.size();
    piece.user.resize(rows + waiting);
    piece.item.resize(rows + waiting);
    users.intern_all({user.data(), waiting}, piece.user.data() + rows);
    items.intern_all({item.data(), waiting}, piece.item.data() + rows);
    waiting = 0;
  }
};

// A time that is a date or a long number; `number`: what the field is as a number.
[[gnu::noinline]] TimeField long_time(std::string_view field, int position, std::optional<double> number,
                                      TimeKind kind) {
  return checked_time(number ? exact_number(field, *number) : parse_date(field), field, position, kind);
}

float weight_field(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto weight = parse_number_inline<float>(field);
  if (!weight) bad_number(position + 1, field);
  if (!(*weight > 0.0f)) bad_field(position + 1, fmt::format("the weight {} is not above 0", printable(field)));
  return *weight;
}

// `line` with the field at `position` replaced.
void append_replaced(const Line& line, int position, std::string_view by, std::string& out) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto before = static_cast<size_t>(field.data() - line.text.data());
  out.append(line.text.substr(0, before)).append(by).append(line.text.substr(before + field.size())).push_back('\n');
}

// What --columns and --header-rows could not mean for columns that have their names.
void check_options(const ReadOptions& options, const EventValues* events, const std::string& name) {
  const char* const own = "interactions in binary have columns of their own";
  if (!options.side && !options.columns.empty()) fail_usage("{}: {}: {}", options.columns_option, name, own);
  if (!options.side && options.header_rows) fail_usage("--header-rows: {}: {}", name, own);
  if (events != nullptr) fail_usage("--event-values: {}: interactions in binary have values, no events", name);
}

// weight: whether the column is known.
Layout layout_of(const BinaryInteractions& table, bool weight) {
  Layout layout;
  layout.header = table.header;
  layout.position = {0, 1, Layout::kAbsent, Layout::kAbsent, Layout::kAbsent};
  layout.n_fields = 2;
  if (table.has_value) layout.position[InteractionColumn::kValue] = static_cast<int>(layout.n_fields++);
  if (table.has_timestamp) layout.position[InteractionColumn::kTimestamp] = static_cast<int>(layout.n_fields++);
  if (table.has_weight) layout.position[InteractionColumn::kWeight] = static_cast<int>(layout.n_fields++);
  layout.width = layout.n_fields;
  const TableSpec spec = weighted_interactions_spec();
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (table.header && layout.has(column)) layout.names.push_back(spec.columns[column].name);
  }
  if (!weight) layout.position.pop_back();
  return layout;
}

// All rows as text, in pieces.
std::vector<std::string> lines_of(const Interactions& data, int threads) {
  constexpr size_t kRows = size_t{1} << 16;
  std::vector<std::string> lines((data.size() + kRows - 1) / kRows);
  parallel_for(lines.size(), threads, [&](size_t piece, int) {
    for (size_t row = piece * kRows; row < std::min(data.size(), (piece + 1) * kRows); ++row)
      append_row(data, row, lines[piece]);
  });
  return lines;
}

}  // namespace

TableSpec weighted_interactions_spec() {
  TableSpec spec = interactions_spec();
  spec.columns.push_back({"weight", false, TableSpec::Kind::kNumber});
  return spec;
}

LoadedInteractions read_binary_interactions(const WholeFile& file, const std::string& name, const std::string& path,
                                            const ReadOptions& options, OptionalColumns wanted, int threads,
                                            bool keep_lines, const EventValues* events) {
  const OptionalColumns read{.value = wanted.value || keep_lines,
                             .timestamp = wanted.timestamp || keep_lines,
                             .weight = wanted.weight || keep_lines,
                             .no_negative_for = wanted.value ? wanted.no_negative_for : ""};
  check_options(options, events, name);
  std::vector<Interactions> tables;
  LoadedInteractions loaded;
  BinaryInteractions first = decode_interactions(file, name, read, threads);
  loaded.layout = layout_of(first, wanted.weight);
  tables.push_back(std::move(first.data));
  for (const std::string& more : options.more_files.value_or(std::vector<std::string>())) {
    ByteSource source(more);
    const std::optional<WholeFile> next_file = whole_safetensors(source);
    if (!next_file || !holds_interactions(*next_file, source.name()))
      fail("{}: expected interactions in binary, as {} holds them; rec-model convert writes a table of text so",
           source.name(), input_name(path));
    BinaryInteractions next = decode_interactions(*next_file, source.name(), read, threads);
    if (next.data.size() == 0) continue;
    const Layout layout = layout_of(next, wanted.weight);
    if (tables.front().size() == 0) {
      loaded.layout = layout;
      tables.clear();
    } else if (layout.position != loaded.layout.position || layout.n_fields != loaded.layout.n_fields) {
      fail("{}: other columns than {}; a value, a timestamp or a weight is missing in one of them", source.name(),
           input_name(path));
    }
    tables.push_back(std::move(next.data));
    if (tables.back().dates != tables.front().dates)
      fail("{}: its timestamps are {}, those of {} are not", source.name(), tables.back().dates ? "dates" : "numbers",
           input_name(path));
  }
  loaded.data = tables.size() == 1 ? std::move(tables.front()) : joined(std::move(tables), threads);
  if (options.progress) options.progress(file.text.size(), file.text.size());
  if (!keep_lines) return loaded;
  loaded.lines = lines_of(loaded.data, threads);
  if (!wanted.value) loaded.data.value.clear();
  if (!wanted.weight) loaded.data.weight.clear();
  if (wanted.timestamp) return loaded;
  loaded.data.timestamp.clear();
  loaded.data.timestamp_rest.clear();
  loaded.data.dates = false;
  return loaded;
}

LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, OptionalColumns wanted,
                                     int threads, bool keep_lines, const EventValues* events) {
  return read_interactions(ByteSource(path), path, options, wanted, threads, keep_lines, events);
}

LoadedInteractions read_interactions(ByteSource source, const std::string& path, const ReadOptions& options,
                                     OptionalColumns wanted, int threads, bool keep_lines, const EventValues* events) {
  if (const auto binary = options.format ? std::nullopt : whole_safetensors(source); binary) {
    if (!holds_interactions(*binary, source.name())) fail("{}: {}", source.name(), other_format(binary->text, path));
    return read_binary_interactions(*binary, source.name(), path, options, wanted, threads, keep_lines, events);
  }
  const size_t slots = static_cast<size_t>(std::max(1, threads));
  TableReader reader(std::move(source), path,
                     events != nullptr ? event_spec()
                     : wanted.weight   ? weighted_interactions_spec()
                                       : interactions_spec(),
                     options, kInteractionBytesPerThread * slots);
  const Layout& layout = reader.layout();
  const int at_user = layout.position[InteractionColumn::kUser];
  const int at_item = layout.position[InteractionColumn::kItem];
  const int at_value = wanted.value || events != nullptr ? layout.position[InteractionColumn::kValue] : Layout::kAbsent;
  const int at_timestamp = wanted.timestamp ? layout.position[InteractionColumn::kTimestamp] : Layout::kAbsent;
  const int at_weight =
      wanted.weight && events == nullptr ? layout.position[InteractionColumn::kWeight] : Layout::kAbsent;

  std::vector<Tables> tables(slots);
  std::vector<std::vector<InteractionPiece>> batches;
  LoadedInteractions loaded;
  loaded.layout = layout;
  TimeKind times = TimeKind::kUnknown;
  while (reader.next()) {
    if (at_timestamp >= 0 && times == TimeKind::kUnknown) times = first_time_kind(reader.text(), at_timestamp, layout);
    const size_t text = loaded.lines.size();
    if (keep_lines) loaded.lines.resize(text + slots);
    std::vector<InteractionPiece>& pieces = batches.emplace_back(slots);
    for (size_t slot = 0; slot < slots; ++slot) {
      pieces[slot].slot = slot;
      if (batches.size() > 1) pieces[slot].reserve_like(batches[batches.size() - 2][slot]);
    }
    reader.parse(threads, slots, [&](size_t index, const Line& line) {
      InteractionPiece& piece = pieces[index];
      const std::string_view user = id_field(line, at_user, "user");
      const std::string_view item = id_field(line, at_item, "item");
      float value = 1.0f;
      Time timestamp;
      const EventValues::Event* event = nullptr;
      bool rounded = false;
      if (events != nullptr) {
        const std::string_view field = line.fields[static_cast<size_t>(at_value)];
        event = events->find(field);
        if (event == nullptr) bad_field(at_value + 1, events->unknown(field));
        value = event->value;
      } else if (at_value >= 0) {
        const std::string_view field = line.fields[static_cast<size_t>(at_value)];
        const auto number = parse_number_inline<float>(field);
        if (!number) bad_number(at_value + 1, field);
        value = *number;
        if (value < 0.0f && *wanted.no_negative_for != '\0')
          bad_field(at_value + 1, fmt::format("the value {} is negative, {} expects 0 or more", printable(field),
                                              wanted.no_negative_for));
      }
      if (at_timestamp >= 0) {
        const std::string_view field = line.fields[static_cast<size_t>(at_timestamp)];
        const auto number = parse_number_inline<double>(field);
        if (number && field.size() <= kExactNumberBytes && times == TimeKind::kNumbers) {
          timestamp.value = *number;
        } else {
          const TimeField time = long_time(field, at_timestamp, number, times);
          timestamp = time.time;
          rounded = time.rounded;
        }
      }
      const float weight = at_weight >= 0 ? weight_field(line, at_weight) : 1.0f;
      tables[index].add(user, item, piece);
      if (keep_lines && event != nullptr) {
        append_replaced(line, at_value, event->text, loaded.lines[text + index]);
      } else if (keep_lines) {
        loaded.lines[text + index].append(line.text).push_back('\n');
      }
      if (at_value >= 0) piece.value.push_back(value);
      if (at_weight >= 0) piece.weight.push_back(weight);
      if (at_timestamp >= 0) piece.add_time(timestamp);
      piece.rounded_times += rounded;
    });
    for (size_t slot = 0; slot < slots; ++slot) tables[slot].flush(pieces[slot]);
  }

  loaded.bad_lines = reader.bad_lines();
  Interactions& data = loaded.data;
  std::vector<const IdTable*> users, items;
  for (const Tables& table : tables) {
    users.push_back(&table.users);
    items.push_back(&table.items);
  }
  std::vector<std::vector<uint32_t>> new_user, new_item;
  data.users = united(users, threads, new_user);
  data.items = united(items, threads, new_item);

  std::vector<std::pair<InteractionPiece*, size_t>> places;  // where each piece's rows go
  size_t rows = 0;
  bool rests = false;
  for (auto& batch : batches) {
    for (InteractionPiece& piece : batch) {
      places.emplace_back(&piece, rows);
      rows += piece.user.size();
      rests = rests || !piece.timestamp_rest.empty();
      data.rounded_times += piece.rounded_times;
    }
  }
  data.dates = times == TimeKind::kDates;
  // One column after the other: so the rows are in memory once, and one column of them twice.
  const auto take = [&](auto& column, auto InteractionPiece::*of, auto&& value_of) {
    std::span<typename std::remove_cvref_t<decltype(column)>::value_type> all;
    column = std::remove_cvref_t<decltype(column)>::unset(rows, all);
    parallel_for(places.size(), threads, [&](size_t index, int) {
      const auto& [piece, start] = places[index];
      auto& values = piece->*of;
      for (size_t row = 0; row < values.size(); ++row) all[start + row] = value_of(values[row], piece->slot);
      const size_t end = index + 1 < places.size() ? places[index + 1].second : rows;
      std::fill(all.begin() + static_cast<std::ptrdiff_t>(start + values.size()),
                all.begin() + static_cast<std::ptrdiff_t>(end), 0);  // what has no rest
      std::remove_cvref_t<decltype(values)>().swap(values);
    });
  };
  const auto same = [](auto value, size_t) { return value; };
  take(data.user, &InteractionPiece::user, [&](uint32_t user, size_t slot) { return new_user[slot][user]; });
  take(data.item, &InteractionPiece::item, [&](uint32_t item, size_t slot) { return new_item[slot][item]; });
  if (at_value >= 0) take(data.value, &InteractionPiece::value, same);
  if (at_weight >= 0) take(data.weight, &InteractionPiece::weight, same);
  if (at_timestamp >= 0) take(data.timestamp, &InteractionPiece::timestamp, same);
  if (rests) take(data.timestamp_rest, &InteractionPiece::timestamp_rest, same);
  return loaded;
}

}  // namespace rec
