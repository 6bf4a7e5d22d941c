#include "eval/cleaning_report.h"

#include "base/error.h"
#include "base/number.h"
#include "data/time_unit.h"
#include "eval/evaluation_rows.h"

namespace rec {
namespace {

// Above this share of the clicks, or of the conversions, that lack what they need, it is a warning.
constexpr double kManyUnmatched = 0.01;

void add_bots(const std::string& name, const Cleaning& cleaning, const Outliers& outliers, const char* in, bool drop,
              Evaluation& evaluation) {
  if (outliers.users == 0) return;
  const std::string found =
      fmt::format("{}: {} of {} ha{} more than {} events{}, as bots have (\"{}\": {})", name, outliers.users,
                  counted(cleaning.users, "user"), outliers.users == 1 ? "s" : "ve", outliers.limit, in,
                  printable(outliers.example), outliers.most);
  if (drop) {
    evaluation.notes.push_back(found + "; left out");
  } else {
    evaluation.warnings.push_back(found + " and count; --bots drop leaves such users out");
  }
}

void add_unmatched(const std::string& name, uint64_t unmatched, uint64_t of, const char* what, const char* before,
                   Evaluation& evaluation) {
  if (unmatched == 0) return;
  const bool many = static_cast<double>(unmatched) > kManyUnmatched * static_cast<double>(of);
  (many ? evaluation.warnings : evaluation.notes)
      .push_back(fmt::format("{}: {} of {} ha{} no {} of the user and item before {} and {} left out", name, unmatched,
                             counted(of, what), unmatched == 1 ? "s" : "ve", before, unmatched == 1 ? "it" : "them",
                             unmatched == 1 ? "is" : "are"));
}

}  // namespace

void add_cleaning_notes(const EventLog& log, const RawLogOptions& options, Evaluation& evaluation) {
  const Cleaning& cleaning = *log.cleaning;
  const auto note = [&](std::string text) { evaluation.notes.push_back(log.name + ": " + std::move(text)); };
  if (cleaning.other_events > 0) {
    note(fmt::format("{} of other events ({}) {} left out; --event-kinds says what counts",
                     counted(cleaning.other_events, "row"), listed(log.other_names),
                     cleaning.other_events == 1 ? "is" : "are"));
  }
  for (const EventKind kind : log.missing) {
    evaluation.warnings.push_back(fmt::format("{}: no event is named {}, which --event-kinds says for {}", log.name,
                                              options.kinds.names(kind), event_kind_name(kind)));
  }
  if (!cleaning.can_see_duplicates) {
    note("without a column timestamp or request an event that is logged twice looks like two events; each row counts");
  }
  if (cleaning.rounded_times > 0) evaluation.notes.push_back(rounded_times_note(log.name, cleaning.rounded_times));
  if (cleaning.duplicates > 0) {
    const bool one = cleaning.duplicates == 1;
    note(fmt::format("{} repeat{} an event and {} left out; the first counts", counted(cleaning.duplicates, "row"),
                     one ? "s" : "", one ? "is" : "are"));
  }
  if (!cleaning.time_note.empty())
    note(cleaning.time_note + (cleaning.has_rate ? "" : "; the events of a minute are not counted"));
  add_bots(log.name, cleaning, cleaning.by_number, "", options.cleaning.drop_bots, evaluation);
  add_bots(log.name, cleaning, cleaning.by_rate, " in a minute", options.cleaning.drop_bots, evaluation);
  if (cleaning.mixed_users > 0) {
    evaluation.warnings.push_back(
        fmt::format("{}: {} of {} {} in more than one variant; {}", log.name, cleaning.mixed_users,
                    counted(cleaning.users, "user"), cleaning.mixed_users == 1 ? "is" : "are",
                    options.cleaning.drop_mixed_users ? "left out (--mixed-users keep counts them in each)"
                                                      : "each counts as a user of every one of them"));
  }
  if (cleaning.capped_users > 0) {
    note(fmt::format("{} ha{} more than {} events: the first {} count, {} later {} left out",
                     counted(cleaning.capped_users, "user"), cleaning.capped_users == 1 ? "s" : "ve",
                     options.cleaning.max_per_user, options.cleaning.max_per_user, cleaning.events_over_cap,
                     cleaning.events_over_cap == 1 ? "one is" : "ones are"));
  }
  add_unmatched(log.name, cleaning.clicks_without_impression, cleaning.clicks, "click", "impression", evaluation);
  add_unmatched(log.name, cleaning.conversions_without_impression, cleaning.conversions, "conversion", "impression",
                evaluation);
  add_unmatched(log.name, cleaning.conversions_without_click, cleaning.conversions, "conversion", "click", evaluation);
}

void add_cleaning_counts(const Cleaning& cleaning, Evaluation& evaluation) {
  add_count(evaluation, "other_events", cleaning.other_events);
  add_count(evaluation, "duplicates", cleaning.duplicates);
  add_count(evaluation, "bots", cleaning.bots);
  add_count(evaluation, "events_over_cap", cleaning.events_over_cap);
  add_count(evaluation, "clicks_without_impression", cleaning.clicks_without_impression);
  add_count(evaluation, "conversions_without_impression", cleaning.conversions_without_impression);
  add_count(evaluation, "conversions_without_click", cleaning.conversions_without_click);
}

void write_experiment_table(Output& out, const ExperimentTable& table, bool header) {
  const bool items = table.items.size() > 0;
  const bool variants = table.variants.size() > 0;
  if (header) {
    out.write(fmt::format("user{}{}\timpressions\tclicks\tconversions\n", items ? "\titem" : "",
                          variants ? "\tvariant" : ""));
  }
  std::string line;
  for (const ExperimentRow& row : table.rows) {
    line = table.users[row.user];
    if (items) line.append("\t").append(table.items[row.item]);
    if (variants) line.append("\t").append(table.variants[row.variant]);
    fmt::format_to(std::back_inserter(line), "\t{}\t{}\t{}\n", row.impressions, row.clicks, row.conversions);
    out.write(line);
  }
}

}  // namespace rec
