// How good a policy is by a held-out log of what another policy showed: its off-policy value (metrics/off_policy.h).
// The policy shows item i to user u with the probability softmax_i(g(h_u, x_i) / T) over all items of the model.
// Immutable and thread-safe.
#pragma once

#include "data/policy_log.h"
#include "train/validation.h"

namespace rec {

// Whether the metric is the value of a policy by the log alone: ips or snips.
bool is_value_of_policy(const Metric& metric);

class PolicyValidation : public Validation {
 public:
  // log: with rows. metric: is_value_of_policy. temperature: T, above 0. Users of the log that the model does not know
  // are served by popularity, as rec-score does; `users` are those that it knows, for a warning, and items that are not
  // among `items` are never shown. Throws Error where no row has one of them.
  PolicyValidation(PolicyLog log, Metric metric, double temperature, const IdTable& users, const IdTable& items);

  std::string digest() const override;
  // Summed in the order of the log's users: the same for any `threads`. Throws Error where a score is not finite, and
  // where the value is undefined.
  double evaluate(Model& model, int threads) const override;

 private:
  const PolicyLog log_;
  const double temperature_;
};

}  // namespace rec
