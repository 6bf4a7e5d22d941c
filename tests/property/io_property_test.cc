// Random bytes against slow references: line and field splitting, numbers,
// tables with headers and --columns.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "base/number.h"
#include "io/input.h"
#include "io/line_cursor.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::io_property_test {

namespace {

using Random = std::mt19937_64;
using Fields = std::vector<std::string>;

size_t below(Random& random, size_t n) { return static_cast<size_t>(random() % n); }

std::string random_text(Random& random, size_t size, std::string_view alphabet) {
  std::string text;
  for (size_t at = 0; at < size; ++at) text += alphabet[below(random, alphabet.size())];
  return text;
}

Fields split_naively(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  Fields fields(1);
  for (const char byte : line) {
    if (byte == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += byte;
    }
  }
  return fields;
}

std::vector<Fields> lines_naively(const std::string& text) {
  std::vector<Fields> lines;
  std::string line;
  for (const char byte : text) {
    if (byte == '\n') {
      lines.push_back(split_naively(line));
      line.clear();
    } else {
      line += byte;
    }
  }
  if (!line.empty()) lines.push_back(split_naively(line));
  return lines;
}

bool is_decimal(
    std::string_view text) {  // -?digits[.digits][(e|E)[+-]digits], digits on one side of the point at least
  size_t at = 0;
  auto digits = [&] {
    const size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  size_t count = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    count += digits();
  }
  if (count == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

}  // namespace

TEST_CASE("lines and fields: any bytes, any chunk size, any number of pieces") {
  const TempFolder folder;
  const std::string alphabets[] = {std::string("\t\n\r\0a\xff", 6), std::string("\n\ta"), std::string("ab\r\n"),
                                   std::string("abcdefghijklmnopqrstuvwxyz0123456789\t\n")};
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const std::string text =
        random_text(random, below(random, round % 10 == 0 ? 20000 : 400), alphabets[below(random, 4)]);
    const std::vector<Fields> expected = lines_naively(text);
    Input input(folder.file("t", text), 1 + below(random, 300));
    const size_t width = below(random, 5);
    const size_t pieces = 1 + below(random, 5);
    size_t at = 0;
    bool same = true;
    while (input.next()) {
      for (const std::string_view piece : split_lines(input.text(), pieces)) {
        LineCursor cursor(piece, width);
        Line line;
        while (cursor.next(line)) {
          same = same && at < expected.size() && line.n_fields == expected[at].size() &&
                 input.line_of(line.text.data()) == at + 1;
          for (size_t field = 0; same && field < std::min(width, line.n_fields); ++field) {
            same = line.fields[field] == expected[at][field];
          }
          ++at;
        }
      }
      if (!input.at_end() && below(random, 3) == 0) {  // leave some lines to the next chunk
        const std::string_view text_now = input.text();
        const size_t from = below(random, text_now.size());
        const size_t newline = from == 0 ? 0 : text_now.find('\n', from - 1) + 1;
        at -= static_cast<size_t>(
            std::count(text_now.begin() + static_cast<std::ptrdiff_t>(newline), text_now.end(), '\n'));
        input.keep_from(text_now.data() + newline);
      }
    }
    CAPTURE(round);
    CHECK(same);
    CHECK(at == expected.size());
  }
}

TEST_CASE("parse_number agrees with strtod on decimals and refuses all else") {
  Random random(2);
  for (int round = 0; round < 200000; ++round) {
    std::string text;
    if (round % 2 == 0) {
      text = random_text(random, below(random, 8), "0123456789.-+eE infax");
    } else {
      text = std::string(below(random, 2), '-') + random_text(random, 1 + below(random, 20), "0123456789") + "." +
             random_text(random, below(random, 20), "0123456789");
      if (below(random, 2) == 0) text += "e" + std::to_string(static_cast<int>(below(random, 700)) - 350);
    }
    CAPTURE(text);
    const bool decimal = is_decimal(text);
    const double wide = std::strtod(text.c_str(), nullptr);
    const float narrow = std::strtof(text.c_str(), nullptr);
    const auto number = parse_number<double>(text);
    const auto single = parse_number<float>(text);
    REQUIRE(number.has_value() == (decimal && std::isfinite(wide)));
    REQUIRE(single.has_value() == (decimal && std::isfinite(narrow)));
    if (number) REQUIRE(*number == wide);
    if (single) REQUIRE(*single == narrow);
  }
}

TEST_CASE("append_number reads back to the same bits") {
  Random random(3);
  for (int round = 0; round < 200000; ++round) {
    const uint64_t bits = random();
    double wide;
    float narrow;
    std::memcpy(&wide, &bits, sizeof wide);
    std::memcpy(&narrow, &bits, sizeof narrow);
    std::string text;
    if (std::isfinite(wide)) {
      append_number(text, wide);
      const auto back = parse_number<double>(text);
      REQUIRE(back.has_value());
      REQUIRE(std::memcmp(&*back, &wide, sizeof wide) == 0);
    }
    if (std::isfinite(narrow)) {
      text.clear();
      append_number(text, narrow);
      const auto back = parse_number<float>(text);
      REQUIRE(back.has_value());
      REQUIRE(std::memcmp(&*back, &narrow, sizeof narrow) == 0);
    }
  }
}

TEST_CASE("tables: columns anywhere, with a header or mapped, on any number of threads") {
  const TempFolder folder;
  const TableSpec spec = interactions_spec();
  Random random(4);
  for (int round = 0; round < 300; ++round) {
    // Which file field holds which column: -1 is a field that no one knows.
    std::vector<int> column_of{0, 1};
    if (below(random, 2) == 0) column_of.push_back(2);
    if (below(random, 2) == 0) column_of.push_back(3);
    for (size_t extra = below(random, 3); extra > 0; --extra) column_of.push_back(-1);
    const bool in_place = below(random, 3) == 0;  // positional order, nothing said
    if (in_place) {
      column_of = {0, 1, 2, 3};
      column_of.resize(2 + below(random, 3));
    } else {
      std::shuffle(column_of.begin(), column_of.end(), random);
    }
    const bool header = !in_place && below(random, 2) == 0;
    const bool renamed = header && below(random, 2) == 0;
    std::string text;
    std::string map;
    for (size_t field = 0; field < column_of.size(); ++field) {
      const int column = column_of[field];
      const std::string name =
          column < 0 ? "extra" + std::to_string(field) : spec.columns[static_cast<size_t>(column)].name;
      if (header) text += (field > 0 ? "\t" : "") + (renamed && column >= 0 ? "my " + name : name);
      if (!in_place && column >= 0 && (renamed || !header)) {
        map += (map.empty() ? "" : ",") + name + "=" + (renamed ? "my " + name : std::to_string(field + 1));
      }
    }
    if (header) text += "\n";
    std::vector<Fields> rows;
    for (size_t row = below(random, 60); row > 0; --row) {
      Fields fields;
      for (const int column : column_of) {
        fields.push_back(column >= 2 ? std::to_string(static_cast<int>(below(random, 2000)) - 1000)
                                     : random_text(random, 1 + below(random, 12), "abc 0123\xc3\xa8\r-") + "z");
      }
      for (size_t field = 0; field < fields.size(); ++field) text += (field > 0 ? "\t" : "") + fields[field];
      text += below(random, 4) == 0 ? "\r\n" : "\n";
      rows.push_back(fields);
    }
    if (below(random, 2) == 0 && !text.empty()) text.pop_back();
    const std::string path = folder.file("t", text);
    for (const int threads : {1, 2, 3}) {
      TableReader reader(path, spec, {map, BadLines::kFail, {}}, 1 + below(random, 500));
      size_t at = 0;
      bool same = reader.layout().header == header || rows.empty();
      while (reader.next()) {
        std::vector<std::vector<Fields>> pieces(5);
        reader.parse(threads, 5, [&](size_t piece, const Line& line) {
          Fields fields;
          for (size_t column = 0; column < 4; ++column) {
            const int position = reader.layout().position[column];
            fields.push_back(position < 0 ? "" : std::string(line.fields[static_cast<size_t>(position)]));
          }
          pieces[piece].push_back(fields);
        });
        for (const auto& piece : pieces) {
          for (const Fields& fields : piece) {
            for (size_t field = 0; same && field < column_of.size(); ++field) {
              same = at < rows.size() &&
                     (column_of[field] < 0 || fields[static_cast<size_t>(column_of[field])] == rows[at][field]);
            }
            ++at;
          }
        }
      }
      CAPTURE(text);
      CAPTURE(map);
      REQUIRE(same);
      REQUIRE(at == rows.size());
    }
  }
}

}  // namespace rec::io_property_test
