#include "data/artefact.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/artefact_codec.h"
#include "data/block_checksums.h"
#include "data/quantise.h"
#include "io/byte_source.h"
#include "io/compressor.h"
#include "io/input.h"
#include "io/output.h"

namespace rec {
namespace {

constexpr size_t kLarge = size_t{64} << 20;

// The whole of a plain file, which may grow or shrink meanwhile.
WholeFile read_file(ByteSource& source) {
  size_t room = source.bytes_left();
  std::shared_ptr<char> buffer = zeroed_memory(room + kTextPadding);
  for (size_t filled = 0;;) {
    if (filled == room) {
      if (source.peek(1).empty()) return {{buffer.get(), filled}, buffer};
      room = 2 * room + Input::kChunkBytes;
      std::shared_ptr<char> larger = zeroed_memory(room + kTextPadding);
      std::copy_n(buffer.get(), filled, larger.get());
      buffer = std::move(larger);
    }
    const size_t got = source.read(buffer.get() + filled, room - filled);
    if (got == 0) return {{buffer.get(), filled}, buffer};
    filled += got;
  }
}

// The whole of a pipe or file in memory, decompressed and padded.
WholeFile read_all(ByteSource& source, int threads) {
  source.set_threads(threads);
  if (source.file_size() > 0 && !source.peek(1).empty() && !source.is_compressed()) return read_file(source);
  auto buffer = std::make_shared<AlignedBuffer<char>>();
  size_t filled = 0;
  for (;;) {
    if (buffer->size() < filled + Input::kChunkBytes + kTextPadding) {
      const size_t larger = std::max(2 * buffer->size(), filled + Input::kChunkBytes + kTextPadding);
      // Of compressed bytes nobody knows how many they are.
      if (source.is_compressed() && larger > kLarge) require_memory(larger, source.name().c_str());
      buffer->resize(larger);
    }
    const size_t got = source.read(buffer->data() + filled, buffer->size() - filled - kTextPadding);
    if (got == 0) break;
    filled += got;
  }
  return {{buffer->data(), filled}, buffer};
}

// A regular file mapped, if it is one.
bool map_file(const FileDescriptor& fd, const std::string& name, WholeFile& bytes) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) fail_errno(name);
  if (!S_ISREG(status.st_mode) || status.st_size == 0 || ::lseek(fd.get(), 0, SEEK_CUR) != 0) return false;
  const size_t size = static_cast<size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED) return false;
  bytes.owner = std::shared_ptr<const void>(address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  bytes.text = {static_cast<const char*>(address), size};
  bytes.mapped = true;
  return true;
}

// More than tell text and safetensors from all else.
constexpr size_t kTellingBytes = 64;

[[noreturn]] void fail_no_model(const std::string& name) {
  fail("{}: not a model (expected a first line \"rec-model\" or a safetensors file); rec-embed writes one", name);
}

}  // namespace

WholeFile read_whole(const std::string& path) {
  ByteSource source(path);
  return read_all(source, 1);
}

std::optional<WholeFile> whole_safetensors(ByteSource& source) {
  // The length of the header, whose upper bytes are 0, and the begin of JSON: no line of a table begins so.
  constexpr size_t kTold = 9;
  const auto tells = [](std::string_view text) {
    return text.size() >= kTold && text.substr(5, 4) == std::string_view("\0\0\0{", 4);
  };
  WholeFile bytes;
  if (map_file(source.fd(), source.name(), bytes) && tells(bytes.text)) return bytes;
  if (!tells(source.peek(kTold))) return std::nullopt;
  return read_all(source, source.threads());
}

const Artefact::Tensor* Artefact::find(std::string_view name) const {
  const auto found = tensor_at_.find(name);
  return found == tensor_at_.end() ? nullptr : &tensors_[found->second];
}

const Artefact::Sparse* Artefact::find_sparse(std::string_view name) const {
  const auto found = sparse_at_.find(name);
  return found == sparse_at_.end() ? nullptr : &sparse_[found->second];
}

const IdTable* Artefact::ids_of(std::string_view tensor) const {
  const std::string_view table = tensor.substr(0, tensor.find('.'));
  if (table.size() == tensor.size()) return nullptr;
  if (table == "items") return &items;
  if (table == "users") return &users;
  const auto found = tables.find(table);
  return found == tables.end() ? nullptr : &found->second;
}

std::vector<const IdTable*> Artefact::id_tables() const {
  std::vector<const IdTable*> all{&items, &users};
  for (const auto& [name, ids] : tables) all.push_back(&ids);
  return all;
}

const std::string& Artefact::text(const std::string& key) const {
  const auto found = meta.find(key);
  if (found == meta.end()) fail("model: no meta \"{}\"", key);
  return found->second;
}

double Artefact::number(const std::string& key) const {
  const auto value = parse_number<double>(text(key));
  if (!value) fail("model: meta \"{}\": not a number: \"{}\"", key, printable(text(key)));
  return *value;
}

