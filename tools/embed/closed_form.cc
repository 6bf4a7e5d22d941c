#include "embed/closed_form.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/memory.h"
#include "cli/run_main.h"
#include "data/pair_means.h"
#include "embed/feature_tables.h"

namespace rec {
namespace {

FitEvents events_of(const Report& report) {
  return {.warning = [&report](const std::string& text) { report.warning(text); },
          .note = [&report](const std::string& text) { report.note(text); },
          .detail = [&report](const std::string& text) { report.detail(text); },
          .bad_lines = [&report](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
          .epoch = {}};
}

}  // namespace

void add_closed_form_options(OptionTable& table, ClosedFormOptions& options) {
  describe_confidence(table, options.weight.confidence, options.weight.scale);
  add_held_out_options(table, options.held_out);
  add_embed_options(table, options.embed);
}

void check_closed_form_options(const ClosedFormOptions& options) {
  check_held_out_options(options.held_out, options.embed);
  if ((options.held_out.valid == "-") + options.embed.reads_stdin() + options.features.stdins() > 1)
    fail_usage("stdin (-) is used for more than one input");
}

int run_closed_form(const ClosedForm& step, const ClosedFormOptions& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output,
             options.embed.common.sync);  // opened first: what cannot be written is not trained
  WantedColumns wanted;
  wanted.value = options.weight.confidence != Confidence::kNone;
  wanted.value_for = "--confidence";
  wanted.no_negative = true;
  wanted.timestamp = options.decays;
  wanted.timestamp_for = "--half-life";
  wanted.weight = options.embed.weights;
  LoadedInteractions loaded = load_interactions(options.embed, wanted, report);
  const FitEvents events = events_of(report);
  const std::vector<FeatureTable> features =
      read_feature_tables(options.features, IdKind::kItem, options.embed.common.side_options(),
                          options.embed.common.jobs(), loaded.data, events);
  Csr by_user = csr_by_user(loaded.data, loaded.data.value, PairWeight::kSum, options.embed.common.jobs());
  for (float& value : by_user.weight) value = confidence_weight(options.weight.confidence, options.weight.scale, value);
  const std::unique_ptr<Validation> validation =
      read_held_out(options.held_out, options.embed, loaded.data, by_user, report);
  const int threads = options.embed.common.jobs();
  const size_t items = loaded.data.items.size();
  Csr learnt;
  if (!loaded.data.weight.empty()) learnt = times_roots(by_user, pair_weights(loaded.data, threads));
  const Csr& own_rows = learnt.begin.empty() ? by_user : learnt;
  Csr joined;
  SideFeatures side;
  if (!features.empty()) {
    side = fit_side(options.features, IdKind::kItem, features, loaded.data, events);
    joined = with_features(own_rows, side.rows, side.map.size());
  }
  const TrainingTables tables{loaded.data, by_user, features.empty() ? own_rows : joined,
                              features.empty() ? nullptr : &side};
  const uint64_t bytes = step.memory(tables, threads);
  report.detail(fmt::format("{} distinct pairs; training takes {:.1f} MiB beside the rows read", by_user.entries(),
                            static_cast<double>(bytes) / 1048576.0));
  require_memory(bytes, fmt::format("{}: a model of {} users and {} items", step.name, by_user.rows(), items).c_str());
  const auto start = std::chrono::steady_clock::now();
  Artefact artefact = step.fit(tables, threads, report);
  if (!features.empty()) write_options(options.features, artefact.meta);
  report.detail(fmt::format("trained in {:.3f} s",
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()));
  artefact = with_metric(std::move(artefact), validation.get(), threads, report);
  write_model(artefact, options.embed, out);
  report.finish();
  return kExitDone;
}

void say_left_out(const Neighbours& neighbours, int kept, const Report& report) {
  if (neighbours.left_out == 0.0) return;
  report.note(
      fmt::format("--neighbours {} leaves out {:.3g} % of the squared weights", kept, 100.0 * neighbours.left_out));
}

}  // namespace rec
