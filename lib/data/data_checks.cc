#include "data/data_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "base/number.h"
#include "base/parallel_for.h"
#include "data/row_filters.h"
#include "data/time_unit.h"

namespace rec {
namespace {

constexpr double kMinute = 60, kDay = 86400;  // seconds
constexpr size_t kManyRows = 100;             // fewer say nothing about shares
constexpr size_t kUsersABlock = 4096;
constexpr uint64_t kSequenceRows = 5;  // shorter sequences are equal by chance
// Ids with so many rows are compared in how far their times spread.
constexpr uint64_t kSpreadLeast = 2, kSpreadMost = 20;

double share(double part, double all) { return all > 0 ? part / all : 0.0; }

class Findings {
 public:
  std::vector<Finding> all;

  void plain(std::string check, double value) { all.push_back({std::move(check), value, "", Verdict::kOk, ""}); }
  void text(std::string check, std::string text, Verdict verdict = Verdict::kOk, std::string next = "") {
    all.push_back({std::move(check), 0, std::move(text), verdict, std::move(next)});
  }
  void add(std::string check, double value, Verdict verdict, std::string_view next) {
    all.push_back({std::move(check), value, "", verdict, verdict == Verdict::kOk ? "" : std::string(next)});
  }
  void note_if(bool holds, std::string check, double value, std::string_view next) {
    add(std::move(check), value, holds ? Verdict::kNote : Verdict::kOk, next);
  }
  void warn_if(bool holds, std::string check, double value, std::string_view next) {
    add(std::move(check), value, holds ? Verdict::kWarn : Verdict::kOk, next);
  }
  // A note where there is one, a warning where they are more than `most` of all.
  void graded(std::string check, size_t count, size_t of, double most, std::string_view next) {
    const double its = static_cast<double>(count);
    add(std::move(check), its,
        count == 0                                   ? Verdict::kOk
        : share(its, static_cast<double>(of)) > most ? Verdict::kWarn
                                                     : Verdict::kNote,
        next);
  }
};

// How many rows each id has.
std::vector<uint64_t> counts_of(std::span<const uint32_t> ids, size_t n) {
  std::vector<uint64_t> counts(n, 0);
  for (const uint32_t id : ids) ++counts[id];
  return counts;
}

// The least of which so large a share is no greater. REQUIRES: sorted, not empty.
uint64_t quantile(const std::vector<uint64_t>& sorted, double at) {
  const auto place = static_cast<size_t>(std::ceil(at * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(place, 1) - 1];
}

void check_counts(Findings& findings, const char* of, std::vector<uint64_t> counts, size_t rows) {
  std::sort(counts.begin(), counts.end());
  constexpr std::pair<const char*, double> kPlaces[] = {{"min", 0},   {"p25", .25}, {"p50", .5},
                                                        {"p75", .75}, {"p95", .95}, {"max", 1}};
  for (const auto& [name, at] : kPlaces)
    findings.plain(fmt::format("rows_per_{}_{}", of, name), static_cast<double>(quantile(counts, at)));
  const auto once = static_cast<size_t>(std::upper_bound(counts.begin(), counts.end(), 1) - counts.begin());
  findings.note_if(
      rows >= kManyRows && 2 * once > counts.size(), fmt::format("{}s_with_one_row", of), static_cast<double>(once),
      fmt::format("most {}s have a single row: rec-split --min-per-{} 2, or more, leaves them out", of, of));
  const double top = share(static_cast<double>(counts.back()), static_cast<double>(rows));
  const bool user = std::string_view(of) == "user";
  findings.warn_if(user && rows >= kManyRows && counts.size() >= kManyRows && top > .05,
                   fmt::format("top_{}_share", of), top,
                   "one user has a great part of all rows: a robot, or an id that stands for unknown users?");
}

// How far the rows of ids spread in time: the mean, over ids with 2 to 20 rows, of the time from the first to the last
// in units of what as many rows at random times have.
class Spread {
 public:
  explicit Spread(size_t ids) : first_(ids), last_(ids), count_(ids, 0) {}
  void add(uint32_t id, double time) {
    first_[id] = count_[id] == 0 ? time : std::min(first_[id], time);
    last_[id] = count_[id] == 0 ? time : std::max(last_[id], time);
    ++count_[id];
  }
  // -1: no such id.
  double mean(double range) const {
    double sum = 0;
    size_t ids = 0;
    for (size_t id = 0; id < count_.size(); ++id) {
      const auto n = static_cast<double>(count_[id]);
      if (count_[id] < kSpreadLeast || count_[id] > kSpreadMost) continue;
      sum += (last_[id] - first_[id]) / (range * (n - 1) / (n + 1));
      ++ids;
    }
    return ids == 0 || range <= 0 ? -1 : sum / static_cast<double>(ids);
  }

 private:
  std::vector<double> first_, last_;
  std::vector<uint64_t> count_;
};

// What the rows of users, one user after the other, add up to.
struct UserSums {
  size_t pairs = 0;       // distinct
  size_t duplicates = 0;  // rows equal to an earlier one in user, item, value and time
  size_t tied_rows = 0;   // whose user has another row of the same time
  size_t tied_last = 0;   // users whose last time has several items
  size_t late_rows = 0;   // earlier than a row of the user before it in the input

  void operator+=(const UserSums& other) {
    pairs += other.pairs;
    duplicates += other.duplicates;
    tied_rows += other.tied_rows;
    tied_last += other.tied_last;
    late_rows += other.late_rows;
  }
};

std::span<const uint32_t> rows_of(const Sequences& order, size_t user) {
  return std::span(order.row).subspan(order.begin[user], order.begin[user + 1] - order.begin[user]);
}

UserSums sum_user(const Interactions& data, std::span<const uint32_t> rows) {
  UserSums sums;
  const auto value = [&](uint32_t row) { return data.value.empty() ? 0.0f : data.value[row]; };
  const bool timed = !data.timestamp.empty();
  const auto time = [&](uint32_t row) { return timed ? data.time(row) : Time(); };
  std::vector<uint32_t> sorted(rows.begin(), rows.end());
  std::sort(sorted.begin(), sorted.end(), [&](uint32_t a, uint32_t b) {
    if (data.item[a] != data.item[b]) return data.item[a] < data.item[b];
    if (time(a) != time(b)) return time(a) < time(b);
    return value(a) < value(b);
  });
  for (size_t at = 0; at < sorted.size(); ++at) {
    const bool again = at > 0 && data.item[sorted[at]] == data.item[sorted[at - 1]];
    sums.pairs += !again;
    sums.duplicates += again && time(sorted[at]) == time(sorted[at - 1]) && value(sorted[at]) == value(sorted[at - 1]);
  }
  if (!timed) return sums;
  for (size_t at = 0; at < rows.size();) {
    size_t end = at + 1;
    bool items = false;
    while (end < rows.size() && data.time(rows[end]) == data.time(rows[at])) {
      items = items || data.item[rows[end]] != data.item[rows[at]];
      ++end;
    }
    if (end - at > 1) sums.tied_rows += end - at;
    if (end == rows.size()) sums.tied_last += items;
    at = end;
  }
  std::sort(sorted.begin(), sorted.end());
  Time latest = data.time(sorted.front());
  for (const uint32_t row : sorted) {
    sums.late_rows += data.time(row) < latest;
    latest = std::max(latest, data.time(row));
  }
  return sums;
}

// Users with the same items in the same order as another user, of those with kSequenceRows rows or more.
size_t equal_sequences(const Interactions& data, const Sequences& order) {
  const auto item_of = [&](uint32_t row) { return data.item[row]; };
  std::vector<uint32_t> users;
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    if (rows_of(order, user).size() >= kSequenceRows) users.push_back(user);
  }
  const auto before = [&](uint32_t a, uint32_t b) {
    const auto its = rows_of(order, a), others = rows_of(order, b);
    if (its.size() != others.size()) return its.size() < others.size();
    return std::ranges::lexicographical_compare(its, others, {}, item_of, item_of);
  };
  std::sort(users.begin(), users.end(), before);
  size_t equal = 0;
  for (size_t at = 0; at < users.size();) {
    size_t end = at + 1;
    while (end < users.size() && !before(users[at], users[end])) ++end;
    if (end - at > 1) equal += end - at;
    at = end;
  }
  return equal;
}

std::string date_text(double seconds) {
  std::string text;
  append_time(text, std::floor(seconds), true);
  return text;
}

void check_times(Findings& findings, const Interactions& data, const CheckLimits& limits, const Sequences& order,
                 const UserSums& sums) {
  const size_t rows = data.size();
  const TimeScale scale = time_scale(data);
  const bool known = is_since_1970(scale);
  // Times that are in another unit, or stand for none, would stretch every span.
  size_t other_unit = 0, unset = 0;
  std::vector<uint8_t> in_unit(rows, 1);
  for (size_t row = 0; known && row < rows; ++row) {
    const double time = data.timestamp[row];
    const double its = data.dates ? scale.per_second : units_per_second(time);
    const bool is_unset = time <= 0;
    const bool is_other = !is_unset && its != 0.0 && its != scale.per_second;
    unset += is_unset;
    other_unit += is_other;
    in_unit[row] = !is_unset && !is_other;
  }
  if (unset == rows) in_unit.assign(rows, 1);  // dates before 1970
  std::vector<double> sorted;
  for (size_t row = 0; row < rows; ++row) {
    if (in_unit[row]) sorted.push_back(data.timestamp[row]);
  }
  std::sort(sorted.begin(), sorted.end());
  const double range = sorted.back() - sorted.front();
  const auto time_text = [&](double time) {
    std::string text;
    append_time(text, time, false);
    return known ? date_text(time / scale.per_second) : text;
  };
  if (known) {
    findings.text("time_unit", data.dates ? "dates" : scale.unit);
  } else {
    findings.text("time_unit", "unknown", Verdict::kNote,
                  "most times are none since 1970: days, minutes and the future are not looked at");
  }
  findings.text("time_first", time_text(sorted.front()));
  findings.text("time_last", time_text(sorted.back()));
  if (known) {
    findings.plain("days", range / scale.per_second / kDay);
    double gap = 0;
    size_t gap_at = 0;
    for (size_t at = 1; at < sorted.size(); ++at) {
      if (sorted[at] - sorted[at - 1] <= gap) continue;
      gap = sorted[at] - sorted[at - 1];
      gap_at = at;
    }
    // Rows at random times hardly ever leave a gap of range / rows * log(rows) times some.
    const auto n = static_cast<double>(sorted.size());
    const bool odd = rows >= kManyRows && gap > kDay / 2 * scale.per_second && gap > 10 * range / n * std::log(n);
    findings.note_if(odd, "longest_gap_days", gap / scale.per_second / kDay,
                     odd ? fmt::format("no row from {} to {}: did the log stop?", time_text(sorted[gap_at - 1]),
                                       time_text(sorted[gap_at]))
                         : "");
    const auto future = static_cast<size_t>(
        sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), limits.now * scale.per_second));
    findings.warn_if(future > 0, "future_rows", static_cast<double>(future),
                     "rows later than now: a clock that is wrong, or another unit; a split by time would test on them");
    findings.warn_if(
        other_unit > 0, "other_unit_rows", static_cast<double>(other_unit),
        fmt::format("times in another unit than {}, seconds among milliseconds perhaps: make them one unit",
                    scale.unit));
    findings.warn_if(unset > 0, "unset_time_rows", static_cast<double>(unset),
                     "times of 0 or before 1970 stand for missing ones: leave these rows out");
  }
  findings.graded("out_of_order_rows", sums.late_rows, rows, 1,
                  "the rows of a user are not in time order: harmless, but do not say --order input");
  findings.plain("tied_rows", static_cast<double>(sums.tied_rows));
  const double tied = share(static_cast<double>(sums.tied_last), static_cast<double>(data.users.size()));
  findings.add("tied_last_item_share", tied,
               tied > .05           ? Verdict::kWarn
               : sums.tied_last > 0 ? Verdict::kNote
                                    : Verdict::kOk,
               "the last item is one of several of the same time: rec-split --baskets keeps them together");

