// The plan of a training whose model knows users only by their histories. For one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/common/feature_rows.h"
#include "train/fit.h"

namespace rec {

// By a HistoryTrainer(data, options, threads, features) with a static memory of the same arguments.
// what: "a pool of 64 factors", for messages. parameters, item_values: how many are learnt
// beside the items' vectors, and in them. data and options are held until the trainer is
// made; data as long as it is used.
template <class HistoryTrainer, class Options>
TrainingPlan plan_histories(const std::string& what, size_t parameters, size_t item_values, const Options& options,
                            const Interactions& data, int threads, std::vector<SideFeatures> features) {
  TrainingPlan plan;
  plan.by_user = csr_by_user(data, {}, PairWeight::kSum, threads);
  plan.what = fmt::format("{} over {} items", what, data.items.size());
  plan.size = fmt::format("{} parameters beside the items' {}", parameters, item_values);
  plan.memory = HistoryTrainer::memory(data, options, threads, features);
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.make = [&, threads, features = std::move(features)](Csr) mutable {
    return std::make_unique<HistoryTrainer>(data, options, threads, std::move(features));
  };
  return plan;
}

}  // namespace rec
