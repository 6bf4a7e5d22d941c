#include "train/private_als_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "data/part_sums.h"
#include "models/common/popularity.h"
#include "privacy/accountant.h"
#include "privacy/privacy_options.h"
#include "privacy/private_sums.h"

namespace rec {
namespace {

constexpr const char* kEpochs = "dp-epochs";
constexpr const char* kUsers = "dp-users";

// What one model hands on to the next: all that it says of its privacy but the numbers that have changed.
void hand_on(const std::map<std::string, std::string>& from, std::map<std::string, std::string>& to) {
  for (const auto& [key, value] : from) {
    if ((key.starts_with("dp-") && key != kUsers && key != "dp-seed") || key == "max-per-user") to[key] = value;
  }
}

PrivateAls private_als_of(const Artefact& base) {
  const Artefact::Tensor* factors = base.find("items.factors");
  if (factors == nullptr || factors->rows() == 0) fail("no rows in tensor \"items.factors\"");
  PrivateAls model;
  model.items = Matrix(factors->rows(), factors->cols());
  for (size_t item = 0; item < factors->rows(); ++item)
    std::copy_n(factors->view().row(item), factors->cols(), model.items.row(item));
  if (!base.meta.contains(kUsers)) return model;
  const Artefact::Tensor* counts = base.find(kItemCounts);
  if (counts == nullptr) fail("no tensor \"{}\"", kItemCounts);
  model.counts.assign(counts->floats(), counts->floats() + counts->rows());
  const auto users = parse_integer<int64_t>(base.meta.at(kUsers));
  if (!users || *users < 1 || *users > int64_t{1} << 32) fail("meta \"{}\": expected a number of users", kUsers);
  model.users = *users;
  const float most = std::ldexp(1.0f, 62 - kAlsSumBits);
  if (std::any_of(model.counts.begin(), model.counts.end(),
                  [&](float count) { return !(count >= 0.0f && count <= most); }))
    fail("tensor \"{}\": expected numbers of users", kItemCounts);
  return model;
}

}  // namespace

PrivateAlsOptions PrivateAlsPlan::options(AlsOptions als, std::optional<uint64_t> seed) const {
  als.block = 0;
  return {.als = std::move(als),
          .left = left,
          .max_per_user = max_per_user,
          .multiplier = noise_multiplier(epsilon, delta, private_als_releases(epochs, left)),
          .seed = seed};
}

void PrivateAlsPlan::write(std::map<std::string, std::string>& meta) const {
  meta[kEpochs] = std::to_string(epochs);
  meta[kLeftSide] = name_in(kPrivateLeftNames, left);
}

std::optional<PrivateAlsPlan> private_als_plan(const std::map<std::string, std::string>& meta,
                                               const std::string& name) {
  if (!meta.contains(kEpochs)) return {};
  const auto text = [&](const char* key) {
    const auto found = meta.find(key);
    return found == meta.end() ? std::string() : found->second;
  };
  const auto check = [&](const char* key, bool is_good, const char* expected) {
    if (!is_good) fail("{}: meta \"{}\": expected {}, found \"{}\"", name, key, expected, printable(text(key)));
  };
  const auto epsilon = parse_number<double>(text("dp-epsilon"));
  check("dp-epsilon", epsilon && *epsilon > 0.0 && *epsilon <= kMaxEpsilon, "a number above 0 and at most 20");
  const auto delta = parse_number<double>(text("dp-delta"));
  check("dp-delta", delta && *delta >= kLeastDelta && *delta < 1.0, "a number of at least 1e-10 and below 1");
  const auto cap = parse_integer<uint32_t>(text("max-per-user"));
  check("max-per-user", cap && *cap > 0, "a whole number above 0");
  const auto epochs = parse_integer<int>(text(kEpochs));
  check(kEpochs, epochs && *epochs > 0, "a whole number above 0");
  const auto left = value_in(kPrivateLeftNames, text(kLeftSide));
  check(kLeftSide, left.has_value(), "shared or own");
  return PrivateAlsPlan{*epsilon, *delta, *cap, *epochs, *left};
}

void check_noise_options(const PrivateAlsPlan& plan, double epsilon, std::optional<double> delta,
                         const std::string& name) {
  if (epsilon != plan.epsilon) fail_usage("--dp-epsilon {}: {} is of a training with {}", epsilon, name, plan.epsilon);
  if (delta && *delta != plan.delta) fail_usage("--dp-delta {}: {} is of a training with {}", *delta, name, plan.delta);
}

std::string private_als_text(const AlsSums& sums, const PrivateAlsPlan& plan, const std::string& name) {
  AlsOptions all = als_options_of(sums, name);
  all.epochs = plan.epochs;
  PrivacyOptions privacy;
  privacy.epsilon = plan.epsilon;
  privacy.delta = plan.delta;
  privacy.max_per_user = plan.max_per_user;
  return fmt::format("epoch {} of {}: {}", sums.epoch(), plan.epochs,
                     privacy.text(private_als_mechanism(plan.options(all), sums.items.size())));
}

Artefact private_als_artefact(const AlsOptions& als, IdTable items, PrivateAls model) {
  Artefact artefact;
  describe_model(als, artefact.meta);
  artefact.items = std::move(items);
  artefact.take("items.factors", std::move(model.items));
  if (model.counts.empty()) return artefact;
  artefact.add(kItemCounts, model.counts);
  artefact.meta[kUsers] = std::to_string(model.users);
  return artefact;
}

AlsSums private_als_part(const Csr& contributions, const Artefact& base, const PrivateAlsPlan& plan,
                         const AlsOptions& als, int threads) {
  if (als.epochs > plan.epochs)
    fail("its noise is for {} epoch{} and no more", plan.epochs, plan.epochs == 1 ? "" : "s");
  const size_t items = base.items.size();
  const PrivateAls model = private_als_of(base);
  if (model.items.cols() != static_cast<size_t>(als.dim)) fail("{} factors, expected {}", model.items.cols(), als.dim);
  if (model.counts.size() != (als.epochs > 1 ? items : 0))
    fail("the counts of private als are not those of its epochs");
  const PrivateAlsOptions options = plan.options(als.resolved(items));
  AlsSums sums;
  sums.items = base.items;
  sums.systems = private_als_sums(contributions, model.items, options, threads);
  sums.item_users = count_sums(contributions, items);
  if (als.epochs > 1) sums.counts = count_steps(model);
  sums.base = digest_of_items(base.items, model.items, sums.counts);
  AlsOptions its = options.als;
  write_options(its, sums.options);
  hand_on(base.meta, sums.options);
  if (sums.options[kHolds] != kHoldsNot) sums.options[kHolds] = kHoldsNotYet;
  return sums;
}

void add_private_noise(AlsSums& sums, const PrivateAlsPlan& plan, std::optional<uint64_t> seed, const std::string& name,
                       int threads) {
  const PrivateAlsOptions options = plan.options(als_options_of(sums, name), seed);
  const PrivateAlsNoise noise(options, sums.items.size());
  if (sums.epoch() == 1) sums.counts = private_als_counts(sums.item_users, sums.systems.users, noise, seed);
  add_noise(sums.systems, noise, options, static_cast<uint64_t>(sums.epoch()), threads);
  sums.item_users.clear();
  sums.hashes.reset();
  sums.releases = 1;
  if (seed) sums.options[kHolds] = kHoldsNot;
  if (sums.options[kHolds] == kHoldsNotYet) sums.options[kHolds] = "yes";
}

Artefact private_als_model_of(AlsSums sums, const PrivateAlsPlan& plan, const std::string& name, int threads) {
  const PrivateAlsOptions options = plan.options(als_options_of(sums, name));
  PrivateAls model;
  set_counts(model, sums.counts);
  solve_private_items(model, std::move(sums.systems), PrivateAlsNoise(options, sums.items.size()), options,
                      sums.releases, threads);
  Artefact artefact = private_als_artefact(options.als, std::move(sums.items), std::move(model));
  hand_on(sums.options, artefact.meta);
  return artefact;
}

}  // namespace rec
