#include "data/interactions_tsv.h"

#include <array>

#include "base/number-inl.h"
#include "base/parallel_for.h"
#include "io/time_column.h"

namespace rec {
namespace {

// Of a batch: enough that waiting for the slowest thread hardly shows.
constexpr size_t kBytesPerThread = size_t{4} << 20;

enum Column : size_t { kUser, kItem, kValue, kTimestamp };

// What one piece of a batch holds, ids as numbers of the worker's own tables.
struct Piece {
  std::vector<uint32_t> user;
  std::vector<uint32_t> item;
  std::vector<float> value;
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
  void reserve_like(const Piece& other) {
    const size_t rows = other.user.size() + other.user.size() / 8;
    user.reserve(rows);
    item.reserve(rows);
    if (!other.value.empty()) value.reserve(rows);
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

  void add(std::string_view its_user, std::string_view its_item, Piece& piece) {
    user[waiting] = its_user;
    item[waiting] = its_item;
    if (++waiting == kWaiting) flush(piece);
  }
  void flush(Piece& piece) {
    const size_t rows = piece.user.size();
    piece.user.resize(rows + waiting);
    piece.item.resize(rows + waiting);
    users.intern_all({user.data(), waiting}, piece.user.data() + rows);
    items.intern_all({item.data(), waiting}, piece.item.data() + rows);
    waiting = 0;
  }
};

// Numbers for all tables' ids in byte order of the union, and the union itself.
IdTable unite(const std::vector<Tables>& tables, IdTable Tables::*which, int threads,
              std::vector<std::vector<uint32_t>>& renumber) {
  IdTable all;
  renumber.resize(tables.size());
  for (size_t t = 0; t < tables.size(); ++t) {
    const IdTable& table = tables[t].*which;
    renumber[t].resize(table.size());
    for (uint32_t id = 0; id < table.size(); ++id) renumber[t][id] = all.intern(table[id]);
  }
  const std::vector<uint32_t> order = all.sorted_order(threads);
  const std::vector<uint32_t> rank = places_in(order);
  for (auto& numbers : renumber) {
    for (uint32_t& number : numbers) number = rank[number];
  }
  return all.reordered(order);
}

// A time that is a date or a long number; `number`: what the field is as a number.
[[gnu::noinline]] TimeField long_time(std::string_view field, int position, std::optional<double> number,
                                      TimeKind kind) {
  return checked_time(number ? exact_number(field, *number) : parse_date(field), field, position, kind);
}

// `line` with the field at `position` replaced.
void append_replaced(const Line& line, int position, std::string_view by, std::string& out) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto before = static_cast<size_t>(field.data() - line.text.data());
  out.append(line.text.substr(0, before)).append(by).append(line.text.substr(before + field.size())).push_back('\n');
}

}  // namespace

LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, OptionalColumns wanted,
                                     int threads, bool keep_lines, const EventValues* events) {
  const size_t slots = static_cast<size_t>(std::max(1, threads));
  TableReader reader(path, events == nullptr ? interactions_spec() : event_spec(), options, kBytesPerThread * slots);
  const Layout& layout = reader.layout();
  const int at_user = layout.position[kUser];
  const int at_item = layout.position[kItem];
  const int at_value = wanted.value || events != nullptr ? layout.position[kValue] : Layout::kAbsent;
  const int at_timestamp = wanted.timestamp ? layout.position[kTimestamp] : Layout::kAbsent;

  std::vector<Tables> tables(slots);
  std::vector<std::vector<Piece>> batches;
  LoadedInteractions loaded;
  loaded.layout = layout;
  TimeKind times = TimeKind::kUnknown;
  while (reader.next()) {
    if (at_timestamp >= 0 && times == TimeKind::kUnknown) times = first_time_kind(reader.text(), at_timestamp, layout);
    const size_t text = loaded.lines.size();
    if (keep_lines) loaded.lines.resize(text + slots);
    std::vector<Piece>& pieces = batches.emplace_back(slots);
    for (size_t slot = 0; slot < slots; ++slot) {
      pieces[slot].slot = slot;
      if (batches.size() > 1) pieces[slot].reserve_like(batches[batches.size() - 2][slot]);
    }
    reader.parse(threads, slots, [&](size_t index, const Line& line) {
      Piece& piece = pieces[index];
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
      tables[index].add(user, item, piece);
      if (keep_lines && event != nullptr) {
        append_replaced(line, at_value, event->text, loaded.lines[text + index]);
      } else if (keep_lines) {
        loaded.lines[text + index].append(line.text).push_back('\n');
      }
      if (at_value >= 0) piece.value.push_back(value);
      if (at_timestamp >= 0) piece.add_time(timestamp);
      piece.rounded_times += rounded;
    });
    for (size_t slot = 0; slot < slots; ++slot) tables[slot].flush(pieces[slot]);
  }

  loaded.bad_lines = reader.bad_lines();
  Interactions& data = loaded.data;
  std::vector<std::vector<uint32_t>> new_user;
  std::vector<std::vector<uint32_t>> new_item;
  data.users = unite(tables, &Tables::users, threads, new_user);
  data.items = unite(tables, &Tables::items, threads, new_item);

  std::vector<std::pair<const Piece*, size_t>> places;  // where each piece's rows go
  size_t rows = 0;
  bool rests = false;
  for (const auto& batch : batches) {
    for (const Piece& piece : batch) {
      places.emplace_back(&piece, rows);
      rows += piece.user.size();
      rests = rests || !piece.timestamp_rest.empty();
      data.rounded_times += piece.rounded_times;
    }
  }
  data.dates = times == TimeKind::kDates;
  if (rests) data.timestamp_rest.resize(rows);
  parallel_for(4, threads, [&](size_t column, int) {  // clearing new memory takes longer than filling it
    if (column == kUser) data.user.resize(rows);
    if (column == kItem) data.item.resize(rows);
    if (column == kValue && at_value >= 0) data.value.resize(rows);
    if (column == kTimestamp && at_timestamp >= 0) data.timestamp.resize(rows);
  });
  parallel_for(places.size(), threads, [&](size_t index, int) {
    const auto& [piece, start] = places[index];
    for (size_t row = 0; row < piece->user.size(); ++row) {
      data.user[start + row] = new_user[piece->slot][piece->user[row]];
      data.item[start + row] = new_item[piece->slot][piece->item[row]];
    }
    std::copy(piece->value.begin(), piece->value.end(),
              data.value.begin() + static_cast<std::ptrdiff_t>(at_value >= 0 ? start : 0));
    std::copy(piece->timestamp.begin(), piece->timestamp.end(),
              data.timestamp.begin() + static_cast<std::ptrdiff_t>(at_timestamp >= 0 ? start : 0));
    std::copy(piece->timestamp_rest.begin(), piece->timestamp_rest.end(),
              data.timestamp_rest.begin() + static_cast<std::ptrdiff_t>(rests ? start : 0));
  });
  return loaded;
}

}  // namespace rec
