// How good a model of labelled rows is on held-out rows: a metric of predicted probabilities,
// each row in its own context. Immutable and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/labelled_rows.h"
#include "train/validation.h"

namespace rec {

// Whether the metric measures probabilities by labels 0 and 1, and whether a lower value is better.
bool is_metric_of_labels(const Metric& metric);

class LabelledValidation : public Validation {
 public:
  // metric: is_metric_of_labels. Throws Error for rows that leave the metric undefined.
  LabelledValidation(LabelledRows held_out, Metric metric, const std::string& name);

  bool is_better(double value, double other) const override { return lower_ ? value < other : value > other; }
  std::string digest() const override;
  double evaluate(Model& model, int threads) const override;

 private:
  LabelledRows held_out_;
  bool lower_;
};

}  // namespace rec
