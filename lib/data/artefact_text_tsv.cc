// The text encoding: TSV that grep, awk and join can work on.
//   rec-model  1
//   meta    KEY   VALUE
//   tensor  NAME  ROWS [COLS] [DTYPE]  one for each tensor, in the order of the values below;
//                                      float32 is not written
//   table   NAME  ROWS                 one for each table of ids beside items and users; before the tensors
//   sparse  NAME  ENTRIES 0|1          one for each sparse matrix; 1: its entries have weights
//   item    ID    VALUES               all tensors "items.*", one behind the other
//   user    ID    VALUES               all tensors "users.*"
//   row     TABLE ID      VALUES       all tensors "TABLE.*"
//   value   NAME  VALUES               a row of any other tensor, in order
//   entry   NAME  ROW_ID ITEM_ID [WEIGHT]   an entry of a sparse matrix
//   end     xxh3-64:DIGEST             of all bytes before this line; "-": unchecked

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <type_traits>

#include "base/error.h"
#include "base/number-inl.h"
#include "base/number.h"
#include "base/parallel_for.h"
#include "data/artefact_codec.h"
#include "io/line_cursor.h"
#include "io/output.h"
#include "io/table.h"

namespace rec {
namespace {

constexpr std::string_view kTextMagic = "rec-model\t";
constexpr std::string_view kEnd = "end\t";
constexpr size_t kTextRowsPerTask = 256;
constexpr size_t kFieldsKept = 6;  // of a line: all of a short one; values are read from the text

// The fields of a line behind the first `skip`, one by one.
class Fields {
 public:
  Fields(std::string_view line, size_t skip) : rest_(line) {
    while (skip-- > 0) next();
  }
  // Empty behind the last one.
  std::string_view next() {
    const size_t tab = rest_.find('\t');
    const std::string_view field = rest_.substr(0, tab);
    rest_ = tab == std::string_view::npos ? std::string_view{} : rest_.substr(tab + 1);
    ++number_;
    return field;
  }
  size_t number() const { return number_; }  // of the field that next() gave, from 1

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

// A row's values: where each tensor's part of them belongs.
struct Slice {
  Dtype dtype;
  void* data;
  size_t cols;
};

// A sparse matrix as its entries come.
struct Entries {
  struct Entry {
    uint32_t row;
    uint32_t column;
    float weight;
  };
  std::string name;
  uint64_t size = 0;  // as declared
  bool weighted = false;
  std::vector<Entry> entries;

  // In rows. A repeated entry is left for Artefact::check to find.
  Csr csr(size_t rows) {
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.row != b.row ? a.row < b.row : a.column < b.column; });
    Csr matrix;
    matrix.begin.assign(rows + 1, 0);
    matrix.index.reserve(entries.size());
    if (weighted) matrix.weight.reserve(entries.size());
    for (const Entry& entry : entries) {
      ++matrix.begin[entry.row + 1];
      matrix.index.push_back(entry.column);
      if (weighted) matrix.weight.push_back(entry.weight);
    }
    for (size_t row = 0; row < rows; ++row) matrix.begin[row + 1] += matrix.begin[row];
    return matrix;
  }
};

class TextDecoder {
 public:
  TextDecoder(std::string_view bytes, const std::string& name, int threads)
      : bytes_(bytes), name_(name), threads_(threads) {}

  Artefact run() {
    check_version();  // first of all: another version may end in another way
    const std::string_view rows = read_head(check_end());
    read_rows(rows);
    return std::move(artefact_);
  }