  if (known) {
    Parts parts(rows, Part::kTrain);
    const BurstsRemoved bursts = remove_bursts(data, order, limits.burst, kMinute * scale.per_second, parts);
    findings.plain("most_rows_a_minute", static_cast<double>(bursts.most_rows));
    findings.plain("users_with_bursts", static_cast<double>(bursts.users));
    findings.graded("burst_rows", bursts.rows, rows, .01,
                    fmt::format("more than {} rows of a user within a minute: rec-split --drop-bursts {} removes them",
                                limits.burst, limits.burst));
    parts.assign(rows, Part::kTrain);
    const DaysRemoved days = remove_beyond_day(data, order, UINT64_MAX, kDay * scale.per_second, parts);
    findings.note_if(days.most_rows > 1000, "most_rows_a_day", static_cast<double>(days.most_rows),
                     "a user with so many rows on one day is a program: rec-split --max-per-day N keeps the first N");
  }
  // The rows of an item come from many users over a long time, those of a user are close together.
  Spread users(data.users.size()), items(data.items.size());
  for (size_t row = 0; row < rows; ++row) {
    if (!in_unit[row]) continue;
    users.add(data.user[row], data.timestamp[row]);
    items.add(data.item[row], data.timestamp[row]);
  }
  const double of_users = users.mean(range), of_items = items.mean(range);
  const double ratio = of_users < 0 || of_items <= 0 ? 0 : of_users / of_items;
  const bool fewer = data.users.size() < data.items.size();
  findings.add("user_item_spread", ratio,
               rows < kManyRows        ? Verdict::kOk
               : fewer && ratio > 1.25 ? Verdict::kWarn
               : ratio > 10            ? Verdict::kNote
                                       : Verdict::kOk,
               "the rows of an item are closer in time than those of a user: are the columns user and item swapped? "
               "--columns says which is which");
}

}  // namespace

