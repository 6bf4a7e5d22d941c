// Signals that end the process, and the temporary files that none of them may leave
// behind. One of the few places with globals: a signal handler can reach nothing else.
// For any thread, on two conditions. Names are registered and their files made by a
// thread that takes signals: a handler then runs before or after a call of that thread,
// never within it. And other threads take none (SignalsHeld while they are started, as
// ThreadPool does): a handler there could remove a name just before its file is made.
#pragma once

#include <csignal>
#include <string>
#include <utility>

namespace rec {

// While it lives, a signal that ends the process (all that can be caught: SIGTERM,
// SIGHUP, SIGINT, SIGSEGV, ...) first removes the file of this name. Register a name that
// nobody else can have, before the file is made. Signals that are ignored stay so,
// as do the handlers of others; a forked child removes nothing of its parent's.
class TemporaryName {
 public:
  TemporaryName() = default;
  // Throws Error for a path that is too long.
  explicit TemporaryName(const std::string& path);
  TemporaryName(TemporaryName&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  TemporaryName& operator=(TemporaryName&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~TemporaryName() { forget(); }

  void forget() noexcept;

  struct Slot;

 private:
  Slot* slot_ = nullptr;
};

// While it lives, no signal reaches this thread, nor the threads that it starts. Signals to the process
// wait, or go to other threads.
class SignalsHeld {
 public:
  // kButFaults: those that report a fault of the program itself come through, from wherever they are sent.
  // With kAll such a fault ends the process at once, without a handler.
  enum Which { kButFaults, kAll };
  explicit SignalsHeld(Which which);
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

// Sets the handler that removes temporary files for every signal that ends the process by
// default and can be caught.
void catch_ending_signals();

// A mapped file that was cut short shows as SIGBUS where it is read: from now on that prints `line` on stderr, removes
// the temporary files and ends the process with this status. For one thread, once.
void catch_lost_pages(const std::string& line, int status);

// What that handler does: removes the files and ends the process by this signal.
// For handlers.
void end_by_signal(int signal) noexcept;

}  // namespace rec
