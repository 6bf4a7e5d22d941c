#include "features/number_state.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

constexpr const char* kNumberModel = "rec-features numbers";
constexpr uint32_t kMostBins = 10000;

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

void set_scale(NumberColumn& column, const std::vector<double>& sorted, double mean, NumberScale scale) {
  switch (scale) {
    case NumberScale::kStandard: {
      double squares = 0.0;
      for (const double number : sorted) squares += (number - mean) * (number - mean);
      column.shift = mean;
      column.divisor = std::sqrt(squares / static_cast<double>(sorted.size()));
      break;
    }
    case NumberScale::kMinMax:
      column.shift = column.least;
      column.divisor = column.greatest - column.least;
      break;
    case NumberScale::kRobust:
      column.shift = quantile(sorted, 0.5);
      column.divisor = quantile(sorted, 0.75) - quantile(sorted, 0.25);
      break;
  }
  if (column.divisor == 0.0) column.divisor = 1.0;
}

std::string key(const char* what, size_t column) { return fmt::format("{}.{}", what, column + 1); }

std::vector<double> parse_edges(std::string_view text, uint32_t bins) {
  std::vector<double> edges;
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    const auto edge = parse_number<double>(text.substr(0, blank));
    if (!edge || (!edges.empty() && *edge < edges.back())) fail("model: meta edges: bad edge of a bin");
    edges.push_back(*edge);
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  if (edges.size() + 1 != bins) fail("model: meta edges: expected {} of them, found {}", bins - 1, edges.size());
  return edges;
}

}  // namespace

void NumberOptions::describe(OptionTable& table) {
  table
      .add("--column", columns, "NAME",
           "A column of numbers; may be given several times (default: those of type float)")
      .not_in_model();
  table
      .choice("--scale", scale, kNumberScales,
              "standard: (number - mean) / deviation\n"
              "min-max: to the range from 0 to 1\n"
              "robust: (number - median) / interquartile range")
      .in_model_if([this] { return !bins; });
  table.add("--bins", bins, "N", "Write the bin of each number as KIND=qBIN; each of N bins has as many numbers")
      .range(2, kMostBins)
      .excludes("--scale");
  table.flag("--log", log, "Take ln(1 + x) of a number x first").excludes("--bins");
}

uint32_t NumberColumn::bin(double number) const {
  return static_cast<uint32_t>(std::lower_bound(edges.begin(), edges.end(), number) - edges.begin()) + 1;
}

float NumberState::scaled(const NumberColumn& column, double number) const {
  constexpr double kMost = std::numeric_limits<float>::max();
  double value = (number - column.shift) / column.divisor;
  if (options.scale == NumberScale::kMinMax) value = std::clamp(value, 0.0, 1.0);
  return static_cast<float>(std::clamp(value, -kMost, kMost));
}

NumberColumn fit_numbers(const std::string& name, std::vector<double> numbers, const NumberOptions& options) {
  NumberColumn column;
  column.name = name;
  column.count = numbers.size();
  std::sort(numbers.begin(), numbers.end());
  column.least = numbers.front();
  column.greatest = numbers.back();
  double sum = 0.0;
  for (const double number : numbers) sum += number;
  const double mean = sum / static_cast<double>(numbers.size());
  if (options.bins) {
    for (uint32_t edge = 1; edge < *options.bins; ++edge)
      column.edges.push_back(quantile(numbers, static_cast<double>(edge) / *options.bins));
  } else {
    set_scale(column, numbers, mean, options.scale);
  }
  // Beyond 1e150 squares overflow.
  const double sizes[] = {mean, column.shift, column.divisor, column.greatest - column.least};
  if (!std::all_of(std::begin(sizes), std::end(sizes), [](double size) { return std::isfinite(size); }))
    fail("column \"{}\": its numbers are too large", printable(name));
  return column;
}

Artefact NumberState::to_artefact() const {
  Artefact artefact;
  artefact.meta["model"] = kNumberModel;
  write_options(options, artefact.meta);
  artefact.meta["columns"] = std::to_string(columns.size());
  for (size_t at = 0; at < columns.size(); ++at) {
    const NumberColumn& column = columns[at];
    artefact.meta[key("column", at)] = column.name;
    artefact.meta[key("numbers", at)] = std::to_string(column.count);
    const auto put = [&](const char* what, double number) { append_number(artefact.meta[key(what, at)], number); };
    put("least", column.least);
    put("greatest", column.greatest);
    if (!options.bins) {
      put("shift", column.shift);
      put("divisor", column.divisor);
      continue;
    }
    std::string edges;
    for (const double edge : column.edges) {
      if (!edges.empty()) edges += ' ';
      append_number(edges, edge);
    }
    artefact.meta[key("edges", at)] = edges;
  }
  return artefact;
}

NumberState NumberState::from_artefact(const Artefact& artefact, const std::string& path) {
  const auto model = artefact.meta.find("model");
  if (model == artefact.meta.end() || model->second != kNumberModel) {
    fail("{}: expected a state that rec-features numbers --state wrote, found a model of {}", printable(path),
         model == artefact.meta.end() ? "no kind" : printable(model->second));
  }
  try {
    NumberState state;
    read_options(artefact.meta, state.options);
    check_ranges(state.options);
    const double columns = artefact.number("columns");
    if (!(columns >= 1 && columns <= static_cast<double>(artefact.meta.size())))
      fail("model: meta columns: bad number");
    for (size_t at = 0; at < static_cast<size_t>(columns); ++at) {
      NumberColumn& column = state.columns.emplace_back();
      column.name = artefact.text(key("column", at));
      column.count = static_cast<uint64_t>(std::clamp(artefact.number(key("numbers", at)), 0.0, 1e18));
      column.least = artefact.number(key("least", at));
      column.greatest = artefact.number(key("greatest", at));
      if (state.options.bins) {
        column.edges = parse_edges(artefact.text(key("edges", at)), *state.options.bins);
        continue;
      }
      column.shift = artefact.number(key("shift", at));
      column.divisor = artefact.number(key("divisor", at));
      if (!(column.divisor > 0)) fail("model: meta {}: expected a number above 0", key("divisor", at));
    }
    return state;
  } catch (const std::runtime_error& error) {
    fail("{}: {}", printable(path), error.what());
  }
}

}  // namespace rec
