// The binary encoding: a safetensors file. Ids are stored as tensors of their own:
// "items.ids" (bytes) with "items.ids.begin" (I + 1 offsets), and so for users and other tables. A
// sparse matrix X is three: "X.begin" (rows + 1 offsets), "X.index" (item numbers)
// and "X.weight", which a matrix of ones does not have.
// __metadata__ holds the artefact's meta, the version and a checksum ("-": not
// checked, for files that other programs wrote), and for those who read a part alone
// one of the header and one of each block of data.

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "base/error.h"
#include "base/number.h"
#include "data/artefact_codec.h"
#include "data/block_checksums.h"
#include "data/safetensors_header.h"
#include "io/output.h"

namespace rec {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

using Json = nlohmann::json;

constexpr const char* kFormat = "rec-model";
constexpr std::string_view kIds = ".ids";

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
  Decoder(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name, int threads,
          Reading& reading)
      : bytes_(bytes), owner_(std::move(owner)), name_(name), threads_(threads), reading_(reading) {}

  Artefact run() {
    SafetensorsHeader reader = read_safetensors_header(bytes_, name_, "a rec model");
    const std::string_view header = reader.json;
    data_ = reader.data;

    Artefact artefact;
    read_meta(reader, artefact);
    for (const auto& [key, declared] : reader.parts) {
      section_at_[key] = sections_.size();
      sections_.emplace_back(key, section(key, declared));
    }
    if (covered_ != data_.size()) {
      fail("{}: truncated or damaged: {} bytes of data, expected {}", name_, data_.size(), covered_);
    }
    verify(header, artefact);
    for (const char* key : {kHeaderKey, kBlocksKey}) artefact.meta.erase(key);
    artefact.items = ids("items");
    artefact.users = ids("users");
    for (const auto& [key, part] : sections_) {
      if (part.type != "U8" || !key.ends_with(kIds) || key == "items.ids" || key == "users.ids") continue;
      if (artefact.tables.size() == Artefact::kMaxTables)
        fail("{}: more than {} tables of ids", name_, Artefact::kMaxTables);
      const std::string table = key.substr(0, key.size() - kIds.size());
      artefact.tables[table] = ids(table);
    }
    size_t matrices = 0;
    for (const auto& [key, part] : sections_) {
      if (!is_index(key, part)) continue;
      if (++matrices > Artefact::kMaxMatrices) fail("{}: more than {} matrices", name_, Artefact::kMaxMatrices);
      add_sparse(artefact, key.substr(0, key.size() - std::strlen(".index")), part);
    }
    for (const auto& [key, part] : sections_) {
      // Ids and matrices, read above.
      if (part.type == "U8" || is_begin(key, part) || is_index(key, part)) continue;
      if (!is_weight(artefact, key)) add(artefact, key, part);
    }
    return artefact;
  }

