#include "base/signals.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "temp_folder.h"

namespace rec::signals_test {
namespace {

// The status with which a child ends that runs `body`; signals as by default, and no core file.
int status_of(const std::function<void()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (int signal = 1; signal <= SIGRTMAX; ++signal) std::signal(signal, SIG_DFL);
    const struct rlimit none { 0, 0 };
    ::setrlimit(RLIMIT_CORE, &none);
    body();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("signals: one that ends the process removes the file first, and still ends it so") {
  const TempFolder folder;
  for (const int signal : {SIGTERM, SIGHUP,  SIGINT,    SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1,   SIGUSR2,
                           SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT, SIGABRT,
                           SIGSEGV, SIGBUS,  SIGFPE,    SIGILL,  SIGTRAP, SIGSYS,  SIGRTMIN,  SIGRTMAX}) {
    CAPTURE(signal);
    folder.file("t", "");
    const int status = status_of([&] {
      const TemporaryName name(folder.path("t"));
      std::raise(signal);
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(folder.entries() == 0);
  }
}

TEST_CASE("signals: as many names as there are, and none that is forgotten") {
  const TempFolder folder;
  const int status = status_of([&] {
    std::vector<TemporaryName> names;
    for (int name = 0; name < 200; ++name) {
      names.emplace_back(folder.path(std::to_string(name)));
      folder.file(std::to_string(name), "");
    }
    names[7].forget();
    names.erase(names.begin() + 100);
    std::raise(SIGTERM);
  });
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(folder.entries() == 2);
}

TEST_CASE("signals: a forked child removes nothing of its parent's") {
  const TempFolder folder;
  folder.file("t", "");
  const int status = status_of([&] {
    const TemporaryName name(folder.path("t"));
    const pid_t child = ::fork();
    if (child == 0) {
      std::raise(SIGTERM);
      ::_exit(0);
    }
    int of_child = 0;
    ::waitpid(child, &of_child, 0);
    ::_exit(WIFSIGNALED(of_child) && folder.entries() == 1 ? 0 : 1);
  });
  CHECK(status == 0);
}

TEST_CASE("signals: what is ignored stays so") {
  const TempFolder folder;
  folder.file("t", "");
  CHECK(status_of([&] {
          std::signal(SIGHUP, SIG_IGN);
          const TemporaryName name(folder.path("t"));
          std::raise(SIGHUP);
        }) == 0);
  CHECK(folder.entries() == 1);
}

TEST_CASE("SignalsHeld: signals wait until it is gone, and threads started meanwhile take none") {
  const TempFolder folder;
  folder.file("t", "");
  const int status = status_of([&] {
    const TemporaryName name(folder.path("t"));
    {
      const SignalsHeld held(SignalsHeld::kAll);
      std::thread([] { ::kill(::getpid(), SIGTERM); }).join();
      if (folder.entries() != 1) ::_exit(1);
      folder.file("done", "");
    }
    ::_exit(2);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(folder.entries() == 1);  // done
}

}  // namespace
}  // namespace rec::signals_test
