#include "embed/als_command.h"

#include "base/error.h"
#include "embed/epochs.h"
#include "embed/private_als.h"

namespace rec {
namespace {

// What --half-epoch and --statistics-only, `flag`, have in common: a part of the data is solved against a model.
void check_part(const AlsCommand& options, const char* flag) {
  if (options.init_path.empty()) fail_usage("{} needs --init", flag);
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    if (options.init != nullptr && has_feature_map(*options.init, of))
      fail_usage("{} does not apply to {}, which was trained with features", flag, options.als.init_name);
  }
  if (options.als.als.half_life.amount > 0 && !options.als.als.now)
    fail_usage("{} with a half-life needs --now: a part does not know the newest timestamp", flag);
}

void check_side(const OptionTable& table, const AlsCommand& options) {
  for (const char* name : {"--epochs", "--valid", "--log", "--checkpoint", "--item-features", "--user-features"}) {
    if (table.given(name)) fail_usage("{} does not apply to --half-epoch", name);
  }
  check_part(options, "--half-epoch");
  if (encoding_for(options.embed.common.output) == Encoding::kSafetensors)
    fail_usage("--half-epoch writes rows, not a model: {}", options.embed.common.output);
}

// What --statistics-only makes of a private training.
void check_plan(const OptionTable& table, const AlsCommand& options) {
  const std::string& name = options.als.init_name;
  if (!options.plan) {
    if (options.privacy.given())
      fail_usage("--dp-epsilon: {} is not of a private training; rec-embed als --dp-start begins one", name);
    return;
  }
  for (const char* option : {"--confidence", "--half-life", "--weights"}) {
    if (table.given(option)) fail_usage("{} does not apply to {}, a model of private als", option, name);
  }
  if (options.privacy.given()) {
    check_noise_options(*options.plan, *options.privacy.epsilon,
                        table.given("--dp-delta") ? std::optional(options.privacy.delta) : std::nullopt, name);
  }
}

}  // namespace

void add_als_options(OptionTable& table, AlsCommand& options) {
  options.als.als.describe(table);
  {
    const OptionTable::Section section(table, "Parts");
    table.add("--init", options.init_path, "MODEL", "Start from this als model, with its options where none are given")
        .reads_model();
    table.one_of<std::optional<AlsHalf>, AlsHalf>(
        "--half-epoch", options.side, {{"user", AlsHalf::kUsers}, {"item", AlsHalf::kItems}},
        "Compute half an epoch: the users (items) of the input, with the items "
        "(users) of --init fixed; write rows for rec-model join");
  }
  add_epoch_options(table, options.fit);
  // What looks at the data without noise, or weighs rows beyond a bound.
  options.privacy.describe(table, {"--block", "--init-power-iterations", "--half-epoch", "--item-features",
                                   "--item-vectors", "--user-features", "--user-vectors", "--confidence", "--weights",
                                   "--half-life", "--checkpoint", "--valid", "--log", "--tensorboard"});
  const auto is_private = [&options] { return options.privacy.given(); };
  table.heading("Privacy");
  table
      .choice("--dp-left-side", options.private_left, kPrivateLeftNames,
              "Left side of the linear system of an item in a private model. shared: the share of the item in all "
              "users; own: a sum with noise of its own")
      .needs("--dp-epsilon", is_private);
  table
      .flag("--dp-start", options.private_start,
            "Write the start of a private training for parties that do not share rows, and read no interactions")
      .needs("--dp-epsilon", is_private)
      .excludes("--dp-seed")
      .excludes("FILE")
      .excludes("--columns")
      .not_in_model();
  table.heading("");
  add_embed_options(table, options.embed);
  const std::vector<std::string> of_sums{"--init",       "--unobserved-weight",
                                         "--reg",        "--reg-exponent",
                                         "--confidence", "--confidence-scale",
                                         "--half-life",  "--now",
                                         "--weights",    "FILE",
                                         "--columns",    "--header-rows",
                                         "--csv",        "--delimiter",
                                         "--bad-lines",  "--dp-epsilon",
                                         "--dp-delta",   "--dp-seed"};
  options.statistics.describe(
      table, [&](const Option& option) { return is_one_of(option, of_sums); }, [](const Option&) { return false; });
}

void adopt_init(const OptionTable& table, AlsCommand& options) {
  check_epoch_files(options.fit, options.embed, size_t{options.init_path == "-"} + options.als.als.features.stdins());
  if (options.init_path.empty()) return;
  AlsOptions& als = options.als.als;
  als.check();
  options.init = std::make_unique<Artefact>(read_artefact(options.init_path, options.embed.common.jobs()));
  Artefact& init = *options.init;
  const std::string name = input_name(options.init_path);
  const auto model = init.meta.find("model");
  if (model == init.meta.end() || model->second != "als") fail("{}: not a model of rec-embed als", name);
  init.items.index();
  init.users.index();
  if (table.given("--init-power-iterations"))
    fail_usage("--init-power-iterations does not apply to --init, which is the start");
  const int asked = als.dim;
  try {
    read_options(init.meta, als, [&](const Option& option) {
      return option.long_name() == "dim" || (option.long_name() != "epochs" && !table.given(option.flag()));
    });
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  if (table.given("--dim") && als.dim != asked)
    fail_usage("--dim: the model of --init has {} factors, expected {}", als.dim, asked);
  if (options.statistics.only) options.plan = private_als_plan(init.meta, name);
  options.als.init = &init;
  options.als.init_name = name;
}

void check_als_options(const OptionTable& table, AlsCommand& options) {
  options.als.als.check();
  check_epoch_options(table, options.embed, options.als.als.epochs, options.fit);
  if (options.privacy.given() && !options.statistics.only) {
    if (!options.init_path.empty()) fail_usage("--dp-epsilon excludes --init, but for --statistics-only");
    if (options.privacy.items == "-" && !options.private_start && options.embed.reads_stdin())
      fail_usage("stdin (-) is used for more than one input");
    options.privacy.check();
    if (!table.given("--dim")) options.als.als.dim = kPrivateDim;
    if (!table.given("--epochs")) options.als.als.epochs = kPrivateEpochs;
    option_needs(table, "--dp-epsilon", "--epochs above 0", options.als.als.epochs > 0);
  }
  if (options.side) check_side(table, options);
  if (options.statistics.only) {
    check_part(options, "--statistics-only");
    check_plan(table, options);
  }
}

}  // namespace rec
