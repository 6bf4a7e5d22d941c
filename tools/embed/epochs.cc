#include "embed/epochs.h"

#include "base/error.h"
#include "cli/run_main.h"
#include "io/output.h"
#include "models/sgd/run_size.h"

namespace rec {

void add_epoch_options(OptionTable& table, FitOptions& fit, const std::string& metric_help) {
  const OptionTable::Section section(table, "Validation and progress");
  const auto validates = [&fit] { return !fit.valid.empty(); };
  table.add("--checkpoint", fit.checkpoint, "FILE", "After each epoch, replace this file by all that --resume needs")
      .writes();
  table.flag("--resume", fit.resume, "Continue from --checkpoint, if the file exists").needs("--checkpoint", [&fit] {
    return !fit.checkpoint.empty();
  });
  table.add("--valid", fit.valid, "FILE", "Held-out interactions: write the model of the epoch that is best on them")
      .reads();
  table
      .add("--metric", fit.metric, "NAME",
           !metric_help.empty() ? metric_help
           : fit.values         ? "Metric for --valid: rmse, mse or mae of predictions, or a ranking metric"
                                : "Ranking metric of --valid, over all items except those of training")
      .needs("--valid", validates);
  table.add("--patience", fit.patience, "N", "Stop after N epochs in a row without a better metric")
      .range(1, 1000000)
      .needs("--valid", validates);
  table.add("--log", fit.log, "FILE", "Write a TSV line for each epoch: epoch, seconds, objective, metric").writes();
  table.add("--tensorboard", fit.tensorboard, "DIR", "Write events for TensorBoard to a new file in DIR");
}

void check_epoch_files(const FitOptions& fit, const EmbedOptions& embed, size_t other_stdins) {
  if (size_t{fit.valid == "-"} + size_t{embed.reads_stdin()} + other_stdins > 1)
    fail_usage("stdin (-) is used for more than one input");
  if (fit.checkpoint == "-") fail_usage("--checkpoint: expected a file");
}

void check_epoch_options(const OptionTable& table, const EmbedOptions& embed, int epochs, FitOptions& fit,
                         bool check_metric) {
  option_needs(table, "--valid", "--epochs above 0", epochs > 0);
  const Metric metric = parse_metric(fit.metric);
  if (check_metric && metric.info->kind != MetricKind::kRanking && !(fit.values && is_error_of_values(metric)))
    fail_usage("--metric: {} is {}", fit.metric,
               fit.values ? "neither rmse, mse or mae nor a ranking metric" : "not a ranking metric");
  fit.objective = embed.common.verbose;
  fit.side = embed.common.side_options();
  fit.threads = embed.common.jobs();
  fit.sync = embed.common.sync;
}

std::string tell_run_size(size_t examples, int batch, int epochs, const char* what, const FitEvents& events) {
  events.detail(fmt::format("{} epochs of {} steps, {} {} each", epochs, steps_of(examples, batch), batch, what));
  const size_t steps = steps_of(examples, batch) * static_cast<size_t>(epochs);
  if (epochs == 0 || steps >= kFewSteps) return "";
  return fmt::format("{} step{} may be too few to learn from: more --epochs or a smaller --batch make more", steps,
                     steps == 1 ? "" : "s");
}

int run_epochs(const char* name, const EmbedOptions& embed, const FitOptions& fit, const WantedColumns& wanted,
               const std::function<TrainingPlan(Interactions& data, const FitEvents& events)>& plan) {
  LoadedInteractions loaded;
  return run_epochs(
      name, embed, fit,
      [&](const Report& report) -> const Interactions& {
        loaded = load_interactions(embed, wanted, report);
        return loaded.data;
      },
      [&](const FitEvents& events) { return plan(loaded.data, events); });
}

int run_epochs(const char* name, const EmbedOptions& embed, const FitOptions& fit,
               const std::function<const Interactions&(const Report& report)>& load,
               const std::function<TrainingPlan(const FitEvents& events)>& plan) {
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);  // opened first: what cannot be written is not trained
  const Interactions& data = load(report);
  Progress progress(name, embed.common);
  const FitEvents events{.warning = [&](const std::string& text) { report.warning(text); },
                         .note = [&](const std::string& text) { report.note(text); },
                         .detail = [&](const std::string& text) { report.detail(text); },
                         .bad_lines = [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
                         .epoch =
                             [&](const TrainingRecord& record) {
                               progress.update(record.epoch, record.most, "epochs");
                               if (embed.host != nullptr) embed.host->epoch(record);
                             }};
  const TrainingResult result = rec::fit(data, plan(events), fit, events);
  progress.clear();
  if (!fit.valid.empty()) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, result.most, fit.metric,
                            result.best_metric));
  }
  write_model(result.artefact, embed, out);
  if (!result.interrupted.empty()) throw Interrupted(result.interrupted);
  report.finish();
  return kExitDone;
}

}  // namespace rec
