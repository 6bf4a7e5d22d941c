#include "embed/epochs.h"

#include <algorithm>

#include "base/error.h"
#include "cli/run_main.h"
#include "io/output.h"
#include "models/sgd/run_size.h"

namespace rec {

void add_epoch_options(CLI::App& command, FitOptions& fit) {
  command.add_option("--checkpoint", fit.checkpoint, "Replace this file after each epoch by all that --resume needs")
      ->type_name("FILE");
  command.add_flag("--resume", fit.resume, "Go on from --checkpoint, if it is there");
  command.add_option("--valid", fit.valid, "Held-out interactions: keep the epoch that is best on them")
      ->type_name("FILE");
  command.add_option("--metric", fit.metric, "Ranking metric for --valid, over all items but those of training")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--patience", fit.patience, "Stop after N epochs that are not better")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command.add_option("--log", fit.log, "Write a TSV line an epoch: epoch, seconds, objective, metric")
      ->type_name("FILE");
}

void check_epoch_files(const FitOptions& fit, const EmbedOptions& embed, const std::vector<std::string>& others) {
  if ((fit.valid == "-") + (embed.input == "-") + std::count(others.begin(), others.end(), "-") > 1) {
    fail_usage("stdin (-) is used for more than one input");
  }
  const std::string& output = embed.common.output;
  if (fit.log == output) fail_usage("--log and --output are the same file: {}", fit.log);
  if (fit.checkpoint.empty()) return;
  if (fit.checkpoint == "-") fail_usage("--checkpoint: expected a file");
  if (fit.checkpoint == output) fail_usage("--checkpoint and --output are the same file: {}", output);
  if (fit.checkpoint == fit.log) fail_usage("--checkpoint and --log are the same file: {}", fit.log);
}

void check_epoch_options(const CLI::App& command, const EmbedOptions& embed, FitOptions& fit) {
  option_needs(command, "--metric", "--valid", !fit.valid.empty());
  option_needs(command, "--patience", "--valid", !fit.valid.empty());
  option_needs(command, "--valid", "--epochs above 0", fit.epochs > 0);
  option_needs(command, "--resume", "--checkpoint", !fit.checkpoint.empty());
  if (parse_metric(fit.metric).info->kind != MetricKind::kRanking)
    fail_usage("--metric: {} is not a ranking metric", fit.metric);
  fit.objective = embed.common.verbose;
  fit.side = embed.common.side_options();
  fit.threads = embed.common.jobs();
}

void tell_run_size(size_t examples, int batch, int epochs, const char* what, const FitEvents& events) {
  events.detail(fmt::format("{} epochs of {} steps, {} {} each", epochs, steps_of(examples, batch), batch, what));
}

void note_few_steps(size_t examples, int batch, int epochs, const FitEvents& events) {
  const size_t steps = steps_of(examples, batch) * static_cast<size_t>(epochs);
  if (epochs > 0 && steps < kFewSteps)
    events.note(fmt::format("{} steps are few to learn from: more --epochs or a smaller --batch make more", steps));
}

int run_epochs(const char* name, const EmbedOptions& embed, const FitOptions& fit, const WantedColumns& wanted,
               const std::function<TrainingResult(const Interactions& data, const FitEvents& events)>& train) {
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output);  // opened first: what cannot be written is not trained
  const LoadedInteractions loaded = load_interactions(embed, wanted, report);
  Progress progress(name, embed.common);
  const FitEvents events{[&](const std::string& text) { report.note(text); },
                         [&](const std::string& text) { report.detail(text); },
                         [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
                         [&](const TrainingRecord& record) { progress.update(record.epoch, record.most, "epochs"); }};
  const TrainingResult result = train(loaded.data, events);
  progress.clear();
  if (!fit.valid.empty()) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, result.most, fit.metric,
                            result.best_metric));
  }
  write_model(result.artefact, embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace rec
