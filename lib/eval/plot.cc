#include "eval/plot.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "io/run_program.h"

namespace rec {
namespace {

constexpr const char* kProgram = "gnuplot";

// Text between double quotes in gnuplot's data; enhanced text is off.
std::string quoted(std::string_view text) {
  std::string safe = printable(text);
  std::replace(safe.begin(), safe.end(), '"', '\'');
  std::replace(safe.begin(), safe.end(), '\\', '/');
  return '"' + safe + '"';
}

std::string number(double value) {
  std::string text;
  if (std::isnan(value)) return "NaN";
  append_number(text, value);
  return text;
}

// A row of a ranking metric that has a cut: "ndcg@10", or "ndcg@10[b]".
struct CutRow {
  std::string series;  // "ndcg", "ndcg[b]"
  uint64_t k;
  const ReportRow* row;
};

std::optional<CutRow> cut_row(const ReportRow& row) {
  const size_t at = row.name.find('@');
  if (row.is_count || at == std::string::npos || std::isnan(row.value)) return std::nullopt;
  const size_t end = std::min(row.name.find_first_not_of("0123456789", at + 1), row.name.size());
  const auto k = parse_integer<uint64_t>(std::string_view(row.name).substr(at + 1, end - at - 1));
  if (!k || (end < row.name.size() && row.name[end] != '[')) return std::nullopt;
  return CutRow{row.name.substr(0, at) + row.name.substr(end), *k, &row};
}

std::string interval_columns(const ReportRow& row) {
  return fmt::format("{} {} {}", number(row.value), number(row.low.value_or(row.value)),
                     number(row.high.value_or(row.value)));
}

std::string by_cut(const std::vector<CutRow>& rows) {
  std::vector<std::string> series;
  for (const CutRow& row : rows) {
    if (std::find(series.begin(), series.end(), row.series) == series.end()) series.push_back(row.series);
  }
  std::string data;
  std::string plots;
  for (size_t name = 0; name < series.size(); ++name) {
    std::vector<CutRow> mine;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(mine),
                 [&](const CutRow& row) { return row.series == series[name]; });
    std::stable_sort(mine.begin(), mine.end(), [](const CutRow& a, const CutRow& b) { return a.k < b.k; });
    data += fmt::format("$line{} << EOD\n", name);
    for (const CutRow& row : mine) data += fmt::format("{} {}\n", row.k, interval_columns(*row.row));
    data += "EOD\n";
    plots += fmt::format(
        "{}$line{} using 1:2:3:4 with yerrorbars lc {} pt 7 ps 0.5 notitle, "
        "$line{} using 1:2 with lines lc {} title {}",
        name == 0 ? "plot " : ", ", name, name + 1, name, name + 1, quoted(series[name]));
  }
  std::string ticks;
  uint64_t least = rows.front().k;
  uint64_t most = least;
  for (const CutRow& row : rows) {
    ticks += fmt::format("{}{}", ticks.empty() ? "" : ",", row.k);
    least = std::min(least, row.k);
    most = std::max(most, row.k);
  }
  data += fmt::format("set xlabel 'k'\nset ylabel 'metric'\nset key outside\nset logscale x\nset xtics ({})\n", ticks);
  data += fmt::format("set xrange [{}:{}]\n", static_cast<double>(least) / 1.2, static_cast<double>(most) * 1.2);
  return data + plots + "\n";
}

bool has_several_cuts(const std::vector<CutRow>& rows) {
  return std::any_of(rows.begin(), rows.end(), [&rows](const CutRow& row) { return row.k != rows.front().k; });
}

// Rows from top to bottom, each a value with its interval.
std::string by_row(const std::vector<const ReportRow*>& rows, const char* label, bool line_at_one) {
  std::string data = "$rows << EOD\n";
  for (size_t row = 0; row < rows.size(); ++row) {
    data += fmt::format("{} {} {}\n", rows.size() - row, interval_columns(*rows[row]), quoted(rows[row]->name));
  }
  data += fmt::format("EOD\nset yrange [0.5:{}.5]\nset xlabel '{}'\nset grid x\n", rows.size(), label);
  if (line_at_one) data += "set xrange [*<0.98:1.02<*]\nset arrow from 1, graph 0 to 1, graph 1 nohead dt 2\n";
  return data + "plot $rows using 2:1:3:4:ytic(5) with xerrorbars pt 7 notitle\n";
}

std::string curves(const PredictionCurves& curves) {
  std::string data = "$roc << EOD\n";
  for (const RocPoint& point : curves.roc) {
    data += fmt::format("{} {}\n", number(point.false_positive_rate), number(point.true_positive_rate));
  }
  data += "EOD\n$calibration << EOD\n";
  for (const CalibrationBin& bin : curves.calibration) {
    if (bin.weight > 0.0) data += fmt::format("{} {}\n", number(bin.mean_prediction), number(bin.mean_label));
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

std::string plot_terminal(const std::string& path) {
  if (path.ends_with(".svg")) return "svg size 800,480 noenhanced";
  if (path.ends_with(".png")) return "pngcairo size 800,480 noenhanced";
  if (path.ends_with(".pdf")) return "pdfcairo size 8,4.8 noenhanced";
  fail_usage("--plot \"{}\": expected a file that ends in .svg, .png or .pdf", printable(path));
}

void check_plot_program() {
  try {
    run_program(kProgram, std::vector<std::string>{"--version"}, "");
  } catch (const Error& error) {
    fail("--plot is drawn by gnuplot (Debian: gnuplot-nox): {}", error.what());
  }
}

std::string plot_script(const Evaluation& evaluation, const std::string& terminal) {
  const std::string head = "set terminal " + terminal + "\nset encoding utf8\n";
  if (evaluation.curves) return head + curves(*evaluation.curves);
  std::vector<const ReportRow*> ratios;
  std::vector<CutRow> cuts;
  std::vector<const ReportRow*> intervals;
  std::vector<const ReportRow*> metrics;
  for (const ReportRow& row : evaluation.rows) {
    if (row.is_count || std::isnan(row.value)) continue;
    if (row.name.find(".ratio[") != std::string::npos) ratios.push_back(&row);
    if (auto cut = cut_row(row)) cuts.push_back(std::move(*cut));
    if (row.low && row.high) intervals.push_back(&row);
    metrics.push_back(&row);
  }
  if (!ratios.empty()) return head + by_row(ratios, "ratio to the control", true);
  if (has_several_cuts(cuts)) return head + by_cut(cuts);
  if (metrics.empty()) fail("--plot: there is no value to draw");
  return head + by_row(intervals.empty() ? metrics : intervals, "value", false);
}

std::string draw_plot(const Evaluation& evaluation, const std::string& terminal) {
  // -d: without the user's own gnuplot settings.
  return run_program(kProgram, std::vector<std::string>{"-d"}, plot_script(evaluation, terminal));
}

}  // namespace rec
