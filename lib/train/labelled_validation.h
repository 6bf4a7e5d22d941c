// How good a model of labelled rows is on held-out rows: a metric of predicted probabilities,
// each row in its own context. Immutable and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/labelled_rows.h"
#include "models/common/calibration.h"
#include "train/validation.h"

namespace rec {

// Whether the metric measures probabilities by labels 0 and 1.
bool is_metric_of_labels(const Metric& metric);

class LabelledValidation : public Validation {
 public:
  // metric: is_metric_of_labels. Throws Error for rows that leave the metric undefined.
  // calibration: what finish() adds to the model; rows of one label leave that undefined, too.
  LabelledValidation(LabelledRows held_out, Metric metric, std::string name,
                     CalibrationKind calibration = CalibrationKind::kNone);

  std::string digest() const override;
  double evaluate(Model& model, int threads) const override;
  // Fits the calibration to these rows and makes it the model's predictor. Throws Error where the model's scores do not
  // rise with the labels.
  std::string finish(Artefact& artefact, int threads) const override;

 private:
  // f(h, x) of each row.
  std::vector<float> scores(const Model& model, ScoreForm form, int threads) const;
  double metric_of(const Metric& metric, const std::vector<float>& probabilities) const;

  const std::string name_;  // of the table
  const CalibrationKind calibration_;
  LabelledRows held_out_;
};

}  // namespace rec
