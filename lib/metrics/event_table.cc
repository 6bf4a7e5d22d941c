#include "metrics/metric_table.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kUnit = "[0, 1]";
constexpr std::string_view kNoTies = "-";

// clang-format off
constexpr MetricInfo kMetrics[] = {
    {.name = "ctr", .kind = kEvent, .parameter = kNone,
     .explanation = "click-through rate, with a 95 % Wilson interval",
     .formula = "clicks / impressions", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = ctr},
    {.name = "cr", .kind = kEvent, .parameter = kNone,
     .explanation = "conversion rate of the clicks, with a 95 % Wilson interval",
     .formula = "conversions / clicks", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = cr},
    {.name = "cvr", .kind = kEvent, .parameter = kNone,
     .explanation = "conversion rate of the impressions, with a 95 % Wilson interval",
     .formula = "conversions / impressions", .range = kUnit, .ties = kNoTies, .source = "Wilson 1927 (interval)",
     .event = cvr},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> event_metrics() { return kMetrics; }

}  // namespace rec