  // Of a file that holds rows of one kind and nothing else: those tensors of `base`.
  Artefact run_rows(const Artefact& base, std::string_view kind, std::string_view prefix) {
    if (!bytes_.empty() && bytes_.back() != '\n') fail("{}: truncated: the last line has no end", name_);
    uint64_t rows = 0;
    for (size_t at = 0; at < bytes_.size(); at = bytes_.find('\n', at) + 1, ++rows) {
      if (!bytes_.substr(at).starts_with(kind)) fail_at(bytes_.data() + at, fmt::format("field 1: expected {}", kind));
    }
    check_first_row(base, kind, prefix);
    uint64_t room = bytes_.size();
    for (const auto& tensor : base.tensors()) {
      if (!tensor.name.starts_with(prefix)) continue;
      take_room(tensor.name, rows, tensor.cols(), room);
      std::vector<uint64_t> shape = tensor.shape;
      shape[0] = rows;
      void* data = artefact_.add_empty(tensor.name, std::move(shape), tensor.dtype);
      (prefix == "items." ? item_slices_ : user_slices_).push_back({tensor.dtype, data, tensor.cols()});
    }
    read_rows(bytes_);
    return std::move(artefact_);
  }

 private:
  [[noreturn]] void fail_at(const char* where, const std::string& text) const {
    fail("{}:{}: {}", name_, std::count(bytes_.data(), where, '\n') + 1, text);
  }

  // The rows of a file of one kind have the columns of `base`. The first row tells, before
  // memory is taken for all of them.
  void check_first_row(const Artefact& base, std::string_view kind, std::string_view prefix) const {
    uint64_t values = 0;
    for (const auto& tensor : base.tensors()) {
      if (tensor.name.starts_with(prefix)) values += tensor.cols();
    }
    LineCursor cursor(bytes_, 1);
    Line line;
    if (cursor.next(line)) check_row(line, kind, values);
  }

  void check_row(const Line& line, std::string_view kind, uint64_t values) const {
    if (line.n_fields < 2 || line.n_fields - 2 != values) {
      fail_at(line.text.data(),
              fmt::format("expected {}, an id and {} values, found {} fields", kind, values, line.n_fields));
    }
  }

  // A value takes two bytes of the text at least, a TAB and a digit. A declared size is
  // believed where the bytes are there that no other tensor has claimed: so memory is bounded
  // by the text.
  void take_room(const std::string& tensor, uint64_t rows, uint64_t cols, uint64_t& room) const {
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(rows, cols, &bytes) || __builtin_mul_overflow(bytes, uint64_t{2}, &bytes) ||
        bytes > room) {
      fail("{}: truncated: too few values for tensor \"{}\"", name_, printable(tensor));
    }
    room -= bytes;
  }

