#include "eval/raw_events.h"

#include <algorithm>

#include "base/error.h"
#include "io/time_column.h"

namespace rec {
namespace {

struct RawEventColumn {
  enum : size_t { kUser, kItem, kEvent, kTimestamp, kRequest, kVariant };
};

TimeField time_field(const Line& line, int position, TimeKind kind) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  return checked_time(parse_time(field), field, position, kind);
}

// The events of one piece of a batch; the views are dead with the batch.
struct RawEventPiece {
  std::vector<std::string_view> users, items, variants, requests, others;
  std::vector<EventKind> kind;
  std::vector<Time> time;
  uint64_t rows = 0;
  uint64_t other_events = 0;
  uint64_t rounded_times = 0;
};

void append_ids(std::span<const std::string_view> names, IdTable& table, std::vector<uint32_t>& ids) {
  const size_t from = ids.size();
  ids.resize(from + names.size());
  table.intern_all(names, ids.data() + from);
}

void append(const RawEventPiece& piece, RawEvents& log) {
  append_ids(piece.users, log.users, log.user);
  append_ids(piece.items, log.items, log.item);
  append_ids(piece.variants, log.variants, log.variant);
  for (const std::string_view request : piece.requests)
    log.request.push_back(request.empty() ? kNoId : log.requests.intern(request));
  log.kind.insert(log.kind.end(), piece.kind.begin(), piece.kind.end());
  log.time.insert(log.time.end(), piece.time.begin(), piece.time.end());
  log.rows += piece.rows;
  log.rounded_times += piece.rounded_times;
  log.other_events += piece.other_events;
  for (const std::string_view name : piece.others) {
    if (log.other_names.size() == RawEvents::kOtherNames) break;
    if (std::find(log.other_names.begin(), log.other_names.end(), name) == log.other_names.end())
      log.other_names.emplace_back(name);
  }
  if (log.user.size() >= kNoId) fail("{}: more than {} events", log.name, kNoId - 1);
}

}  // namespace

TableSpec raw_events_spec(bool experiment) {
  TableSpec spec{"raw events",
                 {{"user"},
                  {"item", true, TableSpec::Kind::kId, false},
                  {"event"},
                  {"timestamp", false, TableSpec::Kind::kTime},
                  {"request", false, TableSpec::Kind::kText}}};
  spec.columns.insert(experiment ? spec.columns.begin() + 2 : spec.columns.end(), {"variant", false});
  return spec;
}

std::string listed(const std::vector<std::string>& other_names) {
  std::string names;
  for (const std::string& name : other_names) names += (names.empty() ? "" : ", ") + printable(name);
  return other_names.size() == RawEvents::kOtherNames ? names + ", ..." : names;
}

RawEvents read_raw_events(const RawEventsOptions& options) {
  const TableSpec spec = raw_events_spec(options.experiment);
  TableReader reader(options.path, spec, options.read);
  RawEvents log;
  log.name = reader.name();
  const Layout& layout = reader.layout();
  const auto at = [&](size_t column) {
    size_t place = column;
    if (options.experiment && column >= RawEventColumn::kEvent)
      place = column == RawEventColumn::kVariant ? RawEventColumn::kEvent : column + 1;
    return layout.position[place];
  };
  constexpr int kAbsent = Layout::kAbsent;
  const int at_user = at(RawEventColumn::kUser), at_item = at(RawEventColumn::kItem),
            at_event = at(RawEventColumn::kEvent), at_time = at(RawEventColumn::kTimestamp);
  const int at_request = at(RawEventColumn::kRequest), at_variant = at(RawEventColumn::kVariant);
  bool more = reader.next();
  if (!more) fail("{}: no rows to evaluate", log.name);
  if (options.experiment && at_variant == kAbsent) fail("{}: no column variant, which an experiment needs", log.name);

  const auto parts = static_cast<size_t>(std::max(1, options.threads)) * 2;
  TimeKind times = TimeKind::kUnknown;
  for (; more; more = reader.next()) {
    if (at_time != kAbsent && times == TimeKind::kUnknown) times = first_time_kind(reader.text(), at_time, layout);
    std::vector<RawEventPiece> pieces(parts);
    reader.parse(options.threads, parts, [&](size_t index, const Line& line) {
      RawEventPiece& piece = pieces[index];
      const std::string_view user = id_field(line, at_user, "user");
      const std::string_view item = at_item == kAbsent ? std::string_view() : id_field(line, at_item, "item");
      const std::string_view event = line.fields[static_cast<size_t>(at_event)];
      if (event.empty()) bad_field(at_event + 1, "empty event");
      const std::string_view variant =
          at_variant == kAbsent ? std::string_view() : id_field(line, at_variant, "variant");
      const TimeField time = at_time == kAbsent ? TimeField() : time_field(line, at_time, times);
      ++piece.rows;
      const auto kind = options.kinds.find(event);
      if (!kind) {
        ++piece.other_events;
        if (piece.others.size() < RawEvents::kOtherNames &&
            std::find(piece.others.begin(), piece.others.end(), event) == piece.others.end())
          piece.others.push_back(event);
        return;
      }
      piece.users.push_back(user);
      piece.kind.push_back(*kind);
      if (at_item != kAbsent) piece.items.push_back(item);
      if (at_variant != kAbsent) piece.variants.push_back(variant);
      if (at_request != kAbsent) piece.requests.push_back(line.fields[static_cast<size_t>(at_request)]);
      if (at_time != kAbsent) piece.time.push_back(time.time);
      piece.rounded_times += time.rounded;
    });
    for (const RawEventPiece& piece : pieces) append(piece, log);
  }
  if (log.rows == 0) fail("{}: no rows to evaluate", log.name);
  log.dates = times == TimeKind::kDates;
  log.bad_lines = reader.bad_lines();
  return log;
}

}  // namespace rec
