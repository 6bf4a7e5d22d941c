// What an option of vectors names: [NAME=]FILE[:PART]. Immutable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

// NAME ends at the first "=" before any "/", PART begins behind the last ":". A path that holds one of them
// is said as ./PATH (for "=") or PATH: (for ":").
struct VectorsName {
  std::string name;  // of the kind; the file's, without its folder and what is behind its first ".", where none is said
  std::string path;
  std::string part;  // ids of an array, tensor of a model; "": none
};

// text: as given to `option`. Throws UsageError where it names no file, or a kind that no features can have.
VectorsName parse_vectors_name(std::string_view text, std::string_view option);

// How often stdin is among the files that these name.
size_t count_stdin(const std::vector<std::string>& vectors);

}  // namespace rec