  void check_version() const {
    std::string_view line = bytes_.substr(0, bytes_.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto version =
        line.starts_with(kTextMagic) ? parse_integer<int>(line.substr(kTextMagic.size())) : std::nullopt;
    if (!version || *version < 1) fail_at(bytes_.data(), "expected \"rec-model\" and a version");
    if (*version > Artefact::kVersion) {
      fail("{}: model format version {}, this program reads up to version {}", name_, *version, Artefact::kVersion);
    }
  }

  // Finds the last line, checks the digest, returns what stands before.
  std::string_view check_end() const {
    std::string_view text = bytes_;
    if (text.back() != '\n') fail("{}: truncated: the last line has no end", name_);
    text.remove_suffix(1);
    const size_t newline = text.rfind('\n');
    const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    std::string_view last = text.substr(start);
    if (!last.starts_with(kEnd)) fail("{}: truncated: no line \"end\" with a checksum", name_);
    last.remove_prefix(kEnd.size());
    const std::string_view content = bytes_.substr(0, start);
    if (last != "-" && last != fmt::format("xxh3-64:{:016x}", XXH3_64bits(content.data(), content.size()))) {
      fail("{}: damaged: the checksum does not match (an edited model ends in \"end\\t-\")", name_);
    }
    return content;
  }

  // Reads the lines up to the first row; returns the rows.
  std::string_view read_head(std::string_view content) {
    LineCursor cursor(content, 5);
    Line line;
    struct Declared {
      std::string name;
      std::vector<uint64_t> shape;
      Dtype dtype = Dtype::kFloat32;
    };
    std::vector<Declared> declared;
    const char* rows = content.data() + content.size();
    bool first = true;
    while (cursor.next(line)) {
      const std::string_view kind = line.fields[0];
      if (first) {
        first = false;  // check_version() has seen it
      } else if (kind == "meta") {
        if (line.n_fields != 3) fail_at(line.text.data(), "expected meta, key and value");
        if (artefact_.meta.size() == Artefact::kMaxParts) fail_too_many(line, "lines of meta", Artefact::kMaxParts);
        artefact_.meta[std::string(line.fields[1])] = line.fields[2];
      } else if (kind == "table") {
        const auto count = line.n_fields == 3 ? parse_integer<uint64_t>(line.fields[2]) : std::nullopt;
        if (!count) fail_at(line.text.data(), "expected table, name and rows");
        if (tables_.size() == Artefact::kMaxTables) fail_too_many(line, "tables of ids", Artefact::kMaxTables);
        const std::string name(line.fields[1]);
        if (!tables_.emplace(name, OtherTable{*count, {}}).second)
          fail_at(line.text.data(), fmt::format("table \"{}\" is there twice", printable(name)));
        artefact_.tables[name];
      } else if (kind == "tensor") {
        Declared tensor;
        size_t extents = line.n_fields > 2 ? line.n_fields - 2 : 0;
        // Of a longer line the last field is not kept.
        if (const auto dtype =
                extents == 2 || extents == 3 ? dtype_named(line.fields[line.n_fields - 1]) : std::nullopt) {
          tensor.dtype = *dtype;
          --extents;
        }
        if (extents != 1 && extents != 2) {
          fail_at(line.text.data(),
                  "expected tensor, name, 1 or 2 extents and, unless it is float32, int8, bfloat16, uint32 or int64");
        }
        if (declared.size() == Artefact::kMaxParts) fail_too_many(line, "tensors", Artefact::kMaxParts);
        tensor.name = line.fields[1];
        for (size_t field = 2; field < 2 + extents; ++field) {
          const auto extent = parse_integer<uint64_t>(line.fields[field]);
          if (!extent || *extent > UINT32_MAX) {
            fail_at(line.text.data(), fmt::format("not a tensor extent{}: \"{}\"", field == 2 ? "" : " or dtype",
                                                  printable(line.fields[field])));
          }
          tensor.shape.push_back(*extent);
        }
        declared.push_back(std::move(tensor));
      } else if (kind == "sparse") {
        const auto size = line.n_fields == 4 ? parse_integer<uint64_t>(line.fields[2]) : std::nullopt;
        if (!size || (line.fields[3] != "0" && line.fields[3] != "1"))
          fail_at(line.text.data(), "expected sparse, name, entries and 0 or 1");
        if (sparse_.size() == Artefact::kMaxMatrices) fail_too_many(line, "matrices", Artefact::kMaxMatrices);
        sparse_.push_back({std::string(line.fields[1]), *size, line.fields[3] == "1", {}});
      } else {
        rows = line.text.data();
        break;
      }
    }
    const size_t left = static_cast<size_t>(content.data() + content.size() - rows);
    uint64_t room = left;
    for (auto& tensor : declared) {
      const uint64_t cols = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
      take_room(tensor.name, tensor.shape[0], cols, room);
      const Slice slice{tensor.dtype, artefact_.add_empty(tensor.name, tensor.shape, tensor.dtype), cols};
      if (tensor.name.starts_with("items.")) {
        item_slices_.push_back(slice);
      } else if (tensor.name.starts_with("users.")) {
        user_slices_.push_back(slice);
      } else if (artefact_.ids_of(tensor.name) != nullptr) {
        tables_.at(tensor.name.substr(0, tensor.name.find('.'))).slices.push_back(slice);
      }
    }
    return {rows, left};
  }

  [[noreturn]] void fail_too_many(const Line& line, const char* what, size_t most) const {
    fail_at(line.text.data(), fmt::format("more than {} {}", most, what));
  }

  static size_t values_in(const std::vector<Slice>& slices) {
    size_t count = 0;
    for (const Slice& slice : slices) count += slice.cols;
    return count;
  }

  void read_rows(std::string_view rows) {
    const size_t item_values = values_in(item_slices_);
    const size_t user_values = values_in(user_slices_);
    const std::vector<std::string_view> pieces = split_lines(rows, static_cast<size_t>(std::max(1, threads_)) * 4);
    struct Counts {
      size_t items = 0;
      size_t users = 0;
      bool rows = false;
      bool values = false;
      bool entries = false;
    };
    std::vector<Counts> counts(pieces.size() + 1);
    parallel_for(pieces.size(), threads_, [&](size_t piece, int) {
      const std::string_view text = pieces[piece];
      for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        counts[piece + 1].items += text[at] == 'i';
        counts[piece + 1].users += text[at] == 'u';
        counts[piece + 1].rows |= text[at] == 'r';
        counts[piece + 1].values |= text[at] == 'v';
        counts[piece + 1].entries |= text[at] == 'e';
      }
    });
    for (size_t piece = 1; piece < counts.size(); ++piece) {
      counts[piece].items += counts[piece - 1].items;
      counts[piece].users += counts[piece - 1].users;
    }
    check_rows("items.", counts.back().items);
    check_rows("users.", counts.back().users);
    std::vector<std::string_view> item_ids(counts.back().items);
    std::vector<std::string_view> user_ids(counts.back().users);
    parallel_for(pieces.size(), threads_, [&](size_t piece, int) {
      LineCursor cursor(pieces[piece], kFieldsKept);
      Line line;
      size_t item = counts[piece].items;
      size_t user = counts[piece].users;
      while (cursor.next(line)) {
        const std::string_view kind = line.fields[0];
        const bool is_item = kind == "item";
        if (is_item || kind == "user") {
          const std::vector<Slice>& slices = is_item ? item_slices_ : user_slices_;
          const size_t row = is_item ? item++ : user++;
          const size_t expected = is_item ? item_values : user_values;
          check_row(line, kind, expected);
          if (line.fields[1].empty()) fail_at(line.text.data(), fmt::format("field 2: empty {} id", kind));
          (is_item ? item_ids : user_ids)[row] = line.fields[1];
          Fields fields(line.text, 2);
          for (const Slice& slice : slices) read_row(fields, slice, row);
        } else if (kind != "row" && kind != "value" && kind != "entry") {
          fail_at(line.text.data(),
                  "field 1: expected item, user, row, value or entry, found \"" + printable(kind) + "\"");
        }
      }
    });
    take_ids(item_ids, artefact_.items);
    take_ids(user_ids, artefact_.users);
    for (size_t piece = 0; piece < pieces.size(); ++piece) {
      if (counts[piece + 1].rows) read_other_rows(pieces[piece]);
      if (counts[piece + 1].values) read_values(pieces[piece]);
    }
    for (const auto& [table, declared] : tables_) {
      const size_t found = artefact_.tables[table].size();
      if (found != declared.rows)
        fail("{}: truncated: table \"{}\" has {} rows, found {}", name_, printable(table), declared.rows, found);
    }
    for (const auto& tensor : artefact_.tensors()) {
      if (!per_id(tensor) && values_read_[tensor.name] != tensor.rows()) {
        fail("{}: truncated: tensor \"{}\" has {} rows, found {}", name_, printable(tensor.name), tensor.rows(),
             values_read_[tensor.name]);
      }
    }
    sort_ids();
    std::vector<std::string_view> with_entries;
    for (size_t piece = 0; piece < pieces.size(); ++piece) {
      if (counts[piece + 1].entries) with_entries.push_back(pieces[piece]);
    }
    read_entries(with_entries);
  }

