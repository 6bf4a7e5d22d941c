#include "train/fit.h"

#include <optional>
#include <utility>

#include "base/memory.h"
#include "data/digest.h"
#include "data/pair_means.h"
#include "train/event_file.h"
#include "train/training_log.h"

namespace rec {
namespace {

constexpr double kMiB = 1048576.0;

// What the model's own options do not say of a run.
std::map<std::string, std::string> run_of(const Interactions& data, const Csr& by_user, const FitOptions& options,
                                          const Validation* validation) {
  Digest digest;
  digest.add(data.users);
  digest.add(data.items);
  digest.add(std::span<const uint64_t>(by_user.begin));
  digest.add(std::span<const uint32_t>(by_user.index));
  digest.add(std::span<const float>(by_user.weight));
  if (options.histories) {  // the order of the rows matters, too
    const Sequences sequences = by_time(data);
    const std::vector<uint64_t> rows(sequences.row.begin(), sequences.row.end());
    digest.add(std::span<const uint64_t>(rows));
    digest.add(std::span<const uint32_t>(data.item));
    digest.add(std::span<const float>(data.value));
    digest.add(std::span<const double>(data.timestamp));
  }
  if (!data.weight.empty())
    digest.add(std::span<const float>(options.histories ? std::vector<float>(data.weight.begin(), data.weight.end())
                                                        : pair_weights(data)));
  std::map<std::string, std::string> run{{"log", digest.text()}};
  if (validation != nullptr) {
    run["valid"] = validation->digest();
    run["metric"] = options.metric;
    run["patience"] = std::to_string(options.patience);
  }
  return run;
}

}  // namespace

TrainingResult fit(const Interactions& data, TrainingPlan plan, const FitOptions& options, const FitEvents& events) {
  events.detail(fmt::format("{}; training takes {:.1f} MiB beside the rows read", plan.size,
                            static_cast<double>(plan.memory) / kMiB));
  require_memory(plan.memory, plan.what.c_str());
  TrainingOptions training{.epochs = plan.epochs,
                           .patience = options.patience,
                           .threads = options.threads,
                           .sync = options.sync,
                           .checkpoint = options.checkpoint,
                           .resume = options.resume,
                           .run = {}};
  std::unique_ptr<Validation> validation;
  if (!options.valid.empty() && plan.validation) {
    validation = plan.validation();
  } else if (!options.valid.empty()) {
    validation = read_validation({.path = options.valid,
                                  .metric = options.metric,
                                  .read = options.side,
                                  .histories = options.histories,
                                  .threads = options.threads},
                                 data, plan.by_user, events.bad_lines);
  }
  if (validation) {
    for (const std::string& text : validation->warnings) events.warning(text);
    for (const std::string& text : validation->notes) events.note(text);
  }
  if (validation && plan.predicts_next && validation->order.at_random()) {
    events.note(
        fmt::format("{} of {} held-out rows are older than the last training row of their user: this model predicts "
                    "the next item, and only rows held out by time measure it well",
                    validation->order.older, validation->order.rows));
  }
  if (!options.checkpoint.empty()) {
    training.run = run_of(data, plan.by_user, options, validation.get());
    training.run.insert(plan.run.begin(), plan.run.end());
  }
  std::optional<TrainingLog> log;
  if (!options.log.empty()) {
    log.emplace(options.log, validation ? validation->metric_name() : "", options.resume, options.sync);
  }
  training.objective = log || !options.tensorboard.empty() || options.objective;

  const std::unique_ptr<Trainer> trainer = plan.make(std::move(plan.by_user));
  std::optional<EventFile> events_of_run;
  if (!options.tensorboard.empty()) events_of_run.emplace(options.tensorboard, options.sync);
  TrainingResult result = train(*trainer, training, validation.get(), [&](const TrainingRecord& record) {
    events.epoch(record);
    std::string line = fmt::format("{}\t{:.3f}\t{}", record.epoch, record.seconds, record.objective);
    if (validation) line += fmt::format("\t{}", record.metric);
    events.detail("epoch " + line);
    if (log) log->write(record.epoch, line + "\n");
    if (events_of_run) {
      events_of_run->add("objective", record.epoch, record.objective);
      if (validation) events_of_run->add(validation->metric_name(), record.epoch, record.metric);
      if (const double rate = trainer->learning_rate(); rate > 0.0)
        events_of_run->add("learning-rate", record.epoch, rate);
      events_of_run->add("seconds", record.epoch, record.seconds);
      events_of_run->flush();
    }
  });
  if (result.resumed_after > 0)
    events.note(fmt::format("resumed after epoch {} of {}", result.resumed_after, options.checkpoint));
  if (!plan.note.empty()) events.note(plan.note);
  if (validation) {
    if (const std::string note = validation->finish(result.artefact, options.threads); !note.empty()) events.note(note);
  }
  if (log) log->finish();
  if (events_of_run) events_of_run->finish(result.artefact.meta);
  return result;
}

}  // namespace rec
