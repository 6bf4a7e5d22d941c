// The plan of a training whose model knows users only by their histories. For one thread.
#pragma once

#include <memory>
#include <string>

#include "train/fit.h"

namespace rec {

// By a HistoryTrainer(data, options, threads) with a static memory(data, options, threads).
// what: "a pool of 64 factors", for messages. parameters, item_values: how many are learnt
// beside the items' vectors, and in them. data and options are held until the trainer is
// made; data as long as it is used.
template <class HistoryTrainer, class Options>
TrainingPlan plan_histories(const std::string& what, size_t parameters, size_t item_values, const Options& options,
                            const Interactions& data, int threads) {
  return {.by_user = csr_by_user(data, {}),
          .what = fmt::format("{} over {} items", what, data.items.size()),
          .size = fmt::format("{} parameters beside the items' {}", parameters, item_values),
          .memory = HistoryTrainer::memory(data, options, threads),
          .make = [&, threads](Csr) { return std::make_unique<HistoryTrainer>(data, options, threads); }};
}

}  // namespace rec