  void take_ids(const std::vector<std::string_view>& names, IdTable& ids) const {
    std::string bytes;
    std::vector<uint64_t> offsets{0};
    for (const std::string_view name : names) {
      bytes.append(name);
      offsets.push_back(bytes.size());
    }
    ids = IdTable(std::move(bytes), std::move(offsets));
    try {
      ids.index(threads_);
    } catch (const Error&) {
      IdTable seen;
      for (size_t row = 0; row < names.size(); ++row) {
        if (seen.intern(names[row]) != row) fail("{}: an id is there twice: \"{}\"", name_, printable(names[row]));
      }
      throw;
    }
  }

  // The matrices, by the final numbers of the ids.
  void read_entries(const std::vector<std::string_view>& pieces) {
    artefact_.items.index();
    artefact_.users.index();
    std::vector<std::vector<std::vector<Entries::Entry>>> found(pieces.size());
    parallel_for(pieces.size(), threads_, [&](size_t piece, int) {
      found[piece].resize(sparse_.size());
      LineCursor cursor(pieces[piece], kFieldsKept);
      Line line;
      while (cursor.next(line)) {
        if (line.fields[0] != "entry") continue;
        size_t matrix = 0;
        while (matrix < sparse_.size() && (line.n_fields < 2 || sparse_[matrix].name != line.fields[1])) ++matrix;
        if (matrix == sparse_.size()) fail_at(line.text.data(), "field 2: expected the name of a sparse matrix");
        const bool weighted = sparse_[matrix].weighted;
        if (line.n_fields != (weighted ? 5u : 4u)) {
          fail_at(line.text.data(), fmt::format("expected entry, a matrix, two ids{}, found {} fields",
                                                weighted ? " and a weight" : "", line.n_fields));
        }
        const IdTable& row_ids = sparse_[matrix].name.starts_with("users.") ? artefact_.users : artefact_.items;
        const Entries::Entry entry{row_ids.find(line.fields[2]), artefact_.items.find(line.fields[3]),
                                   weighted ? value<float>(line.fields[4], 5) : 1.0f};
        if (entry.row == kNoId || entry.column == kNoId) {
          fail_at(line.text.data(), fmt::format("field {}: not an id of the model: \"{}\"", entry.row == kNoId ? 3 : 4,
                                                printable(line.fields[entry.row == kNoId ? 2 : 3])));
        }
        found[piece][matrix].push_back(entry);
      }
    });
    for (size_t matrix = 0; matrix < sparse_.size(); ++matrix) {
      Entries& all = sparse_[matrix];
      for (auto& part : found) all.entries.insert(all.entries.end(), part[matrix].begin(), part[matrix].end());
      if (all.entries.size() != all.size)
        fail("{}: truncated: matrix \"{}\" has {} entries, found {}", name_, printable(all.name), all.size,
             all.entries.size());
      artefact_.add_sparse(all.name,
                           all.csr(all.name.starts_with("users.") ? artefact_.users.size() : artefact_.items.size()));
      all.entries = {};
    }
  }

