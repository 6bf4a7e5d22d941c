// What the items of a history weigh: by the values of their rows, and by their age. Thread rule: functions
// without state.
#pragma once

#include <optional>

#include "base/option.h"
#include "models/common/confidence.h"
#include "models/common/encoder.h"

namespace rec {

struct HistoryWeights {
  Confidence confidence = Confidence::kNone;
  double scale = 1.0;
  double half_life = 0.0;     // in the timestamps' own unit; 0: none
  std::optional<double> now;  // the newest row of training
};

// Each item once, ascending, with its weight c = f(v)·d: v the sum of the values of its rows, f as Confidence
// says (1 without one), d = 2^(-(now - t)/half_life) for the time t of its newest row (1 without a half-life or
// without timestamps). `now` is that of the weights or the history's newest row, whichever is later: what is new
// to a model does not weigh more than 1 in it. No weights where all are 1.
ItemBag weigh_history(const History& history, const HistoryWeights& weights);

// --half-life and --now, told to `table`, which refers to both.
void describe_half_life(OptionTable& table, Duration& half_life, std::optional<TimeField>& now);

}  // namespace rec
