#include "base/signals.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/child.h"
#include "base/error.h"

namespace rec {

// A list that only grows, so that a handler may walk it at any time. Slots are used again.
struct TemporaryName::Slot {
  enum State { kFree, kTaken, kNamed };  // kNamed: `path` is complete
  std::atomic<int> state = kTaken;
  std::atomic<pid_t> owner = 0;
  char path[PATH_MAX] = {};
  Slot* next = nullptr;
};

namespace {

std::atomic<TemporaryName::Slot*> g_slots = nullptr;

// Those that do not end the process by default, and those that cannot be caught.
constexpr int kNotEnding[] = {SIGKILL, SIGSTOP, SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};
// Those of a fault in the program.
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

TemporaryName::Slot* take_slot() {
  for (TemporaryName::Slot* slot = g_slots; slot != nullptr; slot = slot->next) {
    int free = TemporaryName::Slot::kFree;
    if (slot->state.compare_exchange_strong(free, TemporaryName::Slot::kTaken)) return slot;
  }
  auto* slot = new TemporaryName::Slot;  // stays for good
  slot->next = g_slots;
  while (!g_slots.compare_exchange_weak(slot->next, slot)) {
  }
  return slot;
}

void remove_temporary_files() noexcept {
  const pid_t self = ::getpid();
  for (TemporaryName::Slot* slot = g_slots; slot != nullptr; slot = slot->next) {
    if (slot->state == TemporaryName::Slot::kNamed && slot->owner == self) ::unlink(slot->path);
  }
}

char g_lost_pages_line[512];
size_t g_lost_pages_size = 0;
int g_lost_pages_status = 0;

void on_bus_error(int signal, siginfo_t* info, void*) {
  if (info->si_code != BUS_ADRERR) return end_by_signal(signal);  // sent, or a fault of the program
  [[maybe_unused]] const ssize_t wrote = ::write(STDERR_FILENO, g_lost_pages_line, g_lost_pages_size);
  end_children();
  remove_temporary_files();
  ::_exit(g_lost_pages_status);
}

}  // namespace

void end_by_signal(int signal) noexcept {
  const int before = errno;
  end_children();  // which may write files of these names
  remove_temporary_files();
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  errno = before;
  ::raise(signal);  // it is blocked here, and ends the process when the handler returns
}

void catch_lost_pages(const std::string& line, int status) {
  g_lost_pages_size = line.copy(g_lost_pages_line, sizeof g_lost_pages_line);
  g_lost_pages_status = status;
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigfillset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

void catch_ending_signals() {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (std::ranges::find(kNotEnding, signal) != std::end(kNotEnding)) continue;
    struct sigaction action {};
    // Fails for the two that the C library keeps for itself.
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    if ((action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = end_by_signal;
    ::sigfillset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
  }
}

TemporaryName::TemporaryName(const std::string& path) {
  if (path.size() >= PATH_MAX) fail("{}: File name too long", path);
  catch_ending_signals();
  slot_ = take_slot();
  std::memcpy(slot_->path, path.c_str(), path.size() + 1);
  slot_->owner = ::getpid();
  slot_->state = Slot::kNamed;
}

void TemporaryName::forget() noexcept {
  if (slot_ != nullptr) slot_->state = Slot::kFree;
  slot_ = nullptr;
}

SignalsHeld::SignalsHeld(Which which) {
  sigset_t all;
  ::sigfillset(&all);
  if (which == kButFaults) {
    for (const int fault : kFaults) ::sigdelset(&all, fault);
  }
  ::pthread_sigmask(SIG_BLOCK, &all, &before_);
}

SignalsHeld::~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace rec
