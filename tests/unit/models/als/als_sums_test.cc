#include "models/als/als_sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/rng.h"
#include "data/part_sums.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/common/popularity.h"
#include "sum_data.h"

namespace rec::als_sums_test {

namespace {

RowsBuilder random_rows(int users, int items, uint64_t seed) {
  RowsBuilder rows;
  Rng random(seed);
  for (int item = 0; item < items; ++item) rows.add("u" + std::to_string(item % users), "i" + std::to_string(item));
  for (int user = 0; user < users; ++user) {
    const auto count = 1 + random.below(12);
    for (uint64_t at = 0; at < count; ++at) {
      const uint64_t item = random.below(static_cast<uint64_t>(items)) * random.below(static_cast<uint64_t>(items)) /
                            static_cast<uint64_t>(items);
      rows.add("u" + std::to_string(user), "i" + std::to_string(item), static_cast<float>(1 + random.below(5)));
    }
  }
  return rows;
}

AlsOptions small_options(const Interactions& data) {
  AlsOptions options;
  options.dim = 5;
  return options.resolved(data.items.size());
}

// The model after some epochs of one process.
Artefact plain(const Interactions& data, const AlsOptions& options, int epochs) {
  AlsTrainer trainer(data, als_pairs(data, options), options, 1);
  for (int epoch = 0; epoch < epochs; ++epoch) trainer.epoch();
  Artefact model = trainer.artefact();
  model.items.index();
  return model;
}

AlsSums sums_of(const RowsBuilder& rows, const Artefact& base, const AlsOptions& options, int threads = 1) {
  const Interactions data = rows.build();
  AlsSums sums = als_part_sums(data, base, options, threads).sums;
  sums.hashes = user_hashes(data);
  return sums;
}

std::string error_of_sum(const AlsSums& a, const AlsSums& b) {
  try {
    AlsSums sum = a;
    add_als_sums(sum, b, "a", "b");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("als_systems: two users and two items, by hand") {
  Csr by_user;  // u has a and b with weights 1 and 3, v has b with weight 2, w has none
  by_user.begin = {0, 2, 3, 3};
  by_user.index = {0, 1, 1};
  by_user.weight = {1.0f, 3.0f, 2.0f};
  Matrix users(3, 2);
  users(0, 0) = 1.0f;
  users(0, 1) = -0.5f;
  users(1, 0) = 0.25f;
  users(1, 1) = 2.0f;
  users(2, 0) = 100.0f;  // does not count
  const AlsSystems sums = als_systems(by_user, users, 2, 1);
  const auto steps = [](double value) { return static_cast<int64_t>(value * (int64_t{1} << kAlsSumBits)); };
  CHECK(sums.users == 2);
  CHECK(sums.gram == std::vector<int64_t>{steps(1.0625), steps(0.0), steps(4.25)});
  CHECK(sums.left ==
        std::vector<int64_t>{steps(1.0), steps(-0.5), steps(0.25), steps(3.125), steps(-0.5), steps(8.75)});
  CHECK(sums.right == std::vector<int64_t>{steps(1.0), steps(-0.5), steps(3.5), steps(2.5)});
  CHECK(sums.weights == std::vector<int64_t>{steps(1.0), steps(5.0)});
}

TEST_CASE("als_systems: a term that is no whole step is rounded to the nearest, whatever stands before it") {
  Csr by_user;
  by_user.begin = {0};
  Matrix users(3000, 1);
  const float third = 1.0f / 3.0f;
  for (size_t user = 0; user < 3000; ++user) {
    by_user.index.push_back(0);
    by_user.begin.push_back(user + 1);
    users(user, 0) = user % 2 == 0 ? third : 1000.0f;
  }
  const AlsSystems sums = als_systems(by_user, users, 1, 2);
  const auto one = [](double value) { return std::llround(std::ldexp(value, kAlsSumBits)); };
  const int64_t expected = 1500 * (one(static_cast<double>(third) * static_cast<double>(third)) + one(1e6));
  CHECK(sums.left[0] == expected);
  CHECK(sums.gram[0] == expected);
  CHECK(sums.right[0] == 1500 * (one(static_cast<double>(third)) + one(1000.0)));
  users(0, 0) = 2000.0f;
  CHECK_THROWS_AS(als_systems(by_user, users, 1, 1), Error);
  users(0, 0) = std::nanf("");
  CHECK_THROWS_AS(als_systems(by_user, users, 1, 1), Error);
}

TEST_CASE("als_systems: sums over all users beyond 64 bits are an error, where those of each item are not") {
  Csr by_user;
  by_user.begin = {0};
  for (uint32_t user = 0; user < 9000; ++user) {
    by_user.index.push_back(user % 9);
    by_user.begin.push_back(user + 1);
  }
  Matrix users(9000, 1);
  for (size_t user = 0; user < 9000; ++user) users(user, 0) = 1000.0f;
  CHECK_THROWS_WITH(als_systems(by_user, users, 9, 1), "als: the sums are beyond 64 bits");
  CHECK_THROWS_WITH(als_systems(by_user, users, 9, 3), "als: the sums are beyond 64 bits");
}

TEST_CASE("sums of als in parts add up to the bytes of the whole, for any partition of users and any grouping") {
  for (const Confidence confidence : {Confidence::kNone, Confidence::kLog}) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(seed);
      const RowsBuilder rows = random_rows(60, 50, seed);
      const Interactions data = rows.build();
      AlsOptions options = small_options(data);
      options.confidence = confidence;
      const Artefact base = plain(data, options, static_cast<int>(seed % 3));
      const std::string whole = content(sums_of(rows, base, options));
      CHECK(content(sums_of(rows, base, options, 3)) == whole);
      std::vector<AlsSums> sums;
      for (const RowsBuilder& part : parted(rows, 1 + seed % 7, seed)) sums.push_back(sums_of(part, base, options));
      Rng random(seed);
      while (sums.size() > 1) {  // any two, in either order
        const size_t at = random.below(sums.size());
        const AlsSums one = std::move(sums[at]);
        sums.erase(sums.begin() + static_cast<std::ptrdiff_t>(at));
        add_als_sums(sums[random.below(sums.size())], one, "sum", "part");
      }
      CHECK(content(sums.front()) == whole);
      CHECK(content(read_als_sums(to_artefact(sums.front()), "f")) == whole);
    }
  }
}

TEST_CASE("models of sums: the item vectors of a plain run but for rounding, the same for every number of threads") {
  for (const Confidence confidence : {Confidence::kNone, Confidence::kLinear}) {
    for (const double exponent : {1.0, 0.5}) {
      const RowsBuilder rows = random_rows(300, 60, 9);
      const Interactions data = rows.build();
      AlsOptions options = small_options(data);
      options.confidence = confidence;
      options.exponent = exponent;
      Artefact base = plain(data, options, 0);
      for (int epoch = 1; epoch <= 4; ++epoch) {
        AlsSums sums;
        for (const RowsBuilder& part : parted(rows, 3, 4)) {
          if (AlsSums one = sums_of(part, base, options); sums.items.size() == 0)
            sums = std::move(one);
          else
            add_als_sums(sums, one, "a", "b");
        }
        const Artefact next = als_model_of(sums, "f", 1);
        const Artefact again = als_model_of(sums, "f", 3);
        const Artefact expected = plain(data, options, epoch);
        const ConstMatrixView got = next.find("items.factors")->view(), its = expected.find("items.factors")->view();
        double most = 0.0, largest = 0.0;
        for (size_t item = 0; item < got.rows; ++item) {
          for (size_t f = 0; f < got.cols; ++f) {
            most = std::max(most, static_cast<double>(std::abs(got(item, f) - its(item, f))));
            largest = std::max(largest, static_cast<double>(std::abs(its(item, f))));
            CHECK(again.find("items.factors")->view()(item, f) == got(item, f));
          }
          CHECK(next.find(kItemCounts)->floats()[item] == expected.find(kItemCounts)->floats()[item]);
        }
        CAPTURE(epoch);
        CHECK(most < 2e-4 * largest);
        CHECK(next.users.size() == 0);
        base = next;
        base.items.index();
      }
    }
  }
}

TEST_CASE("sums of weighted rows: the parts' are those of the whole, and the item vectors those of a plain run") {
  RowsBuilder rows = random_rows(120, 40, 3);
  const auto weighted = [](const RowsBuilder& its) {
    Interactions data = its.build();
    for (const float value : its.values) data.weight.push_back(0.25f * value);
    return data;
  };
  const Interactions data = weighted(rows);
  const AlsOptions options = small_options(data);
  const Artefact base = plain(data, options, 0);
  const auto sums_of_part = [&](const RowsBuilder& part) {
    return als_part_sums(weighted(part), base, options, 2).sums;
  };
  const std::vector<RowsBuilder> parts = parted(rows, 3, 2);
  AlsSums sums = sums_of_part(parts[0]);
  for (size_t part = 1; part < parts.size(); ++part) add_als_sums(sums, sums_of_part(parts[part]), "a", "b");
  CHECK(content(sums) == content(sums_of_part(rows)));
  CHECK(content(sums) != content(als_part_sums(rows.build(), base, options, 1).sums));
  const Artefact next = als_model_of(sums, "f", 1), expected = plain(data, options, 1);
  for (size_t item = 0; item < 40; ++item) {
    for (size_t f = 0; f < 5; ++f)
      CHECK(next.find("items.factors")->view()(item, f) ==
            doctest::Approx(expected.find("items.factors")->view()(item, f)).epsilon(1e-3).scale(0.1));
  }
}

TEST_CASE("als_items_of: without left sides an item has its share of the Gramian of all users") {
  AlsSystems sums(2, 2, false);
  const auto steps = [](double value) { return static_cast<int64_t>(value * (int64_t{1} << kAlsSumBits)); };
  sums.users = 4;
  sums.gram = {steps(2.0), steps(0.5), steps(1.0)};
  sums.weights = {steps(1.0), 0};
  sums.right = {steps(1.0), steps(-1.0), steps(1.0), steps(1.0)};
  AlsOptions options;
  options.dim = 2;
  options.unobserved_weight = 0.25;
  options.regularization = 0.5;
  const Matrix items = als_items_of(sums, options, 1);
  // (1/4 + 1/4) G + 1/2 (1 + 1/4 · 4) 1 = (2, 0.25; 0.25, 1.5)
  CHECK(items(0, 0) == doctest::Approx(1.75 / 2.9375));
  CHECK(items(0, 1) == doctest::Approx(-2.25 / 2.9375));
  CHECK(items(1, 0) == 0.0f);
}

TEST_CASE("items of the base that nobody has are 0; items that it lacks are left out and counted") {
  RowsBuilder known;
  for (const char* item : {"a", "b", "c"}) known.add("x", item);
  const Interactions data = known.build();
  const AlsOptions options = small_options(data);
  const Artefact base = plain(data, options, 0);
  RowsBuilder part;
  part.add("u", "a");
  part.add("u", "other");
  part.add("v", "b");
  part.add("w", "other");
  const AlsPartSums sums = als_part_sums(part.build(), base, options, 1);
  AlsOptions wider = options;
  wider.dim = 6;
  CHECK_THROWS_WITH(als_part_sums(part.build(), base, wider, 1), "5 factors, expected 6");
  CHECK(sums.unknown_pairs == 2);
  CHECK(sums.sums.systems.users == 2);  // w has nothing
  CHECK(sums.sums.item_users == std::vector<int64_t>{1, 1, 0});
  const Artefact model = als_model_of(sums.sums, "f", 1);
  for (size_t f = 0; f < 5; ++f) CHECK(model.find("items.factors")->view()(2, f) == 0.0f);
}

TEST_CASE("sums of als that do not belong together are refused, with what differs") {
  const RowsBuilder rows = random_rows(20, 15, 1);
  RowsBuilder more;
  more.add("x1", "i1");
  const Interactions data = rows.build();
  const AlsOptions options = small_options(data);
  const Artefact base = plain(data, options, 1);
  const AlsSums a = sums_of(rows, base, options);
  CHECK(error_of_sum(a, sums_of(more, base, options)).empty());
  CHECK(error_of_sum(a, a) ==
        "b: 20 users that another part has, too (--user-hashes): all rows of a user belong into one part");
  AlsOptions other = options;
  other.unobserved_weight = 0.5;
  CHECK(error_of_sum(a, sums_of(more, base, other)) ==
        "b: unobserved-weight 0.5, a has 0.1: all parts need the same options");
  CHECK(error_of_sum(a, sums_of(more, plain(data, options, 2), options)) ==
        "b: other item vectors than a: all parts need the same model of --init");
  CHECK(error_of_sum(a, sums_of(more, plain(random_rows(20, 16, 1).build(), options, 1), options)) ==
        "b: other items than a: all parts need the same model of --init");
  AlsSums no_hashes = sums_of(more, base, options);
  no_hashes.hashes.reset();
  CHECK(error_of_sum(a, no_hashes) == "b: it has no --user-hashes, a has them: all parts need the same options");
  AlsSums vast = sums_of(more, base, options);
  vast.systems.gram[0] = INT64_MAX;
  CHECK(error_of_sum(a, vast) == "b: the sums are beyond 64 bits");
}

TEST_CASE("files that are no sums of als, or do not fit together, are refused") {
  const RowsBuilder rows = random_rows(6, 8, 1);
  const Interactions data = rows.build();
  const AlsOptions options = small_options(data);
  const AlsSums good = sums_of(rows, plain(data, options, 0), options);
  const auto error_of = [](const Artefact& artefact) -> std::string {
    try {
      als_model_of(read_als_sums(artefact, "f"), "f", 1);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(error_of(to_artefact(good)).empty());
  CHECK(error_of({}) == "f: a model, expected statistics; rec-embed als with --statistics-only makes them");
  const auto with = [&](const char* key, const char* value) {
    Artefact artefact = to_artefact(good);
    artefact.meta[key] = value;
    return error_of(artefact);
  };
  CHECK(with("statistics", "items") == "f: statistics \"items\", expected als");
  CHECK(with("statistics-bits", "29") == "f: meta \"statistics-bits\": expected 30");
  CHECK(with("statistics-users", "x") == "f: meta \"statistics-users\": expected a whole number");
  CHECK(with("dim", "6") == "f: tensor \"gram\" is 15 x 1, expected 21 x 1");
  CHECK(with("block", "16") == "f: meta \"block\": expected 0: users are solved for exactly");
  CHECK(with("epochs", "0") == "f: meta \"epochs\": expected 1 or more");
  CHECK(with("dp-releases", "0") == "f: meta \"dp-releases\": expected 1 or more");
  CHECK(with("dp-releases", "1") == "f: no tensor \"counts\"");
  CHECK(with("dim", "0") == "f: meta \"dim\": expected 1 to 1024");
  CHECK(with("reg", "-1").starts_with("f: "));
  AlsSums negative = good;
  negative.item_users[0] = -1;
  CHECK(error_of(to_artefact(negative)) == "f: tensor \"items.users\" holds a number below 0");
  AlsSums nameless = good;
  nameless.options.erase("reg");
  CHECK(error_of(to_artefact(nameless)) == "f: no meta \"reg\"");
}

}  // namespace rec::als_sums_test
