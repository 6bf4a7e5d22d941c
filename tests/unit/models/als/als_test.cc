#include "models/als/als_solver.h"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"
#include "models/als/als_trainer.h"

namespace rec::als_test {
namespace {

TEST_CASE("AlsSolver: one factor, by hand") {
  // Y = (1, 2)ᵀ, the user has item 1 with weight c: minimise
  // c (2x - 1)² + α0 (x² + 4x²) + ridge x²  =>  x = 2c / (4c + 5 α0 + ridge).
  Matrix Y(2, 1);
  Y(0, 0) = 1;
  Y(1, 0) = 2;
  AlsOptions options;
  options.dim = 1;
  options.unobserved_weight = 0.5;
  options.regularization = 0.25;
  options.exponent = 2.0;
  const AlsSolver solver(FixedFactors(Y, options, 1));
  CHECK(solver.side().ridge(3.0) == doctest::Approx(0.25 * 16.0));  // λ (3 + 0.5·2)²
  AlsSolver::Scratch scratch;
  const uint32_t index[] = {1};
  const float weight[] = {3.0f};
  float x = 0;
  solver.solve({index, weight}, &x, scratch);
  CHECK(x == doctest::Approx(6.0 / (12.0 + 2.5 + 4.0)));
  solver.solve({index, {}}, &x, scratch);
  CHECK(x == doctest::Approx(2.0 / (4.0 + 2.5 + 0.25 * 4.0)));
  solver.solve({{}, {}}, &x, scratch);
  CHECK(x == 0.0f);
}

TEST_CASE("AlsSolver: a system without any weight is refused") {
  const Matrix Y(2, 3);  // zero vectors
  AlsOptions options;
  options.dim = 3;
  options.regularization = 0;
  const AlsSolver solver(FixedFactors(Y, options, 1));
  AlsSolver::Scratch scratch;
  float x[3];
  CHECK_THROWS_AS(solver.solve({{}, {}}, x, scratch), Error);
}

TEST_CASE("AlsOptions: weights of values") {
  AlsOptions options;
  CHECK(options.weight(-3.0f) == 1.0f);
  options.confidence = Confidence::kLinear;
  options.confidence_scale = 2.0;
  CHECK(options.weight(3.0f) == 7.0f);
  CHECK_THROWS_AS(options.weight(-1.0f), Error);
  options.confidence = Confidence::kLog;
  CHECK(options.weight(3.0f) == doctest::Approx(1.0 + 2.0 * std::log(4.0)));
}

TEST_CASE("AlsOptions: ranges") {
  auto bad = [](auto change) {
    AlsOptions options;
    change(options);
    CHECK_THROWS_AS(options.check(), UsageError);
  };
  bad([](AlsOptions& o) { o.dim = 0; });
  bad([](AlsOptions& o) { o.dim = 1025; });
  bad([](AlsOptions& o) { o.epochs = -1; });
  bad([](AlsOptions& o) { o.block = 24; });
  bad([](AlsOptions& o) { o.block = 1040; });
  bad([](AlsOptions& o) { o.unobserved_weight = -1; });
  bad([](AlsOptions& o) { o.regularization = std::nan(""); });
  bad([](AlsOptions& o) {
    o.unobserved_weight = 0;
    o.regularization = 0;
  });
  bad([](AlsOptions& o) { o.stddev = 0; });
  bad([](AlsOptions& o) { o.exponent = 5; });
  bad([](AlsOptions& o) { o.init_power_iterations = -1; });
  AlsOptions().check();
}

TEST_CASE("AlsOptions: a regularisation that is not given goes by the catalogue's size") {
  AlsOptions options;
  options.unobserved_weight = 0.1;
  CHECK(*options.resolved(10000).regularization == doctest::Approx(0.004));
  CHECK(*options.resolved(100).regularization == 0.025);
  options.unobserved_weight = 0.0;
  CHECK(*options.resolved(10000).regularization == 0.025);
  options.regularization = 0.5;
  CHECK(*options.resolved(10000).regularization == 0.5);
}

TEST_CASE(
    "AlsTrainer: initial power iterations turn the vectors to the data's first directions, whatever the threads") {
  // Most users like the even items, the others the odd ones: one factor tells them apart.
  constexpr uint32_t kUsers = 80, kItems = 40;
  Interactions data;
  for (uint32_t item = 0; item < kItems; ++item) data.items.intern("i" + std::to_string(item));
  Csr rows;
  rows.begin = {0};
  for (uint32_t user = 0; user < kUsers; ++user) {
    for (uint32_t item = user % 4 == 0 ? 1 : 0; item < kItems; item += 2) {
      if ((user + item / 2) % 3 != 0) rows.index.push_back(item);
    }
    rows.begin.push_back(rows.index.size());
  }
  AlsOptions options;
  options.dim = 1;
  const auto after_one = [&](int passes, int threads) {
    options.init_power_iterations = passes;
    AlsTrainer trainer(data, rows, options, threads);
    trainer.epoch();
    return std::pair{trainer.objective(), trainer.items()(0, 0)};
  };
  AlsTrainer fitted(data, rows, options, 1);
  for (int epoch = 0; epoch < 50; ++epoch) fitted.epoch();
  const double random = after_one(0, 1).first - fitted.objective();
  CHECK(random > 0);
  CHECK(after_one(8, 1).first - fitted.objective() < 0.5 * random);
  CHECK(after_one(8, 1) == after_one(8, 3));
}

}  // namespace
}  // namespace rec::als_test
