#include "base/interrupt.h"

#include "base/signals.h"

namespace rec {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void on_interrupt(int signal) {
  if (g_interrupted != 0) return end_by_signal(signal);
  g_interrupted = 1;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  catch_ending_signals();  // what comes back when this is gone
  ::sigaction(SIGINT, nullptr, &before_);
  if (before_.sa_handler == on_interrupt) return;
  g_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  if (before_.sa_handler != SIG_IGN) ::sigaction(SIGINT, &action, nullptr);
}

InterruptGuard::~InterruptGuard() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptGuard::interrupted() const { return g_interrupted != 0; }

}  // namespace rec
