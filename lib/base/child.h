// Work in a process of its own: what it does to memory, signals and stderr is its own affair, and its end gives back
// all it took. It ends with this process. For one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace rec {

class Child {
 public:
  // Calls `work` in a copy of this process; what it returns is the result. If it throws there is none. What others than
  // `work` made in this process is neither flushed nor destroyed there. REQUIRES: this process has no other threads.
  // Throws Error where no process can be made.
  explicit Child(const std::function<std::string()>& work);
  // Ends it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // For poll(2): readable when read() has something to do.
  int fd() const { return pipe_; }
  // Takes what has come, waits for more where there is none yet; true: it has ended.
  bool read();
  bool ended() const { return pid_ == 0; }
  // Once it has ended; nothing: it failed, or was ended by a signal.
  const std::optional<std::string>& result() const { return result_; }
  // Bytes of memory at its peak, those shared with this process included; once it has ended.
  uint64_t peak() const { return peak_; }
  void send(int signal) const;

 private:
  void wait();

  pid_t pid_ = 0;
  int slot_ = 0;
  int pipe_ = -1;
  std::string bytes_;
  std::optional<std::string> result_;
  uint64_t peak_ = 0;
};

// Ends all children of this process and waits for them. For handlers of signals.
void end_children() noexcept;

}  // namespace rec
