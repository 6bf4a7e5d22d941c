#include "base/child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string>

#include "base/signals.h"
#include "temp_folder.h"

namespace rec::child_test {
namespace {

// doctest has a handler of its own.
void signals_by_default() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_DFL);
}

void to_its_end(Child& child) {
  while (!child.read()) {
  }
}

TEST_CASE("what a child returns comes back, however long it is") {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1} << 21}) {
    Child child([size] { return std::string(size, 'x'); });
    to_its_end(child);
    REQUIRE(child.result());
    CHECK(*child.result() == std::string(size, 'x'));
    CHECK(child.ended());
    CHECK(child.peak() > 0);
  }
}

TEST_CASE("a child that throws, exits or is killed has no result") {
  Child throws([]() -> std::string { throw std::runtime_error("no"); });
  Child killed([] {
    ::raise(SIGKILL);
    return std::string("never");
  });
  Child exits([]() -> std::string { ::_exit(3); });
  for (Child* child : {&throws, &killed, &exits}) {
    to_its_end(*child);
    CHECK_FALSE(child->result());
  }
}

TEST_CASE("children run at the same time, and change nothing here") {
  int value = 1;
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const auto wait_for_byte = [&] {
    char byte = 0;
    return ::read(pipe[0], &byte, 1) == 1 ? std::string(1, byte) : "";
  };
  Child reads([&] {
    value = 2;
    return wait_for_byte();
  });
  Child writes([&] {
    value = 3;
    return std::string(::write(pipe[1], "y", 1) == 1 ? "done" : "");
  });
  to_its_end(reads);  // which needs the other one
  to_its_end(writes);
  CHECK(*reads.result() == "y");
  CHECK(*writes.result() == "done");
  CHECK(value == 1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_CASE("a child that nobody wants any more is ended, with its temporary files") {
  const TempFolder folder;
  const std::string path = folder.path("temporary");
  {
    Child child([&]() -> std::string {
      signals_by_default();
      const TemporaryName name(path);
      ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
      for (;;) ::pause();
    });
    while (folder.entries() == 0) ::usleep(1000);
  }
  CHECK(folder.entries() == 0);
}

// The child of a process that gets a signal, or is killed, does not outlive it.
TEST_CASE("a signal that ends the parent ends its children first") {
  for (const int signal : {SIGTERM, SIGKILL}) {
    const TempFolder folder;
    int life[2];
    REQUIRE(::pipe(life) == 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
      signals_by_default();
      ::close(life[0]);
      const std::string path = folder.path("temporary");
      Child child([&]() -> std::string {
        const TemporaryName name(path);
        ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
        for (;;) ::pause();
      });
      for (;;) ::pause();
    }
    ::close(life[1]);
    while (folder.entries() == 0) ::usleep(1000);
    ::kill(parent, signal);
    int status = 0;
    REQUIRE(::waitpid(parent, &status, 0) == parent);
    CHECK(WTERMSIG(status) == signal);
    if (signal == SIGTERM) CHECK(folder.entries() == 0);  // already
    char byte = 0;
    CHECK(::read(life[0], &byte, 1) == 0);  // the last end of the pipe is closed: the child is gone
    CHECK(folder.entries() == 0);
    ::close(life[0]);
  }
}

}  // namespace
}  // namespace rec::child_test
