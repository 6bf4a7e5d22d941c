#include "metrics/metric_table.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "metrics/average_precision.h"
#include "metrics/hits.h"
#include "metrics/ndcg.h"
#include "metrics/reciprocal_rank.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kUnit = "[0, 1]";
constexpr std::string_view kPlus = "[0, inf)";
constexpr std::string_view kById = "equal keys by item id ascending";
constexpr std::string_view kNoTies = "-";

// h: hits within k, nR: relevant items of the user, rank from 1; ranking metrics
// are averaged over all users that have a relevant item in the truth.
// clang-format off
constexpr MetricInfo kMetrics[] = {
    {.name = "ndcg", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "discounted gain of the list, as a share of the best possible",
     .formula = "DCG@k / IDCG@k, DCG = sum gain / log2(rank + 1), ideal over all truth cut at k",
     .range = kUnit, .ties = kById, .source = "Jarvelin & Kekalainen 2002; trec_eval ndcg_cut, ndcg", .ranking = ndcg},
    {.name = "ndcg_exp", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "ndcg with gains that double with each grade",
     .formula = "DCG@k / IDCG@k, DCG = sum (2^gain - 1) / log2(rank + 1)",
     .range = kUnit, .ties = kById, .source = "Burges et al. 2005", .ranking = ndcg_exp},
    {.name = "precision", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the first k places that hold a relevant item",
     .formula = "h / k", .range = kUnit, .ties = kById, .source = "trec_eval P, set_P", .ranking = precision},
    {.name = "recall", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the relevant items found in the first k places",
     .formula = "h / nR", .range = kUnit, .ties = kById, .source = "trec_eval recall, set_recall", .ranking = recall},
    {.name = "recall_min", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "hits as a share of the most that k places could hold",
     .formula = "h / min(k, nR)", .range = kUnit, .ties = kById,
     .source = "Liang et al. 2018 (arXiv:1802.05814)", .ranking = recall_min},
    {.name = "f1", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "harmonic mean of precision@k and recall@k",
     .formula = "2h / (k + nR)", .range = kUnit, .ties = kById, .source = "trec_eval set_F", .ranking = f1},
    {.name = "hit", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of users with a relevant item in the first k places",
     .formula = "1 if h > 0 else 0", .range = kUnit, .ties = kById, .source = "trec_eval success; HR@k", .ranking = hit},
    {.name = "mrr", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "reciprocal rank of the first relevant item within k",
     .formula = "1 / rank of the first hit, 0 if none", .range = kUnit, .ties = kById,
     .source = "trec_eval recip_rank", .ranking = reciprocal_rank},
    {.name = "map", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "precision at the rank of every hit, averaged over the relevant items",
     .formula = "sum over hits within k of (hits so far / rank), / nR", .range = kUnit, .ties = kById,
     .source = "trec_eval map_cut, map", .ranking = average_precision},
    {.name = "map_min", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "map that a perfect list brings to 1 at every k",
     .formula = "sum over hits within k of (hits so far / rank), / min(k, nR)", .range = kUnit, .ties = kById,
     .source = "RecBole, Kaggle", .ranking = average_precision_min},
    {.name = "rprec", .kind = kRanking, .parameter = kNone,
     .explanation = "precision at as many places as there are relevant items",
     .formula = "hits within nR / nR", .range = kUnit, .ties = kById, .source = "trec_eval Rprec", .ranking = rprec},

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

[[noreturn]] void fail_unknown(std::string_view name) {
  std::string names;
  for (const MetricInfo& info : kMetrics) {
    if (!names.empty()) names += ' ';
    names += info.name;
  }
  fail_usage("unknown metric \"{}\"; there are: {}", printable(name), names);
}

uint32_t default_parameter(const MetricInfo& info) { return info.parameter == kOptionalBins ? kEceBins : kWholeList; }

}  // namespace

std::string_view metric_kind_name(MetricKind kind) {
  switch (kind) {
    case kRanking:
      return "rankings";
    case kPrediction:
      return "predictions";
    case kEvent:
      return "events";
  }
  return "";
}

std::span<const MetricInfo> all_metrics() { return kMetrics; }

Metric parse_metric(std::string_view text) {
  const size_t at = text.find('@');
  const std::string_view name = text.substr(0, at);
  const auto info = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                 [name](const MetricInfo& candidate) { return candidate.name == name; });
  if (info == std::end(kMetrics)) fail_unknown(name);
  if (at == std::string_view::npos) return {info, default_parameter(*info), std::string(text)};
  if (info->parameter == kNone) fail_usage("metric \"{}\": {} takes no @", printable(text), name);
  const std::string_view digits = text.substr(at + 1);
  uint32_t parameter = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), parameter);
  const bool whole = code == std::errc() && end == digits.data() + digits.size();
  // ece keeps one sum a bin, so its parameter has a smaller bound.
  const uint32_t most = info->parameter == kOptionalBins ? 1'000'000 : kWholeList - 1;
  if (!whole || digits.front() == '0' || parameter > most) {
    fail_usage("metric \"{}\": expected a whole number from 1 to {} behind the @", printable(text), most);
  }
  return {info, parameter, std::string(text)};
}

std::vector<Metric> parse_metrics(std::span<const std::string> lists) {
  std::vector<Metric> metrics;
  for (const std::string_view list : lists) {
    for (size_t begin = 0; begin <= list.size();) {
      const size_t end = std::min(list.find(',', begin), list.size());
      std::string_view name = std::string_view(list).substr(begin, end - begin);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (name.empty()) fail_usage("metrics \"{}\": an empty name", printable(list));
      Metric metric = parse_metric(name);
      if (!metrics.empty() && metrics.front().info->kind != metric.info->kind) {
        fail_usage("metrics {} ({}) and {} ({}) are of different kinds: use two runs", metrics.front().name,
                   metric_kind_name(metrics.front().info->kind), metric.name, metric_kind_name(metric.info->kind));
      }
      const bool known =
          std::any_of(metrics.begin(), metrics.end(), [&](const Metric& other) { return other.name == metric.name; });
      if (!known) metrics.push_back(std::move(metric));
      begin = end + 1;
    }
  }
  return metrics;
}

}  // namespace rec
