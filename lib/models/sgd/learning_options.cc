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

void check_above_zero(const char* option, double value) {
  if (!(value > 0.0 && std::isfinite(value))) fail_usage("{}: expected more than 0, found {}", option, value);
}

void check_not_negative(const char* option, double value) {
  if (!(value >= 0.0 && std::isfinite(value))) fail_usage("{}: expected at least 0, found {}", option, value);
}

void check_fraction(const char* option, double value, bool below_one) {
  if (!(value >= 0.0 && (below_one ? value < 1.0 : value <= 1.0)))
    fail_usage("{}: expected 0 to {}1, found {}", option, below_one ? "below " : "", value);
}

void LearningOptions::check() const {
  check_at_least("--negatives", negatives, 1);
  if (!(std::abs(negative_exponent) <= 4.0))
    fail_usage("--negative-exponent: expected -4 to 4, found {}", negative_exponent);
  check_fraction("--dropout", dropout, true);
  check_at_least("--epochs", epochs, 0);
  check_above_zero("--learning-rate", schedule.rate);
  check_not_negative("--weight-decay", optimizer.weight_decay);
  check_not_negative("--clip-norm", clip);
}

namespace {

template <class Value>
void write_option(const char* key, const Value& value, Artefact& artefact) {
  artefact.meta[key] = fmt::format("{}", value);
}

}  // namespace

void LearningOptions::write(Artefact& artefact) const {
  write_option("dropout", dropout, artefact);
  write_option("optimizer", name_of(optimizer.kind), artefact);
  write_option("learning-rate", schedule.rate, artefact);
  write_option("schedule", name_of(schedule.kind), artefact);
  write_option("warmup", schedule.warmup, artefact);
  write_option("weight-decay", optimizer.weight_decay, artefact);
  write_option("clip-norm", clip, artefact);
  write_option("seed", seed, artefact);
  // A rate that falls depends on how many epochs there are to be.
  if (schedule.kind != ScheduleKind::kConstant) write_option("schedule-epochs", epochs, artefact);
}

void LearningOptions::write_negatives(Artefact& artefact) const {
  write_option("negatives", negatives, artefact);
  write_option("negative-exponent", negative_exponent, artefact);
}

void SequenceLearningOptions::check() const {
  LearningOptions::check();
  check_fraction("--calibration", calibration, false);
}

void SequenceLearningOptions::write(Artefact& artefact) const {
  LearningOptions::write(artefact);
  write_option("loss", name_of(loss), artefact);
  if (draws_negatives()) write_negatives(artefact);
  if (loss == SequenceLoss::kGbce) write_option("calibration", calibration, artefact);
}

}  // namespace rec
