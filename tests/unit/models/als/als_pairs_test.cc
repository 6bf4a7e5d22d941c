#include "models/als/als_pairs.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "small_data.h"

namespace rec::als_pairs_test {
namespace {

// u: a at 100 and 90, b at 80; v: a at 70.
Interactions timed() {
  RowsBuilder rows;
  rows.add("u", "a", 1.0f);
  rows.add("u", "a", 2.0f);
  rows.add("u", "b", 4.0f);
  rows.add("v", "a", 0.0f);
  Interactions data = rows.build();
  data.timestamp = {90, 100, 80, 70};
  return data;
}

TEST_CASE("als_pairs: without confidence and decay all weigh 1") {
  const Csr pairs = als_pairs(timed(), {});
  CHECK(pairs.index == std::vector<uint32_t>{0, 1, 0});
  CHECK(pairs.weight.empty());
}

TEST_CASE("als_pairs: a pair decays by its newest row, and the confidence decays with it") {
  AlsOptions options;
  options.half_life = 10;
  CHECK(als_pairs(timed(), options).weight == std::vector<float>{1.0f, 0.25f, 0.125f});
  options.now = 120;
  CHECK(als_pairs(timed(), options).weight == std::vector<float>{0.25f, 0.0625f, 0.03125f});
  options.now.reset();
  options.confidence = Confidence::kLinear;
  options.confidence_scale = 2;
  CHECK(als_pairs(timed(), options).weight == std::vector<float>{7.0f, 9.0f * 0.25f, 0.125f});
}

TEST_CASE("als_pairs: weights multiply, by the mean of a pair's rows") {
  Interactions data = timed();
  data.weight = {2.0f, 4.0f, 0.5f, 8.0f};
  AlsOptions options;
  CHECK(als_pairs(data, options).weight == std::vector<float>{3.0f, 0.5f, 8.0f});
  options.half_life = 10;
  options.confidence = Confidence::kLinear;
  options.confidence_scale = 2;
  CHECK(als_pairs(data, options).weight == std::vector<float>{3.0f * 7.0f, 0.5f * 9.0f * 0.25f, 8.0f * 0.125f});
}

TEST_CASE("als_history: the weights of training") {
  AlsOptions options;
  options.confidence = Confidence::kLinear;
  options.half_life = 10;
  options.now = 100;
  const std::vector<uint32_t> item{0, 0, 1};
  const std::vector<float> value{1, 2, 4};
  const std::vector<double> time{90, 100, 80};
  const AlsHistory same = als_history({item, value, time}, options);
  CHECK(same.item == std::vector<uint32_t>{0, 1});
  CHECK(same.weight == std::vector<float>{4.0f, 5.0f * 0.25f});
  // What came after training counts from itself.
  options.now = 50;
  CHECK(als_history({item, value, time}, options).weight == same.weight);
  // Without times nothing decays; without values and confidence all are 1.
  CHECK(als_history({item, value, {}}, options).weight == std::vector<float>{4.0f, 5.0f});
  options.confidence = Confidence::kNone;
  CHECK(als_history({item, {}, {}}, options).weight.empty());
  CHECK(als_history({item, {}, time}, options).weight == std::vector<float>{1.0f, 0.25f});
}

TEST_CASE("AlsOptions: there and back through a model, and those of an earlier version") {
  AlsOptions options;
  options.dim = 200;
  options.block = 48;
  options.epochs = 3;
  options.unobserved_weight = 0.3;
  options.regularization = 1e-7;
  options.exponent = 0.9;
  options.stddev = 0.25;
  options.seed = 18446744073709551615u;
  options.confidence = Confidence::kLog;
  options.confidence_scale = 7;
  options.half_life = 86400;
  options.now = 1.5e9;
  Artefact artefact;
  write_options(options, artefact.meta);
  const auto read = [](const Artefact& from) {
    AlsOptions its;
    read_options(from.meta, its);
    return its;
  };
  const AlsOptions back = read(artefact);
  Artefact again;
  write_options(back, again.meta);
  CHECK(again.meta == artefact.meta);
  CHECK(back.seed == options.seed);
  CHECK(back.now->time == Time(1.5e9));
  artefact.meta.erase("block");
  CHECK(read(artefact).block_factors() == 32);
  CHECK(read({}).block_factors() == 0);
  artefact.meta["seed"] = "1x";
  CHECK_THROWS_AS(read(artefact), Error);
}

}  // namespace
}  // namespace rec::als_pairs_test
