// The table of a comparison of rankings. Thread rule: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "eval/compare_rankings.h"
#include "io/output.h"

namespace rec {

// metric ranking users baseline value difference relative low high p_t p_wilcoxon
// p_permutation holm_t holm_wilcoxon holm_permutation.
void write_comparisons(Output& out, std::span<const Comparison> comparisons, bool header);

// The same as an array of objects of these names.
nlohmann::ordered_json comparisons_json(std::span<const Comparison> comparisons);

}  // namespace rec
