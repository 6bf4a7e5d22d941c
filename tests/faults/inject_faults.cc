// Makes each system call of a small run of each tool fail, in turn, and sends signals at
// them. A run must end in one of these ways:
//   exit 0      the outputs are those of a run without a fault. So it must end where reads and writes are
//               short or interrupted
//   exit 1      one line on stderr; what stood in the outputs' places is untouched. So it must end where
//               a read, write, fsync or rename fails
//   a signal    each place holds the old file or the whole new one; of outputs that belong together, all do
// and no other file is left. After SIGKILL one may be, and a second run removes it.
// Controls: faults that the tool cannot see (a call that does nothing and reports success) must be found.
//
// inject_faults INTERPOSER BINARIES sample|all
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "tool_run.h"

namespace rec::faults {
namespace {

enum class Expected { kPass, kFail, kEither, kSignal };

struct Kind {
  const char* function;
  const char* what;
  int number;
  Expected expected;
};

const std::vector<Kind> kKinds{
    {"read", "error", EIO, Expected::kFail},
    {"read", "error", EINTR, Expected::kPass},
    {"read", "error", ENOMEM, Expected::kFail},
    {"pread", "error", EIO, Expected::kFail},
    {"mmap", "error", ENOMEM, Expected::kEither},
    {"write", "error", ENOSPC, Expected::kFail},
    {"write", "error", EIO, Expected::kFail},
    {"write", "error", EINTR, Expected::kPass},
    {"fsync", "error", EIO, Expected::kFail},
    {"fsync", "error", ENOSPC, Expected::kFail},
    {"fsync", "error", EINTR, Expected::kPass},
    {"fsync", "error", EINVAL, Expected::kPass},  // a file system that syncs no folders
    {"close", "error", EIO, Expected::kEither},
    {"close", "error", EINTR, Expected::kPass},
    {"rename", "error", EIO, Expected::kFail},
    {"rename", "error", ENOSPC, Expected::kFail},
    {"linkat", "error", EIO, Expected::kFail},
    {"linkat", "error", ENOSPC, Expected::kFail},
    {"link", "error", EPERM, Expected::kPass},  // a file system without hard links
    {"link", "error", ENOSPC, Expected::kEither},
    {"open", "error", EIO, Expected::kEither},
    {"open", "error", EMFILE, Expected::kEither},
    {"open", "error", ENOMEM, Expected::kEither},
    {"ftruncate", "error", ENOSPC, Expected::kEither},
    {"stat", "error", EIO, Expected::kFail},
    {"fstat", "error", EIO, Expected::kEither},
    {"fchmod", "error", EPERM, Expected::kPass},
    {"fchown", "error", EPERM, Expected::kPass},
    {"flock", "error", ENOLCK, Expected::kPass},
    {"access", "error", EIO, Expected::kEither},
    {"readlink", "error", EIO, Expected::kFail},
    {"getentropy", "error", EIO, Expected::kFail},
    {"opendir", "error", EACCES, Expected::kPass},
    {"memfd_create", "error", ENOMEM, Expected::kFail},
    {"new", "error", ENOMEM, Expected::kEither},
};

// A log tells seconds: it is whole by its first line and its end.
bool same_output(const std::string& name, const std::string& text, const std::string& clean) {
  return name == "log" ? text.starts_with("epoch\t") && text.ends_with("\n") : text == clean;
}

// "" or what is wrong with how `got` ended, given the outcome without a fault.
std::string complaint(const Scenario& scenario, const Outcome& clean, const Outcome& got, Expected expected, int signal,
                      bool leftovers = false) {
  size_t old_files = 0, new_files = 0;
  for (const std::string& name : scenario.outputs) {
    const auto file = got.files.find(name);
    if (file == got.files.end()) return name + " is gone";
    if (file->second == old_text(name)) {
      ++old_files;
    } else if (same_output(name, file->second, clean.files.at(name))) {
      ++new_files;
    } else {
      return fmt::format("{} is neither the old nor the new file ({} bytes)", name, file->second.size());
    }
  }
  if (!leftovers && got.files.size() != scenario.outputs.size()) {
    for (const auto& [name, text] : got.files) {
      if (std::ranges::find(scenario.outputs, name) == scenario.outputs.end()) return "left behind: " + name;
    }
  }
  if (!leftovers && scenario.together && old_files > 0 && new_files > 0) return "some outputs are old, some new";
  if (WIFSIGNALED(got.status)) {
    if (expected == Expected::kSignal && WTERMSIG(got.status) == signal) return "";
    return fmt::format("ended by signal {}", WTERMSIG(got.status));
  }
  const int exit = WEXITSTATUS(got.status);
  if (exit == 0) {
    if (old_files > 0) return "exit status 0, and an old file in place";
    if (got.out != clean.out) return "exit status 0, and another stdout";
    if (expected == Expected::kFail) return "exit status 0, though the call failed";
    return "";
  }
  if (expected == Expected::kSignal && exit == 130 && signal == SIGINT) return "";  // it was asked to stop, and did
  if (exit != 1) return fmt::format("exit status {}", exit);
  if (expected == Expected::kPass || expected == Expected::kSignal) return "exit status 1: " + got.err;
  // (Memory may also run out when all is done.)
  if (new_files > 0 && scenario.together && !got.err.ends_with(": out of memory\n"))
    return "exit status 1, and a new file in place";
  if (!got.err.starts_with(scenario.words[0] + ": ") || got.err.find('\n') != got.err.size() - 1) {
    return "stderr is not one line of the tool: " + got.err;
  }
  return "";
}

class Injection {
 public:
  Injection(const ToolRuns& tools, bool all) : tools_(tools), all_(all) {}

