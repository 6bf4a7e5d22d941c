#include "eval/options.h"

#include "base/error.h"

namespace rec {
namespace {

bool applies(const std::string& group, MetricKind kind) {
  if (group == kRankingGroup) return kind == MetricKind::kRanking;
  if (group == kPredictionGroup) return kind == MetricKind::kPrediction;
  if (group == kEventGroup) return kind == MetricKind::kEvent;
  if (group == kPolicyGroup) return kind == MetricKind::kPolicy;
  if (group == kInterleavingGroup) return kind == MetricKind::kInterleaving;
  return true;
}

}  // namespace

void refuse_options_of_other_kinds(const CLI::App& app, MetricKind kind) {
  if (kind != MetricKind::kRanking && kind != MetricKind::kPrediction && app.get_option("--per-user")->count() > 0)
    fail_usage("--per-user does not apply to {}", metric_kind_name(kind));
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0 && !applies(option->get_group(), kind)) {
      fail_usage("{} does not apply to {}", option->get_name(), metric_kind_name(kind));
    }
  }
}

}  // namespace rec
