// Logs of trainings (rec-embed --log), their results, and their curves. For one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/report_table.h"
#include "io/output.h"

namespace rec {

// E epochs, ascending.
struct LearningCurve {
  std::string log;                // the path
  std::string metric;             // on the held-out rows; "": none
  std::vector<uint32_t> epoch;    // E
  std::vector<double> seconds;    // E, each of its epoch
  std::vector<double> objective;  // E
  std::vector<double> value;      // E of the metric; empty where there is none
  std::string note;               // what was left out at its end; "": nothing

  double total_seconds() const;  // in thousandths
  // The epoch of the best value, the first of equal ones; nothing: no value.
  std::optional<size_t> best() const;
};

// Reads a log, compressed or in CSV where its name ends in .csv. It may still grow: a last line that is not complete is
// left out, and so is what is cut off at the end of a compressed file. Throws Error for anything else that is no log.
LearningCurve read_learning_curve(const std::string& path);

// log epochs seconds objective metric best best_epoch: a row for each log.
void write_learning_curves(ReportTable& table, std::span<const LearningCurve> curves);
// {"logs": [{column: value}]}, without the columns that a log has no value of.
void write_learning_curves_json(Output& out, std::span<const LearningCurve> curves);

// The text that gnuplot gets: the objective by epoch, a line for each log, beside it each metric, with its best value.
// Throws Error where there is no epoch to draw.
std::string learning_curve_script(std::span<const LearningCurve> curves, const std::string& terminal);

}  // namespace rec
