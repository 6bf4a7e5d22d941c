// Several tests at once: Holm's step-down adjustment (Holm 1979), which keeps the
// chance of any false rejection below the level, whatever the tests' dependence.
// Thread rule: pure function.
#pragma once

#include <span>
#include <vector>

namespace rec {

// The adjusted p-values, in the order given: with p sorted ascending,
// max over j <= i of min(1, (m - j) p_j), j from 0. NaN stays NaN and is not
// counted in m.
std::vector<double> holm(std::span<const double> p);

}  // namespace rec
