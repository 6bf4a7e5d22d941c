// rec-eval's work: from options to rows, whatever kind of table it is.
#pragma once

#include "eval/evaluation.h"
#include "metrics/metric_table.h"

namespace rec {

// The kind of table that the metrics ask for. Throws UsageError for a wrong
// name, condition, or mix of kinds.
MetricKind kind_of(const EvaluationOptions& options);

// The metrics asked for, those of conditions behind them; throws as kind_of().
std::vector<Metric> metrics_of(const EvaluationOptions& options);

Evaluation evaluate(const EvaluationOptions& options);
std::vector<std::string> failed_requirements(const Evaluation& evaluation);

}  // namespace rec
