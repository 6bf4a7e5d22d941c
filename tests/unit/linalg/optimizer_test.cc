#include "linalg/optimizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/error.h"
#include "unit/linalg/linalg_random.h"

namespace rec::optimizer_test {
namespace {

const char* name_of_kind(OptimizerKind kind) { return name_in(kOptimizers, kind); }

// The header's formulas in double, one element at a time.
struct Reference {
  OptimizerOptions options;
  std::vector<double> w, m, v;
  int t = 0;

  void step(double rate, const float* g, double scale) {
    ++t;
    for (size_t i = 0; i < w.size(); ++i) {
      double slope = scale * static_cast<double>(g[i]);
      if (options.kind == OptimizerKind::kAdamW) {
        w[i] -= rate * options.weight_decay * w[i];
      } else {
        slope += options.weight_decay * w[i];
      }
      switch (options.kind) {
        case OptimizerKind::kSgd:
          w[i] -= rate * slope;
          break;
        case OptimizerKind::kAdagrad:
          v[i] += slope * slope;
          w[i] -= rate * slope / (std::sqrt(v[i]) + options.epsilon);
          break;
        default:
          m[i] = options.beta1 * m[i] + (1 - options.beta1) * slope;
          v[i] = options.beta2 * v[i] + (1 - options.beta2) * slope * slope;
          w[i] -= rate * (m[i] / (1 - std::pow(options.beta1, t))) /
                  (std::sqrt(v[i] / (1 - std::pow(options.beta2, t))) + options.epsilon);
      }
    }
  }
};

constexpr OptimizerKind kKinds[] = {OptimizerKind::kSgd, OptimizerKind::kAdagrad, OptimizerKind::kAdam,
                                    OptimizerKind::kAdamW};

}  // namespace

TEST_CASE("optimizer: each kind follows its formula in double") {
  test::on_every_target([] {
    for (const OptimizerKind kind : kKinds) {
      for (const double decay : {0.0, 0.1}) {
        CAPTURE(name_of_kind(kind));
        CAPTURE(decay);
        OptimizerOptions options;
        options.kind = kind;
        options.weight_decay = decay;
        options.beta1 = 0.8;
        options.beta2 = 0.95;
        constexpr size_t n = 37;
        std::mt19937 rng(3);
        AlignedBuffer<float> w = test::uniform_floats(rng, n);
        Reference reference{options, {w.begin(), w.end()}, std::vector<double>(n), std::vector<double>(n)};
        Optimizer optimizer(options, n);
        for (int step = 1; step <= 20; ++step) {
          const AlignedBuffer<float> g = test::uniform_floats(rng, n);
          const double rate = 0.02 / step;
          optimizer.begin_step(rate);
          optimizer.update(w.data(), g.data(), 0, n, 0.5f);
          reference.step(rate, g.data(), 0.5);
        }
        for (size_t i = 0; i < n; ++i)
          CHECK(static_cast<double>(w[i]) == doctest::Approx(reference.w[i]).epsilon(1e-5));
        CHECK(optimizer.step() == 20);
      }
    }
  });
}

TEST_CASE("optimizer: the bits do not depend on how a step is cut, or on the instruction set") {
  for (const OptimizerKind kind : kKinds) {
    CAPTURE(name_of_kind(kind));
    OptimizerOptions options;
    options.kind = kind;
    options.weight_decay = 0.01;
    constexpr size_t n = 75;
    std::mt19937 rng(4);
    const AlignedBuffer<float> start = test::uniform_floats(rng, n);
    const AlignedBuffer<float> g = test::uniform_floats(rng, n);
    AlignedBuffer<float> whole = start;
    Optimizer one(options, n);
    for (int step = 0; step < 3; ++step) {
      one.begin_step(0.1);
      one.update(whole.data(), g.data(), 0, n);
    }
    test::on_every_target([&] {
      AlignedBuffer<float> cut = start;
      Optimizer other(options, n);
      for (int step = 0; step < 3; ++step) {
        other.begin_step(0.1);
        for (size_t first = 0; first < n; first += 13) {
          other.update(cut.data() + first, g.data() + first, first, std::min<size_t>(13, n - first));
        }
      }
      CHECK(test::bit_differences(whole.data(), cut.data(), n) == 0);
    });
  }
}

TEST_CASE("optimizer: goes on from its state") {
  for (const OptimizerKind kind : kKinds) {
    CAPTURE(name_of_kind(kind));
    OptimizerOptions options;
    options.kind = kind;
    constexpr size_t n = 5;
    std::mt19937 rng(5);
    AlignedBuffer<float> w = test::uniform_floats(rng, n);
    const AlignedBuffer<float> g = test::uniform_floats(rng, n);
    Optimizer first(options, n);
    first.begin_step(0.1);
    first.update(w.data(), g.data(), 0, n);
    AlignedBuffer<float> again = w;
    Optimizer second(options, n);
    second.restore(first.step(), first.first_moment(), first.second_moment());
    for (Optimizer* optimizer : {&first, &second}) {
      optimizer->begin_step(0.1);
      optimizer->update(optimizer == &first ? w.data() : again.data(), g.data(), 0, n);
    }
    CHECK(test::bit_differences(w.data(), again.data(), n) == 0);
    if (kind != OptimizerKind::kSgd)
      CHECK_THROWS_AS(Optimizer(options, n + 1).restore(1, first.first_moment(), first.second_moment()), Error);
  }
}

TEST_CASE("optimizer: state below the normal range is cut off, not dragged along") {
  Optimizer optimizer({}, 1);
  float w = 0.0f;
  float g = 1.0f;
  for (int step = 0; step < 2000; ++step) {
    optimizer.begin_step(1e-3);
    optimizer.update(&w, &g, 0, 1);
    g = 0.0f;
  }
  CHECK(optimizer.first_moment()[0] == 0.0f);
  CHECK(optimizer.second_moment()[0] > 1e-5f);
}

TEST_CASE("rate_at: warm-up, then the shape") {
  Schedule schedule{ScheduleKind::kConstant, 2.0, 4};
  CHECK(rate_at(schedule, 1, 14) == 0.5);
  CHECK(rate_at(schedule, 4, 14) == 2.0);
  CHECK(rate_at(schedule, 14, 14) == 2.0);
  schedule.kind = ScheduleKind::kLinear;
  CHECK(rate_at(schedule, 3, 14) == 1.5);
  CHECK(rate_at(schedule, 5, 14) == 2.0);
  CHECK(rate_at(schedule, 10, 14) == doctest::Approx(1.0));
  CHECK(rate_at(schedule, 14, 14) == doctest::Approx(0.2));
  CHECK(rate_at(schedule, 99, 14) == rate_at(schedule, 14, 14));
  schedule.kind = ScheduleKind::kCosine;
  CHECK(rate_at(schedule, 5, 14) == 2.0);
  CHECK(rate_at(schedule, 10, 14) == doctest::Approx(1.0));
  CHECK(rate_at(schedule, 14, 14) == doctest::Approx(1.0 + std::cos(0.9 * std::numbers::pi)));
  // A warm-up that fills the run, and none at all.
  CHECK(rate_at(schedule, 3, 3) == 1.5);
  CHECK(rate_at({ScheduleKind::kLinear, 1.0, 0}, 1, 1) == 1.0);
}

}  // namespace rec::optimizer_test
