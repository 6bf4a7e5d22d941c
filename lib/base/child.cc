#include "base/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/error.h"
#include "base/signals.h"

namespace rec {
namespace {

// Those that run, for handlers; 0: a free place. A child has the list of its parent, and may end none of it.
constexpr int kMost = 256;
std::array<std::atomic<pid_t>, kMost> g_children{};
std::atomic<pid_t> g_parent{0};

bool write_all(int fd, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t wrote = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (wrote < 0 && errno != EINTR) return false;
    at += static_cast<size_t>(std::max<ssize_t>(wrote, 0));
  }
  return true;
}

}  // namespace

void end_children() noexcept {
  if (g_parent != ::getpid()) return;
  for (const std::atomic<pid_t>& child : g_children) {
    if (child != 0) ::kill(child, SIGTERM);
  }
  for (const std::atomic<pid_t>& child : g_children) {
    while (child != 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

Child::Child(const std::function<std::string()>& work) {
  const pid_t parent = ::getpid();
  if (g_parent.exchange(parent) != parent) {
    for (std::atomic<pid_t>& child : g_children) child = 0;
  }
  while (slot_ < kMost && g_children[static_cast<size_t>(slot_)] != 0) ++slot_;
  if (slot_ == kMost) fail("more than {} processes at a time", kMost);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_errno("pipe");
  catch_ending_signals();
  {
    const SignalsHeld held(SignalsHeld::kButFaults);  // a child that is made is in the list
    pid_ = ::fork();
    if (pid_ > 0) g_children[static_cast<size_t>(slot_)] = pid_;
    if (pid_ == 0) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  }
  if (pid_ == 0) {
    if (::getppid() != parent) ::_exit(1);
    ::close(ends[0]);
    int status = 1;
    try {
      status = write_all(ends[1], work()) ? 0 : 1;
    } catch (...) {  // no result
    }
    ::_exit(status);
  }
  const int error = errno;
  ::close(ends[1]);
  if (pid_ < 0) {
    ::close(ends[0]);
    pid_ = 0;
    errno = error;
    fail_errno("fork");
  }
  pipe_ = ends[0];
}

Child::~Child() {
  if (pid_ != 0) {
    send(SIGTERM);
    wait();
  }
  if (pipe_ >= 0) ::close(pipe_);
}

bool Child::read() {
  if (pid_ == 0) return true;
  std::array<char, 65536> block;
  const ssize_t got = ::read(pipe_, block.data(), block.size());
  if (got < 0 && errno == EINTR) return false;
  if (got > 0) {
    bytes_.append(block.data(), static_cast<size_t>(got));
    return false;
  }
  wait();
  return true;
}

void Child::send(int signal) const {
  if (pid_ != 0) ::kill(pid_, signal);
}

void Child::wait() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const SignalsHeld held(SignalsHeld::kButFaults);  // its number is in the list no longer than it is its own
  int status = 0;
  struct rusage usage {};
  const pid_t ended = ::wait4(pid_, &status, 0, &usage);
  g_children[static_cast<size_t>(slot_)] = 0;
  if (ended == pid_ && WIFEXITED(status) && WEXITSTATUS(status) == 0) result_ = std::move(bytes_);
  peak_ = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  pid_ = 0;
}

}  // namespace rec
