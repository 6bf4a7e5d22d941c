#include "io/line_cursor.h"

#include <doctest/doctest.h>

#include <string>

#include "io/input.h"

namespace rec::line_cursor_test {
using namespace std::string_literals;

namespace {

std::string padded(const std::string& text) { return text + std::string(kTextPadding, '\n'); }

// "a|b|c" for each line, with what the cursor says of it.
std::vector<std::string> lines_of(const std::string& text, size_t width) {
  const std::string bytes = padded(text);
  LineCursor cursor({bytes.data(), text.size()}, width);
  std::vector<std::string> lines;
  Line line;
  while (cursor.next(line)) {
    std::string shown = std::to_string(line.n_fields) + ":";
    for (size_t field = 0; field < std::min(width, line.n_fields); ++field)
      shown += std::string(line.fields[field]) + "|";
    lines.push_back(shown + std::string(line.text));
  }
  return lines;
}

}  // namespace

TEST_CASE("LineCursor: fields, counts and texts") {
  CHECK(lines_of("", 2).empty());
  CHECK(lines_of("a\tb\nc\td\n", 2) == std::vector<std::string>{"2:a|b|a\tb", "2:c|d|c\td"});
  CHECK(lines_of("\n", 1) == std::vector<std::string>{"1:|"});
  CHECK(lines_of("\t\t\n", 3) == std::vector<std::string>{"3:|||\t\t"});
  CHECK(lines_of("a\tb\tc\n", 1) == std::vector<std::string>{"3:a|a\tb\tc"});
  CHECK(lines_of("a\n", 3) == std::vector<std::string>{"1:a|a"});
  CHECK(lines_of("a\tb\n", 0) == std::vector<std::string>{"2:a\tb"});
}

TEST_CASE("LineCursor: one CR before LF is dropped, others are bytes") {
  CHECK(lines_of("a\tb\r\n", 2) == std::vector<std::string>{"2:a|b|a\tb"});
  CHECK(lines_of("a\r\tb\r\r\n", 2) == std::vector<std::string>{"2:a\r|b\r|a\r\tb\r"});
  CHECK(lines_of("\r\n", 1) == std::vector<std::string>{"1:|"});
  CHECK(lines_of("a\t\r\n", 2) == std::vector<std::string>{"2:a||a\t"});
}

TEST_CASE("LineCursor: NUL and high bytes are data") {
  CHECK(lines_of("a\0b\t\xff\n"s, 2) == std::vector<std::string>{"2:a\0b|\xff|a\0b\t\xff"s});
}

TEST_CASE("LineCursor: delimiters at every place around a window of 64 bytes") {
  for (size_t before = 0; before < 200; ++before) {
    const std::string a(before, 'a');
    CHECK(lines_of(a + "\tb\nc\n", 2) == std::vector<std::string>{"2:" + a + "|b|" + a + "\tb", "1:c|c"});
  }
}

TEST_CASE("LineCursor: stops at the end of its piece") {
  const std::string bytes = padded("a\nb\nc\n");
  LineCursor cursor({bytes.data(), 4}, 1);
  Line line;
  CHECK(cursor.next(line));
  CHECK(cursor.next(line));
  CHECK(line.text == "b");
  CHECK_FALSE(cursor.next(line));
}

}  // namespace rec::line_cursor_test
