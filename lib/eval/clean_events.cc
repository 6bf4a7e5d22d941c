#include "eval/clean_events.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>

#include "base/parallel_for.h"
#include "data/time_unit.h"

namespace rec {
namespace {

uint32_t at_or_0(const std::vector<uint32_t>& column, uint32_t event) { return column.empty() ? 0 : column[event]; }
Time time_of(const RawEvents& log, uint32_t event) { return log.time.empty() ? Time() : log.time[event]; }

// The events of each user, as places in the log.
class ByUser {
 public:
  explicit ByUser(const RawEvents& log) : starts_(log.users.size() + 1), sizes_(log.users.size()) {
    for (const uint32_t user : log.user) ++starts_[user + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    events_.resize(log.user.size());
    for (uint32_t event = 0; event < log.user.size(); ++event) {
      const uint32_t user = log.user[event];
      events_[starts_[user] + sizes_[user]++] = event;
    }
  }
  std::span<uint32_t> of(size_t user) { return std::span(events_).subspan(starts_[user], sizes_[user]); }
  void shrink(size_t user, size_t size) { sizes_[user] = static_cast<uint32_t>(size); }
  size_t users() const { return sizes_.size(); }
  const std::vector<uint32_t>& sizes() const { return sizes_; }

 private:
  std::vector<size_t> starts_;
  std::vector<uint32_t> sizes_;
  std::vector<uint32_t> events_;
};

// Moves duplicates behind the events that stay, and returns the number of these.
size_t drop_duplicates(const RawEvents& log, std::span<uint32_t> events) {
  if (log.time.empty() && log.request.empty()) return events.size();
  const auto request = [&](uint32_t event) { return log.request.empty() ? kNoId : log.request[event]; };
  const auto key = [&](uint32_t event) {
    return std::tuple(at_or_0(log.variant, event), at_or_0(log.item, event), log.kind[event], request(event));
  };
  std::sort(events.begin(), events.end(), [&](uint32_t a, uint32_t b) {
    return std::tuple(key(a), time_of(log, a), a) < std::tuple(key(b), time_of(log, b), b);
  });
  size_t kept = 0;
  for (const uint32_t event : events) {
    if (kept > 0) {
      const uint32_t last = events[kept - 1];
      const bool known = request(event) != kNoId || (!log.time.empty() && time_of(log, event) == time_of(log, last));
      if (known && key(event) == key(last)) continue;
    }
    events[kept++] = event;
  }
  return kept;
}

void sort_by_time(const RawEvents& log, std::span<uint32_t> events) {
  std::sort(events.begin(), events.end(),
            [&](uint32_t a, uint32_t b) { return std::tuple(time_of(log, a), a) < std::tuple(time_of(log, b), b); });
}

// The most events within less than a minute; of events in the order of their times.
uint64_t most_in_a_minute(const RawEvents& log, std::span<const uint32_t> events, double minute) {
  size_t most = 0;
  size_t first = 0;
  for (size_t last = 0; last < events.size(); ++last) {
    while (between(log.time[events[first]], log.time[events[last]]) >= minute) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

// More than kBotFactor times what nine of ten users have at most.
uint64_t bot_limit(std::vector<uint32_t> sizes) {
  if (sizes.empty()) return kBotEvents;
  const size_t place = std::max<size_t>(1, sizes.size() * 9 / 10) - 1;
  const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(sizes.begin(), at, sizes.end());
  return std::max(kBotEvents, kBotFactor * *at);
}

void note_outlier(const RawEvents& log, uint32_t user, uint64_t events, Outliers& outliers) {
  ++outliers.users;
  if (events <= outliers.most) return;
  outliers.most = events;
  outliers.example = log.users[user];
}

bool is_mixed(const RawEvents& log, std::span<const uint32_t> events) {
  return !log.variant.empty() && std::any_of(events.begin(), events.end(), [&](uint32_t event) {
    return log.variant[event] != log.variant[events.front()];
  });
}

// The ranks of ids in byte order.
std::vector<uint32_t> ranks_of(const IdTable& ids, int threads) {
  const std::vector<uint32_t> order = ids.sorted_order(threads);
  std::vector<uint32_t> ranks(order.size());
  for (uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
  return ranks;
}

// The rows of one user.
class Funnel {
 public:
  Funnel(const RawEvents& log, const CleaningOptions& options, CleanedEvents& cleaned)
      : log_(log),
        options_(options),
        cleaned_(cleaned),
        item_rank_(ranks_of(log.items, options.threads)),
        variant_rank_(ranks_of(log.variants, options.threads)) {}

  // Sorts `events`.
  void add(uint32_t user, std::span<uint32_t> events) {
    const auto unit = [&](uint32_t event) {
      return std::tuple(log_.item.empty() ? 0 : item_rank_[log_.item[event]],
                        log_.variant.empty() ? 0 : variant_rank_[log_.variant[event]]);
    };
    std::sort(events.begin(), events.end(), [&](uint32_t a, uint32_t b) {
      return std::tuple(unit(a), time_of(log_, a), log_.kind[a], a) <
             std::tuple(unit(b), time_of(log_, b), log_.kind[b], b);
    });
    for (size_t at = 0; at < events.size(); ++at) {
      const uint32_t event = events[at];
      if (at == 0 || unit(event) != unit(events[at - 1]))
        cleaned_.rows.push_back({user, at_or_0(log_.item, event), at_or_0(log_.variant, event), 0, 0, 0});
      count(log_.kind[event], cleaned_.rows.back());
    }
  }

 private:
  void count(EventKind kind, ExperimentRow& row) {
    Cleaning& cleaning = cleaned_.cleaning;
    switch (kind) {
      case EventKind::kImpression:
        ++row.impressions;
        return;
      case EventKind::kClick:
        ++cleaning.clicks;
        if (options_.click_needs_impression && row.clicks == row.impressions) {
          ++cleaning.clicks_without_impression;
        } else {
          ++row.clicks;
        }
        return;
      case EventKind::kConversion:
        ++cleaning.conversions;
        if (options_.conversion_needs_click && row.conversions == row.clicks) {
          ++cleaning.conversions_without_click;
        } else if (options_.conversion_needs_impression && row.conversions == row.impressions) {
          ++cleaning.conversions_without_impression;
        } else {
          ++row.conversions;
        }
    }
  }

  const RawEvents& log_;
  const CleaningOptions& options_;
  CleanedEvents& cleaned_;
  const std::vector<uint32_t> item_rank_;
  const std::vector<uint32_t> variant_rank_;
};

// The unit of the times is told from so many.
constexpr size_t kTimesLookedAt = 100000;

// A minute in the unit of the times; nothing where no rate can be told.
std::optional<double> minute_of(const RawEvents& log, const CleaningOptions& options, std::string& note) {
  if (log.time.empty()) return std::nullopt;
  TimeScale scale;
  if (!log.dates) {
    std::vector<double> values;
    for (const Time& time : log.time) {
      if (values.size() == kTimesLookedAt) break;
      values.push_back(time.value);
    }
    scale = time_scale(values, false);
  }
  note = scale.note;
  const bool no_unit = !note.empty() && scale.per_second == 1.0;
  if (no_unit && !options.bot_rate) return std::nullopt;
  return 60.0 * scale.per_second;
}

}  // namespace

CleanedEvents clean_events(const RawEvents& log, const CleaningOptions& options) {
  CleanedEvents cleaned;
  Cleaning& cleaning = cleaned.cleaning;
  cleaning.rows = log.rows;
  cleaning.other_events = log.other_events;
  cleaning.rounded_times = log.rounded_times;
  cleaning.users = log.users.size();
  cleaning.can_see_duplicates = !log.time.empty() || !log.request.empty();
  const std::optional<double> minute = minute_of(log, options, cleaning.time_note);
  cleaning.has_rate = minute.has_value();

  ByUser by_user(log);
  std::vector<uint32_t> rates(minute ? by_user.users() : 0);
  constexpr size_t kBlock = 256;  // users
  parallel_for((by_user.users() + kBlock - 1) / kBlock, options.threads, [&](size_t block, int) {
    for (size_t user = block * kBlock; user < std::min((block + 1) * kBlock, by_user.users()); ++user) {
      by_user.shrink(user, drop_duplicates(log, by_user.of(user)));
      sort_by_time(log, by_user.of(user));
      if (minute) rates[user] = static_cast<uint32_t>(most_in_a_minute(log, by_user.of(user), *minute));
    }
  });
  const auto left = std::accumulate(by_user.sizes().begin(), by_user.sizes().end(), uint64_t{0});
  cleaning.duplicates = log.user.size() - left;
  cleaning.by_number.limit = options.bot_events.value_or(bot_limit(by_user.sizes()));
  cleaning.by_rate.limit = options.bot_rate.value_or(kBotRate);

  Funnel funnel(log, options, cleaned);
  for (const uint32_t user : log.users.sorted_order(options.threads)) {
    std::span<uint32_t> events = by_user.of(user);
    const bool many = events.size() > cleaning.by_number.limit;
    const bool fast = minute && rates[user] > cleaning.by_rate.limit;
    if (many) note_outlier(log, user, events.size(), cleaning.by_number);
    if (fast) note_outlier(log, user, rates[user], cleaning.by_rate);
    cleaning.bots += many || fast;
    if ((many || fast) && options.drop_bots) continue;
    const bool mixed = is_mixed(log, events);
    cleaning.mixed_users += mixed;
    if (mixed && options.drop_mixed_users) continue;
    if (options.max_per_user > 0 && events.size() > options.max_per_user) {
      ++cleaning.capped_users;
      cleaning.events_over_cap += events.size() - options.max_per_user;
      events = events.first(options.max_per_user);
    }
    funnel.add(user, events);
  }
  return cleaned;
}

}  // namespace rec