  bool per_id(const Artefact::Tensor& tensor) const { return artefact_.ids_of(tensor.name) != nullptr; }

  void check_rows(const char* prefix, size_t rows) const {
    for (const auto& tensor : artefact_.tensors()) {
      if (tensor.name.starts_with(prefix) && tensor.rows() != rows) {
        fail("{}: truncated: tensor \"{}\" has {} rows, found {}", name_, printable(tensor.name), tensor.rows(), rows);
      }
    }
  }

  // `number_of_field`: from 1, for the message.
  template <class T>
  T value(std::string_view field, size_t number_of_field) const {
    std::optional<T> number;
    if constexpr (std::is_same_v<T, float>) {
      number = parse_number_inline<float>(field);
    } else if constexpr (std::is_same_v<T, Bfloat16>) {
      const auto wide = parse_number_inline<float>(field);
      if (wide && std::isfinite(to_float(to_bfloat16(*wide)))) number = to_bfloat16(*wide);
    } else {
      number = parse_integer<T>(field);
    }
    if (!number) {
      constexpr Dtype kDtype = dtype_of<T>();
      fail_at(field.data(), fmt::format("field {}: not {}: \"{}\"", number_of_field,
                                        kDtype == Dtype::kFloat32 ? "a number" : fmt::format("of {}", name_of(kDtype)),
                                        printable(field)));
    }
    return *number;
  }

