#include "score/training_loop.h"

#include <chrono>

namespace rec {

TrainingResult train(const TrainingSteps& steps, const TrainingOptions& options, const Validation* validation,
                     const std::function<void(const TrainingRecord&)>& record) {
  TrainingResult result;
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    TrainingRecord line;
    line.epoch = epoch;
    const auto start = std::chrono::steady_clock::now();
    steps.epoch();
    line.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (options.objective) line.objective = steps.objective();
    if (validation == nullptr) {
      result.best_epoch = epoch;
      record(line);
      continue;
    }
    Model model(steps.artefact());
    line.metric = validation->evaluate(model, options.threads);
    record(line);
    if (result.best_epoch == 0 || line.metric > result.best_metric) {
      result.best_epoch = epoch;
      result.best_metric = line.metric;
      result.artefact = model.artefact();  // shares the tensors
    } else if (epoch - result.best_epoch >= options.patience) {
      result.stopped_early = true;
      break;
    }
  }
  if (validation == nullptr) result.artefact = steps.artefact();
  result.artefact.meta["epochs"] = std::to_string(result.best_epoch);
  return result;
}

}  // namespace rec
