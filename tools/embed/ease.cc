// rec-embed ease: a linear autoencoder in closed form.
#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/held_out.h"
#include "io/output.h"
#include "models/ease_trainer.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  HeldOutOptions held_out;
  EaseOptions ease;
};

void add_options(CLI::App& command, Options& options) {
  EaseOptions& ease = options.ease;
  command.add_option("--reg", ease.regularization, "L2 regularisation")->type_name("L")->capture_default_str();
  command.add_option("--dropout", ease.dropout, "And that of dropping a share P of the input: P/(1-P) times the item's own weight")
      ->type_name("P")->capture_default_str();
  command.add_option("--user-exponent", ease.user_exponent, "Scale a user's row by its sum to the power of -A")->type_name("A")->capture_default_str();
  command.add_option("--item-exponent", ease.item_exponent, "Scale an item's column by its sum to the power of -B; undone in the weights")
      ->type_name("B")->capture_default_str();
  command.add_option("--neighbours", ease.neighbours, "Weights kept for each item, the largest")->type_name("N")->capture_default_str();
  add_held_out_options(command, options.held_out);
}

int run_ease(const Options& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);  // opened first: what cannot be written is not trained
  const LoadedInteractions loaded = load_interactions(options.embed, {}, report);
  const size_t items = loaded.data.items.size();
  const int threads = options.embed.common.jobs();
  const Csr by_user = csr_by_user(loaded.data, {});
  const std::unique_ptr<Validation> validation = read_held_out(options.held_out, options.embed, loaded.data, by_user, report);
  const uint64_t bytes = ease_memory(by_user.rows(), items, by_user.entries(), options.ease, threads);
  report.detail(fmt::format("{} distinct pairs; {:.1f} MiB to train in", by_user.entries(), static_cast<double>(bytes) / 1048576.0));
  require_memory(bytes, fmt::format("ease: a model of {} items", items).c_str());
  Neighbours neighbours = fit_ease(by_user, items, options.ease, threads);
  say_left_out(neighbours, options.ease.neighbours, report);
  validate_and_write(ease_artefact(loaded.data, by_user, std::move(neighbours), options.ease), validation.get(), options.embed, out, report);
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_ease(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("ease", "Linear autoencoder in closed form (EASE)");
  add_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command] {
            options->ease.check();
            check_held_out_options(*command, options->held_out, options->embed);
            return run_ease(*options);
          }};
}

}  // namespace rec
