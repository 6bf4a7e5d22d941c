// Another program run on text, without a shell. Any thread may call it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rec {

// Runs `program` (found on PATH) with `arguments` and `input` as its stdin, waits,
// and returns what it wrote to stdout. Input and output are held in memory, in files
// without a name, so neither side can block the other, and no signal leaves one behind.
// Throws Error if it is not installed or cannot be started ("gnuplot: ..."), if it
// is killed, and with the first line of its stderr if its exit status is not 0.
std::string run_program(const std::string& program, std::span<const std::string> arguments, std::string_view input);

}  // namespace rec
