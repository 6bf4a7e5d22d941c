#include "cli/run_main.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <sstream>

#include "base/error.h"
#include "base/version.h"
#include "cli/help_layout.h"

namespace rec {
namespace {

// One line, whatever a file's name holds.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    line += code < 0x20 || code == 0x7f ? fmt::format("\\x{:02x}", code) : std::string(1, byte);
  }
  return line;
}

void print_error(const std::string& tool, const char* text) { say(fmt::format("{}: {}\n", tool, one_line(text))); }

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

// What CLI11 prints for --help or --version, checked: a text longer than the buffer of
// stdout fails before it is flushed.
void print_success(const CLI::App& app, const CLI::Success& success) {
  std::ostringstream text;
  app.exit(success, text, text);
  errno = 0;
  const std::string bytes = text.str();
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw BrokenPipe();
  fail_errno("stdout");
}

// command: the tool and its subcommand.
int usage_error(const std::string& tool, const std::string& command, std::string line) {
  // CLI11 may use several lines
  for (char& byte : line) {
    if (byte == '\n') byte = ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  say(fmt::format("{}: {} (see {} --help)\n", tool, line, command));
  return kExitUsage;
}

// The parsed subcommand's name behind the tool's.
std::string command_of(const CLI::App& app, const std::string& tool) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? tool : tool + " " + parsed.front()->get_name();
}

// What CLI11 says or, where a subcommand is missing, which ones there are.
std::string text_of(const CLI::ParseError& error, const CLI::App& app, int argc, char** argv) {
  if (app.get_require_subcommand_min() == 0 || !app.get_subcommands().empty()) return error.what();
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) names += (names.empty() ? "" : " or ") + command->get_name();
  if (argc < 2) return "expected a subcommand: " + names;
  return fmt::format("expected a subcommand ({}), found \"{}\"", names, one_line(argv[1]));
}

}  // namespace

void say(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

int run_main(const Tool& tool, int argc, char** argv) {
  occupy_standard_descriptors();
  std::string command = tool.name;
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is an error like a full disk
  try {
    CLI::App app(tool.description, tool.name);
    app.set_version_flag("--version", tool.name + " " + kVersion, "Print the version and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.formatter(help_layout());
    const std::function<int()> run = tool.declare(app);
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
      print_success(app, success);
      return kExitDone;
    } catch (const CLI::ParseError& error) {
      return usage_error(tool.name, command_of(app, tool.name), text_of(error, app, argc, argv));
    }
    command = command_of(app, tool.name);
    return run();
  } catch (const UsageError& error) {
    return usage_error(tool.name, command, error.what());
  } catch (const BrokenPipe&) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
    return 128 + SIGPIPE;
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