 private:
  void read_meta(SafetensorsHeader& reader, Artefact& artefact) {
    if (!reader.has_metadata) fail("{}: a safetensors file, but not a rec model (no __metadata__)", name_);
    artefact.meta = std::move(reader.meta);
    if (artefact.meta["format"] == "rec-interactions")
      fail("{}: interactions in binary, expected a model; rec-embed trains one on them", name_);
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

  Section section(const std::string& key, const DeclaredTensor& declared) {
    Section part{{}, declared.type, declared.shape};
    if (declared.type.empty() || declared.n_offsets != 2)
      fail("{}: tensor \"{}\": expected dtype, shape and data_offsets", name_, printable(key));
    const auto dtype = dtype_of_safetensors(part.type);
    if (!dtype && part.type != "U8") {
      fail("{}: tensor \"{}\" is {}, expected F32, I8, BF16, U32 or I64", name_, printable(key), printable(part.type));
    }
    part.bytes = tensor_bytes(key, declared, dtype ? size_of(*dtype) : 1, data_, name_);
    covered_ += part.bytes.size();
    if (covered_ > data_.size()) fail("{}: tensor \"{}\": data that another tensor has, too", name_, printable(key));
    return part;
  }

  // The checksums that let parts of the data be verified: that of the header, and those of blocks. nullptr: there are
  // none, or not for these data.
  std::shared_ptr<const BlockChecksums> blocks(std::string_view header, const Artefact& artefact) const {
    const auto sum = artefact.meta.find(kHeaderKey);
    const auto text = artefact.meta.find(kBlocksKey);
    if (sum == artefact.meta.end() || text == artefact.meta.end()) return nullptr;
    const size_t at = header.find(sum->second);
    if (sum->second.size() != kNoChecksum.size() || at == std::string_view::npos) return nullptr;
    std::string zeroed(header);
    for (const std::string& digits : {sum->second, artefact.meta.at("checksum")}) {
      const size_t where = zeroed.find(digits);
      if (where != std::string::npos && digits.size() == kNoChecksum.size())
        zeroed.replace(where, digits.size(), kNoChecksum);
    }
    if (checksum_of(zeroed, {}) != sum->second) fail("{}: damaged: the checksum of the header does not match", name_);
    return BlockChecksums::parse(text->second, data_, name_);
  }

  // Whether the parts that are used at once were verified; the vectors of users are left to the artefact.
  bool verify_parts(std::string_view header, Artefact& artefact) const {
    if (reading_ != Reading::kByPart || artefact.meta.at("checksum") == "-") return false;
    const std::shared_ptr<const BlockChecksums> all = blocks(header, artefact);
    if (!all) return false;
    bool left = false;
    for (const auto& [key, part] : sections_) {
      // What lies askew is copied, and verified before.
      const bool rows_of_users =
          key == "users.factors" && part.shape.size() == 2 && part.shape[0] > 0 && dtype_of_safetensors(part.type) &&
          reinterpret_cast<uintptr_t>(part.bytes.data()) % size_of(*dtype_of_safetensors(part.type)) == 0;
      if (!rows_of_users) all->verify(part.bytes, threads_);
      left = left || rows_of_users;
    }
    if (left) artefact.leave_users_to(all);
    return true;
  }

  void verify(std::string_view header, Artefact& artefact) {
    const auto found = artefact.meta.find("checksum");
    if (found == artefact.meta.end())
      fail("{}: no checksum in __metadata__ (a model made by other hands says \"-\")", name_);
    if (found->second == "-") {
      reading_ = Reading::kWhole;
      artefact.meta.erase(found);
      return;
    }
    if (verify_parts(header, artefact)) {
      artefact.meta.erase("checksum");
      return;
    }
    const size_t at = header.find(found->second);
    if (found->second.size() != kNoChecksum.size() || at == std::string_view::npos)
      fail("{}: malformed checksum", name_);
    if (checksum_of(header.substr(0, at), {kNoChecksum, header.substr(at + found->second.size()), data_}) !=
        found->second) {
      fail("{}: damaged: the checksum does not match", name_);
    }
    artefact.meta.erase(found);
  }

  const Section* find(const std::string& key) const {
    const auto found = section_at_.find(key);
    return found == section_at_.end() ? nullptr : &sections_[found->second].second;
  }

  IdTable ids(const std::string& side) const {
    const Section* bytes = find(side + ".ids");
    const Section* begin = find(side + ".ids.begin");
    if (bytes == nullptr && begin == nullptr) return {};
    if (bytes == nullptr || begin == nullptr || bytes->type != "U8" || begin->type != "I64") {
      fail("{}: expected \"{}.ids\" (U8) and \"{}.ids.begin\" (I64)", name_, printable(side), printable(side));
    }
    try {
      std::shared_ptr<const void> keep = owner_;
      const std::span<const uint64_t> offsets = values<uint64_t>(*begin, keep);
      return IdTable(bytes->bytes, offsets, std::move(keep));
    } catch (const Error& error) {
      fail("{}: {}: {}", name_, printable(side), error.what());
    }
  }

  void add(Artefact& artefact, const std::string& key, const Section& part) {
    const Dtype dtype = *dtype_of_safetensors(part.type);
    const char* data = part.bytes.data();
    if (reinterpret_cast<uintptr_t>(data) % size_of(dtype) == 0) {
      artefact.add_mapped({key, part.shape, dtype, data, nullptr}, owner_);
    } else {
      void* to = artefact.add_empty(key, part.shape, dtype);
      if (!part.bytes.empty()) std::memcpy(to, data, part.bytes.size());
    }
  }

  static bool is_index(const std::string& key, const Section& part) {
    return part.type == "U32" && key.ends_with(".index");
  }

  // Of ids, or of a matrix.
  static bool is_begin(const std::string& key, const Section& part) {
    return part.type == "I64" && key.ends_with(".begin");
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
  int threads_;
  Reading& reading_;
  uint64_t covered_ = 0;
  std::vector<std::pair<std::string, Section>> sections_;  // in the file's order
  std::map<std::string, size_t> section_at_;               // by name
};

std::string quoted(const std::string& text) {
  try {
    return Json(text).dump();
  } catch (const Json::exception&) {
    fail("model: \"{}\" is not valid UTF-8", printable(text));
  }
}

std::string_view as_bytes(const void* data, size_t size) { return {static_cast<const char*>(data), size}; }

}  // namespace

bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > kSafetensorsLengthBytes && bytes[kSafetensorsLengthBytes] == '{';
}

