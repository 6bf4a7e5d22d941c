// The two encodings of an Artefact; used by artefact.cc and the tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/artefact.h"
#include "data/artefact_rows.h"
#include "io/byte_source.h"

namespace rec {

// All of a file or of stdin ("-") in memory, with kTextPadding readable bytes behind.
struct WholeFile {
  std::string_view text;
  std::shared_ptr<const void> owner;
};
WholeFile read_whole(const std::string& path);
// What is left of `source`, mapped where it can be, if it is a safetensors file; else no byte of it is taken.
std::optional<WholeFile> whole_safetensors(ByteSource& source);

// bytes: the whole file; `owner` keeps them alive. REQUIRES kTextPadding readable
// bytes behind `bytes` for text. Errors carry `name`, and for text the line.
Artefact decode_text(std::string_view bytes, const std::string& name, int threads);
Artefact decode_safetensors(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name);

void encode_text(const Artefact& artefact, Output& out, int threads);
void encode_safetensors(const Artefact& artefact, Output& out);

// The tensors of one side of `base`, and its ids, from a text that holds such rows
// and nothing else; see data/artefact_rows.h.
Artefact decode_rows(std::string_view bytes, const std::string& name, const Artefact& base, RowKind kind, int threads);

// The first bytes of each encoding.
bool looks_like_text(std::string_view bytes);
bool looks_like_safetensors(std::string_view bytes);

}  // namespace rec
