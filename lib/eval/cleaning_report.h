// What is said of a raw event log that was cleaned, and the experiment table as text.
// Thread rule: pure functions.
#pragma once

#include "eval/evaluation.h"
#include "io/output.h"

namespace rec {

// Warnings: what would make the figures other than they look (bots that count, users in several variants, many clicks
// without an impression, a kind without events). Notes: what was left out as asked for.
void add_cleaning_notes(const EventLog& log, const RawLogOptions& options, Evaluation& evaluation);
void add_cleaning_counts(const Cleaning& cleaning, Evaluation& evaluation);

// user [item] [variant] impressions clicks conversions; what rec-eval reads as a table of counts.
void write_experiment_table(Output& out, const ExperimentTable& table, bool header);

}  // namespace rec
