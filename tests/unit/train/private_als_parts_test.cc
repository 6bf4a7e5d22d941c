#include "train/private_als_parts.h"
#include "random_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "models/als/als_start.h"
#include "privacy/accountant.h"
#include "privacy/contributions.h"
#include "privacy/privacy_options.h"
#include "sum_data.h"

namespace rec::private_als_parts_test {

namespace {

constexpr int kItems = 30;

PrivateAlsPlan plan_of(PrivateLeft left, int epochs = 2) {
  return {.epsilon = 5.0, .delta = 1e-5, .max_per_user = 6, .epochs = epochs, .left = left};
}

AlsOptions als_options() {
  AlsOptions als;
  als.dim = 4;
  return als.resolved(kItems);
}

void say_privacy(const PrivateAlsPlan& plan, Artefact& model) {
  PrivacyOptions privacy;
  privacy.epsilon = plan.epsilon;
  privacy.delta = plan.delta;
  privacy.max_per_user = plan.max_per_user;
  privacy.write(model.meta, "sums");
  plan.write(model.meta);
}

Artefact start_of(const PrivateAlsPlan& plan) {
  AlsOptions als = als_options();
  als.epochs = 0;
  als.block = 0;
  PrivateAls model;
  model.items = als_start(kItems, als);
  Artefact start = private_als_artefact(als, item_list(kItems), std::move(model));
  say_privacy(plan, start);
  start.items.index();
  return start;
}

AlsSums part_of(const RowsBuilder& rows, const Artefact& base, const PrivateAlsPlan& plan, int epoch, int threads = 1) {
  AlsOptions als = als_options();
  als.epochs = epoch;
  return private_als_part(bounded_contributions(rows.build(), base.items, plan.max_per_user), base, plan, als, threads);
}

AlsSums added(std::vector<AlsSums> parts) {
  for (size_t at = 1; at < parts.size(); ++at) add_als_sums(parts[0], parts[at], "a", "b");
  return std::move(parts[0]);
}

// Through a file.
AlsSums read_again(AlsSums sums) { return read_als_sums(to_artefact(std::move(sums)), "f"); }

std::vector<float> vectors(const Artefact& model) {
  const Artefact::Tensor* factors = model.find("items.factors");
  return {factors->floats(), factors->floats() + factors->rows() * factors->cols()};
}

std::string error_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("private als of parts: the model of one run with the same seed, bit by bit, for any partition") {
  const RowsBuilder rows = random_rows(900, 20, 8);  // ten items have no user
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    const PrivateAlsPlan plan = plan_of(left, 3);
    AlsOptions als = als_options();
    als.epochs = plan.epochs;
    const Artefact start = start_of(plan);
    const Csr all = bounded_contributions(rows.build(), start.items, plan.max_per_user);
    const PrivateAls one = fit_private_als(all, kItems, plan.options(als, 3), 2, [](int) {});
    Artefact whole = private_als_artefact(plan.options(als).als, start.items, one);
    const std::vector<float> expected = vectors(whole);
    CHECK(std::count(expected.begin(), expected.end(), 0.0f) < 15 * 4);
    say_privacy(plan, whole);
    for (const size_t parts : {1u, 3u}) {
      Artefact model = start;
      for (int epoch = 1; epoch <= plan.epochs; ++epoch) {
        std::vector<AlsSums> sums;
        for (const RowsBuilder& part : parted(rows, parts, 4))
          sums.push_back(read_again(part_of(part, model, plan, epoch)));
        AlsSums sum = added(std::move(sums));
        CHECK(sum.options.at("dp-holds") == (epoch == 1 ? kHoldsNotYet : kHoldsNot));
        add_private_noise(sum, plan, 3, "f", 1 + static_cast<int>(parts));
        CHECK(content(read_again(sum)) == content(sum));
        model = private_als_model_of(read_again(std::move(sum)), plan, "f", 2);
        model.items.index();
      }
      CHECK(vectors(model) == expected);
      whole.meta["dp-holds"] = kHoldsNot;
      CHECK(model.meta == whole.meta);
      const Artefact::Tensor *got = model.find("items.count"), *its = whole.find("items.count");
      CHECK(std::equal(its->floats(), its->floats() + kItems, got->floats()));
    }
  }
}

TEST_CASE("private als of parts: one user moves the sum of all parts by no more than the sensitivity, in each epoch") {
  RowsBuilder rows = random_rows(40, kItems + 4, 2);
  for (int item = 0; item < kItems; ++item) rows.add("everything", "i" + std::to_string(item));
  const IdTable users = rows.build().users;
  const PrivateAlsPlan plan = plan_of(PrivateLeft::kOwn);
  AlsOptions als = als_options();
  als.epochs = plan.epochs;
  const PrivateAlsNoise noise(plan.options(als), kItems);
  Artefact model = start_of(plan);
  for (int epoch = 1; epoch <= plan.epochs; ++epoch) {
    const auto sum_of = [&](const RowsBuilder& its) {
      std::vector<AlsSums> sums;
      for (const RowsBuilder& part : parted(its, 3, 4)) sums.push_back(part_of(part, model, plan, epoch));
      return added(std::move(sums));
    };
    // Once both are rounded down to the grid of the noise.
    const auto distance = [](const std::vector<int64_t>& a, const std::vector<int64_t>& b, const SumNoise& its,
                             size_t n) {
      double squares = 0.0;
      for (size_t at = 0, row = 0, column = 0; at < a.size(); ++at) {
        const int shift = kAlsSumBits - its.grid().bits;
        const double moved = std::ldexp(static_cast<double>((a[at] >> shift) - (b[at] >> shift)), -its.grid().bits);
        squares += (n > 0 && column != row ? 2.0 : 1.0) * moved * moved;
        if (n == 0 || ++column < n) continue;
        row = (row + 1) % n;
        column = row;
      }
      return std::sqrt(squares);
    };
    const AlsSums with = sum_of(rows);
    double counts = 0.0, gram = 0.0, left = 0.0, right = 0.0;
    for (uint32_t user = 0; user < users.size(); ++user) {
      const AlsSums less = sum_of(without(rows, users[user]));
      double squares = std::pow(static_cast<double>(with.systems.users - less.systems.users), 2.0);
      for (size_t item = 0; item < kItems; ++item)
        squares += std::pow(static_cast<double>(with.item_users[item] - less.item_users[item]), 2.0);
      counts = std::max(counts, std::sqrt(squares));
      gram = std::max(gram, distance(with.systems.gram, less.systems.gram, noise.gram, 4));
      left = std::max(left, distance(with.systems.left, less.systems.left, noise.left, 4));
      right = std::max(right, distance(with.systems.right, less.systems.right, noise.right, 0));
      if (epoch > 1) CHECK(with.counts == less.counts);  // the noisy ones, of the model
    }
    CHECK(counts <= noise.counts.sensitivity());
    CHECK(counts == doctest::Approx(std::sqrt(7.0)));
    CHECK(gram <= noise.gram.sensitivity());
    CHECK(gram > 0.9);
    CHECK(left <= noise.left.sensitivity());
    CHECK(left > 0.9 * std::sqrt(6.0));
    CHECK(right <= noise.right.sensitivity());
    CHECK(right > 0.9 * std::sqrt(6.0));
    AlsSums noisy = with;
    add_private_noise(noisy, plan, 1, "f", 1);
    model = private_als_model_of(noisy, plan, "f", 1);
    model.items.index();
  }
}

TEST_CASE("private als of parts: all releases of all epochs together are what epsilon and delta allow") {
  for (const PrivateLeft left : {PrivateLeft::kShared, PrivateLeft::kOwn}) {
    for (const int epochs : {1, 2, 7}) {
      const PrivateAlsPlan plan = plan_of(left, epochs);
      AlsOptions als = als_options();
      als.epochs = epochs;
      const PrivateAlsOptions options = plan.options(als);
      // The deviation of each noise by the sensitivity of its sum, as PrivateAlsNoise draws them.
      const PrivateAlsNoise noise(options, kItems);
      const auto multiplier = [](const SumNoise& its) {
        return std::ldexp(static_cast<double>(its.grid().deviation), -its.grid().bits) / its.sensitivity();
      };
      std::vector<double> all{multiplier(noise.counts)};
      for (int epoch = 0; epoch < epochs; ++epoch) {
        all.push_back(multiplier(noise.gram));
        all.push_back(multiplier(noise.right));
        if (left == PrivateLeft::kOwn) all.push_back(multiplier(noise.left));
      }
      const double epsilon = gaussian_epsilon(composed_mu(all), plan.delta);
      CHECK(epsilon <= plan.epsilon * (1.0 + 1e-9));
      CHECK(epsilon > plan.epsilon * 0.9999);
    }
  }
}

TEST_CASE("private als of parts: noise of each party adds up, and an item has to be longer than that") {
  const PrivateAlsPlan plan = plan_of(PrivateLeft::kShared);
  const Artefact start = start_of(plan);
  const RowsBuilder none = [] {
    RowsBuilder rows;
    rows.add("x", "not listed");
    return rows;
  }();
  AlsOptions als = als_options();
  als.epochs = plan.epochs;
  const PrivateAlsNoise noise(plan.options(als), kItems);
  std::vector<AlsSums> parts;
  for (int part = 0; part < 16; ++part) {
    parts.push_back(part_of(none, start, plan, 1));
    add_private_noise(parts.back(), plan, 100 + static_cast<uint64_t>(part), "f", 1);
    CHECK(parts.back().item_users.empty());
    CHECK(parts.back().systems.users == 0);
  }
  const AlsSums sum = added(parts);
  CHECK(sum.releases == 16);
  const auto deviation = [](const std::vector<int64_t>& values) {
    double squares = 0.0;
    for (const int64_t value : values) squares += std::pow(std::ldexp(static_cast<double>(value), -kAlsSumBits), 2.0);
    return std::sqrt(squares / static_cast<double>(values.size()));
  };
  const double multiplier = plan.options(als).multiplier;
  CHECK(deviation(sum.systems.right) == doctest::Approx(4.0 * multiplier * noise.right.sensitivity()).epsilon(0.2));
  CHECK(deviation(sum.counts) == doctest::Approx(4.0 * 2.0 * multiplier * noise.counts.sensitivity()).epsilon(0.4));
  // An item of as many users as the noise of one party is long, which four parties hide.
  const double one = multiplier * noise.right.sensitivity() * std::sqrt(4.0);
  AlsSums made = sum;
  made.systems.gram = {1 << 30, 0, 0, 0, 1 << 30, 0, 0, 1 << 30, 0, 1 << 30};
  made.counts.assign(kItems + 1, std::llround(std::ldexp(1.5 * one, kAlsSumBits)));
  made.releases = 1;
  const auto is_zero = [](const Artefact& model) {
    const std::vector<float> all = vectors(model);
    return std::all_of(all.begin(), all.end(), [](float value) { return value == 0.0f; });
  };
  CHECK(!is_zero(private_als_model_of(made, plan, "f", 1)));
  made.releases = 4;
  CHECK(is_zero(private_als_model_of(made, plan, "f", 1)));
}

TEST_CASE("private als of parts: what does not belong together is refused") {
  const PrivateAlsPlan plan = plan_of(PrivateLeft::kShared);
  const Artefact start = start_of(plan);
  RowsBuilder rows = random_rows(300, kItems, 1), other;
  other.add("x", "i1");
  AlsSums exact = part_of(rows, start, plan, 1), noisy = part_of(other, start, plan, 1);
  const AlsSums also_exact = noisy;
  add_private_noise(noisy, plan, 1, "f", 1);
  CHECK(error_of([&] {
          AlsSums sum = exact;
          add_als_sums(sum, noisy, "a", "b");
        }).starts_with("b has noise, a has none"));
  AlsSums honest = also_exact;
  add_private_noise(honest, plan, {}, "f", 1);
  CHECK(error_of([&] {
          AlsSums sum = noisy;
          add_als_sums(sum, honest, "a", "b");
        }).starts_with("b: dp-holds yes, a has no, the noise is from --dp-seed"));
  PrivateAlsPlan longer = plan;
  longer.epochs = 3;
  CHECK(error_of([&] {
          AlsSums sum = exact;
          add_als_sums(sum, part_of(other, start_of(longer), longer, 1), "a", "b");
        }).starts_with("b: dp-epochs 3, a has 2"));
  CHECK(error_of([&] { part_of(other, start, plan, 3); }) == "its noise is for 2 epochs and no more");
  CHECK(error_of([&] { part_of(other, start, plan, 2); }) == "the counts of private als are not those of its epochs");
  // Of another noise in the first epoch.
  const auto after_one = [&](uint64_t seed) {
    AlsSums sums = exact;
    add_private_noise(sums, plan, seed, "f", 1);
    Artefact model = private_als_model_of(sums, plan, "f", 1);
    model.items.index();
    return model;
  };
  Artefact first = after_one(1), second = first;
  second.meta["dp-users"] = "17";
  CHECK(error_of([&] {
          AlsSums sum = part_of(rows, first, plan, 2);
          add_als_sums(sum, part_of(other, second, plan, 2), "a", "b");
        }) == "b: other item vectors than a: all parts need the same model of --init");
  second.meta["dp-users"] = "0";
  CHECK(error_of([&] { part_of(other, second, plan, 2); }) == "meta \"dp-users\": expected a number of users");
  CHECK(!private_als_plan({}, "f"));
  const auto with = [&](const char* key, const char* value) {
    std::map<std::string, std::string> meta = start.meta;
    meta[key] = value;
    return error_of([&] { private_als_plan(meta, "f"); });
  };
  CHECK(with("dp-epsilon", "20").empty());
  CHECK(with("dp-epsilon", "0") == "f: meta \"dp-epsilon\": expected a number above 0 and at most 20, found \"0\"");
  CHECK(with("dp-delta", "1") == "f: meta \"dp-delta\": expected a number of at least 1e-10 and below 1, found \"1\"");
  CHECK(with("max-per-user", "") == "f: meta \"max-per-user\": expected a whole number above 0, found \"\"");
  CHECK(with("dp-epochs", "-1") == "f: meta \"dp-epochs\": expected a whole number above 0, found \"-1\"");
  CHECK(with("dp-left-side", "none") == "f: meta \"dp-left-side\": expected shared or own, found \"none\"");
  CHECK_THROWS_AS(check_noise_options(plan, 4.0, {}, "f"), UsageError);
  CHECK_THROWS_AS(check_noise_options(plan, 5.0, 1e-6, "f"), UsageError);
  check_noise_options(plan, 5.0, 1e-5, "f");
}

}  // namespace rec::private_als_parts_test
