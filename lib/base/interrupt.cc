#include "base/interrupt.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/error.h"

namespace rec {
namespace {

constexpr int kSlots = 64;

struct Slot {
  std::atomic<int> state = 0;  // 0: free, 1: taken, 2: taken and `path` is complete
  char path[PATH_MAX] = {};
};

volatile std::sig_atomic_t g_interrupted = 0;
std::array<Slot, kSlots> g_slots;

// Only calls that are safe in a signal handler.
void remove_and_end(int signal) {
  const int before = errno;
  for (Slot& slot : g_slots) {
    if (slot.state.load() == 2) ::unlink(slot.path);
  }
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  errno = before;
  ::raise(signal);  // it is blocked here, and ends the process when the handler returns
}

void on_interrupt(int signal) {
  if (g_interrupted != 0) return remove_and_end(signal);
  g_interrupted = 1;
}

// Every signal that ends the process by default and can be caught, except those that
// report a fault in the program's own memory (a handler could not trust it).
void catch_ending_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM,
                           SIGPROF, SIGIO, SIGPWR, SIGABRT, SIGBUS}) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if ((action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = remove_and_end;
    ::sigfillset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  catch_ending_signals();
  g_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, nullptr, &before_);
  if (before_.sa_handler != SIG_IGN) ::sigaction(SIGINT, &action, nullptr);
}

InterruptGuard::~InterruptGuard() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptGuard::interrupted() const { return g_interrupted != 0; }

TemporaryName::TemporaryName(const std::string& path) {
  if (path.size() >= PATH_MAX) fail("{}: File name too long", path);
  catch_ending_signals();
  for (int slot = 0; slot < kSlots; ++slot) {
    int free = 0;
    if (!g_slots[slot].state.compare_exchange_strong(free, 1)) continue;
    std::memcpy(g_slots[slot].path, path.c_str(), path.size() + 1);
    g_slots[slot].state = 2;
    slot_ = slot;
    return;
  }
  fail("{}: more than {} temporary files at once", path, kSlots);
}

void TemporaryName::forget() noexcept {
  if (slot_ >= 0) g_slots[slot_].state = 0;
  slot_ = -1;
}

}  // namespace rec
