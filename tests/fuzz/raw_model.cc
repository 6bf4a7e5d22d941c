#include "fuzz/raw_model.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/dtype.h"

namespace rec::fuzz {
namespace {

constexpr size_t kMostBytes = 1 << 16;  // of a part that is made larger

const char* const kValues[] = {"",
                               "0",
                               "-1",
                               "1",
                               "2",
                               "3",
                               "4",
                               "5",
                               "6",
                               "64",
                               "1e9",
                               "65536",
                               "2147483647",
                               "2147483648",
                               "4294967295",
                               "4294967296",
                               "18446744073709551615",
                               "18446744073709551616",
                               "-9223372036854775808",
                               "nan",
                               "inf",
                               "-inf",
                               "1e308",
                               "-1e308",
                               "1e-320",
                               "1e38",
                               "3.5e38",
                               "0x10",
                               " 1",
                               "+1",
                               "1.5",
                               "1,5",
                               "\x1b[31m",
                               "a\tb",
                               "a\nb",
                               "a\r",
                               "\xff\xfe",
                               "true"};
const char* const kIds[] = {"",   "\t", "a\tb", "a\nb", "\x1b[31m", "a\r", "\xff\xfe", "i0", "i1",          "u0",
                            "u5", "zz", "#",    "\"",   "item",     "end", " ",        "e",  "\xef\xbb\xbf"};
const char* const kDtypes[] = {"F32", "I8", "BF16", "U32", "I64", "U8", "F64", "F16", "BOOL", "", "f32"};
const uint64_t kExtents[] = {0,
                             1,
                             2,
                             3,
                             4,
                             5,
                             6,
                             7,
                             8,
                             12,
                             17,
                             64,
                             65536,
                             65537,
                             1u << 20,
                             UINT32_MAX,
                             uint64_t{1} << 32,
                             uint64_t{1} << 62,
                             uint64_t{1} << 63,
                             UINT64_MAX};
const uint64_t kOffsets[] = {0, 1, 3, 4, 8, 100, 1u << 20, uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX};

float hostile_float(Choices& choices) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float values[] = {
      0.0f,      -0.0f,     1.0f,   -1.0f,   1e-45f, 1e-38f, 1e10f,   -1e10f,
      1e19f,     1e38f,     -1e38f, 3.4e38f, 88.0f,  100.0f, -100.0f, std::numeric_limits<float>::quiet_NaN(),
      kInfinity, -kInfinity};
  return values[choices.below(std::size(values))];
}

size_t size_of_type(std::string_view dtype) {
  if (const auto known = dtype_of_safetensors(dtype)) return size_of(*known);
  return dtype == "I64" || dtype == "F64" ? 8 : dtype == "F16" ? 2 : 1;
}

// The bytes that the shape asks for: what was there, repeated.
void fit_bytes(RawModel::Part& part) {
  uint64_t size = size_of_type(part.dtype);
  for (const uint64_t extent : part.shape) {
    if (__builtin_mul_overflow(size, extent, &size)) return;
  }
  if (size > kMostBytes) return;
  const std::string old = part.bytes.empty() ? std::string(4, '\0') : part.bytes;
  part.bytes.clear();
  while (part.bytes.size() < size) part.bytes += old;
  part.bytes.resize(size);
}

template <class List>
void drop_one(List& list, Choices& choices) {
  if (!list.empty()) list.erase(list.begin() + static_cast<ptrdiff_t>(choices.below(list.size())));
}

void change_meta(RawModel& model, const std::vector<RawModel>& others, Choices& choices) {
  if (model.meta.empty()) return;
  auto& [key, value] = choices.pick(model.meta);
  switch (choices.below(8)) {
    case 0:
    case 1:
    case 2:
      value = choices.pick(kValues);
      break;
    case 3:
      drop_one(model.meta, choices);
      break;
    case 4:
      model.meta.emplace_back(key, choices.pick(kValues));
      break;
    case 5:
    case 6: {  // as another model has it
      const RawModel& other = others[choices.below(others.size())];
      if (other.meta.empty()) break;
      const auto& its = other.meta[choices.below(other.meta.size())];
      const auto found =
          std::find_if(model.meta.begin(), model.meta.end(), [&](const auto& m) { return m.first == its.first; });
      if (found != model.meta.end())
        found->second = its.second;
      else
        model.meta.push_back(its);
      break;
    }
    default:
      if (choices.one_in(2))
        key = choices.pick(kIds);
      else
        value = choices.one_in(8) ? std::string(10000, 'x') : choices.pick(model.meta).second;
  }
}

void change_part(RawModel& model, const std::vector<RawModel>& others, Choices& choices) {
  const uint64_t kind = choices.below(12);
  if (kind == 0) return drop_one(model.parts, choices);
  if (kind == 1) {  // one more, of another model
    const RawModel& other = others[choices.below(others.size())];
    if (!other.parts.empty()) model.parts.push_back(other.parts[choices.below(other.parts.size())]);
    return;
  }
  if (model.parts.empty()) return;
  RawModel::Part& part = choices.pick(model.parts);
  switch (kind) {
    case 2:
    case 3:  // an extent
      if (!part.shape.empty()) choices.pick(part.shape) = choices.pick(kExtents);
      if (kind == 2 || choices.one_in(2)) fit_bytes(part);
      break;
    case 4:
      if (part.shape.size() == 2) std::swap(part.shape[0], part.shape[1]);
      break;
    case 5:  // dimensions
      if (choices.one_in(2))
        part.shape.push_back(choices.below(3));
      else if (!part.shape.empty())
        part.shape.pop_back();
      if (choices.one_in(2)) fit_bytes(part);
      break;
    case 6:
      part.dtype = choices.pick(kDtypes);
      if (!choices.one_in(4)) fit_bytes(part);
      break;
    case 7:
      part.name = choices.one_in(2) ? choices.pick(kIds) : choices.pick(model.parts).name;
      break;
    case 8: {  // in place of the same one of another model
      const RawModel& other = others[choices.below(others.size())];
      if (other.parts.empty()) break;
      const std::string name = part.name;
      part = other.parts[choices.below(other.parts.size())];
      if (choices.one_in(2)) part.name = name;
      break;
    }
    case 9:  // all values
      if (part.dtype == "F32") {
        const float value = hostile_float(choices);
        for (size_t at = 0; at + 4 <= part.bytes.size(); at += 4) std::memcpy(&part.bytes[at], &value, 4);
      }
      break;
    default:  // some values
      for (uint64_t times = 1 + choices.below(4); times > 0 && !part.bytes.empty(); --times) {
        if (part.dtype == "F32" && part.bytes.size() >= 4) {
          const float value = hostile_float(choices);
          std::memcpy(&part.bytes[choices.below(part.bytes.size() / 4) * 4], &value, 4);
        } else {
          part.bytes[choices.below(part.bytes.size())] = static_cast<char>(choices.below(256));
        }
      }
  }
}

void change_ids(RawModel& model, Choices& choices) {
  std::vector<std::string>& ids = choices.one_in(2) ? model.users : model.items;
  switch (choices.below(6)) {
    case 0:
      drop_one(ids, choices);
      break;
    case 1:
      ids.push_back(choices.pick(kIds));
      break;
    case 2:
      if (!ids.empty()) choices.pick(ids) = choices.pick(kIds);
      break;
    case 3:
      if (!ids.empty()) choices.pick(ids) = choices.one_in(8) ? std::string(10000, 'x') : choices.pick(ids);
      break;
    case 4:
      if (ids.size() > 1) std::swap(choices.pick(ids), choices.pick(ids));
      break;
    default:
      if (choices.one_in(8))
        ids.clear();
      else
        std::sort(ids.begin(), ids.end());
  }
}

void change_matrix(RawModel& model, const std::vector<RawModel>& others, Choices& choices) {
  const uint64_t kind = choices.below(10);
  if (kind == 0) return drop_one(model.matrices, choices);
  if (kind == 1) {
    const RawModel& other = others[choices.below(others.size())];
    if (!other.matrices.empty()) model.matrices.push_back(other.matrices[choices.below(other.matrices.size())]);
    return;
  }
  if (model.matrices.empty()) return;
  RawModel::Matrix& matrix = choices.pick(model.matrices);
  switch (kind) {
    case 2:
      if (!matrix.begin.empty()) choices.pick(matrix.begin) = choices.pick(kOffsets);
      break;
    case 3:
      if (choices.one_in(2))
        matrix.begin.push_back(matrix.index.size());
      else if (!matrix.begin.empty())
        matrix.begin.pop_back();
      break;
    case 4:
      if (!matrix.index.empty()) choices.pick(matrix.index) = static_cast<uint32_t>(choices.pick(kExtents));
      break;
    case 5:
      if (!matrix.weight.empty()) choices.pick(matrix.weight) = hostile_float(choices);
      break;
    case 6:
      matrix.weighted = !matrix.weighted;
      if (matrix.weighted)
        matrix.weight.assign(matrix.index.size(), hostile_float(choices));
      else
        matrix.weight.clear();
      break;
    case 7:
      matrix.name = choices.one_in(2)                   ? choices.pick(kIds)
                    : matrix.name.starts_with("items.") ? "users.history"
                                                        : "items.neighbours";
      break;
    case 8:
      if (choices.one_in(2))
        matrix.index.push_back(0);
      else if (!matrix.index.empty())
        matrix.index.pop_back();
      break;
    default:  // without entries
      std::fill(matrix.begin.begin(), matrix.begin.end(), 0);
      matrix.index.clear();
      matrix.weight.clear();
  }
}

std::string json(const std::string& text, Choices& choices) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20 && !choices.one_in(16))
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Rarely, somewhere: bytes lost, doubled or changed.
void damage(std::string& text, Choices& choices) {
  if (!choices.one_in(12) || text.empty()) return;
  const size_t at = choices.below(65536) % text.size();
  switch (choices.below(4)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = static_cast<char>(choices.below(256));
      break;
    case 2:
      text.erase(at, 1 + choices.below(32));
      break;
    default:
      text.insert(at, text.substr(at, 1 + choices.below(32)));
  }
}

