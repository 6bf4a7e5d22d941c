// The value of a figure that its rows do not define: a mean of nothing, an interval of one row.
#pragma once

#include <limits>

namespace rec {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace rec
