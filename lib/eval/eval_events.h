// Rates of an event log and, where it has variants, the comparison of each with
// the control.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/event_log.h"
#include "metrics/ab_test.h"

namespace rec {

struct ExperimentOptions {
  bool ab = false;             // the log has variants, in its third column if it has no header
  std::string control;         // "": the first variant in byte order
  std::string expected_split;  // NAME=SHARE,...; "": equal shares
};

// NAME=SHARE,... with shares > 0, each name once. Throws UsageError.
std::vector<std::pair<std::string, double>> parse_split(const std::string& text);

struct EventEvaluation {
  EventLog log;                       // without the sums by user
  std::vector<std::string> variants;  // V names, in byte order; empty: the log has none
  size_t control = 0;
  std::vector<VariantMetric> values;  // M × max(V, 1)
  std::vector<uint64_t> users;        // V
  SplitTest split{};                  // of V >= 2 variants
};

// Throws Error as read_event_log does, and for a control or a split that names
// other variants than the log.
EventEvaluation evaluate_events(const EventLogOptions& options, const ExperimentOptions& experiment,
                                std::span<const Metric> metrics, const BootstrapOptions& bootstrap);

}  // namespace rec