std::string encode_safetensors(const RawModel& model, Choices& choices) {
  std::vector<RawModel::Part> parts;
  for (const bool item : {true, false}) {
    const std::vector<std::string>& ids = item ? model.items : model.users;
    if (ids.empty() && !choices.one_in(8)) continue;
    std::vector<uint64_t> begin{0};
    std::string bytes;
    for (const std::string& id : ids) {
      bytes += id;
      begin.push_back(bytes.size());
    }
    if (choices.one_in(16)) choices.pick(begin) = choices.pick(kOffsets);
    if (choices.one_in(32)) begin.clear();
    const std::string side = item ? "items.ids" : "users.ids";
    parts.push_back({side + ".begin", "I64", {begin.size()}, bytes_of(begin)});
    parts.push_back({side, "U8", {bytes.size()}, bytes});
  }
  for (const RawModel::Matrix& matrix : model.matrices) {
    parts.push_back({matrix.name + ".begin", "I64", {matrix.begin.size()}, bytes_of(matrix.begin)});
    parts.push_back({matrix.name + ".index", "U32", {matrix.index.size()}, bytes_of(matrix.index)});
    if (!matrix.weight.empty())
      parts.push_back({matrix.name + ".weight", "F32", {matrix.weight.size()}, bytes_of(matrix.weight)});
  }
  parts.insert(parts.end(), model.parts.begin(), model.parts.end());
  if (choices.one_in(8)) choices.pick(parts).dtype = choices.pick(kDtypes);
  if (choices.one_in(16)) drop_one(parts, choices);
  if (choices.one_in(16)) std::swap(choices.pick(parts), choices.pick(parts));
  // Parts of larger elements first, as they are aligned then; or as they come.
  if (!choices.one_in(8)) {
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& a, const auto& b) { return size_of_type(a.dtype) > size_of_type(b.dtype); });
  }

  const std::string none = "xxh3-64:0000000000000000";
  const bool checked = !choices.one_in(4);
  std::string header =
      fmt::format("{{\"__metadata__\":{{\"format\":\"rec-model\",\"version\":\"{}\",\"checksum\":\"{}\"",
                  choices.one_in(64) ? choices.pick(kValues) : "1", checked ? none : "-");
  for (const auto& [key, value] : model.meta) header += ',' + json(key, choices) + ':' + json(value, choices);
  header += '}';
  uint64_t offset = 0;
  std::string data;
  for (const RawModel::Part& part : parts) {
    uint64_t begin = offset, end = offset + part.bytes.size();
    if (choices.one_in(64)) begin = choices.pick(kOffsets);
    if (choices.one_in(64)) end = choices.pick(kOffsets);
    if (choices.one_in(64)) begin += choices.below(9);
    header += fmt::format(",{}:{{\"dtype\":{},\"shape\":[{}],\"data_offsets\":[{},{}]}}", json(part.name, choices),
                          json(part.dtype, choices), fmt::join(part.shape, ","), begin, end);
    offset += part.bytes.size();
    data += part.bytes;
  }
  header += '}';
  if (!choices.one_in(4)) header.resize((header.size() + 8 + 63) / 64 * 64 - 8, ' ');
  damage(header, choices);
  damage(data, choices);
  if (const size_t at = header.find(none); checked && at != std::string::npos) {
    const std::string all = header + data;
    header.replace(at, none.size(), fmt::format("xxh3-64:{:016x}", XXH3_64bits(all.data(), all.size())));
  }
  uint64_t length = header.size();
  if (choices.one_in(64)) length = choices.pick(kOffsets);
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

