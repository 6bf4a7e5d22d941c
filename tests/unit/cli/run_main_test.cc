#include "cli/run_main.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <new>

#include "base/error.h"
#include "base/version.h"
#include "cli/options.h"
#include "temp_folder.h"

namespace rec::run_main_test {

namespace {

struct Outcome {
  int status = 0;  // exit status, or 128 + signal
  std::string out;
  std::string err;
};

// Runs `tool` in a process of its own. prepare: called there first.
Outcome outcome_of(const Tool& tool, std::vector<std::string> args, const std::function<void()>& prepare = {}) {
  const TempFolder folder;
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(folder.path("out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(folder.path("err").c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    if (prepare) prepare();
    args.insert(args.begin(), tool.name);
    std::vector<char*> argv;
    for (auto& arg : args) argv.push_back(arg.data());
    ::_exit(run_main(tool, static_cast<int>(argv.size()), argv.data()));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  Outcome outcome;
  outcome.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.out = folder.read("out");
  outcome.err = folder.read("err");
  return outcome;
}

Tool tool_that(std::function<int()> run) {
  return {"rec-x", "tests", [run](Command& command) {
            command.options().add("--number", *new int(0), "N", "a number");
            command.on_run(run);
          }};
}

Outcome outcome_of(std::function<int()> run) { return outcome_of(tool_that(std::move(run)), {}); }

}  // namespace

TEST_CASE("run_main: the run's status is the exit status") {
  CHECK(outcome_of([] { return 0; }).status == 0);
  CHECK(outcome_of([] { return kExitCondition; }).status == 3);
}

TEST_CASE("run_main: errors are one line with the tool's name") {
  const Outcome data = outcome_of([]() -> int { fail("a.tsv:1: bad"); });
  CHECK(data.status == 1);
  CHECK(data.err == "rec-x: a.tsv:1: bad\n");
  const Outcome usage = outcome_of([]() -> int { fail_usage("no such way"); });
  CHECK(usage.status == 2);
  CHECK(usage.err == "rec-x: no such way (see rec-x --help)\n");
  CHECK(outcome_of([]() -> int { throw std::bad_alloc(); }).err == "rec-x: out of memory\n");
  const Outcome odd = outcome_of([]() -> int { fail("a\nb\x1b: bad"); });
  CHECK(odd.err == "rec-x: a\\nb\\x1b: bad\n");
}

TEST_CASE("run_main: a wrong command line is status 2 and one line") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--nope"}, {"extra"}, {"--number", "x"}, {"--number"}}) {
    const Outcome outcome = outcome_of(tool_that([] { return 0; }), args);
    CHECK(outcome.status == 2);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK(outcome.err.starts_with("rec-x: "));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("run_main: --help and --version on stdout") {
  CHECK(outcome_of(tool_that([] { return 1; }), {"--version"}).out == std::string("rec-x ") + kVersion + "\n");
  const Outcome help = outcome_of(tool_that([] { return 1; }), {"--help"});
  CHECK(help.status == 0);
  CHECK(help.out.find("--number") != std::string::npos);
  CHECK(help.err.empty());
}

TEST_CASE("run_main: --help to a full disk is an error, to a closed pipe quiet") {
  const Outcome full =
      outcome_of(tool_that([] { return 0; }), {"--help"}, [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); });
  CHECK(full.status == 1);
  CHECK(full.err == "rec-x: stdout: No space left on device\n");
  for (const auto handler : {SIG_IGN, SIG_DFL}) {
    const Outcome closed = outcome_of(tool_that([] { return 0; }), {"--help"}, [handler] {
      int ends[2];
      if (::pipe(ends) != 0) ::_exit(99);
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      std::signal(SIGPIPE, handler);
    });
    CHECK(closed.status == 128 + SIGPIPE);
    CHECK(closed.err.empty());
  }
}

TEST_CASE("run_main: BrokenPipe ends as SIGPIPE does") {
  const Outcome outcome = outcome_of([]() -> int { throw BrokenPipe(); });
  CHECK(outcome.status == 128 + SIGPIPE);
  CHECK(outcome.err.empty());
}

TEST_CASE("run_main: a closed stdout is an error, and no file is opened in its place") {
  const TempFolder folder;
  const std::string input = folder.file("in", "keep");
  const Outcome outcome = outcome_of(tool_that([&] {
                                       const int fd = ::open(input.c_str(), O_RDWR);
                                       Output out("-");
                                       out.write("lost");
                                       out.finish();
                                       return fd;
                                     }),
                                     {}, [] { ::close(STDOUT_FILENO); });
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "rec-x: stdout: Bad file descriptor\n");
  CHECK(folder.read("in") == "keep");
}

}  // namespace rec::run_main_test
