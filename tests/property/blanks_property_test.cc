// Blanks squeezed piece by piece against the whole text rewritten at once.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "io/blanks.h"

namespace rec::blanks_property_test {

namespace {

std::string squeezed_at_once(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != ' ' && text[at] != '\t') {
      out += text[at];
      continue;
    }
    size_t end = at;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
    const bool first = out.empty() || out.back() == '\n';
    const bool last = end == text.size() || text[end] == '\n' || text[end] == '\r';
    if (!first && !last) out += '\t';
    at = end - 1;
  }
  return out;
}

}  // namespace

TEST_CASE("blanks squeezed in pieces of any size are those of the whole text") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes = round % 3 == 0 ? "ab \t\n" : round % 3 == 1 ? "abcdefgh \n" : "a \r\n";
    std::string text;
    for (size_t at = random() % 60; at > 0; --at) text += bytes[random() % bytes.size()];
    std::string out;
    BlankSqueezer blanks;
    for (size_t begin = 0; begin < text.size();) {
      const size_t size = std::min<size_t>(text.size() - begin, 1 + random() % 9);
      std::vector<char> piece(text.begin() + static_cast<ptrdiff_t>(begin),
                              text.begin() + static_cast<ptrdiff_t>(begin + size));
      piece.push_back('?');
      const size_t kept = blanks.squeeze(piece.data(), size, out.empty() || out.back() == '\n');
      out.append(piece.data(), kept);
      begin += size;
    }
    CHECK(out == squeezed_at_once(text));
  }
}

}  // namespace rec::blanks_property_test
