// rec-attend --contributions and --over features as a stream: each candidate with the terms of its
// score. Uses the threads of its options; may be called from one thread only.
#pragma once

#include "score/contributions.h"
#include "score/streams.h"

namespace rec {

// user item COLUMN contribution: for each candidate the terms of `contributions`, the greatest by
// absolute value first (equal ones by name), at most `top` of them. A user of whom nothing is known
// has no rows; it is counted in fallback_users. The same bytes for every number of threads.
StreamCounts explain_candidates(GroupReader& candidates, const Model& model, const Contributions& contributions,
                                size_t top, const StreamOptions& options, Output& out);

}  // namespace rec
