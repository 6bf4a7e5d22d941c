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

std::string other_format(std::string_view text, const std::string& path) {
  const std::string file = path == "-" ? "FILE" : printable(path);
  if (text.substr(0, 4096).find("\"format\":\"rec-interactions\"") != text.npos)
    return fmt::format("interactions in binary, expected a table of text; rec-model convert --to text {} writes one",
                       file);
  // A model as text, and as safetensors: eight bytes of a length, then JSON.
  if (text.starts_with("rec-model\t1\nmeta\t") ||
      (text.size() > 10 && text.substr(5, 5) == std::string_view("\0\0\0{\"", 5)))
    return fmt::format("looks like a model, expected a table; rec-score -m {} --all --users USERS recommends by it",
                       file);
  if (text.starts_with("PAR1") && text.size() > 4 && static_cast<unsigned char>(text[4]) < 0x20 && text[4] != '\t') {
    return fmt::format(
        "looks like Parquet: read it as duckdb -c \"COPY (SELECT user, item FROM '{}') TO '/dev/stdout' "
        "(FORMAT csv, DELIMITER '\\t', HEADER, QUOTE '')\" | ..., with its own columns; see rec(7)",
        file);
  }
  if (text.starts_with(std::string_view("SQLite format 3\0", 16)))
    return fmt::format(
        "looks like SQLite: read it as sqlite3 -header -tabs {} 'SELECT user, item FROM ...' | ...; see rec(7)", file);
  return "";
}

std::string other_text_hint(std::string_view line, size_t fields, const std::string& path) {
  const std::string file = path == "-" ? "FILE" : printable(path);
  struct Packed {
    std::string_view magic;
    const char* name;
    const char* program;
  };
  if (path.ends_with(".xlsx") && line.starts_with("PK\x03\x04")) return "; looks like a sheet of Excel: save it as CSV";
  for (const Packed& packed : {Packed{"BZh", "bzip2", "bzcat"},
                               Packed{{"\xfd"
                                       "7zXZ"},
                                      "xz",
                                      "xzcat"},
                               Packed{"PK\x03\x04", "a zip archive", "unzip -p"}}) {
    if (line.starts_with(packed.magic))
      return fmt::format("; looks like {}: read it as {} {} | ...", packed.name, packed.program, file);
  }
  if (line.starts_with('{') || line.starts_with('['))
    return fmt::format(
        "; looks like JSON: read it as jq -r '{}[.user, .item] | join(\"\\t\")' {} | ..., with its own keys",
        line.starts_with('[') ? ".[] | " : "", file);
  // An option has no effect on a file that is named .tsv, but on the same on stdin.
  const bool by_option = csv_delimiter(path, {true, ""}).has_value();
  const bool by_name = csv_delimiter(path, {}).has_value();  // such a file is split by another byte only if told so
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
    if (count_of(line, split.delimiter) + 1 < std::max<size_t>(fields, 2)) continue;
    if (by_name && std::string_view(split.delimiter) == ",")
      return "; looks like CSV with commas: leave --delimiter out";
    return fmt::format("; looks like {}; say {}{}", split.name, split.option, from);
  }
  if (count_of(line, " ") + 1 >= std::max<size_t>(fields, 2))
    return fmt::format("; looks like fields split by spaces: read it as tr -s ' ' '\\t' < {} | ...", file);
  return "";
}

}  // namespace rec
