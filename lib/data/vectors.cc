#include "data/vectors.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/vectors_name.h"
#include "data/artefact.h"
#include "data/artefact_codec.h"
#include "io/byte_source.h"

namespace rec {
namespace {

constexpr size_t kPeek = 64;

// The first bytes of a file. A pipe, whose bytes come once, has none.
std::string first_bytes(const std::string& path) {
  std::error_code error;
  if (path == "-") return {};
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) return {};
  ByteSource source(path);
  std::string bytes(kPeek, '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const size_t got = source.read(bytes.data() + filled, bytes.size() - filled);
    if (got == 0) break;
    filled += got;
  }
  bytes.resize(filled);
  return bytes;
}

FeatureTable table_of(const std::string& name, const std::string& kind, IdTable ids, uint32_t cols) {
  FeatureTable table;
  table.name = name;
  table.ids = std::move(ids);
  table.ids.index();
  if (table.ids.size() == 0 || cols == 0) return table;
  FeatureNumbers vectors{.name = kind, .size = cols, .is_vector = true, .id = {}, .value = {}};
  vectors.id.resize(table.ids.size());
  std::iota(vectors.id.begin(), vectors.id.end(), 0u);
  vectors.value.resize(table.ids.size() * size_t{cols});
  table.numbers.push_back(std::move(vectors));
  return table;
}

FeatureTable vectors_of_array(const VectorsName& name, IdKind of, const ReadOptions& options) {
  if (name.part.empty())
    fail("{}: an array has no ids: say {}:IDS, a file with the {} of a row on each line", name.path, name.path,
         of == IdKind::kItem ? "item" : "user");
  const WholeFile bytes = read_whole(name.path);
  const NpyArray array = parse_npy(bytes.text, name.path);
  IdTable ids = read_ids(name.part, of, options);
  if (ids.size() != array.rows)
    fail("{}: {} ids, expected {}, one for each row of {}", name.part, ids.size(), array.rows, name.path);
  if (array.cols > UINT32_MAX)
    fail("{}: vectors of {} numbers, expected at most {}", name.path, array.cols, UINT32_MAX);
  FeatureTable table = table_of(name.path, name.name, std::move(ids), static_cast<uint32_t>(array.cols));
  if (table.numbers.empty()) return table;
  std::vector<float>& values = table.numbers[0].value;
  for (uint64_t at = 0; at < values.size(); ++at) {
    values[at] = array.value(at);
    if (std::isfinite(values[at])) continue;
    const auto row = static_cast<uint32_t>(at / array.cols);
    fail("{}: row {} (\"{}\"), column {}: not a finite number", name.path, row + 1, printable(table.ids[row]),
         at % array.cols + 1);
  }
  return table;
}

bool holds_vectors(const Artefact& artefact, const Artefact::Tensor& tensor) {
  return artefact.ids_of(tensor.name) != nullptr && tensor.cols() > 1 &&
         (tensor.dtype == Dtype::kFloat32 || tensor.decoded != nullptr);
}

const Artefact::Tensor& tensor_of(const Artefact& artefact, const VectorsName& name, IdKind of) {
  std::string all;
  std::vector<const Artefact::Tensor*> of_side;
  const std::string side = of == IdKind::kItem ? "items." : "users.";
  for (const Artefact::Tensor& tensor : artefact.tensors()) {
    if (!holds_vectors(artefact, tensor)) continue;
    if (tensor.name == (name.part.empty() ? side + "factors" : name.part)) return tensor;
    if (tensor.name.starts_with(side)) of_side.push_back(&tensor);
    all += (all.empty() ? "" : ", ") + printable(tensor.name);
  }
  if (name.part.empty() && of_side.size() == 1) return *of_side[0];
  if (!name.part.empty())
    fail("{}: no vectors \"{}\" with a row for each id; there are: {}", name.path, printable(name.part),
         all.empty() ? "none" : all);
  fail("{}: no tensor \"{}factors\"{}", name.path, side,
       all.empty() ? ", nor other vectors" : "; say FILE:TENSOR, which may be " + all);
}

FeatureTable vectors_of_model(const VectorsName& name, IdKind of, int threads) {
  const Artefact artefact = read_artefact(name.path, threads);
  const Artefact::Tensor& tensor = tensor_of(artefact, name, of);
  if (tensor.cols() > UINT32_MAX)
    fail("{}: vectors of {} numbers, expected at most {}", name.path, tensor.cols(), UINT32_MAX);
  FeatureTable table =
      table_of(name.path, name.name, *artefact.ids_of(tensor.name), static_cast<uint32_t>(tensor.cols()));
  if (table.numbers.empty()) return table;
  std::vector<float>& values = table.numbers[0].value;
  std::copy_n(tensor.floats(), values.size(), values.begin());
  return table;
}

}  // namespace

FeatureTable read_vectors(const std::string& text, IdKind of, const ReadOptions& options, int threads) {
  const VectorsName name = parse_vectors_name(text, of == IdKind::kItem ? "--item-vectors" : "--user-vectors");
  const std::string bytes = first_bytes(name.path);
  if (looks_like_npy(bytes)) return vectors_of_array(name, of, options);
  // The header of safetensors has less than 2^56 bytes; a table has no NUL there.
  if (looks_like_text(bytes) || (looks_like_safetensors(bytes) && bytes[7] == '\0'))
    return vectors_of_model(name, of, threads);
  if (!name.part.empty())
    fail("{}: a table has its ids in it: \"{}\" is for an array or a model{}", name.path, ":" + printable(name.part),
         bytes.empty() ? ", which are files, not pipes" : "");
  return read_vectors_table(name.path, name.name, of, options, threads);
}

}  // namespace rec
