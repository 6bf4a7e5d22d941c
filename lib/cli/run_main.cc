#include "cli/run_main.h"

#include <csignal>
#include <cstdio>
#include <new>

#include "base/error.h"
#include "base/version.h"

namespace rec {
namespace {

void print_error(const std::string& tool, const char* text) { fmt::print(stderr, "{}: {}\n", tool, text); }

int usage_error(const std::string& tool, const char* text) {
  std::string line = text;  // CLI11 may use several lines
  for (char& byte : line) {
    if (byte == '\n') byte = ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  fmt::print(stderr, "{}: {} (see {} --help)\n", tool, line, tool);
  return kExitUsage;
}

}  // namespace

int run_main(const Tool& tool, int argc, char** argv) {
  try {
    CLI::App app(tool.description, tool.name);
    app.set_version_flag("--version", tool.name + " " + kVersion, "Print the version and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.get_formatter()->column_width(34);
    const std::function<int()> run = tool.declare(app);
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
      app.exit(success);
      if (std::fflush(stdout) != 0) fail_errno("stdout");
      return kExitDone;
    } catch (const CLI::ParseError& error) {
      return usage_error(tool.name, error.what());
    }
    return run();
  } catch (const UsageError& error) {
    return usage_error(tool.name, error.what());
  } catch (const BrokenPipe&) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
    return 128 + SIGPIPE;
  } catch (const std::bad_alloc&) {
    print_error(tool.name, "out of memory");
  } catch (const std::exception& error) {
    print_error(tool.name, error.what());
  }
  return kExitData;
}

}  // namespace rec
