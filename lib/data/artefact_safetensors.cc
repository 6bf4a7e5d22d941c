// The binary encoding: a safetensors file. Ids are stored as tensors of their own:
// "items.ids" (bytes) with "items.ids.begin" (I + 1 offsets), and so for users. A
// sparse matrix X is three: "X.begin" (rows + 1 offsets), "X.index" (item numbers)
// and "X.weight", which a matrix of ones does not have.
// __metadata__ holds the artefact's meta, the version and a checksum ("-": not
// checked, for files that other programs wrote).

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "base/number.h"
#include "data/artefact_codec.h"
#include "io/output.h"

namespace rec {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

using Json = nlohmann::ordered_json;

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // as the format's own reader allows
constexpr const char* kNoChecksum = "xxh3-64:0000000000000000";
constexpr const char* kFormat = "rec-model";

std::string checksum_of(std::string_view header, const std::vector<std::string_view>& data) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, header.data(), header.size());
  for (const std::string_view part : data) XXH3_64bits_update(&state, part.data(), part.size());
  return fmt::format("xxh3-64:{:016x}", XXH3_64bits_digest(&state));
}

struct Section {
  std::string_view bytes;
  std::string type;
  std::vector<uint64_t> shape;
};

class Decoder {
 public:
  Decoder(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name)
      : bytes_(bytes), owner_(std::move(owner)), name_(name) {}

  Artefact run() {
    uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kMaxHeader || length > bytes_.size() - kLengthBytes) {
      fail("{}: truncated: the header should have {} bytes, the file has {}", name_, length, bytes_.size());
    }
    const std::string_view header = bytes_.substr(kLengthBytes, length);
    data_ = bytes_.substr(kLengthBytes + length);
    const Json json = Json::parse(header, nullptr, false);
    if (!json.is_object()) fail("{}: the safetensors header is not a JSON object", name_);

