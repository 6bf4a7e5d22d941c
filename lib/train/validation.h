// How good a model is on held-out interactions, for early stopping: by its rankings, or by
// the values that it predicts. Immutable and thread-safe; the same value for every number
// of threads.
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
// training has rows of, and how many of them are older than the newest one there of their
// user. Both 0 where either side lacks timestamps.
struct HeldOutOrder {
  size_t rows = 0;
  size_t older = 0;
  // More than a quarter: not held out by time.
  bool at_random() const { return 4 * older > rows; }
};
HeldOutOrder held_out_order(const UserItems& held_out, const Interactions& train);

class Validation {
 public:
  virtual ~Validation() = default;

  HeldOutOrder order;                 // as read_validation found it, with histories
  std::vector<std::string> warnings;  // what makes its values say little
  std::vector<std::string> notes;     // what may

  const std::string& metric_name() const { return metric_.name; }
  // Whether a model with the metric `value` is better than one with `other`. Not where
  // they are equal.
  bool is_better(double value, double other) const {
    return metric_.info->lower_is_better ? value < other : value > other;
  }
  // Tells validation files apart (data/digest.h).
  virtual std::string digest() const = 0;
  virtual double evaluate(Model& model, int threads) const = 0;
  // Completes the model that training has chosen, where these rows say more than how good it is. Returns what is worth
  // telling, or "".
  virtual std::string finish(Artefact&, int) const { return {}; }
  // The value that a model reached, as its meta valid-metric and valid-value.
  void write(double value, Artefact& artefact) const;

 protected:
  explicit Validation(Metric metric) : metric_(std::move(metric)) {}

  const Metric metric_;
};

// A ranking metric: every user of the held-out rows, ranked against the
// whole catalogue without the user's training items.
class RankingValidation : public Validation {
 public:
  // truth: the held-out rows. metric: of kind kRanking. Users that the model does not know
  // are ranked by popularity, and count. Throws Error where no row could ever be hit: its
  // item is not in `train`, or its pair is.
  // histories: the model is given the training histories of the users that it has no
  // vector for.
  RankingValidation(Truth truth, Metric metric, const Interactions& train, const Csr& by_user, bool histories = false);

  std::string digest() const override;
  // Relevant held-out pairs, and those among them that are training rows.
  uint64_t pairs() const { return truth_.item.size(); }
  uint64_t pairs_of_training() const { return pairs_of_training_; }
  // The mean over the users of the truth that have a relevant item.
  double evaluate(Model& model, int threads) const override;

 private:
  Truth truth_;
  UserItems seen_;
  uint64_t pairs_of_training_ = 0;
  std::optional<UserItems> histories_;  // of the users of truth_
};

// Whether values that a model predicts may be validated by the metric: rmse, mse and mae.
bool is_error_of_values(const Metric& metric);

// An error of predicted values: for each held-out row the model's
// prediction M(h, x), held between the least and the greatest value of training, beside
// the row's value, as rec-score --labels and rec-eval have it. Every row counts; users and
// items that the model does not know are what the model takes them for (mf: the average).
class ValueValidation : public Validation {
 public:
  // metric: is_error_of_values. REQUIRES: held_out has values, at least one.
  ValueValidation(UserItems held_out, Metric metric) : Validation(std::move(metric)), held_out_(std::move(held_out)) {}

  std::string digest() const override;
  double evaluate(Model& model, int threads) const override;

 private:
  UserItems held_out_;
};

struct ValidationOptions {
  std::string path;        // held-out interactions; "-": stdin
  std::string metric;      // of kind kRanking, or is_error_of_values
  ReadOptions read;        // of the file
  bool histories = false;  // of RankingValidation
  int threads = 1;
};

// Reads held-out interactions and calls bad_lines(count, file). train, by_user: what the
// model learns from. Throws Error where the file is malformed or empty, where it has no
// value column for an error of values, where a ranking metric finds no item in common, and as the
// constructors.
std::unique_ptr<Validation> read_validation(
    const ValidationOptions& options, const Interactions& train, const Csr& by_user,
    const std::function<void(uint64_t count, const std::string& file)>& bad_lines);

}  // namespace rec
