// An evaluation printed as trec_eval 10 prints it: "measure TAB all TAB value", four
// places behind the point. Thread rule: plain data, pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/output.h"
#include "metrics/metric_table.h"
#include "metrics/ranked_list.h"

namespace rec {

// What trec_eval prints beside the metrics.
struct TrecReport {
  std::string run;                      // the tag of the run's last line
  uint64_t queries = 0;                 // evaluated
  std::vector<std::string> relevances;  // of each evaluated user; filled only for a report by user
};

// The first ten places of a list: a digit for the grade, '>' above 9, '-' for what is
// not in the truth and '.' for a grade below 0.
std::string relevance_string(const RankedList& list);

// users: with their values (users × metrics), printed before the means; may be empty.
// REQUIRES: metrics of a trec_set; as many means.
void write_trec_report(Output& out, std::span<const Metric> metrics, std::span<const double> means,
                       const TrecReport& report, std::span<const std::string> users, std::span<const double> values);

}  // namespace rec