    Artefact artefact;
    read_meta(json, header, artefact);
    for (const auto& [key, value] : json.items()) {
      if (key != "__metadata__") sections_.emplace_back(key, section(key, value));
    }
    if (covered_ != data_.size()) {
      fail("{}: truncated or damaged: {} bytes of data, expected {}", name_, data_.size(), covered_);
    }
    verify(header, artefact);
    artefact.items = ids("items");
    artefact.users = ids("users");
    for (const auto& [key, part] : sections_) {
      if (is_index(key, part)) add_sparse(artefact, key.substr(0, key.size() - std::strlen(".index")), part);
    }
    for (const auto& [key, part] : sections_) {
      // Ids and matrices, read above.
      if (part.type == "U8" || part.type == "I64" || is_index(key, part)) continue;
      if (part.shape.empty() || part.shape.size() > 2)
        fail("{}: tensor \"{}\" has {} dimensions, expected 1 or 2", name_, printable(key), part.shape.size());
      if (!is_weight(artefact, key)) add(artefact, key, part);
    }
    return artefact;
  }

 private:
  void read_meta(const Json& json, std::string_view, Artefact& artefact) {
    if (!json.contains("__metadata__") || !json["__metadata__"].is_object()) {
      fail("{}: a safetensors file, but not a rec model (no __metadata__)", name_);
    }
    for (const auto& [key, value] : json["__metadata__"].items()) {
      if (!value.is_string()) fail("{}: __metadata__ \"{}\" is not a string", name_, printable(key));
      artefact.meta[key] = value.get<std::string>();
    }
    if (artefact.meta["format"] != kFormat)
      fail("{}: a safetensors file, but not a rec model (format is not \"{}\")", name_, kFormat);
    const auto version = parse_integer<int>(artefact.meta["version"]);
    if (!version || *version < 1) fail("{}: no valid model format version", name_);
    if (*version > Artefact::kVersion) {
      fail("{}: model format version {}, this program reads up to version {}", name_, *version, Artefact::kVersion);
    }
    artefact.meta.erase("format");
    artefact.meta.erase("version");
  }

  Section section(const std::string& key, const Json& value) {
    Section part;
    const auto bad = [&](const char* what) { fail("{}: tensor \"{}\": {}", name_, printable(key), what); };
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets") ||
        !value["dtype"].is_string() || !value["shape"].is_array() || !value["data_offsets"].is_array() ||
        value["data_offsets"].size() != 2) {
      bad("expected dtype, shape and data_offsets");
    }
    part.type = value["dtype"].get<std::string>();
    const auto dtype = dtype_of_safetensors(part.type);
    if (!dtype && part.type != "I64" && part.type != "U8") {
      fail("{}: tensor \"{}\" is {}, expected F32, I8, BF16 or U32", name_, printable(key), printable(part.type));
    }
    uint64_t size = dtype ? size_of(*dtype) : part.type == "I64" ? 8 : 1;
    for (const Json& extent : value["shape"]) {
      if (!extent.is_number_unsigned()) bad("a shape that is not made of numbers");
      part.shape.push_back(extent.get<uint64_t>());
      if (__builtin_mul_overflow(size, part.shape.back(), &size)) bad("a shape that is too large");
    }
    for (const Json& offset : value["data_offsets"]) {
      if (!offset.is_number_unsigned()) bad("data_offsets that are not numbers");
    }
    const uint64_t begin = value["data_offsets"][0].get<uint64_t>();
    const uint64_t end = value["data_offsets"][1].get<uint64_t>();
    if (begin > end || end - begin != size) bad("data_offsets that do not match the shape");
    if (end > data_.size()) {
      fail("{}: truncated: tensor \"{}\" ends at byte {} of the data, which has {}", name_, printable(key), end,
           data_.size());
    }
    covered_ += size;
    part.bytes = data_.substr(begin, size);
    return part;
  }

  void verify(std::string_view header, Artefact& artefact) {
    const auto found = artefact.meta.find("checksum");
    if (found == artefact.meta.end())
      fail("{}: no checksum in __metadata__ (a model made by other hands says \"-\")", name_);
    if (found->second == "-") {
      artefact.meta.erase(found);
      return;
    }
    std::string blank(header);
    const size_t at = blank.find(found->second);
    if (found->second.size() != std::strlen(kNoChecksum) || at == std::string::npos)
      fail("{}: malformed checksum", name_);
    blank.replace(at, found->second.size(), kNoChecksum);
    if (checksum_of(blank, {data_}) != found->second) fail("{}: damaged: the checksum does not match", name_);
    artefact.meta.erase(found);
  }

  const Section* find(const std::string& key) const {
    for (const auto& [known, part] : sections_) {
      if (known == key) return &part;
    }
    return nullptr;
  }

  IdTable ids(const std::string& side) const {
    const Section* bytes = find(side + ".ids");
    const Section* begin = find(side + ".ids.begin");
    if (bytes == nullptr && begin == nullptr) return {};
    if (bytes == nullptr || begin == nullptr || bytes->type != "U8" || begin->type != "I64") {
      fail("{}: expected \"{}.ids\" (U8) and \"{}.ids.begin\" (I64)", name_, side, side);
    }
    std::vector<uint64_t> offsets(begin->bytes.size() / sizeof(uint64_t));
    std::memcpy(offsets.data(), begin->bytes.data(), offsets.size() * sizeof(uint64_t));
    try {
      return IdTable(std::string(bytes->bytes), std::move(offsets));
    } catch (const Error& error) {
      fail("{}: {}: {}", name_, side, error.what());
    }
  }

  void add(Artefact& artefact, const std::string& key, const Section& part) {
    const Dtype dtype = *dtype_of_safetensors(part.type);
    const char* data = part.bytes.data();
    if (reinterpret_cast<uintptr_t>(data) % size_of(dtype) == 0) {
      artefact.add_mapped({key, part.shape, dtype, data}, owner_);
    } else {
      std::memcpy(artefact.add_empty(key, part.shape, dtype), data, part.bytes.size());
    }
  }

  static bool is_index(const std::string& key, const Section& part) {
    return part.type == "U32" && key.ends_with(".index");
  }

  static bool is_weight(const Artefact& artefact, const std::string& key) {
    return key.ends_with(".weight") &&
           artefact.find_sparse(key.substr(0, key.size() - std::strlen(".weight"))) != nullptr;
  }

  // The values of a section where they lie or, if they lie askew, in a copy.
  template <class T>
  std::span<const T> values(const Section& part, std::shared_ptr<const void>& keep) const {
    const size_t size = part.bytes.size() / sizeof(T);
    if (size == 0) return {};
    const char* data = part.bytes.data();
    if (reinterpret_cast<uintptr_t>(data) % alignof(T) == 0) return {reinterpret_cast<const T*>(data), size};
    auto copy = std::make_shared<std::vector<T>>(size);
    std::memcpy(copy->data(), data, size * sizeof(T));
    const std::span<const T> span(*copy);
    keep = std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(std::move(keep),
                                                                                                 std::move(copy));
    return span;
  }

  void add_sparse(Artefact& artefact, const std::string& name, const Section& index) {
    const Section* begin = find(name + ".begin");
    const Section* weight = find(name + ".weight");
    if (begin == nullptr || begin->type != "I64")
      fail("{}: matrix \"{}\": expected \"{}.begin\" (I64)", name_, printable(name), printable(name));
    if (weight != nullptr && weight->type != "F32")
      fail("{}: matrix \"{}\": expected \"{}.weight\" to be F32", name_, printable(name), printable(name));
    std::shared_ptr<const void> keep = owner_;
    SparseView view;
    view.begin = values<uint64_t>(*begin, keep);
    view.index = values<uint32_t>(index, keep);
    if (weight != nullptr) view.weight = values<float>(*weight, keep);
    artefact.add_mapped_sparse(name, view, keep);
  }

  std::string_view bytes_;
  std::string_view data_;
  std::shared_ptr<const void> owner_;
  const std::string& name_;
  uint64_t covered_ = 0;
  std::vector<std::pair<std::string, Section>> sections_;  // in the file's order
};