std::vector<Finding> check_interactions(const Interactions& data, const CheckLimits& limits, int threads) {
  Findings findings;
  const size_t rows = data.size(), U = data.users.size(), I = data.items.size();
  findings.warn_if(rows == 0, "rows", static_cast<double>(rows), "the table is empty");
  findings.plain("users", static_cast<double>(U));
  findings.plain("items", static_cast<double>(I));
  if (rows == 0) return std::move(findings.all);

  const Sequences order = by_time(data);
  std::vector<UserSums> blocks((U + kUsersABlock - 1) / kUsersABlock);
  parallel_for(blocks.size(), threads, [&](size_t block, int) {
    UserSums& all = blocks[block];
    for (size_t user = block * kUsersABlock; user < std::min(U, (block + 1) * kUsersABlock); ++user) {
      all += sum_user(data, rows_of(order, user));
    }
  });
  UserSums sums;
  for (const UserSums& block : blocks) sums += block;
  findings.plain("density", static_cast<double>(sums.pairs) / static_cast<double>(U) / static_cast<double>(I));
  findings.graded("duplicate_rows", sums.duplicates, rows, .01,
                  data.timestamp.empty()
                      ? "equal rows: rec-split --duplicates max, or last with --order input, keeps one"
                      : "equal rows: rec-split --dedup-window 0 keeps one of each");
  findings.note_if(
      sums.pairs < rows, "repeated_events", static_cast<double>(rows - sums.pairs),
      "a user has chosen an item again: rec-split --duplicates last keeps one row, --dedup-window T leaves "
      "out those that follow within T");
  check_counts(findings, "user", counts_of(data.user, U), rows);
  check_counts(findings, "item", counts_of(data.item, I), rows);
  const auto each = [&](const char* column, size_t ids) {
    const double its = share(static_cast<double>(ids), static_cast<double>(rows));
    findings.warn_if(rows >= kManyRows && its > .9, fmt::format("{}s_a_row", column), its,
                     fmt::format("nearly every row has its own {}: a session, a request or a row number? --columns "
                                 "{}=NAME says which column it is",
                                 column, column));
  };
  each("user", U);
  each("item", I);
  const size_t equal = equal_sequences(data, order);
  findings.graded("users_with_equal_sequences", equal, U, .01,
                  "users with the same items in the same order, 5 or more: robots, or one person with several ids");
  if (data.timestamp.empty()) {
    findings.text("time_unit", "none", Verdict::kNote,
                  "no column timestamp: splits by time, bursts and the order of choices cannot be looked at");
  } else {
    check_times(findings, data, limits, order, sums);
  }
  return std::move(findings.all);
}

