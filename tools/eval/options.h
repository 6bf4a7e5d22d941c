// rec-eval's command line, declared in parts: what all kinds of tables share in
// rec_eval.cc, the options of one kind in a file of its own. An option of one kind
// stands in a group of --help, and given for a table of another kind it is a usage
// error: the group says to which kinds it applies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "eval/evaluate.h"
#include "eval/report_table.h"

namespace rec {

struct EvalOptions {
  CommonOptions common;
  EvaluationOptions evaluation;
  std::vector<std::string> files;  // none: stdin
  bool grouped = false;
  bool ungrouped = false;
  bool json = false;
  bool trec = false;
  std::optional<FixedFormat> input_format{};  // of the main input, in place of TSV
  int digits = 0;                             // 0: all
  bool list_metrics = false;
  bool learning_curves = false;
  std::string plot;               // a file; "": none
  std::string calibration_table;  // a file; "": none
};

// Groups of --help; what is in none of them applies to every kind.
inline constexpr const char* kRankingGroup = "Rankings";
inline constexpr const char* kPredictionGroup = "Predictions";
inline constexpr const char* kEventGroup = "Events";
inline constexpr const char* kPolicyGroup = "Policy logs";
inline constexpr const char* kInterleavingGroup = "Interleaved lists";
inline constexpr const char* kIntervalGroup = "Intervals";

// Throws UsageError for an option that was given and does not apply to `kind`.
void refuse_options_of_other_kinds(const OptionTable& table, MetricKind kind);

// --plot, --calibration-table and --event-table. write_pictures opens and writes them: what calls
// it finishes them beside the rows.
void declare_picture_options(OptionTable& table, EvalOptions& options);
void check_picture_options(MetricKind kind, EvalOptions& options);
std::vector<std::unique_ptr<Output>> write_pictures(const EvalOptions& options, const Evaluation& evaluation);

// --compare and --permutations: sets the resamples behind the intervals of differences.
void check_comparison(const OptionTable& table, EvaluationOptions& evaluation);

// How the tables are written.
ReportStyle report_style(const EvalOptions& options);

// --learning-curves: all that it does, in place of an evaluation.
void check_learning_curves(const OptionTable& table, const EvalOptions& options);
int run_learning_curves(const EvalOptions& options);

// Declares the options of a kind; completes and checks them before anything is read.
void declare_ranking_options(OptionTable& table, EvalOptions& options);
void declare_event_options(OptionTable& table, EvalOptions& options);
void check_event_options(const OptionTable& table, EvalOptions& options);
void declare_policy_options(OptionTable& table, EvalOptions& options);
void check_policy_options(const OptionTable& table, const EvalOptions& options);
void declare_interleaving_options(OptionTable& table, EvalOptions& options);
void check_interleaving_options(const OptionTable& table, const EvalOptions& options);
void check_prediction_options(const OptionTable& table, EvalOptions& options);
void check_ranking_options(const OptionTable& table, EvalOptions& options);

// --bootstrap, --confidence, --seed. draws: whether anything is drawn at random,
// intervals: whether there are any without that; where they do nothing, the last
// two are usage errors.
void declare_interval_options(OptionTable& table, EvalOptions& options);
void check_interval_options(const OptionTable& table, bool draws, bool intervals = false);

}  // namespace rec
