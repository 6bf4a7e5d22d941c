#include <algorithm>
#include <limits>

#include "base/error.h"
#include "eval/gnuplot.h"
#include "eval/learning_curves.h"
#include "io/fd.h"

namespace rec {
namespace {

constexpr double kWide = 20;  // a greater ratio of objectives is drawn by its logarithm

// Lines of one kind, side by side with those of the others.
struct Panel {
  std::string label;  // our own text
  std::string data, plots;
  bool log = false;
};

void add_line(Panel& panel, const std::string& name, size_t colour, std::string_view title,
              std::span<const uint32_t> epochs, std::span<const double> values, std::optional<size_t> best) {
  panel.data += fmt::format("${} << EOD\n{}\n", name, plot_field(title));
  for (size_t at = 0; at < epochs.size(); ++at)
    panel.data += fmt::format("{} {}\n", epochs[at], plot_number(values[at]));
  panel.data += "EOD\n";
  panel.plots += fmt::format("{}${} using 1:2 with linespoints lc {} pt 7 ps 0.3 title columnheader(1)",
                             panel.plots.empty() ? "plot " : ", ", name, colour);
  if (!best) return;
  panel.data += fmt::format("${}_best << EOD\n{} {}\nEOD\n", name, epochs[*best], plot_number(values[*best]));
  panel.plots += fmt::format(", ${}_best using 1:2 with points lc {} pt 7 ps 1 notitle", name, colour);
}

bool is_wide(std::span<const LearningCurve> curves) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const LearningCurve& curve : curves) {
    for (const double value : curve.objective) {
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  return least > 0 && most > kWide * least;
}

}  // namespace

std::string learning_curve_script(std::span<const LearningCurve> curves, const std::string& terminal) {
  Panel objectives{.label = "objective", .data = {}, .plots = {}, .log = is_wide(curves)};
  std::vector<std::string> metrics;
  uint32_t most = 0;
  for (size_t log = 0; log < curves.size(); ++log) {
    const LearningCurve& curve = curves[log];
    if (curve.epoch.empty()) continue;
    most = std::max(most, curve.epoch.back());
    add_line(objectives, fmt::format("objective{}", log), log + 1, input_name(curve.log), curve.epoch, curve.objective,
             std::nullopt);
    if (!curve.metric.empty() && std::find(metrics.begin(), metrics.end(), curve.metric) == metrics.end())
      metrics.push_back(curve.metric);
  }
  if (objectives.plots.empty()) fail("--plot: there is no epoch to draw");
  std::vector<Panel> panels{std::move(objectives)};
  for (const std::string& metric : metrics) {
    Panel& panel = panels.emplace_back(Panel{.label = "metric", .data = {}, .plots = {}});
    for (size_t log = 0; log < curves.size(); ++log) {
      const LearningCurve& curve = curves[log];
      if (curve.metric != metric || curve.epoch.empty()) continue;
      add_line(panel, fmt::format("metric{}", log), log + 1, fmt::format("{}, {}", metric, input_name(curve.log)),
               curve.epoch, curve.value, curve.best());
    }
  }
  std::string script = plot_head(terminal);
  for (const Panel& panel : panels) script += panel.data;
  script += fmt::format("set multiplot layout 1,{}\nset key below vertical maxcols 1\nset xlabel 'epoch'\nset grid\n",
                        panels.size());
  constexpr uint32_t kFew = 20;
  if (most <= kFew) script += "set xtics 1\n";  // no half epochs
  for (const Panel& panel : panels) {
    script +=
        fmt::format("{} logscale y\nset ylabel '{}'\n{}\n", panel.log ? "set" : "unset", panel.label, panel.plots);
  }
  return script + "unset multiplot\n";
}

}  // namespace rec
