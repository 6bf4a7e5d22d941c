// rec-embed als: implicit-feedback matrix factorisation.
#include "base/error.h"
#include "cli/run_main.h"
#include "data/artefact_rows.h"
#include "embed/als_command.h"
#include "io/output.h"

namespace rec {
namespace {

LoadedInteractions load(const AlsCommand& options, const Report& report) {
  WantedColumns wanted;
  wanted.value = options.fit.als.confidence != Confidence::kNone;
  wanted.value_for = "--confidence";
  wanted.timestamp = options.fit.als.half_life > 0;
  wanted.timestamp_for = "--half-life";
  wanted.may_be_empty = options.side.has_value();
  return load_interactions(options.embed, wanted, report);
}

int run_training(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);  // opened first: what cannot be written is not trained
  const LoadedInteractions loaded = load(options, report);
  Progress progress("als", options.embed.common);
  const FitEvents events{[&](const std::string& text) { report.note(text); },
                         [&](const std::string& text) { report.detail(text); },
                         [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
                         [&](const TrainingRecord& record) { progress.update(record.epoch, options.fit.als.epochs, "epochs"); }};
  const TrainingResult result = fit_als(loaded.data, options.fit, events);
  progress.clear();
  if (!options.fit.valid.empty()) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, options.fit.als.epochs,
                            options.fit.metric, result.best_metric));
  }
  write_model(result.artefact, options.embed, out);
  report.finish();
  return kExitDone;
}

int run_side(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);
  const LoadedInteractions loaded = load(options, report);
  const bool users = options.side == AlsHalf::kUsers;
  AlsPart part;
  try {
    part = als_part(loaded.data, *options.side, *options.fit.init, options.fit.als, options.fit.threads);
  } catch (const Error& error) {
    fail("{}: {}", options.fit.init_name, error.what());
  }
  if (part.unknown_pairs > 0) {
    report.note(fmt::format("{} pairs with {} that {} lacks are left out, and {} {} without any other", part.unknown_pairs,
                            users ? "an item" : "a user", options.fit.init_name, part.empty_rows, users ? "users" : "items"));
  }
  write_rows(part.rows, users ? RowKind::kUser : RowKind::kItem, out, options.fit.threads);
  out.finish();
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_als(CLI::App& app) {
  auto options = std::make_shared<AlsCommand>();
  CLI::App* command = app.add_subcommand("als", "Implicit-feedback matrix factorisation (iALS)");
  add_als_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command] {
            const std::unique_ptr<Artefact> init = check_als_options(*command, *options);
            return options->side ? run_side(*options) : run_training(*options);
          }};
}

}  // namespace rec
