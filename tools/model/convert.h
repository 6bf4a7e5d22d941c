// rec-model convert: models and interactions in their other encoding. For one thread.
#pragma once

#include "cli/options.h"

namespace rec {

void declare_convert(Command& tool);

}  // namespace rec
