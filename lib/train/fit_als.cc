#include "train/fit_als.h"

#include "base/error.h"
#include "data/decay.h"
#include "models/als/als_pairs.h"

namespace rec {
namespace {

constexpr double kMiB = 1048576.0;

void start_from(const AlsFitOptions& options, const Interactions& data, const FitEvents& events, AlsTrainer& trainer) {
  const AlsTrainer::Kept kept = trainer.start_from(*options.init, data);
  const auto rest = [&](const char* what, size_t now, size_t before, size_t its) {
    return fmt::format("{} {} of {}, {} new, {} no longer in the log and left out", its, what, options.init_name,
                       now - its, before - its);
  };
  events.note(rest("users", data.users.size(), options.init->users.size(), kept.users));
  events.note(rest("items", data.items.size(), options.init->items.size(), kept.items));
}

}  // namespace

TrainingResult fit_als(const Interactions& data, const AlsFitOptions& options, const FitOptions& fit_options,
                       const FitEvents& events) {
  AlsOptions als = options.als;
  if (als.half_life > 0 && !als.now) als.now = newest(data.timestamp);
  const Csr by_user = als_pairs(data, als);
  const int threads = fit_options.threads;
  return fit(data, by_user, fit_options, events, [&]() -> TrainingSteps {
    const size_t memory = AlsTrainer::memory(by_user, data.users.size(), data.items.size(), als, threads);
    events.detail(fmt::format("{} distinct pairs; training takes {:.1f} MiB beside the rows read", by_user.entries(),
                              static_cast<double>(memory) / kMiB));
    const auto trainer = std::make_shared<AlsTrainer>(by_user, data.items.size(), als, threads);
    events.detail(fmt::format("regularisation {}", *trainer->options().regularization));
    if (options.init != nullptr) start_from(options, data, events, *trainer);
    return {[trainer] { trainer->epoch(); },
            [trainer] { return trainer->objective(); },
            [trainer, &data] { return trainer->artefact(data); },
            [trainer, &data] { return trainer->take(data); },
            {},
            [trainer, &data](const Artefact& state) { trainer->start_from(state, data); }};
  });
}

}  // namespace rec
