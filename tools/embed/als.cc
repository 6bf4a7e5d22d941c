// rec-embed als: implicit-feedback matrix factorisation.
#include "base/error.h"
#include "cli/run_main.h"
#include "data/artefact_rows.h"
#include "data/decay.h"
#include "embed/als_command.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "io/output.h"

namespace rec {
namespace {

WantedColumns wanted_columns(const AlsCommand& options) {
  WantedColumns wanted;
  wanted.value = options.als.als.confidence != Confidence::kNone;
  wanted.value_for = "--confidence";
  wanted.no_negative = true;
  wanted.timestamp = options.als.als.half_life.amount > 0;
  wanted.timestamp_for = "--half-life";
  wanted.weight = options.embed.weights;
  wanted.may_be_empty = options.side.has_value();
  return wanted;
}

int run_training(const AlsCommand& options) {
  return run_epochs(
      "als", options.embed, options.fit, wanted_columns(options), [&](Interactions& data, const FitEvents& events) {
        TrainingPlan plan =
            plan_als(data, options.als,
                     read_side_features(options.als.als.features, options.fit.side, options.fit.threads, data, events),
                     options.fit.threads, events);
        if (options.fit.valid.empty()) data.drop_rows();  // the pairs say it all, but for held-out rows
        return plan;
      });
}

int run_side(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  const LoadedInteractions loaded = load_interactions(options.embed, wanted_columns(options), report);
  const bool users = options.side == AlsHalf::kUsers;
  AlsPart part;
  try {
    AlsOptions als = options.als.als;
    if (als.half_life.amount > 0)
      resolve_decay(
          loaded.data, als.half_life, als.now, [&](const std::string& text) { report.note(text); },
          [&](const std::string& text) { report.warning(text); });
    part = als_part(loaded.data, *options.side, *options.als.init, als, options.fit.threads);
  } catch (const Error& error) {
    fail("{}: {}", options.als.init_name, error.what());
  }
  if (part.unknown_pairs > 0) {
    report.note(fmt::format("{} pairs with {} that {} lacks are left out, and {} {} without any other",
                            part.unknown_pairs, users ? "an item" : "a user", options.als.init_name, part.empty_rows,
                            users ? "users" : "items"));
  }
  write_rows(part.rows, users ? RowKind::kUser : RowKind::kItem, out, options.fit.threads);
  out.finish();
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_als(const EmbedTool& tool) {
  auto options = std::make_shared<AlsCommand>();
  set_host(options->embed, tool.host);
  options->embed.takes_weights = true;
  Command& command = tool.command.add_command("als", "Implicit-feedback matrix factorisation (iALS)");
  add_als_options(command.options(), *options);
  add_embed_options(command.options(), options->embed);
  command.on_read([options, &command] { adopt_init(command.options(), *options); });
  command.on_run([options, &command] {
    check_als_options(command.options(), *options);
    return options->side ? run_side(*options) : run_training(*options);
  });
}

}  // namespace rec
