#include "metrics/metric_table.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kUnit = "[0, 1]";
constexpr std::string_view kPlus = "[0, inf)";
constexpr std::string_view kNoTies = "-";

// clang-format off
constexpr MetricInfo kMetrics[] = {
    {.name = "auc", .kind = kPrediction, .parameter = kNone,
     .explanation = "chance that a row of label 1 is predicted higher than a row of label 0",
     .formula = "sum over pairs w1 w0 ([p1 > p0] + [p1 = p0] / 2) / sum w1 w0", .range = kUnit,
     .ties = "1/2 per tied pair", .source = "Hanley & McNeil 1982",
     .prediction = [](const Predictions& rows, uint32_t) { return auc(rows); }},
    {.name = "gauc", .kind = kPrediction, .parameter = kNone,
     .explanation = "auc within each user, weighted by the user's rows; users of one label left out",
     .formula = "sum W_u auc_u / sum W_u", .range = kUnit,
     .ties = "1/2 per tied pair", .source = "Zhou et al. 2018 (arXiv:1706.06978)",
     .prediction = [](const Predictions& rows, uint32_t) { return gauc(rows).value; }},
    {.name = "logloss", .kind = kPrediction, .parameter = kNone,
     .explanation = "negative log likelihood of the labels",
     .formula = "-mean w (y ln p + (1 - y) ln(1 - p)), p clipped to [1e-15, 1 - 1e-15]", .range = "[0, 34.54]",
     .ties = kNoTies, .source = "cross-entropy",
     .prediction = [](const Predictions& rows, uint32_t) { return logloss(rows); }},
    {.name = "rmse", .kind = kPrediction, .parameter = kNone,
     .explanation = "root of the mean squared error",
     .formula = "sqrt(mean w (p - y)^2)", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return rmse(rows); }},
    {.name = "mse", .kind = kPrediction, .parameter = kNone,
     .explanation = "mean squared error",
     .formula = "mean w (p - y)^2", .range = kPlus, .ties = kNoTies, .source = "Brier score if y is 0 or 1",
     .prediction = [](const Predictions& rows, uint32_t) { return mse(rows); }},
    {.name = "mae", .kind = kPrediction, .parameter = kNone,
     .explanation = "mean absolute error",
     .formula = "mean w |p - y|", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return mae(rows); }},
    {.name = "ece", .kind = kPrediction, .parameter = kOptionalBins,
     .explanation = "distance of mean prediction and mean label in equal-width bins (10 unless @bins)",
     .formula = "sum over bins (W_b / W) |mean y - mean p|", .range = kUnit, .ties = kNoTies,
     .source = "Naeini et al. 2015",
     .prediction = [](const Predictions& rows, uint32_t bins) { return ece(rows, bins); }},
    {.name = "calibration", .kind = kPrediction, .parameter = kNone,
     .explanation = "predicted over observed total: 1 is right, above 1 promises too much",
     .formula = "sum w p / sum w y", .range = kPlus, .ties = kNoTies, .source = "-",
     .prediction = [](const Predictions& rows, uint32_t) { return calibration(rows); }},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> prediction_metrics() { return kMetrics; }

}  // namespace rec
