// rec-embed pop: popularity, of late or by category.
#include <algorithm>
#include <optional>

#include "base/error.h"
#include "cli/run_main.h"
#include "data/decay.h"
#include "data/overlap.h"
#include "embed/embed.h"
#include "embed/held_out.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/common/popularity.h"
#include "models/popularity/category_popularity.h"
#include "privacy/private_sums.h"

namespace rec {
namespace {

struct PopCommand {
  EmbedOptions embed;
  HeldOutOptions held_out;
  Duration half_life;
  std::optional<TimeField> now;
  std::string features;
  std::string category;
  double smoothing = 10.0;
  uint32_t min_users = 0;
  PrivacyOptions privacy;
};

void add_options(OptionTable& table, PopCommand& options) {
  table
      .add("--half-life", options.half_life, "T",
           "Halve the weight of a user with each T of age: as 30d (s, m, h, d, w), or a number in the unit of the "
           "timestamps")
      .above(0)
      .none(0);
  table.add("--now", options.now, "T", "The time from which ages are counted, a number or a date")
      .default_text("the newest timestamp")
      .needs("--half-life", [&options] { return options.half_life.amount > 0; });
  const auto has_features = [&options] { return !options.features.empty(); };
  table.add("--item-features", options.features, "FILE", "Features of items: popularity within each user's categories")
      .reads();
  table.add("--category", options.category, "KIND", "Which kind of features are the categories")
      .default_text("the only one")
      .needs("--item-features", has_features);
  table
      .add("--smoothing", options.smoothing, "S",
           "Smoothing: the categories of all users count like S items of the history")
      .above(0)
      .needs("--item-features", has_features);
  table
      .add("--min-users", options.min_users, "K",
           "Leave out items with fewer than K users, and count them: k-anonymity, which is no differential privacy")
      .at_least(1)
      .none(0)
      .excludes("--item-features");
  add_held_out_options(table, options.held_out);
  options.privacy.describe(table, {"--half-life", "--item-features", "--min-users", "--valid"});
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable&, PopCommand& options) {
  if ((options.features == "-") + (options.held_out.valid == "-") + options.embed.reads_stdin() > 1)
    fail_usage("stdin (-) is used for more than one input");
  if (options.privacy.items == "-" && options.embed.reads_stdin())
    fail_usage("stdin (-) is used for more than one input");
  check_held_out_options(options.held_out, options.embed);
  options.privacy.check();
}

const FeatureKind& kind_of(const FeatureTable& features, const std::string& name) {
  if (!name.empty()) return features.kind(name);
  if (features.kinds.size() != 1)
    fail("{}: features of {} kinds; say which by --category", features.name, features.kinds.size());
  return features.kinds.front();
}

// Counts that nobody's rows can be read from. Below 0 they are 0.
int run_private_pop(PopCommand& options) {
  PrivacyOptions& privacy = options.privacy;
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  const PrivateData data = load_private(options.embed, privacy, report);
  const double sensitivity = count_sensitivity(privacy.max_per_user);
  std::vector<float> counts;
  for (const double count : private_counts(data.contributions, data.public_part.items.size(),
                                           NoiseGrid::for_noise(privacy.multiplier(), sensitivity), privacy.seed))
    counts.push_back(static_cast<float>(std::max(count, 0.0)));
  Artefact artefact = fit_popularity(data.public_part, counts);
  tell_privacy(privacy, fmt::format("users of each item, sensitivity {:.4f}", sensitivity), artefact, report);
  write_model(artefact, options.embed, out);
  report.finish();
  return kExitDone;
}

// Without the rows of items that have fewer than `least` users.
Interactions with_users(const Interactions& data, uint32_t least, const std::string& name, int threads,
                        const Report& report) {
  const std::vector<float> users =
      item_counts(csr_by_user(data, {}, PairWeight::kSum, threads), data.items.size(), threads);
  Interactions kept;
  kept.users = data.users;
  kept.dates = data.dates;
  kept.rounded_times = data.rounded_times;
  std::vector<uint32_t> number(data.items.size(), kNoId);
  for (uint32_t item = 0; item < data.items.size(); ++item) {
    if (users[item] >= static_cast<float>(least)) number[item] = kept.items.intern(data.items[item]);
  }
  if (kept.items.size() == 0) fail("{}: no item has the {} users that --min-users asks for", name, least);
  for (size_t row = 0; row < data.size(); ++row) {
    if (number[data.item[row]] == kNoId) continue;
    kept.user.push_back(data.user[row]);
    kept.item.push_back(number[data.item[row]]);
    if (!data.value.empty()) kept.value.push_back(data.value[row]);
    if (!data.timestamp.empty()) kept.timestamp.push_back(data.timestamp[row]);
    if (!data.timestamp_rest.empty()) kept.timestamp_rest.push_back(data.timestamp_rest[row]);
  }
  const size_t left_out = data.items.size() - kept.items.size();
  if (left_out > 0)
    report.note(fmt::format("{} of {} items left out: fewer than {} users", left_out, data.items.size(), least));
  return kept;
}

int run_pop(PopCommand& options) {
  if (options.privacy.given()) return run_private_pop(options);
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output, options.embed.common.sync);
  const int threads = options.embed.common.jobs();
  WantedColumns wanted;
  wanted.timestamp = options.half_life.amount > 0;
  wanted.timestamp_for = "--half-life";
  LoadedInteractions loaded = load_interactions(options.embed, wanted, report);
  if (options.min_users > 0)
    loaded.data = with_users(loaded.data, options.min_users, options.embed.input_names(), threads, report);
  const Interactions& data = loaded.data;
  const Csr by_user = csr_by_user(data, {}, PairWeight::kSum, threads);
  std::vector<float> counts;
  if (options.half_life.amount > 0) {
    resolve_decay(
        data, options.half_life, options.now, [&](const std::string& text) { report.note(text); },
        [&](const std::string& text) { report.warning(text); });
    const auto now = options.now ? std::optional<double>(options.now->time.value) : std::nullopt;
    counts = item_counts(data, by_user, decay_weights(data.timestamp, options.half_life.amount, now));
  } else {
    counts = item_counts(by_user, data.items.size(), threads);
  }
  const std::unique_ptr<Validation> validation = read_held_out(options.held_out, options.embed, data, by_user, report);
  Artefact artefact;
  if (options.features.empty()) {
    artefact = fit_popularity(data, counts);
    if (options.min_users > 0) artefact.meta["min-users"] = std::to_string(options.min_users);
  } else {
    const FeatureTable features = read_item_features(options.features, options.embed.common.side_options());
    report.bad_lines(features.bad_lines, features.name);
    if (const std::string unused = features.unused_columns(false); !unused.empty()) report.note(unused);
    const std::string text = unmet(IdKind::kItem, {.name = features.name, .users = {}, .items = {&features.ids}},
                                   {.name = options.embed.input_names(), .users = {}, .items = {&data.items}});
    if (!text.empty()) fail("{}", text);
    const FeatureKind& kind = kind_of(features, options.category);
    artefact = fit_category_popularity(data, by_user, counts, features.ids, kind, options.smoothing);
  }
  write_model(with_metric(std::move(artefact), validation.get(), options.embed.common.jobs(), report), options.embed,
              out);
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_pop(const EmbedTool& tool) {
  embed_command<PopCommand>(tool, "pop", "Popularity: items by their number of users; recent, or by category",
                            add_options, check_options, run_pop);
}

}  // namespace rec
