// rec-embed als --dp-epsilon. For one thread.
#pragma once

#include "embed/als_command.h"

namespace rec {

// Where they are not given. More of each means more noise in each number.
inline constexpr int kPrivateDim = 32;
inline constexpr int kPrivateEpochs = 2;

int run_private_als(AlsCommand& options);

}  // namespace rec
