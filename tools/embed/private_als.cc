#include "embed/private_als.h"

#include <fmt/format.h>

#include <utility>

#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/common/popularity.h"
#include "privacy/accountant.h"

namespace rec {

int run_private_als(AlsCommand& options) {
  PrivacyOptions& privacy = options.privacy;
  const EmbedOptions& embed = options.embed;
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);
  PrivateData data = load_private(embed, privacy, report);
  const size_t items = data.public_part.items.size();
  const int threads = embed.common.jobs();
  const int epochs = options.als.als.epochs;
  PrivateAlsOptions als{.als = options.als.als.resolved(items),
                        .left = options.private_left,
                        .max_per_user = privacy.max_per_user,
                        .multiplier = noise_multiplier(*privacy.epsilon, privacy.delta,
                                                       private_als_releases(epochs, options.private_left)),
                        .seed = privacy.seed};
  als.als.block = 0;
  require_memory(private_als_memory(data.contributions, items, static_cast<size_t>(als.als.dim), threads),
                 fmt::format("als: a private model of {} factors, {} items", als.als.dim, items).c_str());
  Progress progress("als", embed.common);
  PrivateAls fitted = fit_private_als(data.contributions, items, als, threads,
                                      [&](int epoch) { progress.update(epoch, epochs, "epochs"); });
  progress.clear();
  const bool own = options.private_left == PrivateLeft::kOwn;
  Artefact artefact;
  describe_model(als.als, artefact.meta);
  artefact.meta["dp-left-side"] = own ? "own" : "shared";
  artefact.items = std::move(data.public_part.items);
  artefact.take("items.factors", std::move(fitted.items));
  artefact.add(kItemCounts, fitted.counts);
  const PrivateAlsNoise noise(als, items);
  tell_privacy(privacy,
               fmt::format("users of each item and, in {} epoch{}, the Gramian and the right{} sides of items' "
                           "systems, of users' vectors of length 1, with sensitivities {:.4f}, {:.4f} and {:.4f} and "
                           "noise of {:.4f}, {:.4f} and {:.4f} times these, as private as one sum",
                           epochs, epochs == 1 ? "" : "s", own ? " and left" : "", noise.counts.sensitivity(),
                           noise.gram.sensitivity(), noise.right.sensitivity(), kNoiseOfCounts * als.multiplier,
                           kNoiseOfGram * als.multiplier, als.multiplier),
               artefact, report);
  write_model(artefact, embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace rec
