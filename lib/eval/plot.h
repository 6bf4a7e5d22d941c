// Pictures of an evaluation, drawn by gnuplot: a ranking's metrics by k, a
// calibration and a ROC curve, or intervals.
#pragma once

#include <string>

#include "eval/evaluation.h"

namespace rec {

// The picture's bytes. What is drawn: the curves, where there are any; else the
// ratios to the control of an experiment; else a line a metric over k, where there are
// several k (and, of a comparison, for each ranking); else each row that has an interval, or each metric. The same
// bytes for the same rows and gnuplot. Throws Error if gnuplot fails.
std::string draw_plot(const Evaluation& evaluation, const std::string& terminal);

// The text that gnuplot gets; exposed for tests. Names of variants, users or files
// stand in data blocks alone, as quoted fields.
std::string plot_script(const Evaluation& evaluation, const std::string& terminal);

}  // namespace rec
