#include "eval/options.h"

#include <unistd.h>

#include "base/error.h"

namespace rec {
namespace {

// The resamples behind the intervals of differences where --bootstrap says none.
constexpr uint32_t kComparisonResamples = 1000;

bool applies(const std::string& group, MetricKind kind) {
  if (group == kRankingGroup) return kind == MetricKind::kRanking;
  if (group == kPredictionGroup) return kind == MetricKind::kPrediction;
  if (group == kEventGroup) return kind == MetricKind::kEvent;
  if (group == kPolicyGroup) return kind == MetricKind::kPolicy;
  if (group == kInterleavingGroup) return kind == MetricKind::kInterleaving;
  return true;
}

}  // namespace

// Columns are aligned for eyes alone: what reads a pipe or a file gets TSV.
ReportStyle report_style(const EvalOptions& options) {
  return {.header = options.common.header != HeaderRule::kNever,
          .digits = options.digits,
          .aligned = options.common.output == "-" && ::isatty(STDOUT_FILENO) == 1};
}

void check_comparison(const OptionTable& table, EvaluationOptions& evaluation) {
  if (evaluation.compare.paths.empty()) {
    if (table.given("--permutations")) fail_usage("--permutations does not apply without --compare");
    return;
  }
  if (evaluation.bootstrap.resamples == 0) evaluation.bootstrap.resamples = kComparisonResamples;
}

void refuse_options_of_other_kinds(const OptionTable& table, MetricKind kind) {
  for (const char* name : {"--per-user", "--compare", "--permutations"}) {
    if (kind != MetricKind::kRanking && kind != MetricKind::kPrediction && table.given(name))
      fail_usage("{} does not apply to {}", name, metric_kind_name(kind));
  }
  for (const Option& option : table.all()) {
    if (option.given() && !applies(option.heading(), kind))
      fail_usage("{} does not apply to {}", option.flag(), metric_kind_name(kind));
  }
}

}  // namespace rec
