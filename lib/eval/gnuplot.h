// Pictures by gnuplot: the parts of a script that all of them share. A script is our own text; what comes from data or
// from names of files stands in its data blocks alone, as plot_field() and plot_number() write it.
// Thread rule: functions without state.
#pragma once

#include <string>
#include <string_view>

namespace rec {

// The gnuplot terminal of a file name that ends in .svg, .png or .pdf. Throws
// UsageError for another.
std::string plot_terminal(const std::string& path);

// Throws Error if gnuplot does not run. Cheap: called before anything is read.
void check_plot_program();

// How a script begins.
std::string plot_head(const std::string& terminal);
// A text field of a data block, which gnuplot takes as it is: no command, no escape,
// no substitution.
std::string plot_field(std::string_view text);
// A number of a data block; NaN is one.
std::string plot_number(double value);

// The picture's bytes: the same for the same script and gnuplot. Throws Error if gnuplot fails.
std::string run_gnuplot(const std::string& script);

}  // namespace rec
