// SIGINT as a request to stop soon. For one thread. It has a global, as base/signals.h
// has: a signal handler can reach nothing else.
#pragma once

#include <csignal>

namespace rec {

// While it lives, the first SIGINT only sets interrupted(); the second one ends the
// process, as all do once this is gone. Where SIGINT is ignored (nohup, a
// shell's background job) it stays so. Within the life of another one it has the same request.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const;

 private:
  struct sigaction before_ {};
};

}  // namespace rec
