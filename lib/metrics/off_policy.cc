#include "metrics/off_policy.h"

#include <algorithm>

namespace rec {

double importance_weight(double propensity, double target, double clip) { return std::min(target / propensity, clip); }

PolicyTerm logged(const PolicyRow& row) { return {row.reward, 1.0}; }

PolicyTerm ips(const PolicyRow& row) { return {row.weight * row.reward, 1.0}; }

PolicyTerm snips(const PolicyRow& row) { return {row.weight * row.reward, row.weight}; }

PolicyTerm dm(const PolicyRow& row) { return {row.expected, 1.0}; }

PolicyTerm dr(const PolicyRow& row) { return {row.expected + row.weight * (row.reward - row.predicted), 1.0}; }

}  // namespace rec
