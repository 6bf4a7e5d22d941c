#include "cli/run_main.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <vector>

#include "base/error.h"
#include "base/signals.h"
#include "base/version.h"

namespace rec {
namespace {

// One line, whatever a file's name holds.
void print_error(const std::string& tool, const char* text) { say(fmt::format("{}: {}\n", tool, escaped(text))); }

// A closed standard descriptor would be given to the next file that is opened,
// and results or errors would land there: takes its place with one that fails
// to read or write.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      [[maybe_unused]] const int lowest = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

// Checked: a text longer than the buffer of stdout fails before it is flushed.
void print_text(const std::string& bytes) {
  errno = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw BrokenPipe();
  fail_errno("stdout");
}

// command: the tool and its subcommand.
int usage_error(const std::string& tool, const std::string& command, const char* text) {
  say(fmt::format("{}: {} (see {} --help)\n", tool, escaped(text), command));
  return kExitUsage;
}

int end_by_sigpipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  return 128 + SIGPIPE;
}

}  // namespace

void say(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

int run_main(const Tool& tool, int argc, char** argv) {
  occupy_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is an error like a full disk
  catch_lost_pages(tool.name +
                       ": a file was cut short or written over while it was read; write files beside and rename "
                       "them, as -o does\n",
                   kExitData);
  Command command(tool.name, tool.description);
  try {
    tool.declare(command);
    return command.parse(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), tool.name + " " + kVersion)();
  } catch (const Command::Printed& printed) {  // --help, --version
    try {
      print_text(printed.text);
      return kExitDone;
    } catch (const BrokenPipe&) {
      return end_by_sigpipe();
    } catch (const Error& error) {
      print_error(tool.name, error.what());
    }
  } catch (const UsageError& error) {
    return usage_error(tool.name, command.command_read(), error.what());
  } catch (const BrokenPipe&) {
    return end_by_sigpipe();
  } catch (const Interrupted& interrupt) {
    print_error(tool.name, interrupt.what());
    return 128 + SIGINT;
  } catch (const std::bad_alloc&) {
    print_error(tool.name, "out of memory");
  } catch (const std::exception& error) {
    print_error(tool.name, error.what());
  }
  return kExitData;
}

}  // namespace rec
