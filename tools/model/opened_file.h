// The file that a subcommand of rec-model reads: a model or, for some of them, interactions. For one thread.
#pragma once

#include <optional>
#include <string>

#include "data/artefact_codec.h"
#include "io/byte_source.h"

namespace rec {

class OpenedFile {
 public:
  // "-" is stdin. Reads the first bytes of text, and all of a safetensors file that cannot be mapped. Throws Error.
  explicit OpenedFile(const std::string& path);

  // For messages.
  const std::string& name() const { return source_.name(); }
  const std::string& path() const { return path_; }

  bool has_binary_interactions() const { return has_interactions_; }
  // REQUIRES: has_binary_interactions().
  const WholeFile& binary() const { return *safetensors_; }
  // Neither of the two encodings of a model, nor interactions in binary. An empty file is no table.
  bool has_table();
  // Throws Error unless it holds a model that is as it was written.
  Artefact read_model(int threads);
  // Of a table: what is read from.
  ByteSource take_source() { return std::move(source_); }

 private:
  std::string path_;
  ByteSource source_;
  std::optional<WholeFile> safetensors_;
  bool has_interactions_ = false;
};

}  // namespace rec
