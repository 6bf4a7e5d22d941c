// Fuzzes both decoders of model files, and that of interactions in binary, from memory. Seeds carry the checksum "-",
// which the decoders do not check, so that changes get past it.
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"
#include "data/artefact.h"
#include "data/artefact_codec.h"
#include "data/interactions_safetensors.h"
#include "io/input.h"
#include "io/output.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rec;
  auto owner = std::make_shared<std::vector<char>>(data, data + size);
  const bool text = looks_like_text({owner->data(), size});
  if (!text && !looks_like_safetensors({owner->data(), size})) return 0;
  if (text) owner->resize(size + kTextPadding);
  try {
    if (const WholeFile file{{owner->data(), size}, owner}; !text && holds_interactions(file, "fuzz")) {
      const BinaryInteractions its = decode_interactions(file, "fuzz", {.value = true, .timestamp = true}, 2);
      std::string lines;
      for (size_t row = 0; row < its.data.size(); ++row) append_row(its.data, row, lines);
      Output out("/dev/null");
      encode_interactions(sorted_by_user(its.data), its.header, out);
      out.finish();
      return 0;
    }
    Reading reading = Reading::kByPart;
    const Artefact artefact = text ? decode_text({owner->data(), size}, "fuzz", 2)
                                   : decode_safetensors({owner->data(), size}, owner, "fuzz", 2, reading);
    artefact.verify_users(2);
    artefact.check();
    Output out("/dev/null");
    write_artefact(artefact, Encoding::kText, out, 1);
    write_artefact(artefact, Encoding::kSafetensors, out, 1);
    out.finish();
  } catch (const Error&) {
  }
  return 0;
}
