// The options of a private training run, and what a model says of its privacy.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

namespace rec {

// The meta key that says whether the promise holds, and what it says where it does not.
inline constexpr const char* kHolds = "dp-holds";
inline constexpr const char* kHoldsNot = "no, the noise is from --dp-seed";
inline constexpr const char* kHoldsNotYet = "no, the noise is to come";

struct PrivacyOptions {
  std::optional<double> epsilon;  // none: not private, and nothing else here counts
  double delta = 1e-6;
  std::string items;           // the file with the public item list
  uint32_t max_per_user = 50;  // items
  std::optional<uint64_t> seed;

  // Each option, told to `table`, which refers to this. excluded: the options of the
  // subcommand that would leak, or that have no effect. statistics_only: where the list of items
  // and the cap may be those of statistics, to which noise may come later.
  void describe(OptionTable& table, const std::vector<std::string>& excluded = {},
                const bool* statistics_only = nullptr);
  // Throws UsageError where the list of items is missing.
  void check() const;

  bool given() const { return epsilon.has_value(); }
  // Noise in units of the sensitivity, of one release. REQUIRES: given().
  double multiplier() const;
  // What run and model say. mechanism: what is summed, with which sensitivity.
  std::string text(std::string_view mechanism) const;
  void write(std::map<std::string, std::string>& meta, std::string_view mechanism);
};

}  // namespace rec