template <class T>
T element(const RawModel::Part& part, uint64_t at) {
  T value{};
  if ((at + 1) * sizeof(T) <= part.bytes.size()) std::memcpy(&value, &part.bytes[at * sizeof(T)], sizeof(T));
  return value;
}

void append_values(const RawModel::Part& part, uint64_t row, std::string& text) {
  const uint64_t cols = part.shape.size() > 1 ? std::min<uint64_t>(part.shape[1], kMostBytes) : 1;
  for (uint64_t at = row * cols; at < (row + 1) * cols; ++at) {
    if (part.dtype == "I8")
      text += fmt::format("\t{}", element<int8_t>(part, at));
    else if (part.dtype == "BF16")
      text += fmt::format("\t{}", static_cast<float>(element<int8_t>(part, at)));
    else if (part.dtype == "U32")
      text += fmt::format("\t{}", element<uint32_t>(part, at));
    else
      text += fmt::format("\t{}", element<float>(part, at));
  }
}

std::string encode_text(const RawModel& model, Choices& choices) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("rec-model\t{}", choices.one_in(64) ? choices.pick(kValues) : "1"));
  for (const auto& [key, value] : model.meta) lines.push_back("meta\t" + key + '\t' + value);
  for (const RawModel::Part& part : model.parts) {
    const char* dtype = part.dtype == "I8"     ? "\tint8"
                        : part.dtype == "BF16" ? "\tbfloat16"
                        : part.dtype == "U32"  ? "\tuint32"
                                               : "";
    lines.push_back(fmt::format("tensor\t{}\t{}{}", part.name, fmt::join(part.shape, "\t"), dtype));
  }
  for (const RawModel::Matrix& matrix : model.matrices)
    lines.push_back(fmt::format("sparse\t{}\t{}\t{}", matrix.name, matrix.index.size(), matrix.weighted ? 1 : 0));
  for (const bool item : {true, false}) {
    const std::vector<std::string>& ids = item ? model.items : model.users;
    for (size_t row = 0; row < ids.size(); ++row) {
      std::string line = (item ? "item\t" : "user\t") + ids[row];
      for (const RawModel::Part& part : model.parts) {
        if (part.name.starts_with(item ? "items." : "users.")) append_values(part, row, line);
      }
      lines.push_back(std::move(line));
    }
  }
  for (const RawModel::Part& part : model.parts) {
    if (part.name.starts_with("items.") || part.name.starts_with("users.") || part.shape.empty()) continue;
    for (uint64_t row = 0; row < std::min<uint64_t>(part.shape[0], 256); ++row) {
      std::string line = "value\t" + part.name;
      append_values(part, row, line);
      lines.push_back(std::move(line));
    }
  }
  for (const RawModel::Matrix& matrix : model.matrices) {
    const std::vector<std::string>& rows = matrix.name.starts_with("users.") ? model.users : model.items;
    for (size_t row = 0; row + 1 < matrix.begin.size(); ++row) {
      for (uint64_t at = matrix.begin[row]; at < std::min<uint64_t>(matrix.begin[row + 1], matrix.index.size()); ++at) {
        const auto id = [](const std::vector<std::string>& ids, size_t n) { return n < ids.size() ? ids[n] : "none"; };
        std::string line = "entry\t" + matrix.name + '\t' + id(rows, row) + '\t' + id(model.items, matrix.index[at]);
        if (matrix.weighted) line += fmt::format("\t{}", at < matrix.weight.size() ? matrix.weight[at] : 1.0f);
        lines.push_back(std::move(line));
      }
    }
  }
  if (choices.one_in(16)) drop_one(lines, choices);
  if (choices.one_in(16)) lines.push_back(choices.pick(lines));
  if (choices.one_in(16)) std::swap(choices.pick(lines), choices.pick(lines));
  if (choices.one_in(8)) {  // a field
    std::string& line = choices.pick(lines);
    std::vector<size_t> starts{0};
    for (size_t at = 0; at < line.size(); ++at) {
      if (line[at] == '\t') starts.push_back(at + 1);
    }
    const size_t start = choices.pick(starts);
    line.replace(start, std::min(line.find('\t', start), line.size()) - start, choices.pick(kValues));
  }
  const char* end_of_line = choices.one_in(16) ? "\r\n" : "\n";
  std::string text;
  for (const std::string& line : lines) text += line + end_of_line;
  damage(text, choices);
  if (!text.empty() && text.back() != '\n' && !choices.one_in(4)) text += '\n';
  return text + (choices.one_in(4) ? std::string("end\t-\n")
                                   : fmt::format("end\txxh3-64:{:016x}\n", XXH3_64bits(text.data(), text.size())));
}

}  // namespace