void Artefact::Tensor::fail_dtype(Dtype expected) const {
  fail("model: tensor \"{}\" is {}, expected {}", printable(name), name_of(dtype), name_of(expected));
}

void* Artefact::add_empty(const std::string& name, std::vector<uint64_t> shape, Dtype dtype) {
  Tensor tensor{name, std::move(shape), dtype, nullptr, nullptr};
  const std::shared_ptr<char> memory = zeroed_memory(tensor.bytes());
  tensor.data = memory.get();
  add_mapped(std::move(tensor), memory);
  return memory.get();
}

float* Artefact::add_empty(const std::string& name, std::vector<uint64_t> shape) {
  return static_cast<float*>(add_empty(name, std::move(shape), Dtype::kFloat32));
}

void Artefact::add(const std::string& name, ConstMatrixView values) {
  float* to = add_empty(name, {values.rows, values.cols});
  for (size_t row = 0; row < values.rows; ++row) std::copy_n(values.row(row), values.cols, to + row * values.cols);
}

void Artefact::take(const std::string& name, Matrix&& values) {
  if (values.stride() != values.cols()) return add(name, values);
  const auto owner = std::make_shared<const Matrix>(std::move(values));
  add_mapped({name, {owner->rows(), owner->cols()}, Dtype::kFloat32, owner->data(), nullptr}, owner);
}

void Artefact::add(const std::string& name, const std::vector<float>& values) {
  std::copy(values.begin(), values.end(), add_empty(name, {values.size()}));
}

void Artefact::add_mapped(Tensor tensor, std::shared_ptr<const void> owner) {
  if (!tensor_at_.emplace(tensor.name, tensors_.size()).second)
    fail("model: tensor \"{}\" is there twice", printable(tensor.name));
  tensors_.push_back(std::move(tensor));
  owners_.push_back(std::move(owner));
}

void Artefact::add_sparse(const std::string& name, Csr matrix) {
  auto owner = std::make_shared<const Csr>(std::move(matrix));
  add_mapped_sparse(name, owner->view(), owner);
}

void Artefact::add_mapped_sparse(const std::string& name, SparseView view, std::shared_ptr<const void> owner) {
  if (!sparse_at_.emplace(name, sparse_.size()).second) fail("model: matrix \"{}\" is there twice", printable(name));
  sparse_.push_back({name, view});
  owners_.push_back(std::move(owner));
}

void Artefact::check_sparse(const Sparse& matrix) const {
  const std::string name = printable(matrix.name);
  const SparseView& view = matrix.view;
  const bool by_item = matrix.name.starts_with("items.");
  if (!by_item && !matrix.name.starts_with("users."))
    fail("model: matrix \"{}\": its name should start with items. or users.", name);
  const uint64_t ids = by_item ? items.size() : users.size();
  if (view.rows() != ids) fail("model: matrix \"{}\" has {} rows for {} ids", name, view.rows(), ids);
  if (view.begin.empty() || view.begin.front() != 0 || view.begin.back() != view.entries() ||
      !std::is_sorted(view.begin.begin(), view.begin.end())) {
    fail("model: matrix \"{}\": its rows do not follow each other", name);
  }
  if (!view.weight.empty() && view.weight.size() != view.entries())
    fail("model: matrix \"{}\" has {} weights for {} entries", name, view.weight.size(), view.entries());
  for (size_t row = 0; row < view.rows(); ++row) {
    const auto columns = view.row(row);
    for (size_t at = 0; at < columns.size(); ++at) {
      if (columns[at] >= items.size() || (at > 0 && columns[at] <= columns[at - 1]))
        fail("model: matrix \"{}\": row {} does not hold ascending item numbers", name, row);
    }
  }
  for (const float weight : view.weight) {
    if (!std::isfinite(weight)) fail("model: matrix \"{}\" holds a value that is not finite", name);
  }
}

void Artefact::check_tensor(const Tensor& tensor) const {
  const std::string name = printable(tensor.name);
  if (tensor.shape.empty() || tensor.shape.size() > 2)
    fail("model: tensor \"{}\" has {} dimensions, expected 1 or 2", name, tensor.shape.size());
  if ((tensor.dtype == Dtype::kUint32 && tensor.name.ends_with(".index")) ||
      (tensor.dtype == Dtype::kInt64 && tensor.name.ends_with(".begin")))
    fail("model: tensor \"{}\": the name is kept for a sparse matrix", name);
  if (tensor.rows() > UINT32_MAX || tensor.cols() > UINT32_MAX)
    fail("model: tensor \"{}\" has an extent above {}", name, UINT32_MAX);
  const IdTable* ids = ids_of(tensor.name);
  if (ids == nullptr && tensor.rows() > 0 && tensor.cols() == 0)
    fail("model: tensor \"{}\" has {} rows without columns", name, tensor.rows());
  if (ids != nullptr && tensor.rows() != ids->size())
    fail("model: tensor \"{}\" has {} rows for {} ids", name, tensor.rows(), ids->size());
}

