#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace rec {

void fail_errno(const std::string& what) {
  const int code = errno;
  throw Error(fmt::format("{}: {}", what, std::generic_category().message(code)));
}

std::string printable(std::string_view bytes) {
  constexpr size_t kMost = 60;
  std::string out;
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at == kMost) {
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
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += static_cast<char>(byte);  // UTF-8 passes as it is
    }
  }
  return out;
}

}  // namespace rec
