#include "models/pair_function.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

constexpr std::pair<const char*, PairForm> kForms[] = {{"dot", PairForm::kDot},
                                                       {"scaled", PairForm::kScaled},
                                                       {"cosine", PairForm::kCosine},
                                                       {"sum", PairForm::kSum},
                                                       {"neighbours", PairForm::kNeighbours}};

double sum_of(const float* x, size_t n) {
  double sum = 0.0;
  for (size_t f = 0; f < n; ++f) sum += static_cast<double>(x[f]);
  return sum;
}

void unit(const float* x, size_t n, float* out) {
  double squares = 0.0;
  for (size_t f = 0; f < n; ++f) squares += static_cast<double>(x[f]) * static_cast<double>(x[f]);
  const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  for (size_t f = 0; f < n; ++f) out[f] = static_cast<float>(static_cast<double>(x[f]) * scale);
}

}  // namespace

PairForm pair_form_of(const std::string& name) {
  for (const auto& [known, form] : kForms) {
    if (name == known) return form;
  }
  fail("unknown function \"{}\" (expected dot, scaled, cosine, sum or neighbours)", printable(name));
}

const char* name_of(PairForm form) {
  for (const auto& [name, known] : kForms) {
    if (form == known) return name;
  }
  return "";
}

PairFunction::PairFunction(PairForm form, ConstMatrixView items, const SparseView& neighbours,
                           std::span<const float> unknown_item)
    : form_(form), factors_(items.cols), images_(items) {
  if (form == PairForm::kNeighbours && neighbours.rows() == 0)
    fail_usage("the model has no neighbours; give another function");
  if (form != PairForm::kNeighbours && items.cols == 0)
    fail_usage("the model has no item vectors, as {} needs; its function is neighbours", name_of(form));
  if (form == PairForm::kNeighbours) neighbours_ = neighbours;
  if (form == PairForm::kCosine) {
    own_.resize(items.rows, items.cols);
    for (size_t item = 0; item < items.rows; ++item) unit(items.row(item), items.cols, own_.row(item));
    images_ = own_;
  } else if (form == PairForm::kSum) {
    own_.resize(items.rows, 2);
    for (size_t item = 0; item < items.rows; ++item) {
      own_(item, 0) = 1.0f;
      own_(item, 1) = static_cast<float>(sum_of(items.row(item), items.cols));
    }
    images_ = own_;
  }
  unknown_.assign(images_.cols, 0.0f);
  if (form == PairForm::kSum) {
    unknown_[0] = 1.0f;
    if (!unknown_item.empty()) unknown_[1] = static_cast<float>(sum_of(unknown_item.data(), items.cols));
  } else if (!unknown_item.empty()) {
    if (form == PairForm::kCosine)
      unit(unknown_item.data(), items.cols, unknown_.data());
    else
      std::copy(unknown_item.begin(), unknown_item.end(), unknown_.begin());
  }
}

void PairFunction::image(const float* h, float* out) const {
  switch (form_) {
    case PairForm::kDot:
    case PairForm::kNeighbours:
      std::copy_n(h, factors_, out);
      break;
    case PairForm::kScaled: {
      const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(factors_)));
      for (size_t f = 0; f < factors_; ++f) out[f] = h[f] * scale;
      break;
    }
    case PairForm::kCosine:
      unit(h, factors_, out);
      break;
    case PairForm::kSum:
      out[0] = static_cast<float>(sum_of(h, factors_));
      out[1] = 1.0f;
      break;
  }
}

}  // namespace rec
