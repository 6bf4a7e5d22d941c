#include "io/run_program.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace rec::run_program_test {

namespace {
std::string error_of(const std::string& program, const std::vector<std::string>& arguments) {
  try {
    run_program(program, arguments, "");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
}  // namespace

TEST_CASE("stdin goes in, stdout comes out, however large") {
  std::string text(3'000'000, 'x');
  text += '\n';
  CHECK(run_program("cat", {}, text) == text);
  CHECK(run_program("cat", {}, "").empty());
}

TEST_CASE("arguments are words, not shell text") {
  const std::vector<std::string> words{"%s|", "a b", "$HOME;", "*"};
  CHECK(run_program("printf", words, "") == "a b|$HOME;|*|");
}

TEST_CASE("a missing program, a failure and a death are errors that say so") {
  CHECK(error_of("no-such-program", {}) == "no-such-program: not installed, or not on PATH");
  CHECK(error_of("sh", {"-c", "echo first >&2; echo second >&2; exit 3"}) == "sh: exit status 3: first");
  CHECK(error_of("sh", {"-c", "exit 1"}) == "sh: exit status 1: no message");
  CHECK(error_of("sh", {"-c", "kill -9 $$"}) == "sh: killed by signal 9");
}

}  // namespace rec::run_program_test
