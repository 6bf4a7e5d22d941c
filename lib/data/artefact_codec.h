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
  bool mapped = false;  // from the file, and nothing of it is in memory but what was touched
};
WholeFile read_whole(const std::string& path);
// What is left of `source`, mapped where it can be, if it is a safetensors file; else no byte of it is taken.
std::optional<WholeFile> whole_safetensors(ByteSource& source);

// The model that these bytes hold, as read_artefact() does; name: of the file in messages.
Artefact artefact_of(const WholeFile& bytes, const std::string& name, const std::string& path, int threads,
                     Reading reading = Reading::kWhole);

// bytes: the whole file; `owner` keeps them alive. REQUIRES kTextPadding readable
// bytes behind `bytes` for text. Errors carry `name`, and for text the line.
Artefact decode_text(std::string_view bytes, const std::string& name, int threads);
// reading: kWhole in its place where the file has no checksums of blocks. It becomes kWhole where nothing was verified,
// for want of a checksum.
Artefact decode_safetensors(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name,
                            int threads, Reading& reading);

void encode_text(const Artefact& artefact, Output& out, int threads);
void encode_safetensors(const Artefact& artefact, Output& out);

// The tensors of one side of `base`, and its ids, from a text that holds such rows
// and nothing else; see data/artefact_rows.h.
Artefact decode_rows(std::string_view bytes, const std::string& name, const Artefact& base, RowKind kind, int threads);

// The first bytes of each encoding.
bool looks_like_text(std::string_view bytes);
bool looks_like_safetensors(std::string_view bytes);

}  // namespace rec
