#include "base/interrupt.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rec::interrupt_test {
namespace {

TEST_CASE("interrupt: the first is a request, and what was before comes back") {
  {
    const InterruptGuard guard;
    CHECK(!guard.interrupted());
    std::raise(SIGINT);
    CHECK(guard.interrupted());
  }
  const InterruptGuard again;
  CHECK(!again.interrupted());
}

TEST_CASE("interrupt: the second ends the process") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    const InterruptGuard guard;
    std::raise(SIGINT);
    std::raise(SIGINT);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("interrupt: where it is ignored it stays so") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_IGN);
    const InterruptGuard guard;
    std::raise(SIGINT);
    ::_exit(guard.interrupted() ? 1 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a guard within another has the same request, and leaves the other at work") {
  {
    const InterruptGuard outer;
    CHECK_FALSE(outer.interrupted());
    {
      const InterruptGuard inner;
      CHECK_FALSE(inner.interrupted());
    }
    std::raise(SIGINT);
    CHECK(outer.interrupted());
    const InterruptGuard later;
    CHECK(later.interrupted());
  }
  const InterruptGuard anew;
  CHECK_FALSE(anew.interrupted());
}

}  // namespace
}  // namespace rec::interrupt_test
