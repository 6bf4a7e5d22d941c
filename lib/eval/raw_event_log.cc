// read_raw_event_log(): from a raw log to the counts of its users.
#include <algorithm>

#include "base/error.h"
#include "eval/event_log.h"

namespace rec {
namespace {

// Which kinds the metrics need, and the first metric that needs each.
struct Needs {
  const char* by[kEventKinds] = {};  // null: none

  const char*& of(EventKind kind) { return by[static_cast<size_t>(kind)]; }
};

Needs needs_of(std::span<const Metric> metrics) {
  using enum EventKind;
  Needs needs;
  const auto need = [&](EventKind kind, const char* by) {
    if (needs.of(kind) == nullptr) needs.of(kind) = by;
  };
  for (const Metric& metric : metrics) {
    if (metric.info->name == "ctr") need(kImpression, "ctr"), need(kClick, "ctr");
    if (metric.info->name == "cr") need(kClick, "cr"), need(kConversion, "cr");
    if (metric.info->name == "cvr") need(kImpression, "cvr"), need(kConversion, "cvr");
  }
  return needs;
}

// Fails where a kind is missing because its events have another name.
std::vector<EventKind> missing_kinds(const RawEvents& log, const EventKinds& kinds, Needs needs) {
  if (log.kind.empty()) {
    fail(
        "{}: no event is an impression, a click or a conversion; there are: {}; say --event-kinds "
        "impression=NAME,click=NAME",
        log.name, listed(log.other_names));
  }
  std::vector<EventKind> missing;
  for (const EventKind kind : {EventKind::kImpression, EventKind::kClick, EventKind::kConversion}) {
    if (needs.of(kind) == nullptr || std::find(log.kind.begin(), log.kind.end(), kind) != log.kind.end()) continue;
    if (kinds.told(kind)) {
      missing.push_back(kind);
    } else if (log.other_events > 0) {
      fail("{}: no event is named {}, which {} needs; there are: {}; say --event-kinds {}=NAME", log.name,
           kinds.names(kind), needs.of(kind), listed(log.other_names), event_kind_name(kind));
    }
  }
  return missing;
}

// A user of each variant, in the order of the rows, which is that of the users.
std::vector<Variant> variants_of(const RawEvents& raw, const std::vector<ExperimentRow>& rows) {
  const bool has_variants = !raw.variant.empty();
  std::vector<uint32_t> order{0};
  if (has_variants) order = raw.variants.sorted_order();
  std::vector<std::vector<EventCounts>> users(order.size());
  std::vector<uint32_t> last(order.size(), kNoId);  // the user behind
  for (const ExperimentRow& row : rows) {
    if (last[row.variant] != row.user) users[row.variant].emplace_back();
    last[row.variant] = row.user;
    users[row.variant].back() +=
        EventCounts{.impressions = row.impressions, .clicks = row.clicks, .conversions = row.conversions};
  }
  std::vector<Variant> variants;
  for (const uint32_t variant : order) {
    if (users[variant].empty()) continue;  // all of its users were left out
    variants.push_back({has_variants ? std::string(raw.variants[variant]) : std::string(), std::move(users[variant])});
  }
  return variants;
}

}  // namespace

EventLog read_raw_event_log(const EventLogOptions& options, std::span<const Metric> metrics) {
  Needs needs = needs_of(metrics);
  RawEvents raw = read_raw_events({.path = options.path,
                                   .read = options.read,
                                   .kinds = options.raw->kinds,
                                   .experiment = options.experiment,
                                   .threads = options.threads});
  EventLog log;
  log.name = raw.name;
  log.rows = raw.rows;
  log.bad_lines = raw.bad_lines;
  log.has_impressions = log.has_clicks = log.has_conversions = log.has_users = true;
  log.has_variants = !raw.variant.empty();
  log.missing = missing_kinds(raw, options.raw->kinds, needs);
  if (options.raw->cleaning.bot_rate && raw.time.empty())
    fail("{}: no column timestamp, which --bot-rate needs", log.name);

  CleaningOptions cleaning = options.raw->cleaning;
  cleaning.click_needs_impression = cleaning.conversion_needs_impression = needs.of(EventKind::kImpression) != nullptr;
  cleaning.conversion_needs_click =
      std::any_of(metrics.begin(), metrics.end(), [](const Metric& metric) { return metric.info->name == "cr"; });
  cleaning.threads = options.threads;
  CleanedEvents cleaned = clean_events(raw, cleaning);
  if (cleaned.rows.empty()) {
    fail("{}: no user of {} is left: {} in several variants (--mixed-users keep keeps them), {} bots", log.name,
         cleaned.cleaning.users, cleaned.cleaning.mixed_users, cleaning.drop_bots ? cleaned.cleaning.bots : 0);
  }
  for (const ExperimentRow& row : cleaned.rows) {
    log.counts += EventCounts{.impressions = row.impressions, .clicks = row.clicks, .conversions = row.conversions};
    log.users += &row == cleaned.rows.data() || (&row)[-1].user != row.user;
  }
  log.users_in_several_variants = cleaned.cleaning.mixed_users;
  if (log.has_variants || options.by_user) log.variants = variants_of(raw, cleaned.rows);
  log.cleaning = std::move(cleaned.cleaning);
  log.other_names = std::move(raw.other_names);
  if (options.raw->table) {
    log.table = {.users = std::move(raw.users),
                 .items = std::move(raw.items),
                 .variants = std::move(raw.variants),
                 .rows = std::move(cleaned.rows)};
  }
  return log;
}

}  // namespace rec
