// The spaces that rec-tune searches where it is told none, by the size of the data. Functions without state.
#pragma once

#include <string>
#include <vector>

#include "data/interactions.h"
#include "search/search.h"

namespace rec {

bool has_own_space(const std::string& model);
// Of these trainers or, where there are none, of those that suit the data: the cheap ones first. Each begins with
// the trainer's defaults. values: the metric is of predicted values.
std::vector<SearchSpace> own_spaces(const std::vector<std::string>& models, const Interactions& data, bool values);

}  // namespace rec
