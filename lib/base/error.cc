#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace rec {
namespace {

// The length of the UTF-8 character that `bytes` begins with, 0 if it is none
// (a stray or overlong sequence, a surrogate, a C1 control).
size_t utf8_length(std::string_view bytes) {
  const auto at = [&](size_t index) { return static_cast<unsigned char>(bytes[index]); };
  const unsigned char first = at(0);
  const size_t length = first < 0x80                    ? 1
                        : first >= 0xc2 && first < 0xe0 ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  if (length == 0 || length > bytes.size()) return 0;
  for (size_t index = 1; index < length; ++index) {
    if ((at(index) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xc2 && at(1) < 0xa0) return 0;
  if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) >= 0xa0)) return 0;
  if ((first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) >= 0x90)) return 0;
  return length;
}

}  // namespace

void fail_errno(const std::string& what) {
  const int code = errno;
  throw Error(fmt::format("{}: {}", what, std::generic_category().message(code)));
}

std::string escaped(std::string_view bytes, size_t most) {
  std::string out;
  size_t length = 0;
  for (size_t at = 0; at < bytes.size(); at += std::max<size_t>(1, length)) {
    length = utf8_length(bytes.substr(at));
    if (at + std::max<size_t>(1, length) > most) {
      out += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte == '\t') {
      out += "\\t";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f || length == 0) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += bytes.substr(at, length);
    }
  }
  return out;
}

std::string printable(std::string_view bytes) { return escaped(bytes, 60); }

}  // namespace rec
