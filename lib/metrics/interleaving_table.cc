#include "metrics/metric_table.h"

namespace rec {
namespace {

// clang-format off
constexpr MetricInfo kInterleavingMetrics[] = {
    {.name = "delta_ab", .kind = MetricKind::kInterleaving, .parameter = MetricParameter::kNone,
     .explanation = "preference for ranker A over B by the clicks on interleaved lists: above 0 A is better",
     .formula = "(wins of A + ties / 2) / (wins + ties) - 1/2", .range = "[-1/2, 1/2]",
     .ties = "1/2 for a user with as many clicks on both", .source = "Radlinski et al. 2008; Chapelle et al. 2012"},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> interleaving_metrics() { return kInterleavingMetrics; }

}  // namespace rec