  template <class T>
  void read_row_of(Fields& fields, const Slice& slice, size_t row) const {
    T* to = static_cast<T*>(slice.data) + row * slice.cols;
    for (size_t col = 0; col < slice.cols; ++col) {
      const std::string_view field = fields.next();
      to[col] = value<T>(field, fields.number());
    }
  }

  // The next fields are row `row` of a tensor. REQUIRES: that many are left.
  void read_row(Fields& fields, const Slice& slice, size_t row) const {
    switch (slice.dtype) {
      case Dtype::kFloat32:
        return read_row_of<float>(fields, slice, row);
      case Dtype::kInt8:
        return read_row_of<int8_t>(fields, slice, row);
      case Dtype::kBfloat16:
        return read_row_of<Bfloat16>(fields, slice, row);
      case Dtype::kUint32:
        return read_row_of<uint32_t>(fields, slice, row);
      case Dtype::kInt64:
        return read_row_of<int64_t>(fields, slice, row);
    }
  }

  void read_other_rows(std::string_view piece) {
    LineCursor cursor(piece, kFieldsKept);
    Line line;
    while (cursor.next(line)) {
      if (line.fields[0] != "row") continue;
      const auto table = line.n_fields > 2 ? tables_.find(line.fields[1]) : tables_.end();
      if (table == tables_.end()) fail_at(line.text.data(), "expected row, the name of a table, an id and values");
      const size_t values = values_in(table->second.slices);
      IdTable& ids = artefact_.tables.find(line.fields[1])->second;
      const size_t row = ids.size();
      if (line.n_fields != values + 3 || row == table->second.rows) {
        fail_at(line.text.data(), fmt::format("expected {} rows of an id and {} values for table \"{}\"",
                                              table->second.rows, values, printable(table->first)));
      }
      if (ids.intern(line.fields[2]) != row) fail("{}: an id is there twice: \"{}\"", name_, printable(line.fields[2]));
      Fields fields(line.text, 3);
      for (const Slice& slice : table->second.slices) read_row(fields, slice, row);
    }
  }

  void read_values(std::string_view piece) {
    LineCursor cursor(piece, kFieldsKept);
    Line line;
    while (cursor.next(line)) {
      if (line.fields[0] != "value") continue;
      const Artefact::Tensor* tensor = line.n_fields > 1 ? artefact_.find(line.fields[1]) : nullptr;
      if (tensor == nullptr || per_id(*tensor))
        fail_at(line.text.data(), "field 2: expected the name of a tensor of the whole model");
      uint64_t& row = values_read_[tensor->name];
      if (row == tensor->rows() || line.n_fields != tensor->cols() + 2) {
        fail_at(line.text.data(), fmt::format("expected {} rows of {} values for tensor \"{}\"", tensor->rows(),
                                              tensor->cols(), printable(tensor->name)));
      }
      Fields fields(line.text, 2);
      read_row(fields, {tensor->dtype, const_cast<void*>(tensor->data), tensor->cols()}, row);
      ++row;
    }
  }

  // awk or sort may have changed the order of the rows: sort them again.
  void sort_ids() {
    sort(artefact_.items, item_slices_);
    sort(artefact_.users, user_slices_);
    for (const auto& [table, declared] : tables_) sort(artefact_.tables[table], declared.slices);
  }

  void sort(IdTable& ids, const std::vector<Slice>& slices) const {
    if (ids.is_sorted()) return;
    const std::vector<uint32_t> order = ids.sorted_order(threads_);
    ids = ids.reordered(order);
    for (const Slice& slice : slices) {
      const size_t bytes = slice.cols * size_of(slice.dtype);  // of a row
      char* data = static_cast<char*>(slice.data);
      const std::vector<char> old(data, data + order.size() * bytes);
      for (size_t row = 0; row < order.size(); ++row) std::copy_n(&old[order[row] * bytes], bytes, data + row * bytes);
    }
  }

