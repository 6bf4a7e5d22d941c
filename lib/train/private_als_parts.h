// Private als (train/private_als.h) of parties that do not share rows. All start from one model, which says how private
// the last one will be and after how many epochs. In each epoch every party sums over its users (AlsSums), noise is
// added to the sum of the parts or to each part, and the next model is made of that. With noise once and the same seed
// it is the model of fit_private_als(), bit by bit. Thread rule: free functions and plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "data/artefact.h"
#include "models/als/als_sums.h"
#include "train/private_als.h"

namespace rec {

// What the parties have agreed on, in the meta of models and sums.
struct PrivateAlsPlan {
  double epsilon = 0.0;  // of all epochs together
  double delta = 0.0;
  uint32_t max_per_user = 0;
  int epochs = 0;
  PrivateLeft left = PrivateLeft::kShared;

  PrivateAlsOptions options(AlsOptions als, std::optional<uint64_t> seed = {}) const;
  // As PrivacyOptions has them, epsilon, delta and the cap are written by it.
  void write(std::map<std::string, std::string>& meta) const;
};
// None where `meta` has none; throws Error "NAME: ..." for one that is not whole.
std::optional<PrivateAlsPlan> private_als_plan(const std::map<std::string, std::string>& meta, const std::string& name);

// Throws UsageError where options of the noise are not those of the plan of NAME.
void check_noise_options(const PrivateAlsPlan& plan, double epsilon, std::optional<double> delta,
                         const std::string& name);
// What a run says of the noise that it adds: the epoch, and how private all epochs are together. Throws Error as
// als_options_of() does.
std::string private_als_text(const AlsSums& sums, const PrivateAlsPlan& plan, const std::string& name);

// A model of als after `als.epochs` epochs, but for what it says of its privacy.
Artefact private_als_artefact(const AlsOptions& als, IdTable items, PrivateAls model);

// The exact sums of a part for the epoch after those of `base`, which has `plan`. als: the options of that model.
// contributions: of base.items (privacy/contributions.h). Throws Error where base has no vectors or counts, or where
// all epochs of the plan are done.
AlsSums private_als_part(const Csr& contributions, const Artefact& base, const PrivateAlsPlan& plan,
                         const AlsOptions& als, int threads);

// Adds the noise of the epoch, and takes away what is exact: users, weights, hashes. Same values for every number of
// threads with the same seed. REQUIRES: exact sums with `plan`.
void add_private_noise(AlsSums& sums, const PrivateAlsPlan& plan, std::optional<uint64_t> seed, const std::string& name,
                       int threads);

// The next model. Throws Error for options that are none, and where a system is not positive definite.
// REQUIRES: sums with noise and `plan`.
Artefact private_als_model_of(AlsSums sums, const PrivateAlsPlan& plan, const std::string& name, int threads);

}  // namespace rec
