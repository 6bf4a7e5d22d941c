#include "metrics/metric_table.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

// clang-format off
constexpr MetricInfo kEventMetrics[] = {
    {.name = "ctr", .kind = kEvent, .parameter = kNone,
     .explanation = "click-through rate, with a Wilson interval",
     .formula = "clicks / impressions", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = ctr, .proportion = true},
    {.name = "cr", .kind = kEvent, .parameter = kNone,
     .explanation = "conversion rate of the clicks, with a Wilson interval",
     .formula = "conversions / clicks", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = cr, .proportion = true},
    {.name = "cvr", .kind = kEvent, .parameter = kNone,
     .explanation = "conversion rate of the impressions, with a Wilson interval",
     .formula = "conversions / impressions", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = cvr, .proportion = true},
    {.name = "satisfaction", .kind = kEvent, .parameter = kNone,
     .explanation = "mean rating, with a t interval clustered by user",
     .formula = "sum rating / ratings", .range = "(-inf, inf)", .ties = kNoTies,
     .source = "Deng, Knoblich & Lu 2018 (interval)", .event = satisfaction},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> event_metrics() { return kEventMetrics; }

}  // namespace rec