  std::string_view bytes_;
  const std::string& name_;
  int threads_;
  Artefact artefact_;
  std::vector<Slice> item_slices_;
  std::vector<Slice> user_slices_;
  struct OtherTable {
    uint64_t rows;  // as declared
    std::vector<Slice> slices;
  };
  std::map<std::string, OtherTable, std::less<>> tables_;
  std::vector<Entries> sparse_;
  std::map<std::string, uint64_t> values_read_;
};

// Writes to an Output and hashes what it writes.
class HashedOutput {
 public:
  explicit HashedOutput(Output& out) : out_(out) { XXH3_64bits_reset(&state_); }
  void write(std::string_view bytes) {
    XXH3_64bits_update(&state_, bytes.data(), bytes.size());
    out_.write(bytes);
  }
  uint64_t digest() const { return XXH3_64bits_digest(&state_); }

 private:
  Output& out_;
  XXH3_state_t state_;
};

// Formats rows [0, count) by several threads and writes them in order.
void write_rows(size_t count, int threads, HashedOutput& out,
                const std::function<void(size_t row, std::string& text)>& format) {
  const size_t per_round = kTextRowsPerTask * static_cast<size_t>(std::max(1, threads)) * 4;
  std::vector<std::string> texts;
  for (size_t start = 0; start < count; start += per_round) {
    const size_t rows = std::min(per_round, count - start);
    texts.resize((rows + kTextRowsPerTask - 1) / kTextRowsPerTask);
    parallel_for(texts.size(), threads, [&](size_t task, int) {
      texts[task].clear();
      const size_t last = std::min(rows, (task + 1) * kTextRowsPerTask);
      for (size_t row = task * kTextRowsPerTask; row < last; ++row) format(start + row, texts[task]);
    });
    for (const std::string& text : texts) out.write(text);
  }
}

void append_value(float value, std::string& text) { append_number(text, value); }
void append_value(int8_t value, std::string& text) { text += std::to_string(value); }
void append_value(Bfloat16 value, std::string& text) { append_number(text, to_float(value)); }
void append_value(uint32_t value, std::string& text) { text += std::to_string(value); }
void append_value(int64_t value, std::string& text) { text += std::to_string(value); }

template <class T>
void append_row(const Artefact::Tensor& tensor, size_t row, std::string& text) {
  const T* values = tensor.values<T>() + row * tensor.cols();
  for (size_t col = 0; col < tensor.cols(); ++col) {
    text += '\t';
    append_value(values[col], text);
  }
}

void append_values(const Artefact::Tensor& tensor, size_t row, std::string& text) {
  switch (tensor.dtype) {
    case Dtype::kFloat32:
      return append_row<float>(tensor, row, text);
    case Dtype::kInt8:
      return append_row<int8_t>(tensor, row, text);
    case Dtype::kBfloat16:
      return append_row<Bfloat16>(tensor, row, text);
    case Dtype::kUint32:
      return append_row<uint32_t>(tensor, row, text);
    case Dtype::kInt64:
      return append_row<int64_t>(tensor, row, text);
  }
}

void write_side(const Artefact& artefact, RowKind kind, int threads, HashedOutput& out) {
  const bool item = kind == RowKind::kItem;
  const IdTable& ids = item ? artefact.items : artefact.users;
  write_rows(ids.size(), threads, out, [&](size_t row, std::string& text) {
    text += item ? "item\t" : "user\t";
    text += ids[static_cast<uint32_t>(row)];
    for (const auto& tensor : artefact.tensors()) {
      if (tensor.name.starts_with(item ? "items." : "users.")) append_values(tensor, row, text);
    }
    text += '\n';
  });
}

// TABs and LFs are in no model, see Artefact::check().
void check_text(std::string_view what, std::string_view text) {
  if (text.ends_with('\r')) {
    fail("model: {} \"{}\" ends in a CR, which the text encoding cannot; write *.safetensors", what, printable(text));
  }
}

void check_ids(const IdTable& ids) {
  for (uint32_t id = 0; id < ids.size(); ++id) check_text("id", ids[id]);
}

