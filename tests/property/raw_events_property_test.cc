// Raw event logs against a slow twin that works on rows of text and looks at every pair of them; and the experiment
// table, read as a table of counts, gives the same figures as the raw log.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "eval/cleaning_report.h"
#include "eval/evaluate.h"
#include "temp_folder.h"

namespace rec::raw_events_property_test {

namespace {

struct Event {
  std::string user, item, variant, event, request;
  long time = 0;
};

// What a log has and is asked.
struct Plan {
  bool item = true, variant = true, time = true, request = true;
  bool keep_mixed = false, drop_bots = false;
  size_t bot_events = 0, bot_rate = 0, cap = 0;  // 0: the defaults
  std::string metrics;
};

std::string text_of(const std::vector<Event>& log, const Plan& plan) {
  const auto row = [&](const std::string& user, const std::string& item, const std::string& variant,
                       const std::string& event, const std::string& time, const std::string& request) {
    return event + (plan.time ? '\t' + time : "") + '\t' + user + (plan.item ? '\t' + item : "") +
           (plan.request ? '\t' + request : "") + (plan.variant ? '\t' + variant : "") + '\n';
  };
  std::string text = row("user", "item", "variant", "event", "timestamp", "request");
  for (const Event& event : log)
    text += row(event.user, event.item, event.variant, event.event, std::to_string(event.time), event.request);
  return text;
}

std::vector<Event> random_log(Rng& rng, const Plan& plan, size_t rows, uint64_t users) {
  std::vector<Event> log;
  while (log.size() < rows) {
    Event event;
    const uint64_t user = rng.below(12) == 0 ? 0 : rng.below(users);  // the first has many events
    event.user = "u" + std::to_string(user);
    if (plan.item) event.item = "i" + std::to_string(rng.below(3));
    if (plan.variant) event.variant = rng.below(40) == 0 ? "c" : user % 2 == 0 ? "a" : "b";
    const char* const kinds[] = {"shown", "shown", "impression", "click", "clicked", "buy", "scroll"};
    event.event = kinds[rng.below(std::size(kinds))];
    if (plan.time) event.time = 1'700'000'000 + static_cast<long>(rng.below(user == 0 ? 200 : 4000));
    if (plan.request && rng.below(3) > 0) event.request = "r" + std::to_string(rng.below(20));
    log.push_back(event);
    if (rng.below(10) == 0) log.push_back(log[rng.below(log.size())]);
  }
  return log;
}

struct Twin {
  std::string table;
  std::map<std::string, double> counts;
};

using Events = std::vector<Event>;

// The rate of the busiest minute: of each event, those that follow within less than 60 s.
size_t busiest(const Events& events) {
  size_t most = 0;
  for (const Event& first : events) {
    size_t many = 0;
    for (const Event& other : events) many += other.time >= first.time && other.time < first.time + 60;
    most = std::max(most, many);
  }
  return most;
}

Twin twin_of(const Events& log, const Plan& plan) {
  Twin twin;
  const std::map<std::string, std::string> kind_of{
      {"shown", "impression"}, {"impression", "impression"}, {"click", "click"}, {"clicked", "click"}, {"buy", "buy"}};
  Events known;
  for (Event event : log) {
    const auto kind = kind_of.find(event.event);
    if (kind == kind_of.end()) continue;
    event.event = kind->second;
    known.push_back(event);
  }
  twin.counts["rows"] = static_cast<double>(log.size());
  twin.counts["other_events"] = static_cast<double>(log.size() - known.size());
  std::stable_sort(known.begin(), known.end(), [](const Event& a, const Event& b) { return a.time < b.time; });

  std::map<std::string, Events> users;  // in time order, without duplicates
  double duplicates = 0;
  for (const Event& event : known) {
    Events& mine = users[event.user];
    const bool again = std::any_of(mine.begin(), mine.end(), [&](const Event& other) {
      if (other.item != event.item || other.variant != event.variant || other.event != event.event) return false;
      if (other.request != event.request) return false;
      return !event.request.empty() || (plan.time && other.time == event.time);
    });
    if (again)
      ++duplicates;
    else
      mine.push_back(event);
  }
  twin.counts["duplicates"] = duplicates;

  std::vector<size_t> sizes;
  for (const auto& [user, events] : users) sizes.push_back(events.size());
  std::sort(sizes.begin(), sizes.end());
  const size_t at_90 = sizes[std::max<size_t>(1, sizes.size() * 9 / 10) - 1];
  const size_t most = plan.bot_events > 0 ? plan.bot_events : std::max<size_t>(100, 20 * at_90);
  const size_t rate = plan.bot_rate > 0 ? plan.bot_rate : 300;

  std::map<std::string, double>& counts = twin.counts;
  for (const char* name :
       {"bots", "users_in_several_variants", "events_over_cap", "clicks_without_impression",
        "conversions_without_impression", "conversions_without_click", "users", "impressions", "clicks", "conversions"})
    counts[name] = 0;
  const bool cr = plan.metrics.find("cr") != std::string::npos;
  const bool rates = plan.metrics != "cr";
  for (auto& [user, events] : users) {
    const bool bot = events.size() > most || (plan.time && busiest(events) > rate);
    counts["bots"] += bot;
    if (bot && plan.drop_bots) continue;
    std::set<std::string> variants;
    for (const Event& event : events) variants.insert(event.variant);
    counts["users_in_several_variants"] += variants.size() > 1;
    if (variants.size() > 1 && !plan.keep_mixed) continue;
    if (plan.cap > 0 && events.size() > plan.cap) {
      counts["events_over_cap"] += static_cast<double>(events.size() - plan.cap);
      events.resize(plan.cap);
    }
    ++counts["users"];
    std::map<std::pair<std::string, std::string>, Events> units;
    for (const Event& event : events) units[{event.item, event.variant}].push_back(event);
    for (const auto& [unit, mine] : units) {
      // Each click takes an impression that no click has taken, each conversion a click or an impression.
      const auto part = [&](const char* kind) {
        Events some;
        for (const Event& event : mine)
          if (event.event == kind) some.push_back(event);
        return some;
      };
      const auto take = [](Events& from, const Event& event) {
        const auto free =
            std::find_if(from.begin(), from.end(), [&](const Event& other) { return other.time <= event.time; });
        if (free == from.end()) return false;
        from.erase(free);
        return true;
      };
      const Events impressions = part("impression");
      Events free_for_click = impressions, free_for_buy = impressions, clicks, conversions;
      for (const Event& click : part("click")) {
        if (rates && !take(free_for_click, click))
          ++counts["clicks_without_impression"];
        else
          clicks.push_back(click);
      }
      Events free_clicks = clicks;
      for (const Event& buy : part("buy")) {
        if (cr && !take(free_clicks, buy))
          ++counts["conversions_without_click"];
        else if (!cr && rates && !take(free_for_buy, buy))
          ++counts["conversions_without_impression"];
        else
          conversions.push_back(buy);
      }
      counts["impressions"] += static_cast<double>(impressions.size());
      counts["clicks"] += static_cast<double>(clicks.size());
      counts["conversions"] += static_cast<double>(conversions.size());
      twin.table += user + (plan.item ? '\t' + unit.first : "") + (plan.variant ? '\t' + unit.second : "") + '\t' +
                    std::to_string(impressions.size()) + '\t' + std::to_string(clicks.size()) + '\t' +
                    std::to_string(conversions.size()) + '\n';
    }
  }
  return twin;
}

std::string table_text(const ExperimentTable& table, const TempFolder& folder, bool header) {
  Output out(folder.path("table.tsv"));
  write_experiment_table(out, table, header);
  out.finish();
  return folder.read("table.tsv");
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::map<std::string, ReportRow> rows_of(const Evaluation& evaluation) {
  std::map<std::string, ReportRow> rows;
  for (const ReportRow& row : evaluation.rows) rows[row.name] = row;
  return rows;
}

EvaluationOptions options_of(const Plan& plan) {
  EvaluationOptions options;
  options.metrics = {plan.metrics};
  options.raw_events = options.raw.table = true;
  CleaningOptions& cleaning = options.raw.cleaning;
  cleaning.drop_mixed_users = !plan.keep_mixed;
  cleaning.drop_bots = plan.drop_bots;
  if (plan.bot_events > 0) cleaning.bot_events = plan.bot_events;
  if (plan.bot_rate > 0 && plan.time) cleaning.bot_rate = plan.bot_rate;
  cleaning.max_per_user = plan.cap;
  return options;
}

}  // namespace

TEST_CASE("raw event logs equal a twin that compares every pair of rows") {
  Rng rng(11);
  std::map<std::string, int> seen;  // what the rounds have met
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    Plan plan;
    plan.item = rng.below(4) > 0;
    plan.variant = rng.below(4) > 0;
    plan.time = rng.below(4) > 0;
    plan.request = rng.below(2) > 0;
    plan.keep_mixed = rng.below(2) > 0;
    plan.drop_bots = rng.below(2) > 0;
    if (rng.below(2) > 0) plan.bot_events = 5 + rng.below(60);
    if (rng.below(2) > 0) plan.bot_rate = 2 + rng.below(20);
    if (rng.below(2) > 0) plan.cap = 1 + rng.below(30);
    const char* const metrics[] = {"ctr", "ctr,cvr", "cvr", "cr", "ctr,cr,cvr"};
    plan.metrics = metrics[rng.below(std::size(metrics))];
    const bool large = round == 0;  // several pieces of text
    if (large) plan = {.cap = 40, .metrics = "ctr,cvr"};
    const auto log = random_log(rng, plan, large ? 60'000 : 100 + rng.below(600), large ? 6000 : 1 + rng.below(40));
    const Twin twin = twin_of(log, plan);

    const TempFolder folder;
    EvaluationOptions options = options_of(plan);
    options.path = folder.file("log.tsv", text_of(log, plan));
    if (twin.table.empty()) {
      CHECK_THROWS_AS(evaluate(options), Error);
      ++seen["nobody left"];
      continue;
    }
    std::map<std::string, ReportRow> rows;
    for (const int threads : {1, 2, 5}) {
      options.threads = threads;
      const Evaluation evaluation = evaluate(options);
      REQUIRE(evaluation.table);
      CHECK(table_text(*evaluation.table, folder, false) == twin.table);
      rows = rows_of(evaluation);
      for (const auto& [name, count] : twin.counts) {
        if (!rows.contains(name)) {
          CHECK_MESSAGE((name == "users_in_several_variants" && !plan.variant), name);
          continue;
        }
        CHECK_MESSAGE(rows.at(name).value == count, name);
        seen[name] += count > 0;
      }
    }

    // The table that was written, read as counts.
    options.bootstrap.resamples = 20;
    const Evaluation raw = evaluate(options);
    EvaluationOptions counts;
    counts.metrics = options.metrics;
    counts.bootstrap = options.bootstrap;
    counts.path = folder.file("counts.tsv", table_text(*raw.table, folder, true));
    const auto table = rows_of(evaluate(counts));
    for (const auto& [name, row] : rows_of(raw)) {
      if (!table.contains(name) || name == "rows" || name == "users_in_several_variants") continue;
      const ReportRow& other = table.at(name);
      CHECK_MESSAGE(same(row.value, other.value), name);
      CHECK_MESSAGE(same(row.low.value_or(0), other.low.value_or(0)), name);
      CHECK_MESSAGE(same(row.high.value_or(0), other.high.value_or(0)), name);
    }
    for (const auto& [name, row] : table)
      CHECK_MESSAGE((rows.contains(name) || name == "users_in_several_variants"), name);
  }
  for (const char* name : {"nobody left", "duplicates", "bots", "users_in_several_variants", "events_over_cap",
                           "clicks_without_impression", "conversions_without_impression", "conversions_without_click"})
    CHECK_MESSAGE(seen[name] > 0, name);
}

}  // namespace rec::raw_events_property_test