std::vector<Finding> check_held_out(const Interactions& train, const Interactions& held_out, std::string_view part) {
  Findings findings;
  const auto name = [&](const char* what) { return fmt::format("{}_{}", part, what); };
  const size_t rows = held_out.size();
  findings.warn_if(rows == 0, name("rows"), static_cast<double>(rows), "the table is empty");
  const std::vector<uint32_t> users = match_ids(held_out.users, train.users);
  const std::vector<uint32_t> items = match_ids(held_out.items, train.items);
  const auto cold_ids = [&](const char* check, const std::vector<uint32_t>& numbers, std::string_view none,
                            std::string_view some) {
    const auto cold = static_cast<size_t>(std::count(numbers.begin(), numbers.end(), kNoId));
    const bool all = !numbers.empty() && cold == numbers.size();
    findings.add(name(check), static_cast<double>(cold),
                 all        ? Verdict::kWarn
                 : cold > 0 ? Verdict::kNote
                            : Verdict::kOk,
                 all ? none : some);
  };
  cold_ids("cold_users", users,
           "no user is in train: models of histories alone can rank for them; are the ids written alike?",
           "users without a row in train get what is popular: rec-split --drop-cold leaves them out");
  cold_ids("cold_items", items,
           "no item is in train: only models with features can rank them; are the ids written alike?",
           "items without a row in train cannot be found, unless by features: rec-split --drop-cold");
  size_t cold = 0;
  for (size_t row = 0; row < rows; ++row)
    cold += users[held_out.user[row]] == kNoId || items[held_out.item[row]] == kNoId;
  findings.note_if(rows > 0 && 2 * cold > rows, name("cold_rows"), static_cast<double>(cold),
                   "most rows have a user or an item that train lacks: measure cold start apart");

  // Rows of train by user, sorted by item and time.
  const bool timed = !train.timestamp.empty() && !held_out.timestamp.empty();
  const auto key_of = [&](uint32_t row) { return std::pair(train.item[row], timed ? train.time(row) : Time()); };
  Sequences order = by_time(train);
  std::vector<Time> last(train.users.size(), Time(-std::numeric_limits<double>::infinity()));
  for (size_t user = 0; user < train.users.size(); ++user) {
    const auto begin = order.row.begin() + static_cast<std::ptrdiff_t>(order.begin[user]);
    const auto end = order.row.begin() + static_cast<std::ptrdiff_t>(order.begin[user + 1]);
    if (timed) last[user] = train.time(*(end - 1));
    std::ranges::sort(begin, end, {}, key_of);
  }
  size_t equal = 0, pairs = 0;
  Time first_held = Time(std::numeric_limits<double>::infinity());
  std::vector<Time> first(train.users.size(), first_held);
  for (size_t row = 0; row < rows; ++row) {
    if (timed) first_held = std::min(first_held, held_out.time(row));
    const uint32_t user = users[held_out.user[row]], item = items[held_out.item[row]];
    if (user == kNoId) continue;
    if (timed) first[user] = std::min(first[user], held_out.time(row));
    if (item == kNoId) continue;
    const auto its = rows_of(order, user);
    if (!std::ranges::binary_search(its, item, {}, [&](uint64_t at) { return train.item[at]; })) continue;
    ++pairs;
    equal += timed && std::ranges::binary_search(its, std::pair(item, held_out.time(row)), {}, key_of);
  }
  findings.note_if(pairs > 0, name("pairs_in_train"), static_cast<double>(pairs),
                   "a ranking that excludes train cannot find these: rec-split --drop-repeated leaves them out");
  if (!timed) return std::move(findings.all);
  findings.warn_if(
      equal > 0, name("rows_in_train"), static_cast<double>(equal),
      "the same user, item and time is in train: the model has seen the answer; split anew with rec-split");
  size_t future = 0;
  for (size_t user = 0; user < first.size(); ++user) future += first[user] < last[user];
  findings.warn_if(
      future > 0, name("users_with_later_train"), static_cast<double>(future),
      "the model learns from what these users did after their first held-out row: rec-split --method time, "
      "user-time or leave-one-out does not");
  size_t later = 0;
  for (size_t row = 0; row < train.size(); ++row) later += first_held < train.time(row);
  findings.note_if(later > 0, fmt::format("train_rows_after_{}", part), static_cast<double>(later),
                   "the model knows what was popular at the time of the test: rec-split --method time does not");
  return std::move(findings.all);
}

