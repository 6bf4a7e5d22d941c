// The files of a run, as its options name them. Thread rule: a function without state.
#pragma once

#include "base/option.h"

namespace rec {

// Throws UsageError where two outputs are one file, or where an output is an input and --force was
// not given. Looks at options that are declared with Option::reads() or writes(), and reads nothing.
void check_run_files(const OptionTable& table);

}  // namespace rec
