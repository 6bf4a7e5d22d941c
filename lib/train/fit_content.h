// The whole of a content model: its items (models/content/content.h), and its users, each encoded from its
// history as a new one would be.
#pragma once

#include "models/content/content.h"

namespace rec {

// As fit_content_items(), with "users.factors": U × D, 0 for a user of whom the encoder makes nothing.
Artefact fit_content(const Interactions& data, const Csr& by_user, const SideFeatures& items,
                     const ContentOptions& options, int threads);

}  // namespace rec
