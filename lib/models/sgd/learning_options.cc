#include "models/sgd/learning_options.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace rec {
namespace {

constexpr std::pair<const char*, SequenceLoss> kLosses[] = {{"softmax", SequenceLoss::kSoftmax},
                                                            {"sampled-softmax", SequenceLoss::kSampledSoftmax},
                                                            {"bce", SequenceLoss::kBce},
                                                            {"gbce", SequenceLoss::kGbce}};

}  // namespace

const char* name_of(SequenceLoss loss) {
  for (const auto& [name, known] : kLosses) {
    if (known == loss) return name;
  }
  return "";
}

void check_at_least(const char* option, int value, int least) {
  if (value < least) fail_usage("{}: expected at least {}, found {}", option, least, value);
}

void check_share(const char* option, double value, bool below_one) {
  if (!(value >= 0.0 && (below_one ? value < 1.0 : value <= 1.0)))
    fail_usage("{}: expected 0 to {}1, found {}", option, below_one ? "below " : "", value);
}

void LearningOptions::check() const {
  check_at_least("--negatives", negatives, 1);
  if (!(std::abs(negative_exponent) <= 4.0))
    fail_usage("--negative-exponent: expected -4 to 4, found {}", negative_exponent);
  check_share("--calibration", calibration, false);
  check_share("--dropout", dropout, true);
  check_at_least("--epochs", epochs, 0);
  if (!(schedule.rate > 0 && std::isfinite(schedule.rate)))
    fail_usage("--learning-rate: expected more than 0, found {}", schedule.rate);
  if (!(optimizer.weight_decay >= 0 && std::isfinite(optimizer.weight_decay)))
    fail_usage("--weight-decay: expected at least 0, found {}", optimizer.weight_decay);
  if (!(clip >= 0 && std::isfinite(clip))) fail_usage("--clip-norm: expected at least 0, found {}", clip);
}

void LearningOptions::write(Artefact& artefact) const {
  const auto write = [&](const char* key, const auto& value) { artefact.meta[key] = fmt::format("{}", value); };
  write("loss", name_of(loss));
  if (loss != SequenceLoss::kSoftmax) {
    write("negatives", negatives);
    write("negative-exponent", negative_exponent);
  }
  if (loss == SequenceLoss::kGbce) write("calibration", calibration);
  write("dropout", dropout);
  write("optimizer", name_of(optimizer.kind));
  write("learning-rate", schedule.rate);
  write("schedule", name_of(schedule.kind));
  write("warmup", schedule.warmup);
  write("weight-decay", optimizer.weight_decay);
  write("clip-norm", clip);
  write("seed", seed);
  // A schedule that falls knows where it ends.
  if (schedule.kind != ScheduleKind::kConstant) write("schedule-epochs", epochs);
}

}  // namespace rec
