#include "score/extend_by_files.h"

#include "base/error.h"
#include "data/vectors.h"

namespace rec {

Extended extend_by_files(Artefact& artefact, IdKind of, const std::vector<std::string>& features,
                         const std::vector<std::string>& vectors, const ReadOptions& read, const std::string& name,
                         int threads) {
  Extended result;
  if (features.empty() && vectors.empty()) return result;
  std::vector<FeatureTable> tables = read_feature_files(features, vectors, of, read, threads);
  for (const FeatureTable& table : tables) result.bad_lines += table.bad_lines;
  const bool items = of == IdKind::kItem;
  const char* const side = items ? "items" : "users";
  Extension extension;
  try {
    extension = extend(artefact, of, tables);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  const auto note = [&result](std::string text) { result.notes.push_back(std::move(text)); };
  note(fmt::format("new {} by their features: {}; already in the model, and left as they are: {}", side,
                   extension.added, extension.known));
  if (extension.without > 0)
    note(fmt::format("new {} left out, since the model knows none of their features: {}", side, extension.without));
  if (extension.unknown > 0)
    note(fmt::format("feature values that the model does not know, and ignores: {}", extension.unknown));
  if (extension.kinds_unknown > 0)
    note(fmt::format("kinds of features that the model does not know: {}", extension.kinds_unknown));
  for (const std::string& vectors_kind : extension.vectors_unknown)
    note(fmt::format("vectors \"{}\": the model has none of that name; NAME=FILE gives them the name of training",
                     printable(vectors_kind)));
  result.tables = std::move(tables);
  return result;
}

}  // namespace rec
