#include "model/opened_file.h"

#include "data/interactions_safetensors.h"

namespace rec {

OpenedFile::OpenedFile(const std::string& path) : path_(path), source_(path), safetensors_(whole_safetensors(source_)) {
  has_interactions_ = safetensors_ && holds_interactions(*safetensors_, name(), "a rec model");
}

bool OpenedFile::has_table() {
  if (safetensors_) return false;
  constexpr size_t kMagicBytes = 16;  // more than the text of a model begins with
  const std::string_view first = source_.peek(kMagicBytes);
  return !first.empty() && !looks_like_text(first);
}

Artefact OpenedFile::read_model(int threads) {
  return safetensors_ ? artefact_of(*safetensors_, name(), path_, threads) : read_artefact(source_, path_, threads);
}

}  // namespace rec
