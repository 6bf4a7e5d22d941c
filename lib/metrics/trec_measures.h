// trec_eval's measures by trec_eval's names: which metric each is, and the sets that it
// prints under "-m all_trec", "-m official" and "-m set", in the order of version 10.
// Thread rule: constant data, pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "metrics/metric_table.h"

namespace rec {

// "all_trec", "official" or "set".
bool is_trec_set(std::string_view name);

// The metrics of a set in order, named as trec_eval prints them: "P_5". Those that are
// no numbers of a list (runid, num_q, relstring) are not among them. REQUIRES: a set.
std::vector<Metric> trec_set(std::string_view set);

// The metric that trec_eval prints under this name, "ndcg_cut_10"; nothing where there
// is none.
std::optional<Metric> find_trec_measure(std::string_view name);

}  // namespace rec
