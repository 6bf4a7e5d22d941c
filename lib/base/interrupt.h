// Signals that end the process: SIGINT as a request to stop soon, and the temporary
// files that none of them may leave behind. The one place with globals: a signal
// handler can reach nothing else. TemporaryName may be used from any thread,
// InterruptGuard from one.
#pragma once

#include <csignal>
#include <string>
#include <utility>

namespace rec {

// While it lives, the first SIGINT only sets interrupted(); the second one ends the
// process, as all do once this is gone. Where SIGINT is ignored (nohup, a
// shell's background job) it stays so. At most one at a time.
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

// While it lives, a signal that ends the process (SIGTERM, SIGHUP, SIGINT, SIGQUIT and
// others that can be caught) removes the file of this name first. Register a name that
// nobody else can have, before the file is made. A signal that is ignored stays so.
class TemporaryName {
 public:
  TemporaryName() = default;
  // Throws Error for a path that is too long, or where 64 are registered.
  explicit TemporaryName(const std::string& path);
  TemporaryName(TemporaryName&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}
  TemporaryName& operator=(TemporaryName&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~TemporaryName() { forget(); }

  void forget() noexcept;

 private:
  int slot_ = -1;
};

}  // namespace rec
