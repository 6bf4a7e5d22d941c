#include "models/fm/fm_net.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "models/fm/fm_table.h"
#include "unit/linalg/linalg_random.h"

namespace rec::fm_net_test {
namespace {

// Three fields over six rows: two with a category a row, one with several and their shares.
struct Small {
  std::vector<uint32_t> user{0, 1, 2, 0, 1, 2, 1}, day{0, 1, kNoId, 1, 0, 1, kNoId}, item{0, 1, 2, 3, 0, 2, 1};
  Csr genres{{0, 1, 3, 3, 5}, {0, 1, 2, 0, 2}, {1.0f, 0.5f, 0.5f, 0.25f, 0.75f}};
  std::vector<float> label{1, 0, 1, 1, 0, 0, 1};
  std::vector<uint32_t> order{3, 0, 5, 1, 6, 2, 4};
  std::vector<FmField> fields{
      {"user", 0, 4, user, nullptr}, {"day", 4, 3, day, nullptr}, {"genre", 7, 3, item, &genres}};
  size_t categories = 10;
};

// The mean loss of all rows, the table of d + 1 columns and the weights being given.
template <class T>
double loss(const Small& data, const FmShape& shape, const std::vector<T>& table, const std::vector<T>& weights,
            FmNet<T>& net, ThreadPool& pool) {
  const size_t n = data.order.size();
  std::vector<uint32_t> numbers;
  gather_batch<T>(std::span<const FmField>(data.fields), data.order, table.data(), shape.width(), net, numbers, pool);
  net.forward(n, weights.data(), 7, pool);
  double sum = 0.0;
  for (size_t row = 0; row < n; ++row) {
    const auto z = static_cast<double>(net.logit()[row]);
    sum += std::log1p(std::exp(z)) - static_cast<double>(data.label[data.order[row]]) * z;
  }
  return sum / static_cast<double>(n);
}

template <class T>
std::vector<T> random_values(size_t n, unsigned seed) {
  std::mt19937 rng(seed);
  std::vector<T> values(n);
  for (T& value : values) value = static_cast<T>(test::uniform(rng) - 0.3);
  return values;
}

FmShape shape_of(size_t dim, Pairwise pairs, std::vector<size_t> layers, bool product, bool norm, double dropout) {
  FmShape shape;
  shape.fields = 3;
  shape.dim = dim;
  shape.pairs = pairs;
  shape.layers = std::move(layers);
  shape.product = product;
  shape.norm = norm;
  shape.dropout = dropout;
  return shape;
}

const FmShape kShapes[] = {
    shape_of(0, Pairwise::kNone, {}, false, false, 0.0),       shape_of(3, Pairwise::kFm, {}, false, false, 0.0),
    shape_of(3, Pairwise::kNone, {5}, false, false, 0.0),      shape_of(2, Pairwise::kFm, {6, 4}, false, true, 0.0),
    shape_of(2, Pairwise::kNone, {6, 4, 5}, false, true, 0.3), shape_of(3, Pairwise::kFm, {6, 4}, true, true, 0.0),
    shape_of(3, Pairwise::kNone, {4, 6}, true, false, 0.25),   shape_of(3, Pairwise::kFwfm, {}, false, false, 0.0),
    shape_of(2, Pairwise::kFwfm, {6, 4}, true, true, 0.2),     shape_of(2, Pairwise::kFfm, {}, false, false, 0.0),
};

}  // namespace

TEST_CASE("fm: gradients are those of finite differences") {
  const Small data;
  ThreadPool pool(2);
  for (const FmShape& shape : kShapes) {
    CAPTURE(shape.layers.size());
    CAPTURE(static_cast<int>(shape.pairs));
    const size_t n = data.order.size();
    FmNet<double> net(shape, n);
    std::vector<double> table = random_values<double>(data.categories * (shape.width() + 1), 1);
    std::vector<double> weights = random_values<double>(size_of(shape.parameters()), 2);
    loss(data, shape, table, weights, net, pool);
    std::vector<double> d_logit(n);
    for (size_t row = 0; row < n; ++row)
      d_logit[row] = (1.0 / (1.0 + std::exp(-net.logit()[row])) - static_cast<double>(data.label[data.order[row]])) /
                     static_cast<double>(n);
    std::vector<double> d_weights(weights.size()), d_table(table.size(), 0.0);
    net.backward(n, weights.data(), d_logit.data(), d_weights.data(), pool);
    std::vector<uint32_t> numbers;
    for (const uint32_t row : data.order) {
      for (const FmField& field : data.fields) numbers.push_back(field.number[row]);
    }
    scatter_batch<double>(std::span<const FmField>(data.fields), numbers, d_logit.data(), true, shape.width(), net,
                          d_table.data(), pool);
    const auto check = [&](std::vector<double>& values, const std::vector<double>& slopes) {
      for (size_t at = 0; at < values.size(); ++at) {
        constexpr double kStep = 1e-6;
        const double was = values[at];
        values[at] = was + kStep;
        const double above = loss(data, shape, table, weights, net, pool);
        values[at] = was - kStep;
        const double below = loss(data, shape, table, weights, net, pool);
        values[at] = was;
        CAPTURE(at);
        REQUIRE(slopes[at] == doctest::Approx((above - below) / (2.0 * kStep)).epsilon(1e-4).scale(1e-3));
      }
    };
    check(table, d_table);
    check(weights, d_weights);
  }
}

TEST_CASE("fm: the pairs are those of a double loop over fields") {
  const Small data;
  ThreadPool pool(1);
  const FmShape shape = shape_of(5, Pairwise::kFm, {}, false, false, 0.0);
  FmNet<double> net(shape, data.order.size());
  const std::vector<double> table = random_values<double>(data.categories * 6, 3);
  const std::vector<double> weights{0.7};
  loss(data, shape, table, weights, net, pool);
  for (size_t row = 0; row < data.order.size(); ++row) {
    double z = 0.7;
    std::vector<std::vector<double>> vectors;
    for (const FmField& field : data.fields) {
      std::vector<double> vector(6, 0.0);
      field.for_each(field.number[data.order[row]], [&](size_t at, float share) {
        for (size_t c = 0; c < 6; ++c) vector[c] += static_cast<double>(share) * table[at * 6 + c];
      });
      z += vector[5];
      vectors.push_back(vector);
    }
    for (size_t f = 0; f < vectors.size(); ++f) {
      for (size_t g = f + 1; g < vectors.size(); ++g) {
        for (size_t c = 0; c < 5; ++c) z += vectors[f][c] * vectors[g][c];
      }
    }
    CHECK(net.logit()[row] == doctest::Approx(z).epsilon(1e-12));
  }
}

// The definitions of Pan et al. 2018 and Juan et al. 2016, each vector looked up by itself.
TEST_CASE("fm: fwfm weighs each pair of fields, ffm takes the vector for the other field") {
  const Small data;
  ThreadPool pool(1);
  constexpr size_t d = 3;
  for (const Pairwise pairs : {Pairwise::kFwfm, Pairwise::kFfm}) {
    const FmShape shape = shape_of(d, pairs, {}, false, false, 0.0);
    const size_t W = pairs == Pairwise::kFfm ? 3 * d : d;
    FmNet<double> net(shape, data.order.size());
    const std::vector<double> table = random_values<double>(data.categories * (W + 1), 3);
    std::vector<double> weights = random_values<double>(size_of(shape.parameters()), 4);
    REQUIRE(weights.size() == (pairs == Pairwise::kFfm ? 1 : 10));
    loss(data, shape, table, weights, net, pool);
    for (size_t row = 0; row < data.order.size(); ++row) {
      double z = weights[0];
      for (size_t f = 0; f < 3; ++f) {
        data.fields[f].for_each(data.fields[f].number[data.order[row]], [&](size_t a, float of_a) {
          z += static_cast<double>(of_a) * table[a * (W + 1) + W];
          for (size_t g = f + 1; g < 3; ++g) {
            data.fields[g].for_each(data.fields[g].number[data.order[row]], [&](size_t b, float of_b) {
              const double share = static_cast<double>(of_a) * static_cast<double>(of_b);
              const double r = pairs == Pairwise::kFwfm ? weights[1 + f * 3 + g] : 1.0;
              const size_t at_a = a * (W + 1) + (pairs == Pairwise::kFfm ? g * d : 0);
              const size_t at_b = b * (W + 1) + (pairs == Pairwise::kFfm ? f * d : 0);
              for (size_t c = 0; c < d; ++c) z += share * r * table[at_a + c] * table[at_b + c];
            });
          }
        });
      }
      CHECK(net.logit()[row] == doctest::Approx(z).epsilon(1e-12));
    }
  }
}

TEST_CASE("fm: fwfm whose weights are 1 is fm") {
  const Small data;
  ThreadPool pool(1);
  const FmShape weighted = shape_of(4, Pairwise::kFwfm, {}, false, false, 0.0);
  const FmShape plain = shape_of(4, Pairwise::kFm, {}, false, false, 0.0);
  FmNet<double> one(weighted, data.order.size()), other(plain, data.order.size());
  const std::vector<double> table = random_values<double>(data.categories * 5, 3);
  std::vector<double> weights(10, 1.0);
  weights[0] = 0.3;
  loss(data, weighted, table, weights, one, pool);
  loss(data, plain, table, {0.3}, other, pool);
  for (size_t row = 0; row < data.order.size(); ++row)
    CHECK(one.logit()[row] == doctest::Approx(other.logit()[row]).epsilon(1e-12));
}

TEST_CASE("fm: the same bits for every number of threads, and moments of the whole batch") {
  const FmShape shape = shape_of(4, Pairwise::kFwfm, {32, 16}, true, true, 0.2);
  const size_t n = 700;
  std::mt19937 rng(5);
  std::vector<float> inputs(n * shape.inputs());
  for (float& value : inputs) value = test::uniform(rng) - 0.5f;
  const std::vector<float> weights = random_values<float>(size_of(shape.parameters()), 6);
  std::vector<float> first, first_averages;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    FmNet<float> net(shape, n);
    for (size_t row = 0; row < n; ++row)
      std::copy_n(inputs.data() + row * shape.inputs(), shape.inputs(), net.input(row));
    std::fill_n(net.linear(), n, 0.0f);
    net.forward(n, weights.data(), 3, pool);
    std::vector<float> d_logit(net.logit(), net.logit() + n), all(weights.size());
    net.backward(n, weights.data(), d_logit.data(), all.data(), pool);
    for (size_t row = 0; row < n; ++row) all.insert(all.end(), net.d_input(row), net.d_input(row) + shape.inputs());
    std::vector<float> averages(size_of(shape.averages()), 0.0f);
    net.add_moments(n, averages.data());
    if (threads == 1) {
      first = all;
      first_averages = averages;
      // u of the first layer's first unit, which is no product, by hand.
      const FmShape& s = shape;
      double mean = 0.0, squares = 0.0;
      std::vector<double> u(n);
      for (size_t row = 0; row < n; ++row) {
        u[row] = static_cast<double>(weights[1 + s.inputs() * 32]);
        for (size_t k = 0; k < s.inputs(); ++k)
          u[row] += static_cast<double>(inputs[row * s.inputs() + k]) * static_cast<double>(weights[1 + k * 32]);
        mean += u[row] / static_cast<double>(n);
      }
      for (const double value : u) squares += (value - mean) * (value - mean);
      CHECK(static_cast<double>(averages[0]) == doctest::Approx(0.1 * mean).epsilon(1e-4));
      CHECK(static_cast<double>(averages[32]) ==
            doctest::Approx(0.1 * squares / static_cast<double>(n - 1)).epsilon(1e-4));
    } else {
      CHECK(all == first);
      CHECK(averages == first_averages);
    }
  }
}

}  // namespace rec::fm_net_test
