// --learning-curves: logs of trainings in place of a table of results.
#include <algorithm>

#include "base/error.h"
#include "cli/run_main.h"
#include "eval/gnuplot.h"
#include "eval/learning_curves.h"
#include "eval/options.h"

namespace rec {

void check_learning_curves(const OptionTable& table, const EvalOptions& options) {
  constexpr const char* kApply[] = {"--learning-curves", "FILE", "--plot", "--json", "--digits", "--header", "-o",
                                    "--no-sync",         "-j",   "-q",     "-v",     "--force"};
  for (const Option& option : table.all()) {
    const bool applies =
        std::any_of(std::begin(kApply), std::end(kApply), [&](const char* flag) { return option.matches(flag); });
    if (option.given() && !applies) fail_usage("{} does not apply to --learning-curves", option.flag());
  }
  if (options.json && options.digits > 0) fail_usage("--digits does not apply to --json");
  if (options.json && table.given("--header")) fail_usage("--header does not apply to --json");
  if (std::count(options.files.begin(), options.files.end(), "-") > 1)
    fail_usage("stdin (-) is used for more than one input");
  if (options.plot.empty()) return;
  plot_terminal(options.plot);
  check_plot_program();
}

int run_learning_curves(const EvalOptions& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-eval", common);
  std::vector<std::string> files = options.files;
  if (files.empty()) files.emplace_back("-");
  std::vector<LearningCurve> curves;
  for (const std::string& file : files) {
    report.reading(file);
    curves.push_back(read_learning_curve(file));
  }
  Output out(common.output, common.sync);
  if (options.json) {
    write_learning_curves_json(out, curves);
  } else {
    ReportTable table(out, report_style(options));
    write_learning_curves(table, curves);
    table.finish();
  }
  std::optional<Output> picture;
  std::vector<Output*> outputs{&out};
  if (!options.plot.empty()) {
    const std::string drawn = run_gnuplot(learning_curve_script(curves, plot_terminal(options.plot)));
    outputs.push_back(&picture.emplace(options.plot, common.sync));
    picture->write(drawn);
  }
  finish_all(outputs);
  for (const LearningCurve& curve : curves) {
    if (!curve.note.empty()) report.note(curve.note);
    if (curve.epoch.empty()) report.note(input_name(curve.log) + ": no epoch yet");
  }
  report.finish();
  return kExitDone;
}

}  // namespace rec
