#include "eval/report_table.h"

#include <doctest/doctest.h>

namespace rec::report_table_test {

TEST_CASE("aligned columns: width in characters, no blank at the end of a line, control characters escaped") {
  CHECK(aligned_columns("metric\tvalue\tlow\nhit@1\t0.5\t\n") == "metric  value  low\nhit@1   0.5\n");
  CHECK(aligned_columns("\xc3\xa9t\xc3\xa9\t1\nwinter\t2\n") == "\xc3\xa9t\xc3\xa9     1\nwinter  2\n");
  CHECK(aligned_columns("a\x1b[1m\t1\n").find('\x1b') == std::string::npos);
  CHECK(aligned_columns("").empty());
}

}  // namespace rec::report_table_test
