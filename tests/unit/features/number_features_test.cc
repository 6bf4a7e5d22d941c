#include "features/number_features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "base/error.h"
#include "unit/features/run_of.h"

namespace rec::number_features_test {

namespace {

const std::vector<double> kNumbers = {3.5, -1, 4, 1, 5, 9, 2, 6, 5, 3};

NumberState state_of(NumberOptions options) {
  NumberState state;
  state.options = options;
  state.columns.push_back(fit_numbers("x", kNumbers, options));
  return state;
}

}  // namespace

// The values on the right are those of numpy.mean, std and quantile.
TEST_CASE("what a column of numbers learns, against numpy") {
  NumberState state = state_of({});
  CHECK(state.columns[0].shift == doctest::Approx(3.75));
  CHECK(state.columns[0].divisor == doctest::Approx(2.638654960391752));
  CHECK(state.scaled(state.columns[0], 9) == doctest::Approx(5.25 / 2.638654960391752));
  state = state_of({{}, NumberScale::kMinMax, {}, false});
  CHECK(state.scaled(state.columns[0], 4) == 0.5f);
  CHECK(state.scaled(state.columns[0], 100) == 1.0f);
  CHECK(state.scaled(state.columns[0], -100) == 0.0f);
  CHECK(state.columns[0].is_outside(9.5));
  CHECK(!state.columns[0].is_outside(9));
  state = state_of({{}, NumberScale::kRobust, {}, false});
  CHECK(state.columns[0].shift == 3.75);
  CHECK(state.columns[0].divisor == 2.75);
  state = state_of({{}, NumberScale::kStandard, 7, false});
  const double edges[] = {1.2857142857142858, 2.5714285714285716, 3.4285714285714284, 4.142857142857143, 5.0,
                          5.714285714285714};
  REQUIRE(state.columns[0].edges.size() == 6);
  for (size_t edge = 0; edge < 6; ++edge) CHECK(state.columns[0].edges[edge] == doctest::Approx(edges[edge]));
  CHECK(state.columns[0].bin(-50) == 1);
  CHECK(state.columns[0].bin(5) == 5);  // an edge is in the bin below it
  CHECK(state.columns[0].bin(50) == 7);
}

TEST_CASE("numbers that are all equal, and numbers that are too large") {
  const NumberColumn equal = fit_numbers("x", {2, 2, 2}, {});
  CHECK(equal.divisor == 1.0);
  const NumberColumn bins = fit_numbers("x", {2, 2, 2}, {{}, NumberScale::kStandard, 3, false});
  CHECK(bins.bin(2) == 1);
  CHECK(bins.bin(3) == 3);
  CHECK_THROWS_AS((void)fit_numbers("x", {1e308, 1e308, -1e308}, {}), Error);
}

TEST_CASE(
    "bins of random numbers hold as many each, and a table is written by its definition for every number of threads") {
  const TempFolder folder;
  std::mt19937 random(7);
  for (int round = 0; round < 30; ++round) {
    const size_t rows = 1 + random() % 60;
    std::vector<double> numbers;
    std::ofstream table(folder.path("in"));
    for (size_t row = 0; row < rows; ++row) {
      const bool missing = row > 0 && random() % 5 == 0;
      const double number = static_cast<double>(random() % 1000) / 8;
      numbers.push_back(missing ? NAN : number);
      table << "i" << row << "\t" << (missing ? "" : std::to_string(number)) << "\n";
    }
    table.close();
    NumberOptions options;
    options.columns = {"x"};
    options.log = random() % 2;
    if (random() % 2) {
      options.bins = 2 + static_cast<uint32_t>(random() % 5);
      options.log = false;
    }
    double sum = 0, squares = 0, n = 0;
    for (double number : numbers) {
      if (std::isnan(number)) continue;
      if (options.log) number = std::log(1 + number);
      sum += number;
      squares += number * number;
      ++n;
    }
    const double mean = sum / n, deviation = std::sqrt(std::max(0.0, squares / n - mean * mean));
    FeatureRun run = run_of(folder, 1, "one");
    run.state = folder.path("state");
    const NumberReport report = make_number_features(options, run);
    CHECK(report.columns[0].numbers == static_cast<uint64_t>(n));
    CHECK(report.columns[0].missing == rows - static_cast<uint64_t>(n));
    CHECK(report.without == rows - static_cast<uint64_t>(n));
    std::istringstream written(folder.read("one"));
    std::string line;
    for (size_t row = 0; row < rows; ++row) {
      const std::string id = "i" + std::to_string(row) + "\t";
      if (std::isnan(numbers[row])) {
        if (options.bins) continue;
        REQUIRE(std::getline(written, line));
        REQUIRE(line == id);
        continue;
      }
      REQUIRE(std::getline(written, line));
      if (options.bins) {
        // The share of numbers below lies between the shares where the bin begins and ends, but for interpolation.
        double below = 0, at_most = 0;
        for (const double number : numbers) {
          below += number < numbers[row];
          at_most += number <= numbers[row];
        }
        REQUIRE(line.substr(0, id.size() + 3) == id + "x=q");
        const double bin = std::stod(line.substr(id.size() + 3));
        REQUIRE(below / (n - 1 + (n == 1)) <= bin / *options.bins + 1e-9);
        REQUIRE((at_most - 1) / (n - 1 + (n == 1)) >= (bin - 1) / *options.bins - 1 / n - 1e-9);
      } else {
        REQUIRE(line.starts_with(id));
        const double x = options.log ? std::log(1 + numbers[row]) : numbers[row];
        REQUIRE(std::stod(line.substr(id.size())) ==
                doctest::Approx((x - mean) / (deviation > 1e-6 ? deviation : 1)).epsilon(1e-4));
      }
    }
    CHECK(!std::getline(written, line));
    run = run_of(folder, 3, "three");
    (void)make_number_features(options, run);
    CHECK(folder.read("three") == folder.read("one"));
    run = run_of(folder, 2, "applied");
    run.apply = folder.path("state");
    CHECK(make_number_features({}, run).columns[0].outside == 0);
    CHECK(folder.read("applied") == folder.read("one"));
  }
}

}  // namespace rec::number_features_test
