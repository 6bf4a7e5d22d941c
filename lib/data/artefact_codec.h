// The two encodings of an Artefact; used by artefact.cc and the tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/artefact.h"

namespace rec {

// bytes: the whole file; `owner` keeps them alive. REQUIRES kTextPadding readable
// bytes behind `bytes` for text. Errors carry `name`, and for text the line.
Artefact decode_text(std::string_view bytes, const std::string& name, int threads);
Artefact decode_safetensors(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& name);

void encode_text(const Artefact& artefact, Output& out, int threads);
void encode_safetensors(const Artefact& artefact, Output& out);

// The first bytes of each encoding.
bool looks_like_text(std::string_view bytes);
bool looks_like_safetensors(std::string_view bytes);

}  // namespace rec
