#include "metrics/average_precision.h"
#include "metrics/beyond_accuracy.h"
#include "metrics/expected.h"
#include "metrics/hits.h"
#include "metrics/metric_table.h"
#include "metrics/ndcg.h"
#include "metrics/reciprocal_rank.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;
using ItemSource::kCatalogue;
using ItemSource::kFeatures;
using ItemSource::kTrain;

constexpr std::string_view kUnit = "[0, 1]";
constexpr std::string_view kById = "equal keys by item id ascending";

// h: hits within k, nR: relevant items of the user, rank from 1; ranking metrics
// are averaged over all users that have a relevant item in the truth.
// clang-format off
constexpr MetricInfo kMetrics[] = {
    {.name = "ndcg", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "discounted gain of the list, as a share of the best possible",
     .formula = "DCG@k / IDCG@k, DCG = sum gain / log2(rank + 1), ideal over all truth cut at k",
     .range = kUnit, .ties = kById, .source = "Jarvelin & Kekalainen 2002; trec_eval ndcg_cut, ndcg", .ranking = ndcg,
     .expected = expected_ndcg},
    {.name = "ndcg_exp", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "ndcg with gains that double with each grade",
     .formula = "DCG@k / IDCG@k, DCG = sum (2^gain - 1) / log2(rank + 1)",
     .range = kUnit, .ties = kById, .source = "Burges et al. 2005", .ranking = ndcg_exp,
     .expected = expected_ndcg_exp},
    {.name = "precision", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the first k places that hold a relevant item",
     .formula = "h / k", .range = kUnit, .ties = kById, .source = "trec_eval P, set_P", .ranking = precision,
     .expected = expected_precision},
    {.name = "recall", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the relevant items found in the first k places",
     .formula = "h / nR", .range = kUnit, .ties = kById, .source = "trec_eval recall, set_recall", .ranking = recall,
     .expected = expected_recall},
    {.name = "recall_min", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "hits as a share of the most that k places could hold",
     .formula = "h / min(k, nR)", .range = kUnit, .ties = kById,
     .source = "Liang et al. 2018 (arXiv:1802.05814)", .ranking = recall_min,
     .expected = expected_recall_min},
    {.name = "f1", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "harmonic mean of precision@k and recall@k",
     .formula = "2h / (k + nR)", .range = kUnit, .ties = kById, .source = "trec_eval set_F", .ranking = f1,
     .expected = expected_f1},
    {.name = "hit", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of users with a relevant item in the first k places",
     .formula = "1 if h > 0 else 0", .range = kUnit, .ties = kById, .source = "trec_eval success; HR@k", .ranking = hit,
     .expected = expected_hit},
    {.name = "mrr", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "reciprocal rank of the first relevant item within k",
     .formula = "1 / rank of the first hit, 0 if none", .range = kUnit, .ties = kById,
     .source = "trec_eval recip_rank", .ranking = reciprocal_rank,
     .expected = expected_reciprocal_rank},
    {.name = "map", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "precision at the rank of every hit, averaged over the relevant items",
     .formula = "sum over hits within k of (hits so far / rank), / nR", .range = kUnit, .ties = kById,
     .source = "trec_eval map_cut, map", .ranking = average_precision,
     .expected = expected_average_precision},
    {.name = "map_min", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "map that a perfect list brings to 1 at every k",
     .formula = "sum over hits within k of (hits so far / rank), / min(k, nR)", .range = kUnit, .ties = kById,
     .source = "RecBole, Kaggle", .ranking = average_precision_min,
     .expected = expected_average_precision_min},
    {.name = "rprec", .kind = kRanking, .parameter = kNone,
     .explanation = "precision at as many places as there are relevant items",
     .formula = "hits within nR / nR", .range = kUnit, .ties = kById, .source = "trec_eval Rprec", .ranking = rprec,
     .expected = expected_rprec},

    {.name = "novelty", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "how few training users have the listed items, in bits; needs --train",
     .formula = "mean over the list of -log2(users of the item / users), at least one user an item",
     .range = "[0, log2 users]", .ties = kById, .source = "Zhou et al. 2010 (self-information)",
     .items = novelty, .needs = kTrain},
    {.name = "arp", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "average popularity: training users of the listed items; needs --train",
     .formula = "mean over the list of the users of the item", .range = "[0, users]", .ties = kById,
     .source = "Yin et al. 2012", .items = average_popularity, .needs = kTrain},
    {.name = "pop_lift", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "popularity bias: how much more popular the list is than the user's training items; needs --train",
     .formula = "arp of the list / arp of the user's training items - 1", .range = "[-1, inf)", .ties = kById,
     .source = "Abdollahpouri et al. 2019, by user", .items = popularity_lift, .needs = kTrain},
    {.name = "serendipity", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the first k places with a hit that popularity would not have listed; needs --train",
     .formula = "hits within k that are not among the k most popular items / k", .range = kUnit, .ties = kById,
     .source = "after Ge et al. 2010", .items = serendipity, .needs = kTrain},
    {.name = "diversity", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "intra-list diversity: how few features two listed items share; needs --features",
     .formula = "mean over pairs of 1 - |A and B| / |A or B| (Jaccard)", .range = kUnit, .ties = kById,
     .source = "Ziegler et al. 2005", .items = diversity, .needs = kFeatures},
    {.name = "diversity_cosine", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "the same by the cosine of the items' feature values; needs --features",
     .formula = "mean over pairs of 1 - A B / (|A| |B|)", .range = kUnit, .ties = kById,
     .source = "Ziegler et al. 2005", .items = diversity_cosine, .needs = kFeatures},
    {.name = "coverage", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "share of the catalogue that is in some list; needs --items or --train",
     .formula = "distinct listed items / items", .range = kUnit, .ties = kById,
     .source = "Herlocker et al. 2004", .exposure = coverage, .needs = kCatalogue},
    {.name = "gini", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "inequality of how often the catalogue's items are listed; needs --items or --train",
     .formula = "sum (2j - I - 1) n_j / (I sum n), n ascending", .range = "[0, 1 - 1/I]", .ties = kById,
     .source = "Gini 1912; Fleder & Hosanagar 2009", .exposure = gini, .needs = kCatalogue},
    {.name = "entropy", .kind = kRanking, .parameter = kOptionalK,
     .explanation = "evenness of how often the catalogue's items are listed, in bits; needs --items or --train",
     .formula = "-sum p log2 p, p = n / sum n", .range = "[0, log2 I]", .ties = kById,
     .source = "Shannon 1948", .exposure = entropy, .needs = kCatalogue},
};
// clang-format on

}  // namespace

std::span<const MetricInfo> ranking_metrics() { return kMetrics; }

}  // namespace rec
