#include "embed/private_als.h"

#include <fmt/format.h>

#include <utility>

#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/common/popularity.h"
#include "train/private_als.h"

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
  privacy.releases = private_als_releases(epochs);
  PrivateAlsOptions als{.als = options.als.als.resolved(items),
                        .clip = options.clip,
                        .max_per_user = privacy.max_per_user,
                        .multiplier = privacy.multiplier(),
                        .seed = privacy.seed};
  als.als.block = 0;
  require_memory(private_als_memory(data.contributions, items, static_cast<size_t>(als.als.dim), threads),
                 fmt::format("als: a private model of {} factors, {} items", als.als.dim, items).c_str());
  Progress progress("als", embed.common);
  PrivateAls fitted = fit_private_als(data.contributions, items, als, threads, [&](int epoch) {
    progress.update(epoch, epochs, "epochs");
  });
  progress.clear();
  Artefact artefact;
  describe_model(als.als, artefact.meta);
  artefact.meta["dp-clip"] = fmt::format("{}", options.clip);
  artefact.items = std::move(data.public_part.items);
  artefact.take("items.factors", std::move(fitted.items));
  artefact.add(kItemCounts, fitted.counts);
  tell_privacy(
      privacy,
      fmt::format("{} sums, each with noise of its own: users of each item; and in each of {} epochs a "
                  "Gramian, and the left and the right sides of items' systems, of users' vectors of length {} "
                  "at most",
                  privacy.releases, epochs, options.clip),
      artefact, report);
  write_model(artefact, embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace rec
