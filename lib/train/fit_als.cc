#include "train/fit_als.h"

#include <utility>

#include "base/error.h"
#include "data/decay.h"
#include "data/overlap.h"
#include "models/als/als_pairs.h"

namespace rec {
namespace {

void start_from(const AlsFitOptions& options, const Interactions& data, const FitEvents& events, AlsTrainer& trainer) {
  const AlsTrainer::Kept kept = trainer.start_from(*options.init);
  const auto rest = [&](const char* what, size_t now, size_t before, size_t its) {
    return fmt::format("{} {} of {}, {} new, {} no longer in the log and left out", its, what, options.init_name,
                       now - its, before - its);
  };
  for (const std::string& text :
       unmet({.name = "the log", .users = {&data.users}, .items = {&data.items}},
             {.name = options.init_name, .users = {&options.init->users}, .items = {&options.init->items}}))
    events.warning(text);
  events.note(rest("users", data.users.size(), options.init->users.size(), kept.users));
  events.note(rest("items", data.items.size(), options.init->items.size(), kept.items));
}

}  // namespace

TrainingPlan plan_als(const Interactions& data, const AlsFitOptions& options, std::vector<SideFeatures> features,
                      int threads, const FitEvents& events) {
  AlsOptions als = options.als;
  if (als.half_life.amount > 0) {
    resolve_decay(data, als.half_life, als.now, events.note, events.warning);
    if (!als.now) als.now = newest(data.timestamp);
  }
  TrainingPlan plan;
  plan.by_user = als_pairs(data, als, threads);
  plan.what =
      fmt::format("als: a model of {} factors, {} users and {} items", als.dim, data.users.size(), data.items.size());
  plan.epochs = als.epochs;
  plan.size = fmt::format("{} distinct pairs", plan.by_user.entries());
  plan.memory = AlsTrainer::memory(plan.by_user, data.users.size(), data.items.size(), als, threads, features);
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.make = [&data, &options, &events, als, threads, features = std::move(features)](Csr by_user) mutable {
    auto trainer = std::make_unique<AlsTrainer>(data, std::move(by_user), als, threads, std::move(features));
    events.detail(fmt::format("regularisation {}", *trainer->options().regularization));
    if (options.init != nullptr) start_from(options, data, events, *trainer);
    return trainer;
  };
  return plan;
}

}  // namespace rec
