#include "privacy/privacy_options.h"

#include <fmt/core.h>

#include "base/error.h"
#include "privacy/accountant.h"

namespace rec {
namespace {

constexpr const char* kNeighbours = "one user with all rows added or removed";

}  // namespace

void PrivacyOptions::describe(OptionTable& table, const std::vector<std::string>& excluded,
                              const bool* statistics_only) {
  const OptionTable::Section section(table, "Privacy");
  const auto is_given = [this] { return given(); };
  // Of a model, or of sums that become one.
  const auto is_bounded = [this, statistics_only] {
    return given() || (statistics_only != nullptr && *statistics_only);
  };
  const auto is_capped = [this, is_bounded] { return is_bounded() && (given() || !items.empty()); };
  Option& private_run = table
                            .add("--dp-epsilon", epsilon, "E",
                                 "The epsilon of differential privacy: with or without a user, the probability of any "
                                 "model differs by a factor of at most e^E")
                            .above(0)
                            .range(0, kMaxEpsilon);
  for (const std::string& option : excluded) private_run.excludes(option);
  table.add("--dp-delta", delta, "D", "The delta of differential privacy")
      .at_least(kLeastDelta)
      .below(1)
      .needs("--dp-epsilon", is_given)
      .in_model_if(is_given);
  table
      .add("--items", items, "FILE",
           "The items of a private model (column item): a public list that is not made from the rows")
      .needs(statistics_only != nullptr ? "--dp-epsilon or --statistics-only" : "--dp-epsilon", is_bounded)
      .reads()
      .not_in_model();
  table
      .add("--max-per-user", max_per_user, "N",
           "In a private model N items of each user count, chosen by a hash of user and item")
      .at_least(1)
      .needs(statistics_only != nullptr ? "--dp-epsilon, or --statistics-only with --items" : "--dp-epsilon", is_capped)
      .in_model_if(is_given);
  table.add("--dp-seed", seed, "N", "Only for tests: noise from a seed; the model is then not private")
      .needs("--dp-epsilon", is_given);
}

void PrivacyOptions::check() const {
  if (given() && items.empty())
    fail_usage("--dp-epsilon needs --items FILE: which items there are must not depend on the rows");
}

double PrivacyOptions::multiplier() const { return noise_multiplier(*epsilon, delta); }

std::string PrivacyOptions::text(std::string_view mechanism) const {
  return fmt::format(
      "({}, {})-differentially private for {}: {}, at most {} items a user, discrete Gaussian noise of {:.4f} times "
      "the sensitivity",
      *epsilon, delta, kNeighbours, mechanism, max_per_user, multiplier());
}

void PrivacyOptions::write(std::map<std::string, std::string>& meta, std::string_view mechanism) {
  write_options(*this, meta);
  meta["dp-neighbours"] = kNeighbours;
  meta["dp-mechanism"] = fmt::format("discrete Gaussian on {}", mechanism);
  meta["dp-noise-multiplier"] = fmt::format("{:.6f}", multiplier());
  meta[kHolds] = seed ? kHoldsNot : "yes";
}

}  // namespace rec
