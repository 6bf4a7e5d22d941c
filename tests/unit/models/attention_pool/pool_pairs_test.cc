#include "models/attention_pool/pool_pairs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "unit/linalg/linalg_random.h"
#include "unit/models/attention_pool/plain_pool.h"

namespace rec::pool_pairs_test {
namespace {

constexpr size_t kFactors = 6;
constexpr size_t kUnits = 5;
constexpr size_t kItems = 14;
constexpr size_t kNegatives = 3;

std::vector<double> random_values(std::mt19937& rng, size_t n) {
  std::vector<double> x(n);
  for (double& value : x) value = test::uniform(rng);
  return x;
}

// Sequences of 1, 7 and 3 items, their targets, and what they are compared with.
struct Problem {
  PoolShape shape;
  PoolSight sight;
  bool sampled;
  std::vector<double> values;
  PackedSequences packed;
  std::vector<uint32_t> item, target, negative;
  std::vector<double> y;      // apart from the table
  std::vector<double> table;  // kItems × F
  std::vector<uint32_t> shared{1, 4, 5, 9, 12};
  std::vector<double> correction{0.3, -0.2, 0.7, 0.1, -0.5};
  std::vector<double> weight;  // of each prediction, or none
  LossForm form;

  Problem(bool decay, PoolSight its_sight, bool its_sampled, double smoothing, std::mt19937& rng)
      : sight(its_sight), sampled(its_sampled) {
    shape.dim = kFactors;
    shape.units = kUnits;
    shape.window = 8;
    shape.decay = decay;
    shape.candidate = true;
    shape.smoothing = smoothing;
    values = random_values(rng, PoolParameters(shape).size);
    if (decay) values.back() = 0.6;
    packed.begin = {0, 1, 8, 11};
    for (size_t t = 0; t < packed.tokens(); ++t) item.push_back(static_cast<uint32_t>(rng() % kItems));
    for (size_t t = 0; t < packed.tokens(); ++t)
      target.push_back(sight == PoolSight::kOthers ? item[t] : static_cast<uint32_t>(rng() % kItems));
    for (size_t k = 0; k < packed.tokens() * kNegatives; ++k) negative.push_back(static_cast<uint32_t>(rng() % kItems));
    y = random_values(rng, packed.tokens() * kFactors);
    table = random_values(rng, kItems * kFactors);
  }

  std::vector<double> x(uint32_t of) const {
    return {table.begin() + of * kFactors, table.begin() + (of + 1) * kFactors};
  }

  double power_loss(double l) const { return (1.0 - std::exp(-form.reweight * l)) / form.reweight; }
  double of_label(double x, bool yes) const {
    const double to_yes = std::log1p(std::exp(-x)), to_no = std::log1p(std::exp(x));
    if (form.reweight > 0.0) return power_loss(yes ? to_yes : to_no);
    const double label = yes ? 1.0 - form.smoothing / 2.0 : form.smoothing / 2.0;
    return label * to_yes + (1.0 - label) * to_no;
  }

  // By the plain model.
  double plain_loss() const {
    const test::PlainPool plain(shape, values);
    double loss = 0.0;
    for (size_t s = 0; s < packed.sequences(); ++s) {
      for (size_t t = packed.begin[s]; t < packed.begin[s + 1]; ++t) {
        test::PlainPool::Rows rows;
        for (size_t j = packed.begin[s]; j < packed.begin[s + 1]; ++j) {
          if (sight == PoolSight::kBefore ? j <= t : item[j] != item[t])
            rows.emplace_back(y.begin() + static_cast<std::ptrdiff_t>(j * kFactors),
                              y.begin() + static_cast<std::ptrdiff_t>((j + 1) * kFactors));
        }
        const auto f = [&](uint32_t of) {
          return rows.empty() ? 0.0 : plain.f(x(of), rows, sight == PoolSight::kBefore);
        };
        const double own = f(target[t]);
        const double its_weight = weight.empty() ? 1.0 : weight[t];
        if (sampled) {
          double sum = std::exp(own);
          for (size_t c = 0; c < shared.size(); ++c)
            sum += shared[c] == target[t] ? 0.0 : std::exp(f(shared[c]) - correction[c]);
          double smoothed = std::log(sum) - (1.0 - form.smoothing) * own;
          for (const uint32_t of : shared) smoothed -= form.smoothing * f(of) / static_cast<double>(shared.size());
          loss += its_weight * (form.reweight > 0.0 ? power_loss(std::log(sum) - own) : smoothed);
        } else {
          loss += its_weight * 1.7 * of_label(own, true);
          for (size_t k = 0; k < kNegatives; ++k) loss += of_label(f(negative[t * kNegatives + k]), false);
        }
      }
    }
    return loss;
  }