Artefact decode_safetensors(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name,
                            int threads, Reading& reading) {
  return Decoder(bytes, std::move(owner), name, threads, reading).run();
}

void encode_safetensors(const Artefact& artefact, Output& out) {
  for (const char* key : {"format", "version", "checksum", kHeaderKey, kBlocksKey}) {
    if (artefact.meta.contains(key)) fail("model: meta \"{}\": safetensors files keep that name for themselves", key);
  }
  struct Part {
    std::string name;
    const char* type;
    std::vector<uint64_t> shape;
    std::string_view bytes;
    size_t alignment;
    uint64_t offset = 0;
  };
  std::vector<Part> parts;
  auto add = [&](const std::string& name, const char* type, const std::vector<uint64_t>& shape, std::string_view bytes,
                 size_t alignment) {
    parts.push_back({name, type, shape, bytes, alignment});
  };
  std::vector<std::pair<std::string, const IdTable*>> id_tables{{"items", &artefact.items}, {"users", &artefact.users}};
  for (const auto& [name, ids] : artefact.tables) id_tables.emplace_back(name, &ids);
  std::erase_if(id_tables, [](const auto& table) { return table.second->size() == 0; });
  for (const auto& [name, ids] : id_tables)
    add(name + ".ids.begin", "I64", {ids->offsets().size()}, as_bytes(ids->offsets().data(), ids->offsets().size() * 8),
        8);
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
  for (const auto& [name, ids] : id_tables) add(name + ".ids", "U8", {ids->bytes().size()}, ids->bytes(), 1);
  std::set<std::string_view> names{"__metadata__"};
  for (const Part& part : parts) {
    if (!names.insert(part.name).second)
      fail("model: \"{}\" would be there twice in a safetensors file", printable(part.name));
  }
  // The header keeps this order. The bytes come by falling alignment, so that all are aligned
  // without gaps.
  std::vector<Part*> by_alignment;
  for (Part& part : parts) by_alignment.push_back(&part);
  std::stable_sort(by_alignment.begin(), by_alignment.end(),
                   [](const Part* a, const Part* b) { return a->alignment > b->alignment; });
  uint64_t offset = 0;
  std::vector<std::string_view> data;
  for (Part* part : by_alignment) {
    part->offset = offset;
    offset += part->bytes.size();
    data.push_back(part->bytes);
  }

  // Written by hand: an object of nlohmann::ordered_json looks for each new key among all.
  std::string header =
      fmt::format(R"({{"__metadata__":{{"format":"{}","version":"{}","checksum":"{}","{}":"{}","{}":"{}")", kFormat,
                  Artefact::kVersion, kNoChecksum, kHeaderKey, kNoChecksum, kBlocksKey, BlockChecksums::text_of(data));
  for (const auto& [key, value] : artefact.meta) header += fmt::format(",{}:{}", quoted(key), quoted(value));
  header += '}';
  for (const Part& part : parts) {
    header += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", quoted(part.name), part.type,
                          fmt::join(part.shape, ","), part.offset, part.offset + part.bytes.size());
  }
  header += '}';
  pad_safetensors_header(header);
  const size_t whole = header.find(kNoChecksum);
  header.replace(header.find(kNoChecksum, whole + 1), kNoChecksum.size(), checksum_of(header, {}));
  header.replace(whole, kNoChecksum.size(), checksum_of(header, data));
  const uint64_t length = header.size();
  out.write(as_bytes(&length, kSafetensorsLengthBytes));
  out.write(header);
  for (const std::string_view part : data) out.write(part);
}

}  // namespace rec
