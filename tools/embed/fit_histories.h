// Training of the models that know a user by nothing but a history.
#pragma once

#include <memory>

#include "base/memory.h"
#include "train/fit.h"

namespace rec {

// By a Trainer(data, model, threads): says what it takes, looks for the memory, trains.
// what: "a pool of 64 factors"; parameters, item_values: what is learnt.
template <class Trainer, class Model>
TrainingResult fit_histories(const std::string& what, size_t parameters, size_t item_values, const Model& model,
                             const FitOptions& options, const Interactions& data, const FitEvents& events) {
  const uint64_t memory = Trainer::memory(data, model, options.threads);
  events.detail(fmt::format("{} parameters beside the items' {}; training takes {:.1f} MiB beside the rows read",
                            parameters, item_values, static_cast<double>(memory) / 1048576.0));
  require_memory(memory, fmt::format("{} over {} items", what, data.items.size()).c_str());
  std::unique_ptr<Trainer> trainer;
  return fit(data, csr_by_user(data, {}), options, events, [&] {
    trainer = std::make_unique<Trainer>(data, model, options.threads);
    TrainingSteps steps;
    steps.epoch = [&] { trainer->epoch(); };
    steps.objective = [&] { return trainer->objective(); };
    steps.artefact = [&] { return trainer->artefact(data); };
    steps.state = [&] { return trainer->state(data); };
    steps.restore = [&](const Artefact& state) { trainer->restore(state); };
    return steps;
  });
}

}  // namespace rec
