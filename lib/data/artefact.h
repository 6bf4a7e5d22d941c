// The model file (rec-formats(5)): the parts of a model, without their meaning.
// Symbols: U users, I items. Immutable and thread-safe once read.
//
// Two encodings of the same content, told apart by their first bytes:
//   text         TSV: lines "rec-model", "meta", "tensor", "sparse", "item", "user", "value", "entry", "end"
//   safetensors  binary, memory-mapped; Python's safetensors reads it as it is
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/dtype.h"
#include "data/id_table.h"
#include "data/interactions.h"
#include "linalg/matrix.h"

namespace rec {

class BlockChecksums;
class ByteSource;
struct DecodedTensor;
class Output;

class Artefact {
 public:
  static constexpr int kVersion = 1;
  // What a file may hold of a kind, so that reading it takes no more memory than a small
  // multiple of its bytes: tensors, or lines of meta; sparse matrices; and, where a model
  // is used, columns of a tensor that has no rows, which no byte stands for.
  static constexpr size_t kMaxParts = 65536;
  static constexpr size_t kMaxMatrices = 16;
  static constexpr size_t kMaxTables = 256;
  static constexpr uint64_t kMaxEmptyColumns = 65536;

  // A tensor, row-major. One named "items.X" has a row for each item, one named "users.X" a
  // row for each user, one named "T.X" a row for each id of the table T; any other belongs to
  // the model as a whole.
  struct Tensor {
    std::string name;
    std::vector<uint64_t> shape;  // 1 or 2 dimensions
    Dtype dtype = Dtype::kFloat32;
    const void* data = nullptr;  // owned by the artefact, aligned to its elements
    // int8 with scales, or bfloat16: the floats that it stands for (data/quantise.h). nullptr: any other tensor.
    std::shared_ptr<DecodedTensor> decoded = nullptr;

    uint64_t rows() const { return shape[0]; }
    uint64_t cols() const { return shape.size() > 1 ? shape[1] : 1; }
    uint64_t bytes() const { return rows() * cols() * size_of(dtype); }
    // The elements: T is float, int8_t, Bfloat16, uint32_t or int64_t. Throws Error "model: tensor ..."
    // that says the dtype found and the one expected, where T is not the dtype's.
    template <class T>
    const T* values() const {
      if (dtype != dtype_of<T>()) fail_dtype(dtype_of<T>());
      return static_cast<const T*>(data);
    }
    // The elements as floats, which a tensor that has `decoded` makes at the first call and keeps. Thread-safe.
    const float* floats() const { return decoded ? decoded_floats() : values<float>(); }
    ConstMatrixView view() const { return {floats(), rows(), cols(), cols()}; }

   private:
    const float* decoded_floats() const;
    [[noreturn]] void fail_dtype(Dtype expected) const;
  };

  // A sparse matrix whose columns are the items. Its name says what its rows are:
  // "items.X" or "users.X".
  struct Sparse {
    std::string name;
    SparseView view;  // owned by the artefact
  };

  std::map<std::string, std::string> meta;  // options and facts
  IdTable items;                            // I, in ascending byte order
  IdTable users;                            // U, the same; may be empty
  // Other ids that rows of tensors stand for, in ascending byte order, by the table's name
  // ("item-features"). A name is not empty, neither items nor users, and has no ".".
  std::map<std::string, IdTable, std::less<>> tables;

  // The ids that the rows of a tensor of this name stand for; nullptr: it is of the model as a whole.
  const IdTable* ids_of(std::string_view tensor) const;

  const std::vector<Tensor>& tensors() const { return tensors_; }
  const Tensor* find(std::string_view name) const;  // nullptr if absent
  const std::vector<Sparse>& sparse() const { return sparse_; }
  const Sparse* find_sparse(std::string_view name) const;  // nullptr if absent
  // meta[key]; Error naming `key` if it is absent, or no number.
  const std::string& text(const std::string& key) const;
  double number(const std::string& key) const;

  // All add functions throw Error for a name that is there already.
  //
  // Adds a float32 tensor, copying `values` without their padding.
  void add(const std::string& name, ConstMatrixView values);
  void add(const std::string& name, const std::vector<float>& values);
  // Adds a float32 tensor. It is not copied where its rows have no padding.
  void take(const std::string& name, Matrix&& values);
  // Adds a tensor of zeros and returns its memory, to be filled.
  float* add_empty(const std::string& name, std::vector<uint64_t> shape);
  void* add_empty(const std::string& name, std::vector<uint64_t> shape, Dtype dtype);
  // Adds a sparse matrix; no copy is made of one that is moved in.
  void add_sparse(const std::string& name, Csr matrix);
  // Adds a tensor, or a sparse matrix, that lies in `owner`, which lives as long as this.
  void add_mapped(Tensor tensor, std::shared_ptr<const void> owner);
  void add_mapped_sparse(const std::string& name, SparseView view, std::shared_ptr<const void> owner);

  // Lets floats() of a tensor decode it. scale: of each row of an int8 tensor; lives as long as this.
  void set_decoded(const std::string& name, const float* scale);

  // Of a model read by Reading::kByPart: throws Error unless the rows of this user, or of all, are as they were
  // written. To be called before "users.factors" is looked at; nothing where everything was verified. Thread-safe.
  void verify_user(uint32_t user) const;
  void verify_users(int threads) const;
  // The same, to be set by the decoder.
  void leave_users_to(std::shared_ptr<const BlockChecksums> blocks) { unverified_users_ = std::move(blocks); }

  // Throws Error unless ids are sorted, no name, id or meta holds a TAB or LF, which no table
  // could carry, every tensor has 1 or 2 dimensions, finite values and,
  // per item or per user, as many rows as there are ids, and sparse matrices are as
  // SparseView says. A name that ends in ".index" is kept for sparse matrices: a uint32
  // tensor must not have one, nor an int64 tensor one that ends in ".begin".
  void check() const;
  // check() without a look at the values of tensors.
  void check_structure() const;

 private:
  void check_tensor(const Tensor& tensor) const;
  void check_finite(const Tensor& tensor) const;

  void check_sparse(const Sparse& matrix) const;
  void check_names() const;
  std::vector<const IdTable*> id_tables() const;  // items, users and all others

  std::map<std::string, size_t, std::less<>> tensor_at_;  // by name
  std::map<std::string, size_t, std::less<>> sparse_at_;
  std::vector<Tensor> tensors_;
  std::vector<Sparse> sparse_;
  std::vector<std::shared_ptr<const void>> owners_;
  std::shared_ptr<const BlockChecksums> unverified_users_;
};

enum class Encoding { kText, kSafetensors };

// The encoding that a file of this name gets: safetensors for *.safetensors, also before .gz or .zst.
Encoding encoding_for(const std::string& path);

// How much of a model is verified when it is read.
enum class Reading {
  kWhole,   // every byte and every value
  kByPart,  // of a mapped safetensors file with checksums of its blocks: all but "users.factors", which has
            // verify_user(), block by block; that values are finite is left to whoever computes with them
};

// Reads either encoding from a file or "-". Throws Error "FILE: ..." for a file
// that is foreign, truncated, damaged (checksum), of a newer version, or whose
// parts do not fit together.
Artefact read_artefact(const std::string& path, int threads, Reading reading = Reading::kWhole);
// The same of what is left of `source`, which `path` names.
Artefact read_artefact(ByteSource& source, const std::string& path, int threads, Reading reading = Reading::kWhole);

// Writes one encoding; the bytes depend on the content alone.
void write_artefact(const Artefact& artefact, Encoding encoding, Output& out, int threads);

}  // namespace rec
