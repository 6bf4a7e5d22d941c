// What a private training run reads: the public items, and what each user contributes.
#pragma once

#include "cli/options.h"
#include "embed/embed.h"
#include "privacy/privacy_options.h"

namespace rec {

struct PrivateData {
  Interactions public_part;  // the items of --items, in byte order of their ids; no users, no rows
  Csr contributions;         // U × I
};

// The items of --items, in byte order. Throws Error for a list that is empty or has one twice.
IdTable read_item_list(const EmbedOptions& options, const PrivacyOptions& privacy, const Report& report);

// Throws Error as load_interactions() does, and for a list of items that is empty or
// has one twice. Nothing that it prints counts rows, users or items.
PrivateData load_private(const EmbedOptions& options, const PrivacyOptions& privacy, const Report& report);

// Says the privacy of the model, and writes it into its meta.
void tell_privacy(PrivacyOptions& privacy, const std::string& mechanism, Artefact& artefact, const Report& report);

}  // namespace rec
