// rec-embed pop: popularity.
#include "cli/run_main.h"
#include "embed/embed.h"
#include "io/output.h"
#include "models/popularity.h"

namespace rec {
namespace {

int run_pop(const EmbedOptions& options) {
  const Report report("rec-embed", options.common);
  Output out(options.common.output);
  const LoadedInteractions loaded = load_interactions(options, {}, report);
  write_model(fit_popularity(loaded.data, csr_by_user(loaded.data, {})), options, out);
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_pop(CLI::App& app) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App* command = app.add_subcommand("pop", "Popularity: items by their number of users");
  add_embed_options(*command, *options);
  return {command, [options] { return run_pop(*options); }};
}

}  // namespace rec