  void run(const Scenario& scenario) {
    tools_.put_old_files(scenario);
    const Outcome clean = tools_.run(scenario, {}, true);
    const std::string wrong = complaint(scenario, clean, clean, Expected::kPass, 0);
    note(scenario, "no fault", wrong);
    if (!wrong.empty()) return;
    std::map<std::string, int> calls;
    int first_new = 0;  // no file is at stake before the first call of the system
    for (const Call& call : clean.calls) {
      if (call.function != "try") continue;
      ++calls[call.from];
      if (first_new == 0 && call.from != "new") first_new = calls["new"];
    }
    const int before = runs_;
    int failed_closes = 0;
    for (const Kind& kind : kKinds) {
      const bool memory = std::string_view(kind.function) == "new";
      // rec-split looks at more than one file in order to see which are the same.
      if (std::string_view(kind.function) == "stat" && scenario.outputs.size() > 1) continue;
      const bool close_fails = std::string_view(kind.function) == "close" && kind.number == EIO;
      const int count = calls[kind.function] - (memory ? first_new : 0);
      for (int nth : chosen(count, memory ? 300 : 200, close_fails ? 200 : memory ? 6 : 3)) {
        if (memory) nth += first_new;
        const bool failed =
            one(scenario, clean, {.function = kind.function, .nth = nth, .what = kind.what, .number = kind.number},
                kind.expected);
        if (failed && close_fails) ++failed_closes;
      }
    }
    // A full disk may show at the first close of a file that was written, and there alone.
    if (failed_closes == 0) note(scenario, "close", "no failed close is told");
    for (const size_t most : {1, 7, 4096}) one(scenario, clean, {.function = "", .most = most}, Expected::kPass);
    for (const char* function : {"open", "write", "fsync", "close", "flock", "linkat", "link", "rename", "unlink"}) {
      const bool names = std::string_view(function).find("link") != std::string_view::npos || function[0] == 'r';
      for (const int nth : chosen(calls[function], 200, names ? 6 : 2)) {
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGSEGV}) {
          if (!all_ && !names && signal != SIGTERM) continue;
          for (const char* when : {"before", "after"}) {
            one(scenario, clean, {.function = function, .nth = nth, .what = when, .number = signal}, Expected::kSignal);
          }
        }
        if (all_ || names) kill(scenario, clean, function, nth);
      }
    }
    fmt::print("{}\t{} runs\n", scenario.name, runs_ - before);
  }

