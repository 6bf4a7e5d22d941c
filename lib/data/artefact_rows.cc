#include "data/artefact_rows.h"

#include "base/error.h"
#include "data/artefact_codec.h"
#include "io/input.h"

namespace rec {

Artefact join_rows(const Artefact& base, RowKind kind, const std::string& path, int threads) {
  if (!base.sparse().empty()) fail("a model of neighbours cannot be joined from rows");
  const bool item = kind == RowKind::kItem;
  const WholeFile file = read_whole(path);
  const auto rows = std::make_shared<const Artefact>(decode_rows(file.text, input_name(path), base, kind, threads));
  const auto rest = std::make_shared<const Artefact>(base);
  Artefact joined;
  joined.meta = base.meta;
  joined.items = item ? rows->items : base.items;
  joined.users = item ? base.users : rows->users;
  joined.tables = base.tables;
  for (const auto& tensor : base.tensors()) {
    const Artefact::Tensor* its = rows->find(tensor.name);
    joined.add_mapped(its != nullptr ? *its : tensor, its != nullptr ? rows : rest);
  }
  joined.check();
  return joined;
}

}  // namespace rec
