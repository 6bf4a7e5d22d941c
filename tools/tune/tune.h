// The search of rec-tune, from the interactions to the best model. For one thread.
#pragma once

#include "tune/options.h"

namespace rec {

// The exit status. Throws Error, UsageError and Interrupted; what the leaderboard and the checkpoints beside it hold
// by then is gone on from.
int tune(const TuneOptions& options);

}  // namespace rec
