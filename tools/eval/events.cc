// The options of event logs.
#include "base/error.h"
#include "eval/options.h"

namespace rec {
namespace {

void declare_raw_options(OptionTable& table, EvaluationOptions& evaluation) {
  RawLogOptions& raw = evaluation.raw;
  CleaningOptions& cleaning = raw.cleaning;
  const auto is_raw = [&evaluation] { return evaluation.raw_events; };
  table.flag("--events", evaluation.raw_events,
             "The log is raw, with a row for each event: user item event [timestamp]");
  table
      .add("--event-kinds",
           OptionValue::parsed([&raw](const std::string& text) { raw.kinds = EventKinds::parse(text); }), "MAP",
           "The names of events: impression=NAME,click=NAME,conversion=NAME (default: impression or shown, click or "
           "clicked, conversion, bought, buy or purchase)")
      .needs("--events", is_raw);
  table
      .one_of<bool, bool>("--mixed-users", cleaning.drop_mixed_users, {{"drop", true}, {"keep", false}},
                          "Users in several variants are left out, or count as a user of each")
      .needs("--events", is_raw);
  table
      .one_of<bool, bool>("--bots", cleaning.drop_bots, {{"keep", false}, {"drop", true}},
                          "Users with more events than a person makes (bots) are only reported, or left out")
      .needs("--events", is_raw);
  table
      .add("--bot-events", cleaning.bot_events, "N",
           "A user with more than N events is a bot (default: 20 times the 90 % quantile of the events of a user, at "
           "least 100)")
      .range(1, 1e9)
      .needs("--events", is_raw);
  table
      .add("--bot-rate", cleaning.bot_rate, "N",
           "A user with more than N events in a minute is a bot (default: 300, if the timestamps are times since 1970)")
      .range(1, 1e9)
      .needs("--events", is_raw);
  table.add("--max-per-user", cleaning.max_per_user, "N", "Only the first N events of a user count (default: all)")
      .range(1, 1e9)
      .none(0)
      .needs("--events", is_raw);
  table
      .add("--event-table", evaluation.event_table, "FILE",
           "Write the counts of each user, item and variant, a table that rec-eval reads")
      .writes()
      .needs("--events", is_raw);
}

}  // namespace

void declare_event_options(OptionTable& table, EvalOptions& options) {
  table.heading(kEventGroup);
  ExperimentOptions& experiment = options.evaluation.experiment;
  table.flag("--ab", experiment.ab, "The events have variants: in the third column, if there is no header");
  table.add("--control", experiment.control, "NAME",
            "The variant that others are compared with (default: the first in byte order)");
  table.add("--expected-split", experiment.expected_split, "SPLIT",
            "How users should be split among the variants: a=1,b=1 (default: equally)");
  declare_raw_options(table, options.evaluation);
}

void check_event_options(const OptionTable& table, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  evaluation.raw.table = !evaluation.event_table.empty();
  if (table.given("--mixed-users")) evaluation.experiment.ab = true;  // there must be variants
  if (evaluation.raw_events) {
    for (const Metric& metric : metrics_of(evaluation)) {
      if (metric.info->name == "satisfaction") fail_usage("satisfaction does not apply to --events");
    }
  }
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0, true);
  const std::string& split = options.evaluation.experiment.expected_split;
  if (!split.empty()) parse_split(split);
}

}  // namespace rec
