// A command line while it is declared: a tool or one of its subcommands, with its
// options. What parses it (CLI11) is known to command.cc alone.
// Thread rule: for one thread.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/option.h"

namespace rec {

class Command {
 public:
  Command(std::string name, std::string description);
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // "rec-embed als"
  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  OptionTable& options() { return options_; }
  const OptionTable& options() const { return options_; }

  // A tool that has subcommands needs one of them. The reference stays valid. `run` is
  // called once its command line is read; its result is the exit status.
  Command& add_command(const std::string& name, std::string description);
  const std::deque<Command>& commands() const { return commands_; }
  void on_run(std::function<int()> run) { run_ = std::move(run); }
  // Called between the reading of the command line and the check of what options need
  // and exclude: for options that come from elsewhere, too.
  void on_read(std::function<void()> complete) { complete_ = std::move(complete); }

  // The last word of the name: "als".
  std::string_view word() const;

  // Reads the arguments into the options. Returns what is to run: the run of the
  // subcommand that was named or of this. Throws UsageError, with command_read() for
  // the page to look at; Printed for --help and --version.
  std::function<int()> parse(const std::vector<std::string>& arguments, const std::string& version);
  // "rec-embed als" once parse() has seen that word, else "rec-embed".
  const std::string& command_read() const { return read_; }

  struct Printed {
    std::string text;
  };

 private:
  std::string name_, description_;
  OptionTable options_;
  std::deque<Command> commands_;
  std::function<int()> run_;
  std::function<void()> complete_;
  std::string read_;
};

}  // namespace rec
