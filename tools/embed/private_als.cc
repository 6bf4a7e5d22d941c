#include "embed/private_als.h"

#include <fmt/format.h>

#include <utility>

#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/als/als_start.h"
#include "train/private_als_parts.h"

namespace rec {

int run_private_als(AlsCommand& options) {
  PrivacyOptions& privacy = options.privacy;
  const EmbedOptions& embed = options.embed;
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);
  const int threads = embed.common.jobs();
  const int epochs = options.als.als.epochs;
  const PrivateAlsPlan plan{*privacy.epsilon, privacy.delta, privacy.max_per_user, epochs, options.private_left};
  PrivateData data;
  if (options.private_start)
    data.public_part.items = read_item_list(embed, privacy, report);
  else
    data = load_private(embed, privacy, report);
  const size_t items = data.public_part.items.size();
  const PrivateAlsOptions als = plan.options(options.als.als.resolved(items), privacy.seed);
  PrivateAls fitted;
  AlsOptions described = als.als;
  if (options.private_start) {
    fitted.items = als_start(items, als.als);
    described.epochs = 0;
  } else {
    require_memory(private_als_memory(data.contributions, items, als, threads),
                   fmt::format("als: a private model of {} factors, {} items", als.als.dim, items).c_str());
    Progress progress("als", embed.common);
    fitted = fit_private_als(data.contributions, items, als, threads,
                             [&](int epoch) { progress.update(epoch, epochs, "epochs"); });
    progress.clear();
  }
  Artefact artefact = private_als_artefact(described, std::move(data.public_part.items), std::move(fitted));
  plan.write(artefact.meta);
  tell_privacy(privacy, private_als_mechanism(als, items), artefact, report);
  write_model(artefact, embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace rec
