#include "metrics/concordance.h"
#include "metrics/metric_table.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kPlus = "[0, inf)";

// clang-format off
constexpr MetricInfo kPredictionMetrics[] = {
    {.name = "auc", .kind = kPrediction, .parameter = kNone,
     .explanation = "chance that a row of label 1 is predicted higher than a row of label 0",
     .formula = "sum over pairs w1 w0 ([p1 > p0] + [p1 = p0] / 2) / sum w1 w0", .range = kUnit,
     .ties = "1/2 per tied pair", .source = "Hanley & McNeil 1982",
     .prediction = [](const Predictions& rows, uint32_t) { return auc(rows); },
     .binary_labels = true, .by_user = auc_by_user},
    {.name = "gauc", .kind = kPrediction, .parameter = kNone,
     .explanation = "auc within each user, weighted by the user's rows; users of one label left out",
     .formula = "sum W_u auc_u / sum W_u", .range = kUnit,
     .ties = "1/2 per tied pair", .source = "Zhou et al. 2018 (arXiv:1706.06978)",
     .prediction = [](const Predictions& rows, uint32_t) { return gauc(rows).value; },
     .needs_user = true, .binary_labels = true, .by_user = auc_by_user},
    {.name = "group_auc", .kind = kPrediction, .parameter = kNone,
     .explanation = "auc within each user (or impression: --columns user=impression), the plain mean",
     .formula = "mean of auc_u over users with both labels", .range = kUnit,
     .ties = "1/2 per tied pair", .source = "Wu et al. 2020 (MIND)",
     .prediction = [](const Predictions& rows, uint32_t) { return group_auc(rows); },
     .needs_user = true, .binary_labels = true, .by_user = auc_by_user},
    {.name = "fcp", .kind = kPrediction, .parameter = kNone,
     .explanation = "fraction of concordant pairs: of a user's pairs of different labels, those in the right order",
     .formula = "sum concordant / sum pairs", .range = kUnit, .ties = "not concordant",
     .source = "Koren & Sill 2011",
     .prediction = [](const Predictions& rows, uint32_t) { return fcp(rows); },
     .needs_user = true, .by_user = fcp_by_user},
    {.name = "logloss", .kind = kPrediction, .parameter = kNone,
     .explanation = "negative log likelihood of the labels",
     .formula = "-mean w (y ln p + (1 - y) ln(1 - p)), p clipped to [1e-15, 1 - 1e-15]", .range = "[0, 34.54]",
     .ties = kNoTies, .source = "cross-entropy",
     .prediction = [](const Predictions& rows, uint32_t) { return logloss(rows); },
     .lower_is_better = true,
     .probabilities = true},
    {.name = "rmse", .kind = kPrediction, .parameter = kNone,
     .explanation = "root of the mean squared error",
     .formula = "sqrt(mean w (p - y)^2)", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return rmse(rows); },
     .lower_is_better = true},
    {.name = "mse", .kind = kPrediction, .parameter = kNone,
     .explanation = "mean squared error",
     .formula = "mean w (p - y)^2", .range = kPlus, .ties = kNoTies, .source = "Brier score if y is 0 or 1",
     .prediction = [](const Predictions& rows, uint32_t) { return mse(rows); },
     .lower_is_better = true},
    {.name = "mae", .kind = kPrediction, .parameter = kNone,
     .explanation = "mean absolute error",
     .formula = "mean w |p - y|", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return mae(rows); },
     .lower_is_better = true},
    {.name = "r2", .kind = kPrediction, .parameter = kNone,
     .explanation = "coefficient of determination: the share of the labels' variance that is explained",
     .formula = "1 - sum w (y - p)^2 / sum w (y - mean y)^2", .range = "(-inf, 1]", .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return r2(rows); }},
    {.name = "ece", .kind = kPrediction, .parameter = kOptionalBins,
     .explanation = "distance of mean prediction and mean label in equal-width bins (10 unless @bins)",
     .formula = "sum over bins (W_b / W) |mean y - mean p|", .range = kUnit, .ties = kNoTies,
     .source = "Naeini et al. 2015",
     .prediction = [](const Predictions& rows, uint32_t bins) { return ece(rows, bins); },
     .lower_is_better = true,
     .probabilities = true},
    {.name = "calibration", .kind = kPrediction, .parameter = kNone,
     .explanation = "predicted over observed total: 1 is right, above 1 promises too much",
     .formula = "sum w p / sum w y", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return calibration(rows); }},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> prediction_metrics() { return kPredictionMetrics; }

}  // namespace rec