Verdict worst(const std::vector<Finding>& findings) {
  Verdict worst = Verdict::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.verdict);
  return worst;
}

std::string findings_tsv(const std::vector<Finding>& findings, bool header) {
  std::string text = header ? "check\tvalue\tverdict\tnext\n" : "";
  for (const Finding& finding : findings) {
    text.append(finding.check).push_back('\t');
    if (finding.text.empty()) {
      append_number(text, finding.value);
    } else {
      text += finding.text;
    }
    text.append(1, '\t')
        .append(name_in(kVerdicts, finding.verdict))
        .append(1, '\t')
        .append(finding.next)
        .push_back('\n');
  }
  return text;
}

std::string findings_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json;
  json["verdict"] = name_in(kVerdicts, worst(findings));
  json["checks"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    nlohmann::ordered_json one;
    one["check"] = finding.check;
    if (!finding.text.empty()) {
      one["value"] = finding.text;
    } else if (finding.value == std::floor(finding.value) && std::fabs(finding.value) < 0x1p53) {
      one["value"] = static_cast<int64_t>(finding.value);
    } else {
      one["value"] = finding.value;
    }
    one["verdict"] = name_in(kVerdicts, finding.verdict);
    if (!finding.next.empty()) one["next"] = finding.next;
    json["checks"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace rec
