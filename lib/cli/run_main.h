// What all tools share around their own work: reading the command line, printing
// errors, exit status.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace rec {

inline constexpr int kExitDone = 0;
inline constexpr int kExitData = 1;       // bad data or failed I/O
inline constexpr int kExitUsage = 2;      // wrong command line
inline constexpr int kExitCondition = 3;  // a condition asked for does not hold

// A tool: its name and one-line description, and declare(), which adds options or
// commands and says what is to run (on_run) once they are read.
struct Tool {
  std::string name;
  std::string description;
  std::function<void(Command&)> declare;
};

// Writes text to stderr as it is. What cannot be said there (a full disk, a closed
// descriptor) is lost, and changes nothing else.
void say(std::string_view text) noexcept;

// The whole of main(): parses, runs, prints one line on stderr for an error
// ("rec-rank: ratings.tsv:17: field 3: not a number: \"abc\"") and returns the
// exit status. A broken pipe ends the process quietly, as SIGPIPE does.
int run_main(const Tool& tool, int argc, char** argv);

}  // namespace rec
