// --plot, --calibration-table and --event-table: files beside the rows.
#include "base/error.h"
#include "eval/cleaning_report.h"
#include "eval/gnuplot.h"
#include "eval/options.h"
#include "eval/plot.h"

namespace rec {

void declare_picture_options(OptionTable& table, EvalOptions& options) {
  table.add("--plot", options.plot, "FILE", "Draw metrics by k, curves or intervals (.svg, .png, .pdf); needs gnuplot")
      .writes();
  table.heading(kPredictionGroup);
  table
      .add("--calibration-table", options.calibration_table, "FILE",
           "Write the calibration curve, a row for each bin (the bins of ece@N, else 10)")
      .writes();
}

void check_picture_options(MetricKind kind, EvalOptions& options) {
  options.evaluation.curves =
      kind == MetricKind::kPrediction && !(options.plot.empty() && options.calibration_table.empty());
  if (options.plot.empty()) return;
  options.evaluation.rows_by_ranking = true;
  plot_terminal(options.plot);
  check_plot_program();
}

std::vector<std::unique_ptr<Output>> write_pictures(const EvalOptions& options, const Evaluation& evaluation) {
  std::vector<std::unique_ptr<Output>> outputs;
  if (!options.plot.empty()) {
    const std::string picture = draw_plot(evaluation, plot_terminal(options.plot));
    outputs.push_back(std::make_unique<Output>(options.plot, options.common.sync));
    outputs.back()->write(picture);
  }
  if (!options.calibration_table.empty()) {
    outputs.push_back(std::make_unique<Output>(options.calibration_table, options.common.sync));
    Output& table = *outputs.back();
    if (options.common.header != HeaderRule::kNever) table.write("low\thigh\trows\tweight\tprediction\tlabel\n");
    for (const CalibrationBin& bin : evaluation.curves->calibration) {
      if (!(bin.weight > 0.0)) continue;
      table.write(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", bin.low, bin.high, bin.rows, bin.weight, bin.mean_prediction,
                              bin.mean_label));
    }
  }
  if (evaluation.table) {
    outputs.push_back(std::make_unique<Output>(options.evaluation.event_table, options.common.sync));
    write_experiment_table(*outputs.back(), *evaluation.table, options.common.header != HeaderRule::kNever);
  }
  return outputs;
}

}  // namespace rec
