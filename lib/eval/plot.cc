#include "eval/plot.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "base/error.h"
#include "eval/gnuplot.h"
#include "io/fd.h"

namespace rec {
namespace {

// value low high; the value where there is no interval.
std::string interval_columns(const ReportRow& row) {
  const auto end = [&row](const std::optional<double>& bound) {
    return plot_number(bound && !std::isnan(*bound) ? *bound : row.value);
  };
  return fmt::format("{} {} {}", plot_number(row.value), end(row.low), end(row.high));
}

// A line a metric over k: a data block for each, whose first line is its label.
std::string by_cut(const std::vector<const ReportRow*>& rows) {
  std::vector<std::string_view> series;
  for (const ReportRow* row : rows) {
    if (std::find(series.begin(), series.end(), row->series) == series.end()) series.push_back(row->series);
  }
  std::string data;
  std::string plots;
  for (size_t name = 0; name < series.size(); ++name) {
    std::vector<const ReportRow*> mine;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(mine),
                 [&](const ReportRow* row) { return row->series == series[name]; });
    std::stable_sort(mine.begin(), mine.end(), [](const ReportRow* a, const ReportRow* b) { return a->k < b->k; });
    data += fmt::format("$line{} << EOD\n{}\n", name, plot_field(series[name]));
    for (const ReportRow* row : mine) data += fmt::format("{} {}\n", row->k, interval_columns(*row));
    data += "EOD\n";
    plots += fmt::format(
        "{}$line{} skip 1 using 1:2:3:4 with yerrorbars lc {} pt 7 ps 0.5 notitle, "
        "$line{} using 1:2 with lines lc {} title columnheader(1)",
        name == 0 ? "plot " : ", ", name, name + 1, name, name + 1);
  }
  std::string ticks;
  uint32_t least = rows.front()->k;
  uint32_t most = least;
  for (const ReportRow* row : rows) {
    ticks += fmt::format("{}{}", ticks.empty() ? "" : ",", row->k);
    least = std::min(least, row->k);
    most = std::max(most, row->k);
  }
  data += fmt::format("set xlabel 'k'\nset ylabel 'metric'\nset key outside\nset logscale x\nset xtics ({})\n", ticks);
  data += fmt::format("set xrange [{}:{}]\n", static_cast<double>(least) / 1.2, static_cast<double>(most) * 1.2);
  return data + plots + "\n";
}

bool has_several_cuts(const std::vector<const ReportRow*>& rows) {
  return std::any_of(rows.begin(), rows.end(), [&rows](const ReportRow* row) { return row->k != rows.front()->k; });
}

// Rows from top to bottom, each a value with its interval.
std::string by_row(const std::vector<const ReportRow*>& rows, const char* label, bool line_at_one) {
  std::string data = "$rows << EOD\n";
  for (size_t row = 0; row < rows.size(); ++row) {
    data += fmt::format("{} {} {}\n", rows.size() - row, interval_columns(*rows[row]), plot_field(rows[row]->name));
  }
  data += fmt::format("EOD\nset yrange [0.5:{}.5]\nset xlabel '{}'\nset grid x\n", rows.size(), label);
  if (line_at_one) data += "set xrange [*<0.98:1.02<*]\nset arrow from 1, graph 0 to 1, graph 1 nohead dt 2\n";
  return data + "plot $rows using 2:1:3:4:ytic(5) with xerrorbars pt 7 notitle\n";
}

std::string curves(const PredictionCurves& curves) {
  std::string data = "$roc << EOD\n";
  for (const RocPoint& point : curves.roc) {
    data += fmt::format("{} {}\n", plot_number(point.false_positive_rate), plot_number(point.true_positive_rate));
  }
  data += "EOD\n$calibration << EOD\n";
  for (const CalibrationBin& bin : curves.calibration) {
    if (bin.weight > 0.0) data += fmt::format("{} {}\n", plot_number(bin.mean_prediction), plot_number(bin.mean_label));
  }
  data +=
      "EOD\nset multiplot layout 1,2\nset size square\nset xrange [0:1]\nset yrange [0:1]\nset grid\n"
      "set xlabel 'mean prediction'\nset ylabel 'mean label'\nset title 'Calibration'\n"
      "plot x with lines dt 2 lc 'gray' notitle, $calibration with linespoints pt 7 ps 0.5 lc 1 notitle\n"
      "set xlabel 'false positive rate'\nset ylabel 'true positive rate'\nset title 'ROC'\n";
  data += curves.roc.empty() ? "plot x with lines dt 2 lc 'gray' notitle\n"
                             : "plot x with lines dt 2 lc 'gray' notitle, $roc with lines lc 1 notitle\n";
  return data + "unset multiplot\n";
}

}  // namespace

std::string plot_script(const Evaluation& evaluation, const std::string& terminal) {
  const std::string head = plot_head(terminal);
  if (evaluation.curves) return head + curves(*evaluation.curves);
  std::vector<const ReportRow*> ratios;
  std::vector<const ReportRow*> cuts;
  std::vector<const ReportRow*> intervals;
  std::vector<const ReportRow*> metrics;
  std::deque<std::string> series;  // owns the names of the lines below
  std::vector<ReportRow> by_ranking;
  for (const RowsOfRanking& ranking : evaluation.rankings) {
    for (ReportRow row : ranking.rows) {
      if (row.k > 0) row.series = series.emplace_back(fmt::format("{}, {}", row.series, input_name(ranking.ranking)));
      row.name += ", " + input_name(ranking.ranking);
      by_ranking.push_back(std::move(row));
    }
  }
  for (const ReportRow& row : by_ranking.empty() ? evaluation.rows : by_ranking) {
    if (row.is_count || std::isnan(row.value)) continue;
    if (row.is_ratio) ratios.push_back(&row);
    if (row.k > 0) cuts.push_back(&row);
    if (row.low && row.high) intervals.push_back(&row);
    metrics.push_back(&row);
  }
  if (!ratios.empty()) return head + by_row(ratios, "ratio to the control", true);
  if (has_several_cuts(cuts)) return head + by_cut(cuts);
  if (metrics.empty()) fail("--plot: there is no value to draw");
  return head + by_row(intervals.empty() ? metrics : intervals, "value", false);
}

std::string draw_plot(const Evaluation& evaluation, const std::string& terminal) {
  return run_gnuplot(plot_script(evaluation, terminal));
}

}  // namespace rec
