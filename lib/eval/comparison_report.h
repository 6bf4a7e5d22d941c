// The table of a comparison of rankings. Thread rule: pure functions.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "eval/compare_rankings.h"
#include "eval/report_table.h"

namespace rec {

// The numbers of a comparison behind its users, by column, in the order of the columns.
std::vector<std::pair<const char*, double>> numbers_of(const Comparison& comparison);

// What the columns of a comparison's path and of its number of units are called: ranking or predictions, users or rows.
const char* path_column(const Comparison& comparison);
const char* units_column(const Comparison& comparison);

// metric ranking users baseline value difference relative low high p_t p_wilcoxon
// p_permutation holm_t holm_wilcoxon holm_permutation.
// Of predictions: metric predictions users, or rows, and so on. REQUIRES: all of one kind, at least one.
// segments: a column segment behind ranking, "all" where there is none.
void write_comparisons(ReportTable& table, std::span<const Comparison> comparisons, bool segments);

}  // namespace rec
