#include "io/other_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.h"
#include "io/csv.h"

namespace rec {
namespace {

size_t count_of(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

}  // namespace

std::string other_text_hint(std::string_view line, size_t fields, const std::string& path) {
  const std::string file = path == "-" ? "FILE" : printable(path);
  struct Packed {
    std::string_view magic;
    const char* name;
    const char* program;
  };
  for (const Packed& packed : {Packed{"BZh", "bzip2", "bzcat"},
                               Packed{{"\xfd"
                                       "7zXZ"},
                                      "xz",
                                      "xzcat"},
                               Packed{"PK\x03\x04", "a zip archive", "unzip -p"}}) {
    if (line.starts_with(packed.magic))
      return fmt::format("; looks like {}: read it as {} {} | ...", packed.name, packed.program, file);
  }
  if (line.starts_with("PAR1")) return "; looks like Parquet: write it as CSV first";
  if (line.starts_with('{') || line.starts_with('['))
    return fmt::format("; looks like JSON: read it as jq -r '{}[.user, .item] | @tsv' {} | ..., with its own keys",
                       line.starts_with('[') ? ".[] | " : "", file);
  // An option has no effect on a file that is named .tsv, but on the same on stdin.
  const bool by_option = csv_delimiter(path, {true, ""}).has_value();
  const std::string from = by_option ? "" : " and read it from stdin: < " + file;
  struct Split {
    const char* delimiter;
    const char* name;
    const char* option;
  };
  for (const Split& split :
       {Split{"::", "fields split by ::", "--delimiter ::"}, Split{",", "CSV", "--csv"},
        Split{";", "CSV with semicolons", "--delimiter ';'"}, Split{"|", "fields split by |", "--delimiter '|'"},
        Split{"\t", "TSV", "--delimiter $'\\t'"}}) {
    if (count_of(line, split.delimiter) + 1 >= std::max<size_t>(fields, 2))
      return fmt::format("; looks like {}: say {}{}", split.name, split.option, from);
  }
  if (count_of(line, " ") + 1 >= std::max<size_t>(fields, 2))
    return fmt::format("; looks like fields split by spaces: read it as tr -s ' ' '\\t' < {} | ...", file);
  return "";
}

}  // namespace rec
