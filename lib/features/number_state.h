// What `rec-features numbers` learns from the numbers of today and applies to those of tomorrow: how each column is
// scaled, or where its bins end. Immutable and thread-safe once made.
//
// The value of a number x, or of ln(1 + x) with `log`, by NumberScale; the statistics are those of the column's
// numbers:
//   standard  (x - mean) / deviation, that of the population
//   min-max   (x - least) / (greatest - least), between 0 and 1 also for numbers outside the range
//   robust    (x - median) / (upper quartile - lower quartile)
// What would be divided by 0 is divided by 1. Quantiles are interpolated between two numbers (numpy.quantile's
// default).
//
// With bins, N of them, edge k is the quantile k/N, and x is in the first bin whose edge is at least x (as
// pandas.qcut), from 1 to N. Where equal numbers make edges equal, the bins between them have no number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"

namespace rec {

enum class NumberScale { kStandard, kMinMax, kRobust };

inline constexpr Named<NumberScale> kNumberScales[] = {
    {"standard", NumberScale::kStandard}, {"min-max", NumberScale::kMinMax}, {"robust", NumberScale::kRobust}};

struct NumberOptions {
  std::vector<std::string> columns;  // of numbers; none: those of type float
  NumberScale scale = NumberScale::kStandard;
  std::optional<uint32_t> bins;  // N
  bool log = false;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

struct NumberColumn {
  std::string name;
  uint64_t count = 0;                  // numbers it was learnt from
  double least = 0.0, greatest = 0.0;  // of them; with `log`, of their logarithms
  double shift = 0.0, divisor = 1.0;   // the scaled number is (x - shift) / divisor
  std::vector<double> edges;           // of the bins, N - 1

  bool is_outside(double number) const { return number < least || number > greatest; }
  uint32_t bin(double number) const;  // from 1 to N
};

struct NumberState {
  NumberOptions options;
  std::vector<NumberColumn> columns;  // in the order of the table, or of --column

  // The scaled number, finite. `number`: after the logarithm.
  float scaled(const NumberColumn& column, double number) const;
  Artefact to_artefact() const;
  // Throws Error for an artefact that is none of these.
  static NumberState from_artefact(const Artefact& artefact, const std::string& path);
};

// What a column learns of its numbers. REQUIRES: at least one. Throws Error where they are too large to be added up.
NumberColumn fit_numbers(const std::string& name, std::vector<double> numbers, const NumberOptions& options);

}  // namespace rec
