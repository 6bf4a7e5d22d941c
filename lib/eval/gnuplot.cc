#include "eval/gnuplot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "io/run_program.h"

namespace rec {
namespace {

constexpr const char* kProgram = "gnuplot";

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

std::string plot_head(const std::string& terminal) { return "set terminal " + terminal + "\nset encoding utf8\n"; }

std::string plot_field(std::string_view text) {
  std::string safe = printable(text);
  std::replace(safe.begin(), safe.end(), '"', '\'');
  std::replace(safe.begin(), safe.end(), '\\', '/');
  return '"' + safe + '"';
}

std::string plot_number(double value) {
  std::string text;
  if (std::isnan(value)) return "NaN";
  append_number(text, value);
  return text;
}

std::string run_gnuplot(const std::string& script) {
  // -d: without the user's own gnuplot settings.
  return run_program(kProgram, std::vector<std::string>{"-d"}, script);
}

}  // namespace rec
