#include "metrics/metric_table.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kReward = "that of the rewards";
constexpr std::string_view kAny = "(-inf, inf)";

// clang-format off
constexpr MetricInfo kPolicyMetrics[] = {
    {.name = "logged", .kind = kPolicy, .parameter = kNone,
     .explanation = "mean reward as logged: the value of the policy that showed the items",
     .formula = "mean r", .range = kReward, .ties = kNoTies, .source = "-", .policy = logged},
    {.name = "ips", .kind = kPolicy, .parameter = kNone,
     .explanation = "value of the target policy by inverse propensity scoring",
     .formula = "mean w r, w = min(target / propensity, clip)", .range = kAny, .ties = kNoTies,
     .source = "Horvitz & Thompson 1952", .policy = ips},
    {.name = "snips", .kind = kPolicy, .parameter = kNone,
     .explanation = "self-normalised ips, which varies less",
     .formula = "sum w r / sum w", .range = kReward, .ties = kNoTies, .source = "Swaminathan & Joachims 2015",
     .policy = snips},
    {.name = "dm", .kind = kPolicy, .parameter = kNone,
     .explanation = "value of the target policy by the reward model alone",
     .formula = "mean expected", .range = kAny, .ties = kNoTies, .source = "Dudik, Langford & Li 2011", .policy = dm},
    {.name = "dr", .kind = kPolicy, .parameter = kNone,
     .explanation = "doubly robust value: right if the propensities or the model are",
     .formula = "mean expected + w (r - predicted)", .range = kAny, .ties = kNoTies,
     .source = "Dudik, Langford & Li 2011", .policy = dr},
    {.name = "sndr", .kind = kPolicy, .parameter = kNone,
     .explanation = "self-normalised dr, which varies less",
     .formula = "mean expected + sum w (r - predicted) / sum w", .range = kAny, .ties = kNoTies,
     .source = "Thomas & Brunskill 2016", .policy = dm, .policy_correction = sndr_correction},
    {.name = "switch_dr", .kind = kPolicy, .parameter = kNone,
     .explanation = "dr that believes the model where w is above --switch-weight T",
     .formula = "mean expected + w (r - predicted) [w <= T]", .range = kAny, .ties = kNoTies,
     .source = "Wang, Agarwal & Dudik 2017", .policy = switch_dr},
    {.name = "dros", .kind = kPolicy, .parameter = kNone,
     .explanation = "dr with optimistic shrinkage of the weights by --shrinkage L",
     .formula = "mean expected + L w / (w^2 + L) (r - predicted)", .range = kAny, .ties = kNoTies,
     .source = "Su et al. 2020", .policy = dros},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> policy_metrics() { return kPolicyMetrics; }

}  // namespace rec