std::string_view as_bytes(const void* data, size_t size) { return {static_cast<const char*>(data), size}; }

}  // namespace

bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > kLengthBytes && bytes[kLengthBytes] == '{';
}

Artefact decode_safetensors(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name) {
  return Decoder(bytes, std::move(owner), name).run();
}

void encode_safetensors(const Artefact& artefact, Output& out) {
  Json json;
  Json& meta = json["__metadata__"];
  meta["format"] = kFormat;
  meta["version"] = std::to_string(Artefact::kVersion);
  meta["checksum"] = kNoChecksum;
  for (const auto& [key, value] : artefact.meta) meta[key] = value;

  struct Part {
    std::string name;
    std::string_view bytes;
    size_t alignment;
  };
  std::vector<Part> parts;
  auto add = [&](const std::string& name, const char* type, const std::vector<uint64_t>& shape, std::string_view bytes,
                 size_t alignment) {
    json[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {0, 0}}};
    parts.push_back({name, bytes, alignment});
  };
  auto add_offsets = [&](const char* name, const IdTable& ids) {
    if (ids.size() > 0)
      add(name, "I64", {ids.offsets().size()}, as_bytes(ids.offsets().data(), ids.offsets().size() * 8), 8);
  };
  add_offsets("items.ids.begin", artefact.items);
  add_offsets("users.ids.begin", artefact.users);
  for (const auto& [name, view] : artefact.sparse()) {
    add(name + ".begin", "I64", {view.begin.size()}, as_bytes(view.begin.data(), view.begin.size_bytes()), 8);
  }
  for (const auto& [name, view] : artefact.sparse()) {
    add(name + ".index", "U32", {view.index.size()}, as_bytes(view.index.data(), view.index.size_bytes()), 4);
    if (!view.weight.empty())
      add(name + ".weight", "F32", {view.weight.size()}, as_bytes(view.weight.data(), view.weight.size_bytes()), 4);
  }
  for (const auto& tensor : artefact.tensors()) {
    add(tensor.name, safetensors_name(tensor.dtype), tensor.shape, as_bytes(tensor.data, tensor.bytes()),
        size_of(tensor.dtype));
  }
  if (artefact.items.size() > 0) add("items.ids", "U8", {artefact.items.bytes().size()}, artefact.items.bytes(), 1);
  if (artefact.users.size() > 0) add("users.ids", "U8", {artefact.users.bytes().size()}, artefact.users.bytes(), 1);
  // The header keeps this order. The bytes come by falling alignment, so that all are aligned
  // without gaps.
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.alignment > b.alignment; });
  uint64_t offset = 0;
  std::vector<std::string_view> data;
  for (const Part& part : parts) {
    json[part.name]["data_offsets"] = {offset, offset + part.bytes.size()};
    offset += part.bytes.size();
    data.push_back(part.bytes);
  }

  std::string header;
  try {
    header = json.dump();
  } catch (const Json::exception&) {
    fail("model: meta is not valid UTF-8");
  }
  header.resize((header.size() + kLengthBytes + 63) / 64 * 64 - kLengthBytes, ' ');
  header.replace(header.find(kNoChecksum), std::strlen(kNoChecksum), checksum_of(header, data));
  const uint64_t length = header.size();
  out.write(as_bytes(&length, kLengthBytes));
  out.write(header);
  for (const std::string_view part : data) out.write(part);
}

}  // namespace rec
