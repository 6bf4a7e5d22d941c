// A ranking metric of a model on held-out items, for early stopping: every user
// of the validation file, ranked against the whole catalogue without the user's
// training items. Same value for every number of threads.
#pragma once

#include <memory>

#include "data/interactions.h"
#include "metrics/metric_table.h"
#include "metrics/truth.h"
#include "models/model.h"

namespace rec {

class Validation {
 public:
  // truth: the validation rows. metric: of kind kRanking. Users that the model
  // does not know are ranked by popularity, and count. Throws Error where no row
  // could ever be hit: its item is not in `train`, or its pair is.
  Validation(Truth truth, Metric metric, const Interactions& train, const Csr& by_user);

  const std::string& metric_name() const { return metric_.name; }
  // The mean over the users of the truth that have a relevant item.
  double evaluate(Model& model, int threads) const;

 private:
  Truth truth_;
  Metric metric_;
  UserItems seen_;
};

}  // namespace rec
