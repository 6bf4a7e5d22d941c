// The names of the attention functions g and the prediction models M; what each
// computes is in models/inference/scorer.h. Thread rule: functions without state.
#pragma once

#include <string>
#include <vector>

namespace rec {

enum class ScoreForm {
  kDot,
  kScaled,
  kCosine,
  kSum,
  kBilinear,
  kLogistic,
  kExp,
  kAdditive,
  kMultiHead,
  kMlp,
  kNeighbours,
  kPool,
  kPoolExp,
  kFm,
  kFmLogistic,
  kCalibrated
};

// "dot", ...; Error for a name that is none.
ScoreForm score_form_of(const std::string& name);
const char* name_of(ScoreForm form);
// The names that tools offer for g and for M.
const std::vector<std::string>& attention_names();
const std::vector<std::string>& predictor_names();

}  // namespace rec
