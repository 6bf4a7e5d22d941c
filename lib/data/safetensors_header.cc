#include "data/safetensors_header.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "data/artefact.h"

namespace rec {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxHeader = 100'000'000;  // as the format's own reader allows

// Reads the header without a tree of it in memory: three levels deep, and no more parts than
// a model may have. Anything else ends the reading with `problem`.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  HeaderReader(SafetensorsHeader& header, const char* expected)
      : has_metadata(header.has_metadata), meta(header.meta), parts(header.parts), expected_(expected) {}

  std::string problem;
  bool& has_metadata;
  std::map<std::string, std::string>& meta;
  std::vector<std::pair<std::string, DeclaredTensor>>& parts;

  bool key(string_t& key) override {
    if (depth_ == 1) {
      part_ = key;
      if (key == "__metadata__") {
        if (has_metadata) return stop("__metadata__ is there twice");
        return has_metadata = true;
      }
      if (parts.size() == Artefact::kMaxParts) return stop(fmt::format("more than {} tensors", Artefact::kMaxParts));
      if (!names_.insert(key).second) return stop(fmt::format("tensor \"{}\" is there twice", printable(key)));
      parts.emplace_back(key, DeclaredTensor{});
      return true;
    }
    key_ = key;
    if (in_metadata() && meta.size() == Artefact::kMaxParts)
      return stop(fmt::format("more than {} entries of __metadata__", Artefact::kMaxParts));
    if (in_metadata() && meta.contains(key))
      return stop(fmt::format("__metadata__ \"{}\" is there twice", printable(key)));
    return true;
  }

  bool string(string_t& text) override {
    if (depth_ == 2 && in_metadata()) {
      meta[key_] = std::move(text);
      return true;
    }
    if (depth_ != 2 || key_ == "shape" || key_ == "data_offsets") return unexpected();
    if (key_ == "dtype") parts.back().second.type = std::move(text);
    return true;
  }

  bool number_unsigned(uint64_t number) override {
    if (depth_ != 3 || in_metadata()) return unexpected();
    DeclaredTensor& part = parts.back().second;
    if (key_ == "shape") {
      if (part.dimensions++ < 2) part.shape.push_back(number);
    } else if (key_ == "data_offsets") {
      if (part.n_offsets++ < 2) part.offsets.push_back(number);
    } else {
      return unexpected();
    }
    return true;
  }

  bool start_object(size_t) override { return depth_ < 2 ? open() : unexpected(); }
  bool start_array(size_t) override {
    return depth_ == 2 && !in_metadata() && (key_ == "shape" || key_ == "data_offsets") ? open() : unexpected();
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool null() override { return unexpected(); }
  bool boolean(bool) override { return unexpected(); }
  bool number_integer(int64_t) override { return unexpected(); }
  bool number_float(double, const string_t&) override { return unexpected(); }
  bool binary(binary_t&) override { return unexpected(); }
  bool parse_error(size_t, const string_t&, const nlohmann::json::exception&) override {
    return stop("the safetensors header is not a JSON object");
  }

 private:
  bool in_metadata() const { return part_ == "__metadata__"; }
  bool open() {
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  bool stop(std::string text) {
    problem = std::move(text);
    return false;
  }
  bool unexpected() {
    if (depth_ == 0) return stop("the safetensors header is not a JSON object");
    if (in_metadata() && depth_ == 1)
      return stop(fmt::format("a safetensors file, but not {} (no __metadata__)", expected_));
    if (in_metadata()) return stop(fmt::format("__metadata__ \"{}\" is not a string", printable(key_)));
    const char* what = depth_ == 3 && key_ == "shape"          ? "a shape that is not made of numbers"
                       : depth_ == 3 && key_ == "data_offsets" ? "data_offsets that are not numbers"
                                                               : "expected dtype, shape and data_offsets";
    return stop(fmt::format("tensor \"{}\": {}", printable(part_), what));
  }

  const char* expected_;
  int depth_ = 0;  // of open braces and brackets
  std::string part_;
  std::string key_;
  std::set<std::string> names_;
};

}  // namespace

void pad_safetensors_header(std::string& json) {
  json.resize((json.size() + kSafetensorsLengthBytes + 63) / 64 * 64 - kSafetensorsLengthBytes, ' ');
}

SafetensorsHeader read_safetensors_header(std::string_view bytes, const std::string& name, const char* expected) {
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kSafetensorsLengthBytes);
  if (length > kMaxHeader || length > bytes.size() - kSafetensorsLengthBytes)
    fail("{}: truncated: the header should have {} bytes, the file has {}", name, length, bytes.size());
  SafetensorsHeader header;
  header.json = bytes.substr(kSafetensorsLengthBytes, length);
  header.data = bytes.substr(kSafetensorsLengthBytes + length);
  HeaderReader reader(header, expected);
  if (!Json::sax_parse(header.json.begin(), header.json.end(), &reader)) fail("{}: {}", name, reader.problem);
  return header;
}

std::string_view tensor_bytes(const std::string& key, const DeclaredTensor& declared, size_t element_bytes,
                              std::string_view data, const std::string& name) {
  const auto bad = [&](const char* what) { fail("{}: tensor \"{}\": {}", name, printable(key), what); };
  if (declared.n_offsets != 2) bad("expected dtype, shape and data_offsets");
  if (declared.dimensions == 0 || declared.dimensions > 2)
    fail("{}: tensor \"{}\" has {} dimensions, expected 1 or 2", name, printable(key), declared.dimensions);
  uint64_t size = element_bytes;
  for (const uint64_t extent : declared.shape) {
    if (__builtin_mul_overflow(size, extent, &size)) bad("a shape that is too large");
  }
  const uint64_t begin = declared.offsets[0];
  const uint64_t end = declared.offsets[1];
  if (begin > end || end - begin != size) bad("data_offsets that do not match the shape");
  if (end > data.size())
    fail("{}: truncated: tensor \"{}\" ends at byte {} of the data, which has {}", name, printable(key), end,
         data.size());
  return data.substr(begin, size);
}

}  // namespace rec
