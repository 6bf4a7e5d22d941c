#include "score/fit.h"

#include "data/decay.h"
#include "data/digest.h"
#include "io/output.h"
#include "models/als_pairs.h"

namespace rec {
namespace {

constexpr double kMiB = 1048576.0;

// The log, flushed line by line: a device or pipe shows it as it grows.
class Log {
 public:
  Log(const std::string& path, const Validation* validation) {
    if (path.empty()) return;
    out_ = std::make_unique<Output>(path);
    write("epoch\tseconds\tobjective" + (validation != nullptr ? "\t" + validation->metric_name() : "") + "\n");
  }
  bool is_open() const { return out_ != nullptr; }
  void write(const std::string& text) {
    if (!out_) return;
    out_->write(text);
    out_->flush();
  }
  void finish() {
    if (out_) out_->finish();
  }

 private:
  std::unique_ptr<Output> out_;
};

// What the model's own options do not say of a run.
std::map<std::string, std::string> run_of(const Interactions& data, const Csr& by_user, const FitOptions& options, const Validation* validation) {
  Digest digest;
  digest.add(data.users);
  digest.add(data.items);
  digest.add(std::span<const uint64_t>(by_user.begin));
  digest.add(std::span<const uint32_t>(by_user.index));
  digest.add(std::span<const float>(by_user.weight));
  std::map<std::string, std::string> run{{"log", digest.text()}};
  if (validation != nullptr) {
    run["valid"] = validation->digest();
    run["metric"] = options.metric;
    run["patience"] = std::to_string(options.patience);
  }
  return run;
}

}  // namespace

TrainingResult fit_als(const Interactions& data, const FitOptions& options, const FitEvents& events) {
  AlsOptions als = options.als;
  if (als.half_life > 0 && !als.now) als.now = newest(data.timestamp);
  const Csr by_user = als_pairs(data, als);
  TrainingOptions training{als.epochs, options.patience, false, options.threads, options.checkpoint, options.resume, {}};
  const std::unique_ptr<Validation> validation =
      options.valid.empty() ? nullptr
                            : read_validation(options.valid, options.metric, options.side, data, by_user, options.threads, events.bad_lines);
  if (!options.checkpoint.empty()) training.run = run_of(data, by_user, options, validation.get());
  Log log(options.log, validation.get());
  training.objective = log.is_open() || options.objective;

  const size_t memory = AlsTrainer::memory(by_user, data.users.size(), data.items.size(), als, options.threads);
  events.detail(fmt::format("{} distinct pairs; training takes {:.1f} MiB beside the rows read", by_user.entries(), static_cast<double>(memory) / kMiB));
  AlsTrainer trainer(by_user, data.items.size(), als, options.threads);
  if (options.init != nullptr) {
    const AlsTrainer::Kept kept = trainer.start_from(*options.init, data);
    const auto rest = [&](const char* what, size_t now, size_t before, size_t its) {
      return fmt::format("{} {} of {}, {} new, {} no longer in the log and left out", its, what, options.init_name, now - its, before - its);
    };
    events.note(rest("users", data.users.size(), options.init->users.size(), kept.users));
    events.note(rest("items", data.items.size(), options.init->items.size(), kept.items));
  }
  const TrainingSteps steps{[&] { trainer.epoch(); },
                            [&] { return trainer.objective(); },
                            [&] { return trainer.artefact(data); },
                            [&] { return trainer.take(data); },
                            {},
                            [&](const Artefact& state) { trainer.start_from(state, data); }};
  TrainingResult result = train(steps, training, validation.get(), [&](const TrainingRecord& record) {
    events.epoch(record);
    std::string line = fmt::format("{}\t{:.3f}\t{}", record.epoch, record.seconds, record.objective);
    if (validation) line += fmt::format("\t{}", record.metric);
    events.detail("epoch " + line);
    log.write(line + "\n");
  });
  if (result.resumed_after > 0) events.note(fmt::format("resumed after epoch {} of {}", result.resumed_after, options.checkpoint));
  log.finish();
  return result;
}

}  // namespace rec
