#include "base/error.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "temp_folder.h"

namespace rec::error_test {
using namespace std::string_literals;

TEST_CASE("printable: plain text and UTF-8 pass, control characters are escaped") {
  CHECK(printable("") == "");
  CHECK(printable("abc 123") == "abc 123");
  CHECK(printable("a\tb\rc\nd") == "a\\tb\\rc\\nd");
  CHECK(printable("\0\x1b[31m\x7f"s) == "\\x00\\x1b[31m\\x7f");
  CHECK(printable("Lumi\xc3\xa8re \xe2\x82\xac \xf0\x9f\x8e\xac") == "Lumi\xc3\xa8re \xe2\x82\xac \xf0\x9f\x8e\xac");
}

TEST_CASE("printable: bytes that are no UTF-8 are escaped") {
  CHECK(printable("Lumi\xe8re") == "Lumi\\xe8re");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(printable("\xe0\x80\x80") == "\\xe0\\x80\\x80");
  CHECK(printable("\xf0\x80\x80\x80") == "\\xf0\\x80\\x80\\x80");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");  // C1: a terminal's escape
}

TEST_CASE("printable: cut behind 60 bytes, never within a character") {
  const std::string sixty(60, 'x');
  CHECK(printable(sixty) == sixty);
  CHECK(printable(sixty + "y") == sixty + "...");
  const std::string almost(59, 'x');
  CHECK(printable(almost + "\xc3\xa8") == almost + "...");
}

TEST_CASE("fail, fail_usage and fail_errno throw their kinds") {
  CHECK(error_of<Error>([] { fail("{}:{}: bad", "a.tsv", 3); }) == "a.tsv:3: bad");
  CHECK(error_of<UsageError>([] { fail_usage("no {}", "way"); }) == "no way");
  errno = ENOENT;
  CHECK(error_of<Error>([] { fail_errno("x"); }) == "x: No such file or directory");
}

}  // namespace rec::error_test
