// The table of all metrics, and metrics named on a command line: ndcg@10.
// A metric is one function in a file of its family and one row in the table of
// its kind (ranking_table.cc, prediction_table.cc, event_table.cc).
// Thread rule: constant data, pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/event_counts.h"
#include "metrics/item_table.h"
#include "metrics/off_policy.h"
#include "metrics/predictions.h"
#include "metrics/proportion.h"
#include "metrics/ranked_list.h"

namespace rec {

// Texts of many rows of the tables.
inline constexpr std::string_view kUnit = "[0, 1]";  // a range
inline constexpr std::string_view kNoTies = "-";     // order plays no part

// What a metric is computed from; one run of rec-eval reads one kind of table.
enum class MetricKind { kRanking, kPrediction, kEvent, kPolicy, kInterleaving };

std::string_view metric_kind_name(
    MetricKind kind);  // "rankings", "predictions", "events", "policy logs", "interleaved lists"

// Whether the name may carry @N.
enum class MetricParameter { kNone, kOptionalK, kOptionalBins, kPercent };

// What @P may be, and what the name without it stands for: one value, or (step > 0)
// a metric for each of least, least + step, .. most.
struct PercentRange {
  uint32_t least = 0;
  uint32_t most = 100;
  uint32_t usual = 0;
  uint32_t step = 0;
};

// How the values of the users become one: their mean; exp of the mean (the values are
// logarithms); their sum.
enum class Aggregate { kMean, kGeometric, kSum };

// What a ranking metric needs beside the ranking and the truth.
enum class ItemSource { kNone, kCatalogue, kTrain, kHistory, kFeatures };  // kHistory: who has what in kTrain

struct MetricInfo {
  std::string_view name;
  MetricKind kind;
  MetricParameter parameter;
  std::string_view explanation;  // one line
  std::string_view formula;
  std::string_view range;
  std::string_view ties;
  std::string_view source;
  // Of `kind` one function is set, the others are null.
  RankingFunction ranking = nullptr;
  ItemsFunction items = nullptr;        // of rankings too: of the items, not of the hits
  ExposureFunction exposure = nullptr;  // and of all lists at once: no value a user
  ItemSource needs = ItemSource::kNone;
  RankingFunction expected = nullptr;  // of rankings: the same under --ties expected, if it can be
  double (*prediction)(const Predictions& rows, uint32_t bins) = nullptr;
  EventRate (*event)(const EventCounts& counts) = nullptr;
  PolicyTerm (*policy)(const PolicyRow& row) = nullptr;
  PolicyTerm (*policy_correction)(const PolicyRow& row) = nullptr;  // a second ratio, added to the first; or null
  PercentRange percent{};                                           // of MetricParameter::kPercent
  Aggregate aggregate = Aggregate::kMean;
  bool lower_is_better = false;  // an error or a loss
  bool judged = false;           // of rankings: needs what was judged not relevant, and users without anything relevant
  bool needs_user = false;       // of predictions: is taken by user
  bool binary_labels = false;    // labels must be 0 or 1
  bool probabilities = false;    // labels and predictions must be in [0, 1]
  // Of predictions by user: a value a user, NaN for none; the metric is made of these.
  UserValues (*by_user)(const Predictions& rows) = nullptr;
  bool proportion = false;  // of kind kEvent: successes of trials, not the mean of a value
};

// The rows of each kind; and all of them, by kind, in the order of --list-metrics.
std::span<const MetricInfo> ranking_metrics();
std::span<const MetricInfo> prediction_metrics();
std::span<const MetricInfo> event_metrics();
std::span<const MetricInfo> policy_metrics();
std::span<const MetricInfo> interleaving_metrics();
std::span<const MetricInfo> all_metrics();

// A metric with its parameter.
struct Metric {
  const MetricInfo* info;
  uint32_t parameter;  // k (kWholeList without @k), or bins, or unused
  std::string name;    // as printed: "ndcg@10"

  // The k of a metric with a cut, else kWholeList.
  uint32_t cut() const { return info->parameter == MetricParameter::kOptionalK ? parameter : kWholeList; }
};

// The row of a name without parameter; nullptr: there is none.
const MetricInfo* find_metric(std::string_view name);

// Parses "ndcg@10"; the name is case-sensitive, k in [1, 2^32-2] without sign or
// leading zeros. Throws UsageError that names the text and what was expected.
Metric parse_metric(std::string_view text);

// The metrics of a name: most have one; iprec_at_recall and Rprec_mult without @ are a
// series, and all_trec, official and set are trec_eval's (trec_measures.h). Throws as
// parse_metric, which takes a name of trec_eval (P_5) too.
std::vector<Metric> parse_metric_series(std::string_view text);

// Parses comma-separated lists in order; a metric named twice counts once.
// Throws UsageError for an empty name and where the metrics are not of one kind.
// The result is empty only if `lists` is.
std::vector<Metric> parse_metrics(std::span<const std::string> lists);

}  // namespace rec
