#include "base/vectors_name.h"

#include "base/error.h"

namespace rec {
namespace {

VectorsName parts_of(std::string_view text) {
  VectorsName out;
  const size_t equals = text.find('=');
  const bool named = equals != std::string_view::npos && text.substr(0, equals).find('/') == std::string_view::npos;
  if (named) {
    out.name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
  }
  const size_t colon = text.rfind(':');
  out.path = text.substr(0, colon);
  if (colon != std::string_view::npos) out.part = text.substr(colon + 1);
  if (!named) {
    const std::string file = out.path.substr(out.path.rfind('/') + 1);
    out.name = file.substr(0, file.find('.', 1));
  }
  return out;
}

}  // namespace

VectorsName parse_vectors_name(std::string_view text, std::string_view option) {
  VectorsName out = parts_of(text);
  if (out.path.empty()) fail_usage("{}: expected [NAME=]FILE[:PART], found \"{}\"", option, printable(text));
  if (out.path == "-" && out.name == "-") out.name = "stdin";
  if (out.name.empty() || out.name.find_first_of("=\t\n") != std::string::npos)
    fail_usage("{}: vectors cannot be named \"{}\": say NAME={}", option, printable(out.name),
               printable(text.substr(text.starts_with('=') ? 1 : 0)));
  return out;
}

size_t count_stdin(const std::vector<std::string>& vectors) {
  size_t count = 0;
  for (const std::string& text : vectors) {
    const VectorsName name = parts_of(text);
    count += (name.path == "-") + (name.part == "-");
  }
  return count;
}

}  // namespace rec
