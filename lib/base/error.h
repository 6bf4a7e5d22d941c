// Errors: every failure in the library is one of these exceptions; only
// run_main (cli/run_main.h) prints them and turns them into an exit status.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace rec {

// Bad data or failed I/O: exit status 1. The text is one line that says what
// was found, where, and what was expected; it carries no "rec-tool:" prefix.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A wrong command line: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The reader of our output has gone (EPIPE): quiet, exit status as by SIGPIPE.
class BrokenPipe : public std::runtime_error {
 public:
  BrokenPipe() : std::runtime_error("broken pipe") {}
};

// SIGINT ended the work where that was safe: exit status 130, the text on stderr.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> text, Args&&... args) {
  throw UsageError(fmt::format(text, std::forward<Args>(args)...));
}

// As fail(), with ": <strerror(errno)>" behind the text.
[[noreturn]] void fail_errno(const std::string& what);

// A user's bytes as they may stand in a one-line message: control characters
// and bytes that are no UTF-8 are escaped (\t, \x00), and what follows the first
// 60 bytes (whole characters) becomes "...".
std::string printable(std::string_view bytes);

// The same, of the first `most` bytes: for tables that a person reads, and for whole messages.
std::string escaped(std::string_view bytes, size_t most = SIZE_MAX);

}  // namespace rec
