#include "base/error.h"
#include "eval/cleaning_report.h"
#include "eval/evaluation_rows.h"

namespace rec {
namespace {

// What belongs to a variant: "ctr[b]", "ctr.p[b]".
std::string of_variant(std::string_view name, std::string_view variant) { return fmt::format("{}[{}]", name, variant); }

void add_value(Evaluation& evaluation, std::string name, double value) {
  evaluation.rows.push_back({.name = std::move(name), .value = value});
}

void add_interval(Evaluation& evaluation, std::string name, double value, const Interval& interval) {
  evaluation.rows.push_back({.name = std::move(name), .value = value, .low = interval.low, .high = interval.high});
}

void add_effect(Evaluation& evaluation, const std::string& metric, const std::string& variant,
                const VariantMetric::Effect& effect) {
  const auto name = [&](const char* what) { return of_variant(metric + what, variant); };
  const RatioComparison& by_user = effect.by_user;
  add_interval(evaluation, name(".difference"), by_user.difference, by_user.difference_interval);
  add_interval(evaluation, name(".ratio"), by_user.quotient, by_user.quotient_interval);
  evaluation.rows.back().is_ratio = true;
  add_value(evaluation, name(".t"), by_user.t);
  add_value(evaluation, name(".p"), by_user.p);
  add_value(evaluation, name(".p_holm"), effect.p_holm);
  if (!effect.z) return;
  add_value(evaluation, name(".z"), effect.z->z);
  add_value(evaluation, name(".z_p"), effect.z->p);
}

void add_experiment(const EventEvaluation& result, std::span<const Metric> metrics, Evaluation& evaluation) {
  const size_t variants = result.variants.size();
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    const std::span values = std::span(result.values).subspan(metric * variants, variants);
    for (size_t variant = 0; variant < variants; ++variant) {
      add_interval(evaluation, of_variant(metrics[metric].name, result.variants[variant]), values[variant].value,
                   values[variant].interval);
    }
    for (size_t variant = 0; variant < variants; ++variant) {
      if (!values[variant].effect) continue;
      add_effect(evaluation, metrics[metric].name, result.variants[variant], *values[variant].effect);
    }
  }
  if (variants < 2) return;
  add_value(evaluation, "split.chi2", result.split.chi_square);
  add_value(evaluation, "split.p", result.split.p);
}

void add_notes(const EventEvaluation& result, const ExperimentOptions& options, Evaluation& evaluation) {
  const std::string& control = result.variants[result.control];
  if (!result.log.has_users)
    evaluation.notes.push_back(fmt::format("{}: no column user: rows are the units", result.log.name));
  if (result.variants.size() < 2) {
    evaluation.warnings.push_back(
        fmt::format("{}: one variant only (\"{}\"), nothing to compare", result.log.name, printable(control)));
    return;
  }
  if (options.control.empty()) {
    evaluation.notes.push_back(
        fmt::format("the control is \"{}\", the first in byte order; --control names another", printable(control)));
  }
  if (result.split.p < kMismatchLevel) {
    evaluation.warnings.push_back(
        fmt::format("sample ratio mismatch (p = {:.3g}): {} are not split among the variants as expected ({}); find "
                    "out why before you trust any comparison",
                    result.split.p, result.log.has_users ? "users" : "rows",
                    options.expected_split.empty() ? "equally" : printable(options.expected_split)));
  }
  if (result.log.users_in_several_variants > 0 && !result.log.cleaning) {
    evaluation.warnings.push_back(
        fmt::format("{} of {} users are in more than one variant; each counts as a user of every one of them",
                    result.log.users_in_several_variants, result.log.users));
  }
}

}  // namespace

std::span<const std::string_view> event_counts() {
  static constexpr std::string_view kCounts[] = {"rows",
                                                 "users",
                                                 "users_in_several_variants",
                                                 "impressions",
                                                 "clicks",
                                                 "conversions",
                                                 "ratings",
                                                 "split",
                                                 "other_events",
                                                 "duplicates",
                                                 "bots",
                                                 "events_over_cap",
                                                 "clicks_without_impression",
                                                 "conversions_without_impression",
                                                 "conversions_without_click"};
  return kCounts;
}

void add_event_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const ExperimentOptions& experiment = options.experiment;
  const bool is_experiment = experiment.ab || !experiment.control.empty() || !experiment.expected_split.empty();
  EventEvaluation result = evaluate_events({.path = options.path,
                                            .read = options.read,
                                            .experiment = is_experiment,
                                            .by_user = options.bootstrap.resamples > 0,
                                            .raw = options.raw_events ? std::optional(options.raw) : std::nullopt,
                                            .threads = options.threads},
                                           experiment, metrics, options.bootstrap);
  const EventLog& log = result.log;
  evaluation.bad_lines = log.bad_lines;
  if (log.has_variants) {
    add_experiment(result, metrics, evaluation);
    add_notes(result, experiment, evaluation);
  } else {
    if (log.users > 0 && !log.has_users)
      evaluation.notes.push_back(fmt::format("{}: no column user: rows are the units", log.name));
    for (size_t metric = 0; metric < metrics.size(); ++metric) {
      add_interval(evaluation, metrics[metric].name, result.values[metric].value, result.values[metric].interval);
    }
  }
  if (log.cleaning) add_cleaning_notes(log, options.raw, evaluation);
  add_count(evaluation, "rows", log.rows);
  if (log.cleaning) add_cleaning_counts(*log.cleaning, evaluation);
  if (log.users > 0 && log.has_users) add_count(evaluation, "users", log.users);
  for (size_t variant = 0; variant < result.variants.size(); ++variant) {
    add_count(evaluation, of_variant(log.has_users ? "users" : "rows", result.variants[variant]),
              result.users[variant]);
  }
  if (log.has_users && (result.variants.size() > 1 || (log.cleaning && log.has_variants)))
    add_count(evaluation, "users_in_several_variants", log.users_in_several_variants);
  if (log.has_impressions) add_count(evaluation, "impressions", log.counts.impressions);
  if (log.has_clicks) add_count(evaluation, "clicks", log.counts.clicks);
  if (log.has_conversions) add_count(evaluation, "conversions", log.counts.conversions);
  if (log.has_ratings) add_count(evaluation, "ratings", log.counts.ratings);
  evaluation.table = std::move(result.log.table);
}

}  // namespace rec