void check_ids(const Artefact& artefact) {
  check_ids(artefact.items);
  check_ids(artefact.users);
  for (const auto& [name, ids] : artefact.tables) check_ids(ids);
}

void write_table(const Artefact& artefact, const std::string& table, const IdTable& ids, int threads,
                 HashedOutput& out) {
  write_rows(ids.size(), threads, out, [&](size_t row, std::string& text) {
    text += fmt::format("row\t{}\t{}", table, ids[static_cast<uint32_t>(row)]);
    for (const auto& tensor : artefact.tensors()) {
      if (artefact.ids_of(tensor.name) == &ids) append_values(tensor, row, text);
    }
    text += '\n';
  });
}

}  // namespace

bool looks_like_text(std::string_view bytes) { return bytes.starts_with(kTextMagic); }

Artefact decode_text(std::string_view bytes, const std::string& name, int threads) {
  return TextDecoder(bytes, name, threads).run();
}

void write_rows(const Artefact& artefact, RowKind kind, Output& out, int threads) {
  artefact.check();
  check_ids(artefact);
  out.no_table();
  HashedOutput hashed(out);
  write_side(artefact, kind, threads, hashed);
}

Artefact decode_rows(std::string_view bytes, const std::string& name, const Artefact& base, RowKind kind, int threads) {
  const bool item = kind == RowKind::kItem;
  return TextDecoder(bytes, name, threads).run_rows(base, item ? "item" : "user", item ? "items." : "users.");
}

void encode_text(const Artefact& artefact, Output& out, int threads) {
  check_ids(artefact);
  HashedOutput hashed(out);
  hashed.write(fmt::format("rec-model\t{}\n", Artefact::kVersion));
  for (const auto& [key, value] : artefact.meta) {
    check_text("meta", key);
    check_text("meta", value);
    hashed.write(fmt::format("meta\t{}\t{}\n", key, value));
  }
  for (const auto& [name, ids] : artefact.tables) {
    check_text("table", name);
    hashed.write(fmt::format("table\t{}\t{}\n", name, ids.size()));
  }
  for (const auto& tensor : artefact.tensors()) {
    check_text("tensor", tensor.name);
    hashed.write(fmt::format("tensor\t{}\t{}{}\n", tensor.name, fmt::join(tensor.shape, "\t"),
                             tensor.dtype == Dtype::kFloat32 ? "" : fmt::format("\t{}", name_of(tensor.dtype))));
  }
  for (const auto& [name, view] : artefact.sparse()) {
    check_text("matrix", name);
    hashed.write(fmt::format("sparse\t{}\t{}\t{}\n", name, view.entries(), view.weight.empty() ? 0 : 1));
  }
  write_side(artefact, RowKind::kItem, threads, hashed);
  write_side(artefact, RowKind::kUser, threads, hashed);
  for (const auto& [name, ids] : artefact.tables) write_table(artefact, name, ids, threads, hashed);
  for (const auto& tensor : artefact.tensors()) {
    if (artefact.ids_of(tensor.name) != nullptr) continue;
    write_rows(tensor.rows(), threads, hashed, [&](size_t row, std::string& text) {
      text += "value\t";
      text += tensor.name;
      append_values(tensor, row, text);
      text += '\n';
    });
  }
  for (const auto& [name, view] : artefact.sparse()) {
    const IdTable& row_ids = name.starts_with("users.") ? artefact.users : artefact.items;
    write_rows(view.rows(), threads, hashed, [&](size_t row, std::string& text) {
      for (uint64_t at = view.begin[row]; at < view.begin[row + 1]; ++at) {
        text += "entry\t";
        text += name;
        text += '\t';
        text += row_ids[static_cast<uint32_t>(row)];
        text += '\t';
        text += artefact.items[view.index[at]];
        if (!view.weight.empty()) {
          text += '\t';
          append_number(text, view.weight[at]);
        }
        text += '\n';
      }
    });
  }
  out.write(fmt::format("end\txxh3-64:{:016x}\n", hashed.digest()));
}

}  // namespace rec