  // Faults that are planted so that they must be found.
  void controls(const Scenario& scenario) {
    tools_.put_old_files(scenario);
    const Outcome clean = tools_.run(scenario, {});
    const auto planted = [&](const char* name, const Fault& fault, Expected expected) {
      tools_.put_old_files(scenario);
      const Outcome got = tools_.run(scenario, fault);
      const std::string found = complaint(scenario, clean, got, expected, fault.number);
      fmt::print("control: {}: {}\n", name, found.empty() ? "NOT FOUND" : found);
      if (found.empty()) ++failed_;
    };
    planted("an ignored error of write", {.function = "write", .nth = 1, .what = "ignored"}, Expected::kEither);
    planted("an ignored error of rename", {.function = "rename", .nth = 1, .what = "ignored"}, Expected::kEither);
    planted("an ignored error of unlink", {.function = "unlink", .nth = 1, .what = "ignored"}, Expected::kEither);
    planted("an error that has no effect", {.function = "fsync", .nth = 1, .what = "ignored"}, Expected::kFail);
    planted("a temporary file left", {.function = "linkat", .nth = 1, .what = "after", .number = SIGKILL},
            Expected::kSignal);
    planted("a call that crashes", {.function = "rename", .nth = 1, .what = "before", .number = SIGSTKFLT},
            Expected::kEither);
  }

  bool finish() const {
    fmt::print("{} runs, {} failed\n", runs_, failed_);
    return failed_ == 0 && runs_ > 0;
  }

 private:
  // Of calls 1 to `count`: all, or the first, the last and some between, at most so many.
  std::vector<int> chosen(int count, int most_of_all, int most_of_sample) const {
    const int most = all_ ? most_of_all : most_of_sample;
    std::vector<int> result;
    for (int step = 0; step < std::min(most, count); ++step) {
      result.push_back(count <= most ? step + 1 : 1 + static_cast<int>(int64_t{count - 1} * step / (most - 1)));
    }
    return result;
  }

  // Whether the tool told a failure.
  bool one(const Scenario& scenario, const Outcome& clean, const Fault& fault, Expected expected) {
    tools_.put_old_files(scenario);
    const Outcome got = tools_.run(scenario, fault);
    note(scenario, named(fault), complaint(scenario, clean, got, expected, fault.number));
    return WIFEXITED(got.status) && WEXITSTATUS(got.status) == 1;
  }

  // Nothing can be done against SIGKILL but to leave whole files, and to tidy up the next time.
  void kill(const Scenario& scenario, const Outcome& clean, const char* function, int nth) {
    const Fault fault{.function = function, .nth = nth, .what = "after", .number = SIGKILL};
    tools_.put_old_files(scenario);
    const Outcome got = tools_.run(scenario, fault);
    note(scenario, named(fault), complaint(scenario, clean, got, Expected::kSignal, SIGKILL, true));
    const Outcome again = tools_.run(scenario, {});
    note(scenario, named(fault) + ", and again", complaint(scenario, clean, again, Expected::kPass, 0));
  }

  static std::string named(const Fault& fault) {
    if (fault.nth == 0) return fmt::format("at most {} bytes", fault.most);
    return fmt::format("{} {} {}={}", fault.function, fault.nth, fault.what, fault.number);
  }

  void note(const Scenario& scenario, const std::string& fault, const std::string& wrong) {
    ++runs_;
    if (wrong.empty()) return;
    if (++failed_ <= 40) fmt::print("FAILED: {}: {}: {}\n", scenario.name, fault, wrong);
  }

  const ToolRuns& tools_;
  bool all_;
  int runs_ = 0;
  int failed_ = 0;
};

}  // namespace
}  // namespace rec::faults

int main(int argc, char** argv) {
  using namespace rec::faults;
  if (argc != 4) return 2;
  const bool all = std::string(argv[3]) == "all";
  try {
    const ToolRuns tools(argv[1], argv[2]);
    Injection injection(tools, all);
    for (const Scenario& scenario : scenarios()) {
      if (scenario.name == "rank") injection.controls(scenario);
      if (all || scenario.in_sample) injection.run(scenario);
    }
    return injection.finish() ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
  }
}
