// The model file (rec-formats(5)): what a model is made of, without knowing what
// it means. Symbols: U users, I items. Immutable and thread-safe once read.
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

#include "data/id_table.h"
#include "data/interactions.h"
#include "linalg/matrix.h"

namespace rec {

class Output;

class Artefact {
 public:
  static constexpr int kVersion = 1;

  // A float32 tensor, row-major. One named "items.X" has a row an item, one named
  // "users.X" a row a user; any other belongs to the model as a whole.
  struct Tensor {
    std::string name;
    std::vector<uint64_t> shape;  // 1 or 2 dimensions
    const float* data = nullptr;  // owned by the artefact

    uint64_t rows() const { return shape[0]; }
    uint64_t cols() const { return shape.size() > 1 ? shape[1] : 1; }
    ConstMatrixView view() const { return {data, rows(), cols(), cols()}; }
  };

  // A sparse matrix whose columns are the items. Its name says what its rows are,
  // "items.X" or "users.X".
  struct Sparse {
    std::string name;
    SparseView view;  // owned by the artefact
  };

  std::map<std::string, std::string> meta;  // options and facts; no TAB or LF inside
  IdTable items;                            // I, in ascending byte order
  IdTable users;                            // U, the same; may be empty

  const std::vector<Tensor>& tensors() const { return tensors_; }
  const Tensor* find(std::string_view name) const;  // nullptr if absent
  const std::vector<Sparse>& sparse() const { return sparse_; }
  const Sparse* find_sparse(std::string_view name) const;  // nullptr if absent
  // meta[key]; Error naming `key` if it is absent, or no number.
  const std::string& text(const std::string& key) const;
  double number(const std::string& key) const;

  // Adds a tensor, copying `values` without their padding.
  void add(const std::string& name, ConstMatrixView values);
  void add(const std::string& name, const std::vector<float>& values);
  // Adds a tensor that lies in `values` itself where its rows need no padding.
  void take(const std::string& name, Matrix&& values);
  // Adds a tensor and returns its memory, to be filled.
  float* add_empty(const std::string& name, std::vector<uint64_t> shape);
  // Adds a sparse matrix; no copy is made of one that is moved in.
  void add_sparse(const std::string& name, Csr matrix);
  // Keeps `owner` alive as long as this, and adds a tensor, or a sparse matrix,
  // that lies in it.
  void add_mapped(const std::string& name, std::vector<uint64_t> shape, const float* data,
                  std::shared_ptr<const void> owner);

  void add_mapped_sparse(const std::string& name, SparseView view, std::shared_ptr<const void> owner);

  // Throws Error unless ids are sorted, every per-item and per-user tensor has as
  // many rows as there are ids and only finite values, and sparse matrices are as
  // SparseView says.
  void check() const;

 private:
  void add_tensor(const std::string& name, std::vector<uint64_t> shape, const float* data);

  void check_sparse(const Sparse& matrix) const;

  std::vector<Tensor> tensors_;
  std::vector<Sparse> sparse_;
  std::vector<std::shared_ptr<const void>> owners_;
};

enum class Encoding { kText, kSafetensors };

// The encoding that a file of this name gets: safetensors for *.safetensors.
Encoding encoding_for(const std::string& path);

// Reads either encoding from a file or "-". Throws Error "FILE: ..." for a file
// that is foreign, truncated, damaged (checksum), of a newer version, or whose
// parts do not fit together.
Artefact read_artefact(const std::string& path, int threads);

// Writes one encoding; the bytes depend on the content alone.
void write_artefact(const Artefact& artefact, Encoding encoding, Output& out, int threads);

}  // namespace rec
