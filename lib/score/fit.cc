#include "score/fit.h"

#include "io/output.h"

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

}  // namespace

TrainingResult fit_als(const Interactions& data, const FitOptions& options, const FitEvents& events) {
  const bool weighted = options.als.confidence != Confidence::kNone;
  Csr by_user = csr_by_user(data, weighted ? data.value : std::vector<float>{});
  for (float& value : by_user.weight) value = options.als.weight(value);
  const std::unique_ptr<Validation> validation =
      options.valid.empty() ? nullptr
                            : read_validation(options.valid, options.metric, options.side, data, by_user, options.threads, events.bad_lines);
  Log log(options.log, validation.get());

  const size_t memory = AlsTrainer::memory(by_user, data.users.size(), data.items.size(), options.als, options.threads);
  events.detail(fmt::format("{} distinct pairs; training takes {:.1f} MiB beside the rows read", by_user.entries(), static_cast<double>(memory) / kMiB));
  AlsTrainer trainer(by_user, data.items.size(), options.als, options.threads);
  const TrainingSteps steps{[&] { trainer.epoch(); }, [&] { return trainer.objective(); }, [&] { return trainer.artefact(data); }};
  const TrainingOptions training{options.als.epochs, options.patience, log.is_open() || options.objective, options.threads};
  TrainingResult result = train(steps, training, validation.get(), [&](const TrainingRecord& record) {
    events.epoch(record);
    std::string line = fmt::format("{}\t{:.3f}\t{}", record.epoch, record.seconds, record.objective);
    if (validation) line += fmt::format("\t{}", record.metric);
    events.detail("epoch " + line);
    log.write(line + "\n");
  });
  log.finish();
  return result;
}

}  // namespace rec
