#include "embed/private_data.h"

#include "base/error.h"
#include "data/item_numbers.h"
#include "privacy/contributions.h"

namespace rec {

IdTable read_item_list(const EmbedOptions& options, const PrivacyOptions& privacy, const Report& report) {
  const ItemNumbers list = read_item_numbers(privacy.items, {"items", {{"item"}}}, options.common.side_options());
  report.bad_lines(list.bad_lines, list.name);
  if (list.items.size() == 0) fail("{}: no items", list.name);
  IdTable items = list.items.reordered(list.items.sorted_order());
  items.index();
  return items;
}

PrivateData load_private(const EmbedOptions& options, const PrivacyOptions& privacy, const Report& report) {
  PrivateData data;
  data.public_part.items = read_item_list(options, privacy, report);
  const LoadedInteractions loaded = load_interactions(options, {.is_private = true}, report);
  data.contributions = bounded_contributions(loaded.data, data.public_part.items, privacy.max_per_user);
  return data;
}

void tell_privacy(PrivacyOptions& privacy, const std::string& mechanism, Artefact& artefact, const Report& report) {
  report.note(privacy.text(mechanism));
  if (privacy.seed)
    report.warning("--dp-seed: whoever knows the seed can take the noise away; the model is not private");
  privacy.write(artefact.meta, mechanism);
}

}  // namespace rec