RawModel raw_model(const Artefact& artefact) {
  RawModel model;
  for (const auto& [key, value] : artefact.meta) model.meta.emplace_back(key, value);
  for (const auto& tensor : artefact.tensors()) {
    model.parts.push_back({tensor.name, safetensors_name(tensor.dtype), tensor.shape,
                           std::string(static_cast<const char*>(tensor.data), tensor.bytes())});
  }
  for (const auto& [name, view] : artefact.sparse()) {
    model.matrices.push_back({name,
                              {view.begin.begin(), view.begin.end()},
                              {view.index.begin(), view.index.end()},
                              {view.weight.begin(), view.weight.end()},
                              !view.weight.empty()});
  }
  for (uint32_t id = 0; id < artefact.items.size(); ++id) model.items.emplace_back(artefact.items[id]);
  for (uint32_t id = 0; id < artefact.users.size(); ++id) model.users.emplace_back(artefact.users[id]);
  return model;
}

void change(RawModel& model, const std::vector<RawModel>& others, Choices& choices) {
  for (uint64_t times = choices.below(4); times > 0; --times) {
    switch (choices.below(8)) {
      case 0:
      case 1:
      case 2:
        change_meta(model, others, choices);
        break;
      case 3:
      case 4:
      case 5:
        change_part(model, others, choices);
        break;
      case 6:
        change_ids(model, choices);
        break;
      default:
        change_matrix(model, others, choices);
    }
  }
}

std::string encode(const RawModel& model, Choices& choices) {
  return choices.one_in(2) ? encode_text(model, choices) : encode_safetensors(model, choices);
}

}  // namespace rec::fuzz
