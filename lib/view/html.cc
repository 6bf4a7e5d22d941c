#include "view/html.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"

namespace rec {
namespace {

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

// U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows, also outside of their element.
std::string_view bidi_escape(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kMarks{{{"\u202a", "\\u202a"},
                                                                                        {"\u202b", "\\u202b"},
                                                                                        {"\u202c", "\\u202c"},
                                                                                        {"\u202d", "\\u202d"},
                                                                                        {"\u202e", "\\u202e"},
                                                                                        {"\u2066", "\\u2066"},
                                                                                        {"\u2067", "\\u2067"},
                                                                                        {"\u2068", "\\u2068"},
                                                                                        {"\u2069", "\\u2069"}}};
  for (const auto& [mark, shown] : kMarks) {
    if (text.starts_with(mark)) return shown;
  }
  return {};
}

}  // namespace

std::string shown_text(std::string_view text) {
  constexpr size_t kMost = 500;
  const std::string clean = escaped(text, kMost);
  std::string out;
  for (size_t at = 0; at < clean.size(); ++at) {
    const std::string_view mark = bidi_escape(std::string_view(clean).substr(at));
    if (mark.empty()) {
      out += clean[at];
    } else {
      out += mark;
      at += 2;  // each has three bytes
    }
  }
  return out;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char byte : shown_text(text)) {
    switch (byte) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += byte;
    }
  }
  return out;
}

std::string json_in_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char byte : json) {
    if (byte == '<') {
      out += "\\u003c";
    } else if (byte == '>') {
      out += "\\u003e";
    } else if (byte == '&') {
      out += "\\u0026";
    } else {
      out += byte;
    }
  }
  return out;
}

bool is_image_url(std::string_view url) {
  if (url.empty() || url.front() == ' ' || url.back() == ' ' || escaped(url) != url) return false;
  if (starts_with_word(url, "https://") || starts_with_word(url, "http://")) return true;
  for (const char* type : {"png", "jpeg", "gif", "webp", "avif"}) {
    if (starts_with_word(url, std::string("data:image/") + type + ";base64,")) return true;
  }
  if (url.starts_with("//") || url.find('\\') != std::string_view::npos) return false;
  return url.substr(0, url.find_first_of("/?#")).find(':') == std::string_view::npos;
}

}  // namespace rec
