// The header of a safetensors file, which says what tensors lie where in the data. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rec {

// The bytes of the header's length, which the file begins with.
inline constexpr size_t kSafetensorsLengthBytes = 8;

// Meta of our files: the checksum of the header, in which this checksum (and that of the whole file) stands as
// kNoChecksum, and those of the data's blocks (data/block_checksums.h).
inline constexpr const char* kHeaderKey = "header-checksum";
inline constexpr const char* kBlocksKey = "block-checksums";
inline constexpr std::string_view kNoChecksum = "xxh3-64:0000000000000000";

// Blanks behind the JSON, so that the data begin at a multiple of 64 bytes.
void pad_safetensors_header(std::string& json);

// A tensor as the header says it.
struct DeclaredTensor {
  std::string type;
  std::vector<uint64_t> shape;    // the first two extents
  size_t dimensions = 0;          // all of them
  std::vector<uint64_t> offsets;  // the first two
  size_t n_offsets = 0;
};

struct SafetensorsHeader {
  std::string_view json;  // with its padding
  std::string_view data;  // what is behind it
  bool has_metadata = false;
  std::map<std::string, std::string> meta;
  std::vector<std::pair<std::string, DeclaredTensor>> parts;  // in the file's order, each name once
};

// Of `bytes`, a whole file of this name, at least as long as the length; the views are parts of it. expected: what the
// file should be, for errors ("a rec model"). Throws Error "NAME: ..." for a header that is cut short, too long or no
// JSON of this form, or that has more tensors than a model may have.
SafetensorsHeader read_safetensors_header(std::string_view bytes, const std::string& name, const char* expected);

// The bytes of the tensor `key` in `data`. Throws Error "NAME: ..." unless it has 1 or 2 dimensions, and as many bytes
// within the data as elements of this size need.
std::string_view tensor_bytes(const std::string& key, const DeclaredTensor& declared, size_t element_bytes,
                              std::string_view data, const std::string& name);

}  // namespace rec
