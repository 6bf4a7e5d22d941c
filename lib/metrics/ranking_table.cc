#include "metrics/metric_table.h"
#include "metrics/average_precision.h"
#include "metrics/hits.h"
#include "metrics/ndcg.h"
#include "metrics/reciprocal_rank.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

constexpr std::string_view kUnit = "[0, 1]";
constexpr std::string_view kById = "equal keys by item id ascending";

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
};
// clang-format on

}  // namespace

std::span<const MetricInfo> ranking_metrics() { return kMetrics; }

}  // namespace rec
