#include "models/common/score_form.h"

#include <utility>

#include "base/error.h"

namespace rec {
namespace {

constexpr std::pair<const char*, ScoreForm> kForms[] = {{"dot", ScoreForm::kDot},
                                                        {"scaled", ScoreForm::kScaled},
                                                        {"cosine", ScoreForm::kCosine},
                                                        {"sum", ScoreForm::kSum},
                                                        {"bilinear", ScoreForm::kBilinear},
                                                        {"logistic", ScoreForm::kLogistic},
                                                        {"exp", ScoreForm::kExp},
                                                        {"additive", ScoreForm::kAdditive},
                                                        {"multi-head", ScoreForm::kMultiHead},
                                                        {"mlp", ScoreForm::kMlp},
                                                        {"neighbours", ScoreForm::kNeighbours},
                                                        {"attention-pool", ScoreForm::kPool},
                                                        {"attention-pool-exp", ScoreForm::kPoolExp},
                                                        {"fm", ScoreForm::kFm},
                                                        {"fm-logistic", ScoreForm::kFmLogistic},
                                                        {"calibrated", ScoreForm::kCalibrated}};

}  // namespace

ScoreForm score_form_of(const std::string& name) {
  std::string known_names;
  for (const auto& [known, form] : kForms) {
    if (name == known) return form;
    known_names += (known_names.empty() ? "" : ", ") + std::string(known);
  }
  fail("unknown function \"{}\" (expected one of {})", printable(name), known_names);
}

const char* name_of(ScoreForm form) {
  for (const auto& [name, known] : kForms) {
    if (form == known) return name;
  }
  return "";
}

const std::vector<std::string>& attention_names() {
  static const std::vector<std::string> names{"dot",        "scaled", "cosine",     "bilinear",       "additive",
                                              "multi-head", "mlp",    "neighbours", "attention-pool", "fm"};
  return names;
}

const std::vector<std::string>& predictor_names() {
  static const std::vector<std::string> names{
      "dot", "cosine",      "sum",       "bilinear",   "additive",       "multi-head",
      "mlp", "logistic",    "exp",       "neighbours", "attention-pool", "attention-pool-exp",
      "fm",  "fm-logistic", "calibrated"};
  return names;
}

}  // namespace rec