  struct Found {
    double loss;
    std::vector<float> losses;
    std::vector<double> d_y, gradient, d_table;
  };
  template <class T>
  Found run(T w) const {
    const std::vector<T> its_values(values.begin(), values.end()), its_y(y.begin(), y.end()),
        its_table(table.begin(), table.end());
    const PoolWeights<T> weights(shape, its_values.data());
    ItemColumns<T> columns;
    PoolColumns<T> its_shared;
    PoolTargets<T> targets;
    targets.target = target.data();
    targets.table = its_table.data();
    targets.w = w;
    const std::vector<T> its_weight(weight.begin(), weight.end());
    if (!weight.empty()) targets.weight = its_weight.data();
    targets.form = form;
    if (sampled) {
      ThreadPool thread_pool(1);
      columns.set_some(its_table.data(), kFactors, shared, {correction.begin(), correction.end()}, thread_pool);
      its_shared.set(weights, columns.size(), columns.rows());
      targets.columns = &columns;
      targets.shared = &its_shared;
    } else {
      targets.negative = negative.data();
      targets.K = kNegatives;
      targets.positive = T(1.7);
    }
    const size_t N = packed.tokens(), C = shared.size();
    std::vector<T> d_y(N * kFactors), d_own(N * targets.own() * kFactors), d_x(C * kFactors, T(0)),
        d_query(C * kUnits, T(0)), gradient(values.size(), T(0));
    PoolPairsNet<T> net(weights);
    Found found;
    found.losses.resize(N);
    targets.losses = found.losses.data();
    found.loss = net.run(packed, sight, item.data(), its_y.data(), targets, d_y.data(), d_own.data(), d_x.data(),
                         d_query.data(), gradient.data());
    found.d_y.assign(d_y.begin(), d_y.end());
    found.gradient.assign(gradient.begin(), gradient.end());
    // The table's derivative: own candidates, columns, and through the columns' Q x.
    found.d_table.assign(kItems * kFactors, 0.0);
    size_t row = 0;
    const auto add_row = [&](uint32_t of) {
      for (size_t f = 0; f < kFactors; ++f)
        found.d_table[of * kFactors + f] += static_cast<double>(d_own[row * kFactors + f]);
      ++row;
    };
    for (size_t s = 0; s < packed.sequences(); ++s) {
      for (size_t t = packed.begin[s]; t < packed.begin[s + 1]; ++t) add_row(target[t]);
      for (size_t k = packed.begin[s] * targets.K; k < packed.begin[s + 1] * targets.K; ++k) add_row(negative[k]);
    }
    const Parameter& query = weights.parameters().query;
    for (size_t c = 0; sampled && c < C; ++c) {
      for (size_t f = 0; f < kFactors; ++f) {
        double& to = found.d_table[shared[c] * kFactors + f];
        to += static_cast<double>(d_x[c * kFactors + f]);
        for (size_t a = 0; a < kUnits; ++a) {
          to += static_cast<double>(d_query[c * kUnits + a]) * values[query.offset + f * kUnits + a];
          found.gradient[query.offset + f * kUnits + a] +=
              static_cast<double>(d_query[c * kUnits + a]) * table[shared[c] * kFactors + f];
        }
      }
    }
    return found;
  }
};

// Calls body(problem) with every kind.
template <class Body>
void for_every_problem(Body body) {
  std::mt19937 rng(7);
  for (const bool decay : {false, true}) {
    for (const PoolSight sight : {PoolSight::kBefore, PoolSight::kOthers}) {
      for (const bool sampled : {false, true}) {
        for (const double smoothing : {0.0, 0.5, 1.0}) {
          INFO("decay " << decay << ", sight " << static_cast<int>(sight) << ", sampled " << sampled << ", smoothing "
                        << smoothing);
          Problem problem(decay, sight, sampled, smoothing, rng);
          body(problem);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("pool with the candidate: the loss is the plain model's, in float64 and float32") {
  for_every_problem([](const Problem& problem) {
    CHECK(problem.run<double>(1.0).loss == doctest::Approx(problem.plain_loss()).epsilon(1e-12));
    CHECK(problem.run<float>(1.0f).loss == doctest::Approx(problem.plain_loss()).epsilon(1e-5));
  });
}

TEST_CASE("pool with the candidate: what is measured are the losses of the targets") {
  for_every_problem([](Problem& problem) {
    const std::vector<float> losses = problem.run<double>(1.0).losses;
    problem.form.reweight = 0.5;
    CHECK(problem.run<double>(1.0).losses == losses);
    problem.form = {};
    problem.weight.assign(problem.packed.tokens(), 0.0);
    const double none = problem.plain_loss();
    for (size_t t = 0; t < losses.size(); ++t) {
      problem.weight[t] = 1.0;
      const double own = (problem.plain_loss() - none) / (problem.sampled ? 1.0 : 1.7);
      CHECK(static_cast<double>(losses[t]) == doctest::Approx(own).epsilon(1e-5).scale(0.1));
      problem.weight[t] = 0.0;
    }
  });
}

TEST_CASE("pool with the candidate: derivatives are those by central differences") {
  constexpr double kWeight = 0.4;
  const auto check_all = [](Problem& problem) {
    const Problem::Found found = problem.run<double>(kWeight);
    const auto check = [&](double& x, double derivative) {
      constexpr double kStep = 1e-5;
      const double before = x;
      x = before + kStep;
      const double above = problem.plain_loss();
      x = before - kStep;
      const double below = problem.plain_loss();
      x = before;
      const double slope = kWeight * (above - below) / (2 * kStep);
      CHECK(std::abs(derivative - slope) < 2e-7 * std::max(1.0, std::abs(slope)));
    };
    for (size_t i = 0; i < problem.values.size(); i += i + 4 < problem.values.size() ? 3 : 1)
      check(problem.values[i], found.gradient[i]);
    for (size_t i = 0; i < problem.y.size(); i += 2) check(problem.y[i], found.d_y[i]);
    for (size_t i = 0; i < problem.table.size(); i += 2) check(problem.table[i], found.d_table[i]);
  };
  for_every_problem([&](Problem& problem) {
    check_all(problem);
    problem.form.smoothing = 0.2;
    for (size_t t = 0; t < problem.packed.tokens(); ++t) problem.weight.push_back(0.5 * static_cast<double>(t % 4));
    check_all(problem);
    problem.form = {.reweight = 0.4};
    check_all(problem);
    CHECK(problem.run<double>(1.0).loss == doctest::Approx(problem.plain_loss()).epsilon(1e-12));
  });
}

TEST_CASE("pool with the candidate: e is held within its bounds, and has no derivative beyond") {
  std::mt19937 rng(3);
  Problem problem(false, PoolSight::kBefore, true, 1.0, rng);
  const PoolParameters parameters(problem.shape);
  for (size_t i = 0; i < parameters.key.size(); ++i) problem.values[parameters.key.offset + i] *= 1e9;
  const Problem::Found found = problem.run<double>(1.0);
  CHECK(std::isfinite(found.loss));
  CHECK(found.loss == doctest::Approx(problem.plain_loss()).epsilon(1e-9));
  for (size_t i = 0; i < parameters.key.size(); ++i) CHECK(found.gradient[parameters.key.offset + i] == 0.0);
}

}  // namespace rec::pool_pairs_test
