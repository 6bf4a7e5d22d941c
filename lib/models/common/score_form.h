// The names of the attention functions g and the prediction models M; what each
// computes is in models/inference/pair_function.h. Thread rule: functions without state.
#pragma once

#include <string>
#include <vector>

namespace rec {

enum class PairForm {
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
  kPoolExp
};

// "dot", ...; Error for a name that is none.
PairForm pair_form_of(const std::string& name);
const char* name_of(PairForm form);
// The names that tools offer for g and for M.
const std::vector<std::string>& attention_names();
const std::vector<std::string>& predictor_names();

}  // namespace rec
