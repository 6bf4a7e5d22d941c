// What a search is about, and the names of its checkpoints that follow from it: digests of its files and options.
// Functions without state.
#pragma once

#include <string>
#include <vector>

#include "search/leaderboard.h"
#include "search/search.h"
#include "tune/options.h"

namespace rec {

// files: that points of the spaces read, each of which counts by what it holds. Throws Error for one that cannot be
// read.
SearchIdentity identity_of(const TuneOptions& options, const std::vector<SearchSpace>& spaces,
                           const std::vector<std::string>& files);

// The name of the checkpoint of a run, for all its epochs alike; "": such a run begins anew where it goes on.
std::string checkpoint_name(const SearchIdentity& identity, const std::string& model, const Words& words);

}  // namespace rec
