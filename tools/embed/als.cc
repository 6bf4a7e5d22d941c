// rec-embed als: implicit-feedback matrix factorisation.
#include <algorithm>
#include <climits>
#include <utility>

#include "base/error.h"
#include "base/memory.h"
#include "cli/run_main.h"
#include "data/artefact_rows.h"
#include "data/decay.h"
#include "data/part_sums.h"
#include "embed/als_command.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "embed/private_als.h"
#include "io/output.h"
#include "models/als/als_sums.h"
#include "privacy/contributions.h"

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

// The options of a part, for which the half-life is in the unit of its timestamps.
AlsOptions options_of_part(const AlsCommand& options, const Interactions& data, const Report& report) {
  AlsOptions als = options.als.als;
  if (als.half_life.amount > 0)
    resolve_decay(
        data, als.half_life, als.now, [&](const std::string& text) { report.note(text); },
        [&](const std::string& text) { report.warning(text); });
  return als;
}

int run_side(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  const LoadedInteractions loaded = load_interactions(options.embed, wanted_columns(options), report);
  const bool users = options.side == AlsHalf::kUsers;
  AlsPart part;
  try {
    part = als_part(loaded.data, *options.side, *options.als.init, options_of_part(options, loaded.data, report),
                    options.fit.threads);
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

// Sums for the next epoch of private als, with noise where that is asked for: then nothing that it prints counts.
AlsSums private_sums(const AlsCommand& options, const AlsOptions& als, const Report& report) {
  const Artefact& init = *options.als.init;
  const int threads = options.fit.threads;
  const bool is_noisy = options.privacy.given();
  const LoadedInteractions loaded = load_interactions(options.embed, {.is_private = is_noisy}, report);
  const Csr contributions = bounded_contributions(loaded.data, init.items, options.plan->max_per_user);
  require_memory(private_als_memory(contributions, init.items.size(), options.plan->options(als), threads),
                 fmt::format("als: sums for {} items of {} factors", init.items.size(), als.dim).c_str());
  AlsSums sums = private_als_part(contributions, init, *options.plan, als, threads);
  if (options.statistics.user_hashes) sums.hashes = user_hashes(loaded.data);
  if (!is_noisy) return sums;
  report.note(private_als_text(sums, *options.plan, options.als.init_name));
  if (options.privacy.seed)
    report.warning("--dp-seed: whoever knows the seed can take the noise away; the sums are not private");
  add_private_noise(sums, *options.plan, options.privacy.seed, options.als.init_name, threads);
  return sums;
}

AlsSums plain_sums(const AlsCommand& options, AlsOptions als, const Report& report) {
  const Artefact& init = *options.als.init;
  const LoadedInteractions loaded = load_interactions(options.embed, wanted_columns(options), report);
  const size_t items = init.items.size();
  require_memory(als_sums_memory(loaded.data.users.size(), items, static_cast<size_t>(als.dim), options.fit.threads),
                 fmt::format("als: sums for {} items of {} factors", items, als.dim).c_str());
  const int epochs = als.epochs;
  als = options_of_part(options, loaded.data, report);
  als.epochs = epochs;
  AlsPartSums part = als_part_sums(loaded.data, init, als, options.fit.threads);
  if (part.unknown_pairs > 0)
    report.note(fmt::format("{} pair{} with an item that {} lacks left out", part.unknown_pairs,
                            part.unknown_pairs == 1 ? "" : "s", options.als.init_name));
  if (options.statistics.user_hashes) part.sums.hashes = user_hashes(loaded.data);
  return std::move(part.sums);
}

int run_sums(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  AlsOptions als = options.als.als;
  als.epochs = std::min(meta_number<int>(*options.als.init, "epochs", options.als.init_name), INT_MAX - 1) + 1;
  AlsSums sums;
  try {
    sums = options.plan ? private_sums(options, als, report) : plain_sums(options, als, report);
  } catch (const Error& error) {
    fail("{}: {}", options.als.init_name, error.what());
  }
  if (!sums.is_noisy())
    report.note(fmt::format("sums over {} user{}, {} items of {} factors", sums.systems.users,
                            sums.systems.users == 1 ? "" : "s", sums.items.size(), als.dim));
  write_model(to_artefact(std::move(sums)), options.embed, out);
  report.finish();
  return kExitDone;
}

int run_of_sums(const AlsCommand& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  const int threads = options.embed.common.jobs();
  report.reading(options.statistics.file);
  const std::string name = input_name(options.statistics.file);
  AlsSums sums = read_als_sums(read_artefact(options.statistics.file, threads), name);
  const auto plan = private_als_plan(sums.options, name);
  if (!sums.is_noisy() && sums.systems.users == 0) fail("{}: no user has an item", name);
  if (plan && !sums.is_noisy())
    fail("{}: sums of private als without noise; rec-model sum --dp-epsilon {} adds it", name, plan->epsilon);
  if (!plan && sums.is_noisy()) fail("{}: noise without the options of private als", name);
  if (plan) {
    report.note(fmt::format("{}: epoch {} of {}, {} items, sums with noise of {} part{}", name, sums.epoch(),
                            plan->epochs, sums.items.size(), sums.releases, sums.releases == 1 ? "" : "s"));
    write_model(private_als_model_of(std::move(sums), *plan, name, threads), options.embed, out);
  } else {
    write_model(als_model_of(sums, name, threads), options.embed, out);
    report.note(fmt::format("{}: sums over {} user{}, {} items", name, sums.systems.users,
                            sums.systems.users == 1 ? "" : "s", sums.items.size()));
  }
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
  command.on_read([options, &command] { adopt_init(command.options(), *options); });
  command.on_run([options, &command] {
    check_als_options(command.options(), *options);
    if (options->statistics.only) return run_sums(*options);
    if (options->privacy.given()) return run_private_als(*options);
    if (!options->statistics.file.empty()) return run_of_sums(*options);
    return options->side ? run_side(*options) : run_training(*options);
  });
}

}  // namespace rec
