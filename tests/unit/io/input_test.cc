#include "io/input.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::input_test {

TEST_CASE("Input: chunks of whole lines that join to the file") {
  const TempFolder folder;
  const std::string text = "one\ntwo two\n\nthree three three\nlast";
  const std::string path = folder.file("a", text);
  for (size_t chunk = 1; chunk < 50; ++chunk) {
    Input input(path, chunk);
    std::string all;
    uint64_t lines = 0;
    while (input.next()) {
      CHECK(input.text().back() == '\n');
      CHECK(input.line_of(input.text().data()) == lines + 1);
      for (const char byte : input.text()) lines += byte == '\n';
      all += input.text();
    }
    CHECK(all == text + "\n");
    CHECK(input.at_end());
    CHECK(input.bytes_read() == text.size());
    CHECK_FALSE(input.next());
  }
}

TEST_CASE("Input: a file that several threads read, from where it stands") {
  const TempFolder folder;
  std::string text;
  for (int line = 0; text.size() < (size_t{7} << 20) + 12345; ++line) text += std::to_string(line) + "\n";
  const std::string path = folder.file("a", text);
  for (const size_t chunk : {size_t{3} << 20, size_t{64} << 20}) {
    ByteSource source(path);
    source.set_threads(3);
    CHECK(source.peek(5) == text.substr(0, 5));
    Input input(std::move(source), chunk, Input::Fields::kTabs, "");
    std::string all;
    while (input.next()) {
      const uint64_t line = input.line_of(input.text().data() + input.text().size() - 1);
      CHECK(std::to_string(line - 1) + "\n" ==
            input.text().substr(input.text().rfind('\n', input.text().size() - 2) + 1));
      all += input.text();
    }
    CHECK((all == text));
    CHECK(input.bytes_read() == text.size());
  }
}

TEST_CASE("Input: empty files have no chunk") {
  const TempFolder folder;
  Input input(folder.file("a", ""));
  CHECK_FALSE(input.next());
  CHECK(input.text().empty());
}

TEST_CASE("Input: a line of 10 MB in chunks of 1 kB") {
  const TempFolder folder;
  const std::string line(10 << 20, 'x');
  Input input(folder.file("a", "a\n" + line + "\nb"), 1024);
  size_t longest = 0;
  size_t bytes = 0;
  while (input.next()) {
    longest = std::max(longest, input.text().size());
    bytes += input.text().size();
  }
  CHECK(bytes == line.size() + 5);
  CHECK(longest > line.size());
}

TEST_CASE("Input: keep_from hands bytes to the next chunk, line numbers go on") {
  const TempFolder folder;
  Input input(folder.file("a", "1\n2\n3\n4\n5\n"), 4);
  CHECK(input.next());
  CHECK(input.text() == "1\n2\n");
  input.keep_from(input.text().data() + 2);
  CHECK(input.text() == "1\n");
  CHECK(input.next());
  CHECK(input.text() == "2\n3\n4\n");
  CHECK(input.line_of(input.text().data()) == 2);
  input.keep_from(input.text().data());  // everything: the chunk only grows
  CHECK(input.next());
  CHECK(input.text() == "2\n3\n4\n5\n");
  CHECK(input.line_of(input.text().data() + 4) == 4);
  input.keep_from(input.text().data() + 6);
  CHECK(input.next());
  CHECK(input.text() == "5\n");
  CHECK_FALSE(input.next());
}

TEST_CASE("Input: a pipe that gives a byte at a time") {
  const TempFolder folder;
  const std::string path = folder.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const std::string text = "a\tb\r\nc\td";
  std::thread writer([&] {
    std::ofstream out(path, std::ios::binary);
    for (const char byte : text) out << byte << std::flush;
  });
  Input input(path, 3);
  std::string all;
  while (input.next()) all += input.text();
  writer.join();
  CHECK(all == text + "\n");
}

TEST_CASE("Input: what cannot be opened is named") {
  const TempFolder folder;
  CHECK(error_of<Error>([&] { Input(folder.path("no")); }) == folder.path("no") + ": No such file or directory");
  CHECK(error_of<Error>([&] { Input(folder.path("")); }) == folder.path("") + ": is a directory, expected a file");
}

TEST_CASE("split_lines: at most so many parts of whole lines, none empty") {
  const std::string text = "a\nbb\nccc\ndddd\n";
  for (size_t pieces = 1; pieces < 20; ++pieces) {
    std::string all;
    const auto parts = split_lines(text, pieces);
    CHECK(parts.size() <= pieces);
    for (const auto part : parts) {
      CHECK(part.back() == '\n');
      all += part;
    }
    CHECK(all == text);
  }
  CHECK(split_lines("", 4).empty());
}

TEST_CASE("Input of fields split by blanks: comments and empty lines are left out, lines keep their numbers") {
  const TempFolder folder;
  const std::string text = "# one\n\na  b\n  # c\r\n\r\n c #d\t\n#\n##e\ne#f g\n # last";
  const std::string path = folder.file("a", text);
  for (size_t chunk = 1; chunk < 60; ++chunk) {
    CAPTURE(chunk);
    Input input(path, chunk, Input::Fields::kBlanks);
    std::string all;
    std::string numbers;
    while (input.next()) {
      const std::string_view lines = input.text();
      for (size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1)
        numbers += std::to_string(input.line_of(lines.data() + at)) + ' ';
      all += lines;
    }
    CHECK(all == "a\tb\nc\t#d\ne#f\tg\n");
    CHECK(numbers == "3 6 9 ");
  }
}

}  // namespace rec::input_test
