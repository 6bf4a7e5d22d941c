#include "models/common/score_form.h"

#include <utility>

#include "base/error.h"

namespace rec {
namespace {

constexpr std::pair<const char*, PairForm> kForms[] = {
    {"dot", PairForm::kDot},         {"scaled", PairForm::kScaled},         {"cosine", PairForm::kCosine},
    {"sum", PairForm::kSum},         {"bilinear", PairForm::kBilinear},     {"logistic", PairForm::kLogistic},
    {"exp", PairForm::kExp},         {"additive", PairForm::kAdditive},     {"multi-head", PairForm::kMultiHead},
    {"mlp", PairForm::kMlp},         {"neighbours", PairForm::kNeighbours}, {"pool", PairForm::kPool},
    {"pool-exp", PairForm::kPoolExp}};

}  // namespace

PairForm pair_form_of(const std::string& name) {
  std::string known_names;
  for (const auto& [known, form] : kForms) {
    if (name == known) return form;
    known_names += (known_names.empty() ? "" : ", ") + std::string(known);
  }
  fail("unknown function \"{}\" (expected one of {})", printable(name), known_names);
}

const char* name_of(PairForm form) {
  for (const auto& [name, known] : kForms) {
    if (form == known) return name;
  }
  return "";
}

const std::vector<std::string>& attention_names() {
  static const std::vector<std::string> names{"dot",        "scaled", "cosine",     "bilinear", "additive",
                                              "multi-head", "mlp",    "neighbours", "pool"};
  return names;
}

const std::vector<std::string>& predictor_names() {
  static const std::vector<std::string> names{"dot", "cosine",   "sum", "bilinear",   "additive", "multi-head",
                                              "mlp", "logistic", "exp", "neighbours", "pool",     "pool-exp"};
  return names;
}

}  // namespace rec
