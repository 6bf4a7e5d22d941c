// What rec-eval is asked and what it answers, whatever kind of table it is.
// Thread rule: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eval/eval_events.h"
#include "eval/eval_interleaving.h"
#include "eval/eval_policy.h"
#include "eval/eval_predictions.h"
#include "eval/eval_ranking.h"
#include "eval/eval_report.h"
#include "eval/requirements.h"
#include "eval/trec_report.h"
#include "metrics/bootstrap.h"

namespace rec {

// The metrics of a ranking, and of a raw event log, where none are named.
inline constexpr const char* kDefaultMetrics = "ndcg@10,recall@10,precision@10,hit@10,mrr@10,map@10";
inline constexpr const char* kDefaultEventMetrics = "ctr";

struct EvaluationOptions {
  std::string path = "-";
  std::string truth;                      // for rankings; "-" is stdin
  std::string truth_columns;              // the --columns of `truth`; "": as side_read says
  std::string items;                      // for rankings: the catalogue, item ids
  std::string train;                      // training interactions
  std::string features;                   // of items
  std::string by;                         // FILE:COLUMN: metrics by segment
  uint64_t min_users = 0;                 // segments and ranks of fewer users are left out (data/min_users.h)
  std::vector<std::string> metrics;       // lists as given; none: kDefaultMetrics
  std::vector<std::string> requirements;  // METRIC>=VALUE; a metric not in `metrics` is added
  bool per_user = false;
  double min_value = 0.0;
  bool binary = false;
  bool curves = false;                        // of predictions
  bool rows_by_ranking = false;               // of --compare: what a picture needs
  std::optional<FixedFormat> truth_format{};  // of `truth`, in place of TSV; that of `path` is in `read`
  bool trec_report = false;                   // print as trec_eval does; the metrics are one of its sets
  BootstrapOptions bootstrap;                 // intervals, if it has resamples; its confidence holds for all intervals
  ExperimentOptions experiment;               // of an event log with variants
  bool raw_events = false;                    // the log is a raw one
  RawLogOptions raw;                          // of it
  std::string event_table;                    // a file for its counts; "": none
  PolicyOptions policy;
  InterleavingOptions interleaving;
  CompareOptions compare;  // of rankings and predictions
  RankingOptions ranking;  // its path, read and threads are set from here
  ReadOptions read;        // of `path`
  ReadOptions side_read;   // of `truth`
  int threads = 1;
};

struct Evaluation {
  std::vector<ReportRow> rows;  // metrics, then counts
  std::vector<Requirement> requirements;
  std::vector<SegmentRows> segments;       // if asked for
  std::vector<Comparison> comparisons;     // if asked for
  std::vector<RowsOfRanking> rankings;     // of comparisons, if asked for: the baseline first
  PerUserTable per_user;                   // filled if asked for; users in byte order
  std::optional<PredictionCurves> curves;  // if asked for
  TrecReport trec;                         // if asked for
  std::optional<ExperimentTable> table;    // of a raw event log, if asked for
  uint64_t bad_lines = 0;
  uint64_t truth_bad_lines = 0;       // of the truth, or the clicks
  std::vector<std::string> notes;     // for people: counts, bad lines
  std::vector<std::string> warnings;  // what makes the figures worth nothing, or other than they look
};

}  // namespace rec
