#include "data/interactions_safetensors.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/number.h"
#include "base/parallel_for.h"
#include "data/artefact_codec.h"
#include "data/block_checksums.h"
#include "data/safetensors_header.h"
#include "io/output.h"

namespace rec {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

constexpr const char* kFormat = "rec-interactions";
constexpr int kVersion = 1;
constexpr size_t kRowsAtOnce = size_t{1} << 18;  // of a column: what is verified is still in the cache when checked

std::string checksum_of(std::string_view bytes) {
  return fmt::format("xxh3-64:{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

template <class T>
std::string_view as_bytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

// Leaves out the ids that no number has, and renumbers. The ids are indexed.
void keep_used(const std::vector<uint8_t>& used, IdTable& ids, DataColumn<uint32_t>& numbers) {
  if (std::find(used.begin(), used.end(), 0) == used.end()) {
    ids.index();
    return;
  }
  std::vector<uint32_t> kept;
  std::vector<uint32_t> number(used.size());
  for (uint32_t id = 0; id < used.size(); ++id) {
    number[id] = static_cast<uint32_t>(kept.size());
    if (used[id] != 0) kept.push_back(id);
  }
  ids = ids.reordered(kept);
  for (uint32_t& its : numbers.own()) its = number[its];
}

class InteractionsDecoder {
 public:
  InteractionsDecoder(const WholeFile& file, const std::string& name, OptionalColumns wanted, int threads)
      : file_(file), name_(name), wanted_(wanted), threads_(threads) {}

  BinaryInteractions run(Reading reading) {
    read_header();
    if (blocks_ && reading == Reading::kWhole) blocks_->verify(header_.data, threads_);
    BinaryInteractions all;
    all.header = yes_or_no("header", true);
    const bool dates = yes_or_no("dates", false);
    const bool sorted = sorted_by_user();
    check_layout();
    all.has_value = find("value") != nullptr;
    all.has_timestamp = find("timestamp") != nullptr;
    all.has_weight = find("weight") != nullptr;
    if (find("timestamp.rest") != nullptr && !all.has_timestamp)
      fail("{}: tensor \"timestamp.rest\" without tensor \"timestamp\"", name_);

    Interactions& data = all.data;
    data.users = ids("users");
    data.items = ids("items");
    data.user = column<uint32_t>("user", "U32");
    rows_ = data.user.size();
    data.item = column<uint32_t>("item", "U32");
    if (all.has_value && wanted_.value) data.value = column<float>("value", "F32");
    if (all.has_weight && wanted_.weight) data.weight = column<float>("weight", "F32");
    if (all.has_timestamp && wanted_.timestamp) {
      data.timestamp = column<double>("timestamp", "F64");
      if (find("timestamp.rest") != nullptr) data.timestamp_rest = column<double>("timestamp.rest", "F64");
      data.dates = dates;
    }
    check_columns(data, sorted);
    return all;
  }

 private:
  void read_header() {
    header_ = read_safetensors_header(file_.text, name_, "interactions");
    const auto version = parse_integer<int>(header_.meta["version"]);
    if (!version || *version < 1) fail("{}: no valid version of the format of interactions", name_);
    if (*version > kVersion)
      fail("{}: version {} of the format of interactions, this program reads up to version {}", name_, *version,
           kVersion);
    find_checksums();
  }

  void find_checksums() {
    const auto whole = header_.meta.find("checksum");
    if (whole != header_.meta.end() && whole->second == "-") return;
    const auto sum = header_.meta.find(kHeaderKey);
    const auto text = header_.meta.find(kBlocksKey);
    if (sum == header_.meta.end() || text == header_.meta.end())
      fail("{}: no {} and {} in __metadata__ (a file made by other hands says \"checksum\": \"-\")", name_, kHeaderKey,
           kBlocksKey);
    const size_t at = header_.json.find(sum->second);
    if (sum->second.size() != kNoChecksum.size() || at == std::string_view::npos)
      fail("{}: malformed {}", name_, kHeaderKey);
    std::string zeroed(header_.json);
    zeroed.replace(at, kNoChecksum.size(), kNoChecksum);
    if (checksum_of(zeroed) != sum->second) fail("{}: damaged: the checksum of the header does not match", name_);
    blocks_ = BlockChecksums::parse(text->second, header_.data, name_);
    if (!blocks_)
      fail("{}: truncated or damaged: {} bytes of data do not fit {}", name_, header_.data.size(), kBlocksKey);
  }

  bool yes_or_no(const char* key, bool otherwise) const {
    const auto found = header_.meta.find(key);
    if (found == header_.meta.end()) return otherwise;
    if (found->second != "yes" && found->second != "no")
      fail("{}: __metadata__ \"{}\": expected yes or no, found \"{}\"", name_, key, printable(found->second));
    return found->second == "yes";
  }

  bool sorted_by_user() const {
    const auto found = header_.meta.find("sorted");
    if (found == header_.meta.end()) return false;
    if (found->second != "user" && found->second != "no")
      fail("{}: __metadata__ \"sorted\": expected user or no, found \"{}\"", name_, printable(found->second));
    return found->second == "user";
  }

  const DeclaredTensor* find(std::string_view key) const {
    for (const auto& [name, declared] : header_.parts) {
      if (name == key) return &declared;
    }
    return nullptr;
  }

  // All parts lie within the data, also those that nobody reads, and leave nothing over.
  void check_layout() const {
    uint64_t covered = 0;
    for (const auto& [key, declared] : header_.parts) {
      static constexpr std::pair<std::string_view, size_t> kSizes[] = {
          {"U8", 1},  {"I8", 1},  {"BOOL", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
          {"U32", 4}, {"I32", 4}, {"F32", 4},  {"U64", 8}, {"I64", 8}, {"F64", 8}};
      const auto* const size = std::find_if(std::begin(kSizes), std::end(kSizes),
                                            [&](const auto& known) { return known.first == declared.type; });
      if (size == std::end(kSizes))
        fail("{}: tensor \"{}\" is {}, which is no dtype of safetensors", name_, printable(key),
             printable(declared.type));
      covered += tensor_bytes(key, declared, size->second, header_.data, name_).size();
      if (covered > header_.data.size())
        fail("{}: tensor \"{}\": data that another tensor has, too", name_, printable(key));
    }
    if (covered != header_.data.size())
      fail("{}: truncated or damaged: {} bytes of data, expected {}", name_, header_.data.size(), covered);
  }

  // Of one dimension and this dtype; where it lies or, if it lies askew, copied.
  template <class T>
  DataColumn<T> tensor(const std::string& key, const char* dtype) const {
    const DeclaredTensor* declared = find(key);
    if (declared == nullptr) fail("{}: no tensor \"{}\"", name_, printable(key));
    if (declared->type != dtype)
      fail("{}: tensor \"{}\" is {}, expected {}", name_, printable(key), printable(declared->type), dtype);
    if (declared->dimensions != 1)
      fail("{}: tensor \"{}\" has {} dimensions, expected 1", name_, printable(key), declared->dimensions);
    const std::string_view bytes = tensor_bytes(key, *declared, sizeof(T), header_.data, name_);
    const size_t size = bytes.size() / sizeof(T);
    if (size == 0) return {};
    if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(T) == 0)
      return {std::span<const T>(reinterpret_cast<const T*>(bytes.data()), size), file_.owner, file_.mapped};
    if (blocks_) blocks_->verify(bytes, threads_);
    std::vector<T> copy(size);
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
  }

  template <class T>
  DataColumn<T> column(const std::string& key, const char* dtype) const {
    DataColumn<T> its = tensor<T>(key, dtype);
    if (key != "user" && its.size() != rows_)
      fail("{}: tensor \"{}\" has {} rows, \"user\" has {}", name_, key, its.size(), rows_);
    return its;
  }

  IdTable ids(const std::string& side) const {
    const DataColumn<uint8_t> bytes = tensor<uint8_t>(side + ".ids", "U8");
    const DataColumn<uint64_t> begin = tensor<uint64_t>(side + ".ids.begin", "I64");
    verify(std::span<const uint8_t>(bytes));
    verify(std::span<const uint64_t>(begin));
    try {
      IdTable table(std::string(bytes.begin(), bytes.end()), {begin.begin(), begin.end()});
      if (!table.is_sorted()) fail("ids are not in ascending order, or one is there twice");
      if (table.size() > 0 && table[0].empty()) fail("an id is empty");
      const std::string_view text = table.bytes();
      if (text.find_first_of("\t\n") == text.npos) return table;
      for (uint32_t id = 0; id < table.size(); ++id) {
        if (table[id].find_first_of("\t\n") != std::string_view::npos)
          fail("id \"{}\" holds a TAB or a line end", printable(table[id]));
      }
      return table;
    } catch (const Error& error) {
      fail("{}: {}: {}", name_, side, error.what());
    }
  }

  // Where the values lie in the file; a copy was verified before.
  template <class T>
  void verify(std::span<const T> values) const {
    const std::string_view bytes = as_bytes(values);
    if (blocks_ && blocks_->covers(bytes)) blocks_->verify(bytes, 1);
  }

  // Verifies the rows from `begin` on, and fails for the first of them for which is_bad() holds.
  template <class T, class IsBad>
  void check(const DataColumn<T>& column, size_t begin, IsBad&& is_bad, const char* what) const {
    if (column.empty()) return;
    const size_t end = std::min(rows_, begin + kRowsAtOnce);
    verify(std::span<const T>(column).subspan(begin, end - begin));
    bool bad = false;
    for (size_t row = begin; row < end; ++row) bad |= is_bad(column[row], row);
    for (size_t row = begin; row < end && bad; ++row) {
      if (is_bad(column[row], row)) fail("{}: row {}: {}", name_, row + 1, what);
    }
  }

  // Numbers of one side; `used` notes which ids have a row.
  void check_numbers(const DataColumn<uint32_t>& numbers, size_t begin, size_t ids, const char* what,
                     std::vector<uint8_t>& used) const {
    const auto size = static_cast<uint32_t>(ids);
    check(
        numbers, begin, [size](uint32_t number, size_t) { return number >= size; }, what);
    const size_t end = std::min(rows_, begin + kRowsAtOnce);
    for (size_t row = begin; row < end; ++row) {
      std::atomic_ref<uint8_t> mark(used[numbers[row]]);
      if (mark.load(std::memory_order_relaxed) == 0) mark.store(1, std::memory_order_relaxed);
    }
  }

  void check_columns(Interactions& data, bool sorted) const {
    std::vector<uint8_t> users(data.users.size());
    std::vector<uint8_t> items(data.items.size());
    const std::string no_user = fmt::format("a user number beyond the {} ids", users.size());
    const std::string no_item = fmt::format("an item number beyond the {} ids", items.size());
    const std::string negative = fmt::format("the value is negative, {} expects 0 or more", wanted_.no_negative_for);
    const auto not_finite = [](auto value, size_t) { return !std::isfinite(value); };
    constexpr size_t kColumns = 6;
    const size_t parts = (rows_ + kRowsAtOnce - 1) / kRowsAtOnce;
    parallel_for(parts * kColumns, threads_, [&](size_t task, int) {
      const size_t begin = task / kColumns * kRowsAtOnce;
      switch (task % kColumns) {
        case 0:
          check_numbers(data.user, begin, users.size(), no_user.c_str(), users);
          if (!sorted) break;
          check(
              data.user, begin, [&](uint32_t user, size_t row) { return row > 0 && user < data.user[row - 1]; },
              "the rows are not sorted by user, as __metadata__ says");
          break;
        case 1:
          check_numbers(data.item, begin, items.size(), no_item.c_str(), items);
          break;
        case 2:
          check(data.value, begin, not_finite, "the value is not a finite number");
          if (*wanted_.no_negative_for == '\0') break;
          check(
              data.value, begin, [](float value, size_t) { return value < 0; }, negative.c_str());
          break;
        case 3:
          check(
              data.weight, begin, [](float weight, size_t) { return !(weight > 0 && std::isfinite(weight)); },
              "the weight is not a finite number above 0");
          break;
        case 4:
          check(data.timestamp, begin, not_finite, "the timestamp is not a finite number");
          break;
        default:
          check(
              data.timestamp_rest, begin,
              [&](double rest, size_t row) { return data.timestamp[row] + rest != data.timestamp[row]; },
              "the rest of the timestamp is more than rounding takes away");
      }
    });
    keep_used(users, data.users, data.user);
    keep_used(items, data.items, data.item);
  }

  const WholeFile& file_;
  const std::string& name_;
  OptionalColumns wanted_;
  int threads_;
  SafetensorsHeader header_;
  std::unique_ptr<const BlockChecksums> blocks_;  // none: nothing is verified
  size_t rows_ = 0;
};

// Each column of the rows, as `change` gives it.
template <class Change>
Interactions changed(const Interactions& data, Change&& change) {
  Interactions out;
  out.user = change(data.user);
  out.item = change(data.item);
  out.value = change(data.value);
  out.weight = change(data.weight);
  out.timestamp = change(data.timestamp);
  out.timestamp_rest = change(data.timestamp_rest);
  out.dates = data.dates;
  return out;
}

// The ids that `numbers` have, and the numbers among these.
IdTable ids_of_rows(const IdTable& ids, DataColumn<uint32_t>& numbers) {
  std::vector<uint8_t> used(ids.size());
  for (const uint32_t number : numbers) used[number] = 1;
  IdTable kept = ids;
  keep_used(used, kept, numbers);
  return kept;
}

}  // namespace

bool holds_interactions(const WholeFile& file, const std::string& name, const char* expected) {
  const SafetensorsHeader header = read_safetensors_header(file.text, name, expected);
  const auto format = header.meta.find("format");
  return format != header.meta.end() && format->second == kFormat;
}

BinaryInteractions decode_interactions(const WholeFile& file, const std::string& name, OptionalColumns wanted,
                                       int threads, Reading reading) {
  return InteractionsDecoder(file, name, wanted, threads).run(reading);
}

void encode_interactions(const Interactions& data, bool header, Output& out) {
  struct ColumnPart {
    const char* name;
    const char* dtype;
    size_t size;
    std::string_view bytes;
  };
  const auto part = [](const char* name, const char* dtype, auto values) {
    return ColumnPart{name, dtype, values.size(), as_bytes(values)};
  };
  const auto ids = [](const char* name, const IdTable& table) {
    const std::string_view bytes = table.bytes();
    return ColumnPart{name, "U8", bytes.size(), bytes};
  };
  // By falling size of their elements, so that all are aligned without gaps.
  std::vector<ColumnPart> parts{
      part("users.ids.begin", "I64", std::span<const uint64_t>(data.users.offsets())),
      part("items.ids.begin", "I64", std::span<const uint64_t>(data.items.offsets())),
  };
  if (!data.timestamp.empty()) parts.push_back(part("timestamp", "F64", std::span<const double>(data.timestamp)));
  if (!data.timestamp_rest.empty())
    parts.push_back(part("timestamp.rest", "F64", std::span<const double>(data.timestamp_rest)));
  parts.push_back(part("user", "U32", std::span<const uint32_t>(data.user)));
  parts.push_back(part("item", "U32", std::span<const uint32_t>(data.item)));
  if (!data.value.empty()) parts.push_back(part("value", "F32", std::span<const float>(data.value)));
  if (!data.weight.empty()) parts.push_back(part("weight", "F32", std::span<const float>(data.weight)));
  parts.push_back(ids("users.ids", data.users));
  parts.push_back(ids("items.ids", data.items));

  std::vector<std::string_view> bytes;
  for (const ColumnPart& its : parts) bytes.push_back(its.bytes);
  // A column whose place another one's absence moves needs names.
  const bool named = header || (data.value.empty() && !data.timestamp.empty()) ||
                     (!data.weight.empty() && (data.value.empty() || data.timestamp.empty()));
  std::string json =
      fmt::format(R"({{"__metadata__":{{"format":"{}","version":"{}","sorted":"{}","header":"{}","dates":"{}",)"
                  R"("{}":"{}","{}":"{}"}})",
                  kFormat, kVersion, is_sorted_by_user(data) ? "user" : "no", named ? "yes" : "no",
                  data.dates ? "yes" : "no", kHeaderKey, kNoChecksum, kBlocksKey, BlockChecksums::text_of(bytes));
  uint64_t offset = 0;
  for (const ColumnPart& its : parts) {
    json += fmt::format(R"(,"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", its.name, its.dtype, its.size,
                        offset, offset + its.bytes.size());
    offset += its.bytes.size();
  }
  json += '}';
  pad_safetensors_header(json);
  const std::string sum = checksum_of(json);
  json.replace(json.find(kNoChecksum), kNoChecksum.size(), sum);
  const uint64_t length = json.size();
  out.no_table();
  out.write(as_bytes(std::span<const uint64_t>(&length, 1)));
  out.write(json);
  for (const std::string_view its : bytes) out.write(its);
}

Interactions joined(std::vector<Interactions> tables, int threads) {
  std::vector<const IdTable*> users;
  std::vector<const IdTable*> items;
  for (const Interactions& table : tables) {
    users.push_back(&table.users);
    items.push_back(&table.items);
  }
  std::vector<std::vector<uint32_t>> new_user;
  std::vector<std::vector<uint32_t>> new_item;
  Interactions all;
  all.users = united(users, threads, new_user);
  all.items = united(items, threads, new_item);
  const bool rests = std::any_of(tables.begin(), tables.end(),
                                 [](const Interactions& table) { return !table.timestamp_rest.empty(); });
  for (size_t at = 0; at < tables.size(); ++at) {
    Interactions& table = tables[at];
    for (uint32_t& number : table.user.own()) number = new_user[at][number];
    for (uint32_t& number : table.item.own()) number = new_item[at][number];
    all.user.append(table.user);
    all.item.append(table.item);
    all.value.append(table.value);
    all.weight.append(table.weight);
    all.timestamp.append(table.timestamp);
    all.timestamp_rest.append(table.timestamp_rest);
    if (rests) all.timestamp_rest.resize(all.timestamp.size());
    all.dates = all.dates || table.dates;
    table = Interactions();
  }
  return all;
}

Interactions selected(const Interactions& data, const std::vector<bool>& keep) {
  const auto kept = static_cast<size_t>(std::count(keep.begin(), keep.end(), true));
  Interactions out = changed(data, [&]<class T>(const DataColumn<T>& values) {
    std::vector<T> its;
    its.reserve(values.empty() ? 0 : kept);
    for (size_t row = 0; row < values.size(); ++row) {
      if (keep[row]) its.push_back(values[row]);
    }
    values.release_pages();  // what is mapped goes when it was read: so the peak is low
    return DataColumn<T>(std::move(its));
  });
  out.users = ids_of_rows(data.users, out.user);
  out.items = ids_of_rows(data.items, out.item);
  return out;
}

Interactions sorted_by_user(const Interactions& data) {
  std::vector<uint64_t> begin(data.users.size() + 1, 0);
  for (const uint32_t user : data.user) ++begin[user + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  Interactions out = changed(data, [&]<class T>(const DataColumn<T>& values) {
    std::vector<T> its(values.size());
    std::vector<uint64_t> next = begin;
    for (size_t row = 0; row < values.size(); ++row) its[next[data.user[row]]++] = values[row];
    return DataColumn<T>(std::move(its));
  });
  out.users = data.users;
  out.items = data.items;
  return out;
}

bool is_sorted_by_user(const Interactions& data) { return std::is_sorted(data.user.begin(), data.user.end()); }

void append_row(const Interactions& data, size_t row, std::string& out) {
  out.append(data.users[data.user[row]]).append(1, '\t').append(data.items[data.item[row]]);
  if (!data.value.empty()) append_number(out.append(1, '\t'), data.value[row]);
  if (!data.timestamp.empty()) append_time(out.append(1, '\t'), data.time(row), data.dates);
  if (!data.weight.empty()) append_number(out.append(1, '\t'), data.weight[row]);
  out.push_back('\n');
}

}  // namespace rec