void Artefact::check_finite(const Tensor& tensor) const {
  const std::string name = printable(tensor.name);
  const uint64_t size = tensor.rows() * tensor.cols();
  bool finite = true;
  if (tensor.dtype == Dtype::kFloat32) {
    const float* values = tensor.floats();
    for (uint64_t at = 0; at < size && finite; ++at) finite = std::isfinite(values[at]);
  } else if (tensor.dtype == Dtype::kBfloat16) {
    const auto* values = tensor.values<Bfloat16>();
    for (uint64_t at = 0; at < size && finite; ++at) finite = std::isfinite(to_float(values[at]));
  }
  if (!finite) fail("model: tensor \"{}\" holds a value that is not finite", name);
}

// A name that tables and the text encoding cannot carry is refused in every encoding.
void Artefact::check_names() const {
  const auto check = [](const char* what, std::string_view text) {
    if (text.find_first_of("\t\n") != std::string_view::npos)
      fail("model: {} \"{}\" holds a TAB or a line end", what, printable(text));
  };
  for (const auto& [key, value] : meta) {
    check("meta", key);
    check("the value of meta", value);
  }
  for (const Tensor& tensor : tensors_) check("tensor", tensor.name);
  for (const Sparse& matrix : sparse_) check("matrix", matrix.name);
  if (tables.size() > kMaxTables) fail("model: {} tables of ids, at most {}", tables.size(), kMaxTables);
  for (const auto& [name, ids] : tables) {
    check("table", name);
    if (name.empty() || name == "items" || name == "users" || name.find('.') != std::string::npos)
      fail("model: a table of ids cannot be named \"{}\"", printable(name));
  }
  for (const IdTable* ids : id_tables()) {
    const std::string_view bytes = ids->bytes();
    if (bytes.find('\t') == bytes.npos && bytes.find('\n') == bytes.npos) continue;
    for (uint32_t id = 0; id < ids->size(); ++id) check("id", (*ids)[id]);
  }
}

void Artefact::check() const {
  check_structure();
  for (const Tensor& tensor : tensors_) check_finite(tensor);
}

void Artefact::check_structure() const {
  check_names();
  for (const IdTable* ids : id_tables()) {
    if (!ids->is_sorted()) fail("model: ids are not in ascending order, or one is there twice");
    if (ids->size() > 0 && (*ids)[0].empty()) fail("model: an id is empty");
  }
  for (const Tensor& tensor : tensors_) check_tensor(tensor);
  for (const Sparse& matrix : sparse_) check_sparse(matrix);
}

void Artefact::verify_user(uint32_t user) const {
  if (!unverified_users_ || user >= users.size()) return;
  const Tensor* factors = find("users.factors");
  const uint64_t bytes = factors->bytes() / factors->rows();
  unverified_users_->verify({static_cast<const char*>(factors->data) + user * bytes, bytes}, 1);
}

void Artefact::verify_users(int threads) const {
  if (!unverified_users_) return;
  const Tensor* factors = find("users.factors");
  unverified_users_->verify({static_cast<const char*>(factors->data), factors->bytes()}, threads);
}

Encoding encoding_for(const std::string& path) {
  return uncompressed_name(path).ends_with(".safetensors") ? Encoding::kSafetensors : Encoding::kText;
}

Artefact read_artefact(const std::string& path, int threads, Reading reading) {
  ByteSource source(path);
  return read_artefact(source, path, threads, reading);
}

Artefact read_artefact(ByteSource& source, const std::string& path, int threads, Reading reading) {
  const std::string& name = source.name();
  WholeFile bytes;
  if (map_file(source.fd(), name, bytes) && !looks_like_safetensors(bytes.text)) bytes = {};  // text wants padding
  if (bytes.text.empty()) {
    // What is no model is told before all of it is held: it may have no end.
    const std::string_view first = source.peek(kTellingBytes);
    if (!first.empty() && !looks_like_text(first) && !looks_like_safetensors(first)) fail_no_model(name);
    bytes = read_all(source, threads);
  }
  return artefact_of(bytes, name, path, threads, reading);
}

Artefact artefact_of(const WholeFile& bytes, const std::string& name, const std::string& path, int threads,
                     Reading reading) {
  if (bytes.text.empty())
    fail("{}: empty, expected a model; look at the command that wrote it{}", name,
         path == "-" ? ", or name a file by -m" : "");
  Artefact artefact;
  if (!bytes.mapped) reading = Reading::kWhole;
  if (looks_like_text(bytes.text)) {
    artefact = decode_text(bytes.text, name, threads);
  } else if (looks_like_safetensors(bytes.text)) {
    artefact = decode_safetensors(bytes.text, bytes.owner, name, threads, reading);
  } else {
    fail_no_model(name);
  }
  try {
    reading == Reading::kWhole ? artefact.check() : artefact.check_structure();
    link_quantised(artefact);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  return artefact;
}

void write_artefact(const Artefact& artefact, Encoding encoding, Output& out, int threads) {
  artefact.check();
  out.no_table();
  if (encoding == Encoding::kText) {
    encode_text(artefact, out, threads);
  } else {
    encode_safetensors(artefact, out);
  }
}

}  // namespace rec
