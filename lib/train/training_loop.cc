#include "train/training_loop.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "train/checkpoint.h"

namespace rec {

TrainingResult train(Trainer& trainer, const TrainingOptions& options, const Validation* validation,
                     const std::function<void(const TrainingRecord&)>& record) {
  TrainingResult result;
  Checkpoint now;
  if (options.resume && ::access(options.checkpoint.c_str(), F_OK) == 0) {
    now = read_checkpoint(options.checkpoint, options.threads);
    check_same_run(now, {trainer.artefact().meta, trainer.learnt_keys(), options.run}, options.checkpoint);
    trainer.restore(now.state);
    result.resumed_after = now.epoch;
  }
  now.run = options.run;
  const InterruptGuard interrupts;
  const auto stops = [&] {
    return validation != nullptr && now.best_epoch > 0 && now.epoch - now.best_epoch >= options.patience;
  };
  while (now.epoch < options.epochs && !stops()) {
    TrainingRecord line;
    line.epoch = ++now.epoch;
    line.most = options.epochs;
    const auto start = std::chrono::steady_clock::now();
    try {
      trainer.epoch();
    } catch (const Error& error) {  // it diverged
      if (options.checkpoint.empty() || now.epoch == 1) throw;
      fail("{}; {} holds epoch {}", error.what(), options.checkpoint, now.epoch - 1);
    }
    line.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (options.objective) line.objective = trainer.objective();
    Artefact model;
    if (validation != nullptr) {
      Model whole(trainer.artefact());
      line.metric = validation->evaluate(whole, options.threads);
      model = whole.artefact();  // shares the tensors
      const bool better = now.best_epoch == 0 || validation->is_better(line.metric, now.best_metric);
      trainer.validated(better);
      if (better) {
        now.best_epoch = now.epoch;
        now.best_metric = line.metric;
        now.best = model;
      }
    }
    record(line);
    if (!options.checkpoint.empty()) {
      now.state = validation != nullptr ? std::move(model) : trainer.artefact();
      trainer.add_state(now.state);
      write_checkpoint(now, options.checkpoint, options.threads, options.sync);
      now.state = {};
    }
    if (interrupts.interrupted()) {
      const std::string resume = options.checkpoint.empty() ? ""
                                                            : fmt::format("{} holds epoch {}, --resume goes on from it",
                                                                          options.checkpoint, now.epoch);
      if (validation == nullptr) {
        throw Interrupted(resume.empty() ? fmt::format("interrupted in epoch {}: nothing written", now.epoch)
                                         : "interrupted: " + resume);
      }
      result.interrupted = fmt::format("interrupted in epoch {}: the model is that of epoch {}, the best so far{}{}",
                                       now.epoch, now.best_epoch, resume.empty() ? "" : "; ", resume);
      break;
    }
  }
  result.stopped_early = now.epoch < options.epochs;
  result.most = options.epochs;
  result.best_epoch = validation != nullptr ? now.best_epoch : now.epoch;
  result.best_metric = now.best_metric;
  result.artefact = !now.best.tensors().empty() ? now.best : trainer.take();
  result.artefact.meta["epochs"] = std::to_string(result.best_epoch);
  if (validation != nullptr) validation->write(result.best_metric, result.artefact);
  return result;
}

}  // namespace rec
