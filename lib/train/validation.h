// A ranking metric of a model on held-out items, for early stopping: every user
// of the validation file, ranked against the whole catalogue without the user's
// training items. Same value for every number of threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "data/interactions.h"
#include "io/table.h"
#include "metrics/metric_table.h"
#include "metrics/truth.h"
#include "models/inference/model.h"

namespace rec {

// Whether what is held out comes after what is learnt from: the held-out rows of users that
// training has rows of, and how many of them are older than their user's newest one there.
// Both 0 where either side lacks timestamps.
struct HeldOutOrder {
  size_t rows = 0;
  size_t older = 0;
  // More than a quarter: not held out by time.
  bool at_random() const { return 4 * older > rows; }
};
HeldOutOrder held_out_order(const UserItems& held_out, const Interactions& train);

class Validation {
 public:
  HeldOutOrder order;  // as read_validation found it, with histories

  // truth: the validation rows. metric: of kind kRanking. Users that the model
  // does not know are ranked by popularity, and count. Throws Error where no row
  // could ever be hit: its item is not in `train`, or its pair is.
  // histories: the model is given the training histories of the users that it has no
  // vector for.
  Validation(Truth truth, Metric metric, const Interactions& train, const Csr& by_user, bool histories = false);

  const std::string& metric_name() const { return metric_.name; }
  // Tells validation files apart (data/digest.h).
  std::string digest() const;
  // The value that a model reached, as its meta valid-metric and valid-value.
  void write(double value, Artefact& artefact) const;
  // The mean over the users of the truth that have a relevant item.
  double evaluate(Model& model, int threads) const;

 private:
  Truth truth_;
  Metric metric_;
  UserItems seen_;
  std::optional<UserItems> histories_;  // of the users of truth_
};

// Reads held-out interactions for it; calls bad_lines(count, file). Throws Error
// where the file is malformed or empty, and as the constructor.
std::unique_ptr<Validation> read_validation(
    const std::string& path, const std::string& metric, const ReadOptions& options, const Interactions& train,
    const Csr& by_user, bool histories, int threads,
    const std::function<void(uint64_t count, const std::string& file)>& bad_lines);

}  // namespace rec
