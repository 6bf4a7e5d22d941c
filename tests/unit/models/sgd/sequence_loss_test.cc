#include "models/sgd/sequence_loss.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "data/id_table.h"
#include "unit/linalg/linalg_random.h"

namespace rec::sequence_loss_test {
namespace {

// M predictions over I items, for both element types.
struct Example {
  size_t d, I, M;
  std::vector<double> table, h;
  std::vector<uint32_t> target;
  std::vector<double> weight;  // or empty: 1
  LossForm form;

  Example(std::mt19937& rng, size_t dim, size_t items, size_t count)
      : d(dim), I(items), M(count), table(items * dim), h(count * dim), target(count) {
    for (double& value : table) value = 0.7 * test::uniform(rng);
    for (double& value : h) value = 2.0 * test::uniform(rng);
    for (uint32_t& item : target) item = static_cast<uint32_t>(test::below(rng, items));
  }
  double logit(size_t m, size_t item) const {
    double sum = 0.0;
    for (size_t c = 0; c < d; ++c) sum += h[m * d + c] * table[item * d + c];
    return sum;
  }
  double weight_of(size_t m) const { return weight.empty() ? 1.0 : weight[m]; }
  // (1 - p^β)/β of the probability p = e^-l.
  double power_loss(double l) const { return (1.0 - std::pow(std::exp(-l), form.reweight)) / form.reweight; }
};

// Of all columns but the target, and the target itself: the header's formula. columns empty: all items.
double plain_softmax(const Example& x, const std::vector<uint32_t>& columns, const std::vector<double>& correction) {
  double loss = 0.0;
  for (size_t m = 0; m < x.M; ++m) {
    const double own = x.logit(m, x.target[m]);
    double sum = std::exp(own);
    for (size_t c = 0; c < (columns.empty() ? x.I : columns.size()); ++c) {
      const size_t item = columns.empty() ? c : columns[c];
      if (item != x.target[m]) sum += std::exp(x.logit(m, item) - (columns.empty() ? 0.0 : correction[c]));
    }
    const double l = std::log(sum) - own;
    if (x.form.reweight > 0.0) {
      loss += x.weight_of(m) * x.power_loss(l);
      continue;
    }
    // Labels: 1 - E, and E shared by all columns.
    const size_t C = columns.empty() ? x.I : columns.size();
    double smoothed = std::log(sum) - (1.0 - x.form.smoothing) * own;
    for (size_t c = 0; c < C; ++c)
      smoothed -= x.form.smoothing * x.logit(m, columns.empty() ? c : columns[c]) / static_cast<double>(C);
    loss += x.weight_of(m) * smoothed;
  }
  return loss;
}

double plain_bce(const Example& x, const std::vector<uint32_t>& negatives, size_t K, double positive) {
  const auto sigmoid = [](double v) { return 1.0 / (1.0 + std::exp(-v)); };
  const auto of_label = [&](double logit, bool yes) {
    const double to_yes = -std::log(sigmoid(logit)), to_no = -std::log(1.0 - sigmoid(logit));
    if (x.form.reweight > 0.0) return x.power_loss(yes ? to_yes : to_no);
    const double label = yes ? 1.0 - x.form.smoothing / 2.0 : x.form.smoothing / 2.0;
    return label * to_yes + (1.0 - label) * to_no;
  };
  double loss = 0.0;
  for (size_t m = 0; m < x.M; ++m) {
    loss += positive * x.weight_of(m) * of_label(x.logit(m, x.target[m]), true);
    for (size_t k = 0; k < K; ++k) loss += of_label(x.logit(m, negatives[m * K + k]), false);
  }
  return loss;
}

struct Form {
  LossForm loss;
  bool weights = false;
};
std::vector<Form> forms() {
  return {{{.smoothing = 0.2}}, {{.reweight = 0.3}}, {{}, true}, {{.smoothing = 0.1}, true}, {{.reweight = 1.0}, true}};
}

// 0 among them, as of what is left out.
std::vector<double> weights_of(size_t n) {
  std::vector<double> weights;
  for (size_t m = 0; m < n; ++m) weights.push_back(0.5 * static_cast<double>(m % 5));
  return weights;
}

struct Gradients {
  double loss = 0.0;
  std::vector<double> h, table;
};

template <class T>
std::vector<T> cast_all(const std::vector<double>& x) {
  return {x.begin(), x.end()};
}

// table[item] += factor·h_m, as the trainer adds what the losses leave for an item.
void add_along(const Example& x, size_t m, double factor, uint32_t item, std::vector<double>& table) {
  for (size_t c = 0; c < x.d; ++c) table[item * x.d + c] += factor * x.h[m * x.d + c];
}

// part: columns at a time, as tasks take them; 0: their derivatives with the loss's, from
// two calls, the second adding to the first.
template <class T>
Gradients softmax_gradients(const Example& x, const std::vector<uint32_t>& some, const std::vector<double>& correction,
                            double w, size_t part) {
  const std::vector<T> table = cast_all<T>(x.table);
  const std::vector<T> h = cast_all<T>(x.h);
  ItemColumns<T> columns;
  ThreadPool thread_pool(2);
  if (some.empty()) {
    columns.set_all(table.data(), x.I, x.d, thread_pool);
  } else {
    columns.set_some(table.data(), x.d, some, cast_all<T>(correction), thread_pool);
  }
  std::vector<T> weight = cast_all<T>(x.weight);
  if (weight.empty() && x.form.reweight > 0.0) weight.assign(x.M, T(1));
  T* const weights = weight.empty() ? nullptr : weight.data();
  const TokenPredictions<T> predictions{x.M, h.data(), x.target.data(), table.data(), weights, x.form};
  LossScratch<T> scratch;
  std::vector<T> d_h(x.M * x.d, T(7));
  std::vector<T> log_sum(x.M);
  std::vector<T> on_target(x.M);
  Gradients result;
  std::vector<T> rows(columns.size() * x.d, T(7));
  const size_t half = part == 0 ? x.M / 2 : x.M;
  for (const auto& [from, count] : {std::pair{size_t{0}, half}, {half, x.M - half}}) {
    if (count == 0) continue;
    const TokenPredictions<T> some_of{count,
                                      h.data() + from * x.d,
                                      x.target.data() + from,
                                      table.data(),
                                      weights == nullptr ? nullptr : weights + from,
                                      x.form};
    result.loss += softmax_loss(some_of, columns, static_cast<T>(w), d_h.data() + from * x.d, log_sum.data() + from,
                                on_target.data() + from, scratch, part == 0 ? rows.data() : nullptr, from > 0);
  }
  result.h.assign(d_h.begin(), d_h.end());
  result.table.assign(x.I * x.d, 0.0);
  for (size_t first = 0; part > 0 && first < columns.size(); first += part) {
    softmax_columns_back(predictions, columns, first, std::min(part, columns.size() - first), static_cast<T>(w),
                         log_sum.data(), rows.data() + first * x.d, scratch);
  }
  for (size_t i = 0; i < rows.size(); ++i)
    result.table[(some.empty() ? i / x.d : some[i / x.d]) * x.d + i % x.d] += static_cast<double>(rows[i]);
  for (size_t m = 0; m < x.M; ++m) add_along(x, m, static_cast<double>(on_target[m]), x.target[m], result.table);
  return result;
}

template <class T>
Gradients bce_gradients(const Example& x, const std::vector<uint32_t>& negatives, size_t K, double positive, double w) {
  const std::vector<T> table = cast_all<T>(x.table);
  const std::vector<T> h = cast_all<T>(x.h);
  std::vector<T> d_h(x.M * x.d, T(7));
  std::vector<T> on_target(x.M);
  std::vector<T> on_negative(x.M * K);
  Gradients result;
  std::vector<T> weight = cast_all<T>(x.weight);
  result.loss =
      bce_loss({x.M, h.data(), x.target.data(), table.data(), weight.empty() ? nullptr : weight.data(), x.form}, x.d,
               negatives.data(), K, static_cast<T>(positive), static_cast<T>(w), d_h.data(), on_target.data(),
               on_negative.data());
  result.h.assign(d_h.begin(), d_h.end());
  result.table.assign(x.I * x.d, 0.0);
  for (size_t m = 0; m < x.M; ++m) {
    add_along(x, m, static_cast<double>(on_target[m]), x.target[m], result.table);
    for (size_t k = 0; k < K; ++k)
      add_along(x, m, static_cast<double>(on_negative[m * K + k]), negatives[m * K + k], result.table);
  }
  return result;
}

// Of w times the plain loss, along random directions in h and in the table.
template <class Loss>
void check_against(std::mt19937& rng, Example& x, double w, const Gradients& got, const Gradients& in_float,
                   Loss loss) {
  const double want = loss();
  CHECK(got.loss == doctest::Approx(want).epsilon(1e-10));
  CHECK(in_float.loss == doctest::Approx(want).epsilon(1e-5));
  struct Side {
    std::vector<double>& value;
    const std::vector<double>& gradient;
    const std::vector<double>& floats;
  };
  for (const Side& side : {Side{x.h, got.h, in_float.h}, Side{x.table, got.table, in_float.table}}) {
    const std::vector<double> at = side.value;
    double norm = 0.0;
    for (double slope : side.gradient) norm = std::max(norm, std::abs(slope));
    for (size_t i = 0; i < at.size(); ++i) REQUIRE(std::abs(side.floats[i] - side.gradient[i]) < 1e-4 * norm);
    for (int trial = 0; trial < 3; ++trial) {
      std::vector<double> direction(at.size());
      double slope = 0.0;
      for (size_t i = 0; i < at.size(); ++i) slope += (direction[i] = test::uniform(rng)) * side.gradient[i];
      constexpr double kStep = 1e-6;
      double change = 0.0;
      for (const double step : {kStep, -kStep}) {
        for (size_t i = 0; i < at.size(); ++i) side.value[i] = at[i] + step * direction[i];
        change += w * loss() * (step > 0 ? 1.0 : -1.0);
      }
      side.value = at;
      CHECK(std::abs(change / (2.0 * kStep) - slope) < 1e-6 * std::max(1.0, std::abs(slope)));
    }
  }
}

}  // namespace

TEST_CASE("sequence loss: softmax over all items is the plain one, its gradient that of differences") {
  std::mt19937 rng(1);
  for (const auto& [d, I, M] :
       {std::array<size_t, 3>{5, 2, 1}, {16, 63, 7}, {12, 64, 64}, {8, 65, 65}, {6, 513, 130}, {64, 700, 70}}) {
    CAPTURE(I);
    Example x(rng, d, I, M);
    const double w = 1.0 / static_cast<double>(M);
    for (const size_t part : {0, 64, 256, 1024}) {
      check_against(rng, x, w, softmax_gradients<double>(x, {}, {}, w, part),
                    softmax_gradients<float>(x, {}, {}, w, part), [&] { return plain_softmax(x, {}, {}); });
    }
  }
}

TEST_CASE("sequence loss: sampled softmax is the plain one with its logits lessened") {
  std::mt19937 rng(2);
  for (const size_t count : {1, 17, 64, 100}) {
    CAPTURE(count);
    Example x(rng, 9, 120, 67);
    std::vector<uint32_t> all(x.I);
    std::iota(all.begin(), all.end(), 0u);
    std::shuffle(all.begin(), all.end(), rng);
    std::vector<uint32_t> columns(all.begin(), all.begin() + count);  // some are targets too
    std::sort(columns.begin(), columns.end());
    std::vector<double> correction(count);
    for (double& value : correction) value = 3.0 * test::uniform(rng);
    for (const size_t part : {0, 64}) {
      check_against(rng, x, 0.25, softmax_gradients<double>(x, columns, correction, 0.25, part),
                    softmax_gradients<float>(x, columns, correction, 0.25, part),
                    [&] { return plain_softmax(x, columns, correction); });
    }
  }
}

TEST_CASE("sequence loss: weights, smoothed labels and reweighting, over all items and over drawn ones") {
  std::mt19937 rng(9);
  for (const bool some : {false, true}) {
    for (const Form& form : forms()) {
      CAPTURE(some);
      CAPTURE(form.loss.smoothing);
      CAPTURE(form.loss.reweight);
      Example x(rng, 9, 230, 67);
      x.form = form.loss;
      if (form.weights) x.weight = weights_of(x.M);
      std::vector<uint32_t> columns;
      std::vector<double> correction;
      for (uint32_t c = 0; some && c < x.I; c += 3) {
        columns.push_back(c);
        correction.push_back(test::uniform(rng));
      }
      for (const size_t part : {0, 64}) {
        check_against(rng, x, 0.25, softmax_gradients<double>(x, columns, correction, 0.25, part),
                      softmax_gradients<float>(x, columns, correction, 0.25, part),
                      [&] { return plain_softmax(x, columns, correction); });
      }
    }
  }
}

TEST_CASE("sequence loss: smoothed labels leave out the items that the sum leaves out") {
  std::mt19937 rng(10);
  Example x(rng, 6, 20, 5);
  x.form.smoothing = 0.3;
  for (uint32_t& item : x.target) item %= 15;
  Example without = x;  // of the first 15 alone
  without.I = 15;
  without.table.resize(15 * x.d);
  ThreadPool thread_pool(1);
  ItemColumns<double> columns;
  std::vector<double> left_out(20, 0.0);
  std::fill(left_out.begin() + 15, left_out.end(), HUGE_VAL);
  columns.set_all(x.table.data(), x.I, x.d, thread_pool, left_out);
  LossScratch<double> scratch;
  std::vector<double> d_h(x.M * x.d), log_sum(x.M), on_target(x.M), rows(x.I * x.d);
  const double loss = softmax_loss<double>({x.M, x.h.data(), x.target.data(), x.table.data(), nullptr, x.form}, columns,
                                           1.0, d_h.data(), log_sum.data(), on_target.data(), scratch, rows.data());
  CHECK(loss == doctest::Approx(plain_softmax(without, {}, {})).epsilon(1e-12));
  for (size_t i = 15 * x.d; i < rows.size(); ++i) CHECK(rows[i] == 0.0);
}

TEST_CASE(
    "sequence loss: the weight 0 leaves a prediction out, and the largest losses are found whatever their order") {
  std::mt19937 rng(11);
  Example x(rng, 8, 90, 40);
  x.weight.assign(x.M, 1.0);
  x.weight[7] = 0.0;
  for (const size_t part : {0, 64}) {
    const Gradients got = softmax_gradients<float>(x, {}, {}, 1.0, part);
    for (size_t c = 0; c < x.d; ++c) CHECK(got.h[7 * x.d + c] == 0.0);
    for (const double value : got.table) CHECK(std::isfinite(value));
  }
  CHECK(largest_losses(std::vector<float>{1, 5, 2, 5, 5, 0}, 2) == std::vector<uint32_t>{3, 4});
  CHECK(largest_losses(std::vector<float>{1, 5, 2, 5, 5, 0}, 4) == std::vector<uint32_t>{1, 2, 3, 4});
  CHECK(largest_losses(std::vector<float>{1, NAN, 2}, 1) == std::vector<uint32_t>{1});
  CHECK(largest_losses(std::vector<float>{}, 0).empty());
  const Truncation truncation{.share = 0.2, .epochs = 10};
  CHECK(truncation.count(100, 0.0) == 0);
  CHECK(truncation.count(100, 2.5) == 5);
  CHECK(truncation.count(100, 40.0) == 20);
  CHECK(Truncation{.share = 0.2, .epochs = 0}.count(100, 0.0) == 20);
}

TEST_CASE("sequence loss: the losses of targets are those that the losses begin with") {
  std::mt19937 rng(12);
  Example x(rng, 8, 90, 3);
  std::vector<float> got(x.M);
  ThreadPool thread_pool(1);
  ItemColumns<double> columns;
  columns.set_all(x.table.data(), x.I, x.d, thread_pool);
  LossScratch<double> scratch;
  std::vector<double> d_h(x.M * x.d), log_sum(x.M), on_target(x.M);
  const TokenPredictions<double> predictions{x.M, x.h.data(), x.target.data(), x.table.data()};
  softmax_loss<double>(predictions, columns, 1.0, d_h.data(), log_sum.data(), on_target.data(), scratch);
  target_losses(predictions, x.d, log_sum.data(), got.data());
  CHECK(static_cast<double>(got[0] + got[1] + got[2]) == doctest::Approx(plain_softmax(x, {}, {})).epsilon(1e-6));
  target_losses<double>(predictions, x.d, nullptr, got.data());
  CHECK(static_cast<double>(got[0] + got[1] + got[2]) == doctest::Approx(plain_bce(x, {}, 0, 1.0)).epsilon(1e-6));
}

TEST_CASE("sequence loss: softmax of far logits stays finite") {
  std::mt19937 rng(3);
  Example x(rng, 4, 600, 3);
  for (double& value : x.h) value *= 400.0;
  const Gradients want = softmax_gradients<double>(x, {}, {}, 1.0, 256);
  for (const size_t part : {0, 256}) {
    const Gradients got = softmax_gradients<float>(x, {}, {}, 1.0, part);
    CHECK(std::isfinite(got.loss));
    CHECK(got.loss == doctest::Approx(want.loss).epsilon(1e-5));
    for (size_t i = 0; i < got.h.size(); ++i) CHECK(got.h[i] == doctest::Approx(want.h[i]).epsilon(1e-3));
    double most = 0.0;
    for (const double value : want.table) most = std::max(most, std::abs(value));
    for (size_t i = 0; i < got.table.size(); ++i) CHECK(std::abs(got.table[i] - want.table[i]) < 1e-3 * most);
  }
}

TEST_CASE("sequence loss: the shares of all items and the target's derivative add up to 0") {
  std::mt19937 rng(4);
  const Example x(rng, 8, 200, 5);
  const Gradients got = softmax_gradients<double>(x, {}, {}, 1.0, 256);
  // Σ_items ∂loss/∂x_item = Σ_m (Σ α - 1) h_m
  for (size_t c = 0; c < x.d; ++c) {
    double sum = 0.0;
    for (size_t item = 0; item < x.I; ++item) sum += got.table[item * x.d + c];
    CHECK(std::abs(sum) < 1e-12);
  }
}

TEST_CASE("sequence loss: bce and gbce") {
  std::mt19937 rng(5);
  for (const size_t K : {1, 3, 20}) {
    Example x(rng, 11, 40, 33);
    std::vector<uint32_t> negatives(x.M * K);
    for (uint32_t& item : negatives) item = static_cast<uint32_t>(test::below(rng, x.I));  // an item twice, too
    for (const double positive : {1.0, gbce_weight(K, x.I, 0.75)}) {
      check_against(rng, x, 0.5, bce_gradients<double>(x, negatives, K, positive, 0.5),
                    bce_gradients<float>(x, negatives, K, positive, 0.5),
                    [&] { return plain_bce(x, negatives, K, positive); });
      for (const Form& form : forms()) {
        x.form = form.loss;
        x.weight = form.weights ? weights_of(x.M) : std::vector<double>();
        check_against(rng, x, 0.5, bce_gradients<double>(x, negatives, K, positive, 0.5),
                      bce_gradients<float>(x, negatives, K, positive, 0.5),
                      [&] { return plain_bce(x, negatives, K, positive); });
      }
      x.form = {};
      x.weight.clear();
    }
  }
}

TEST_CASE("sequence loss: bce of far logits stays finite") {
  const float table[] = {1.0f, -1.0f};
  const float h[] = {2000.0f};
  const uint32_t target[] = {1};
  const uint32_t negative[] = {0};
  float d_h = 0.0f;
  float on_target = 0.0f;
  float on_negative = 0.0f;
  CHECK(bce_loss<float>({1, h, target, table}, 1, negative, 1, 1.0f, 1.0f, &d_h, &on_target, &on_negative) ==
        doctest::Approx(4000.0));
  CHECK(on_target == -1.0f);
  CHECK(on_negative == 1.0f);
  CHECK(d_h == 2.0f);
}

TEST_CASE("sequence loss: the weight of gbce") {
  CHECK(gbce_weight(10, 101, 0.0) == doctest::Approx(1.0));  // bce
  CHECK(gbce_weight(10, 101, 1.0) == doctest::Approx(0.1));  // the sampling rate
  CHECK(gbce_weight(10, 101, 0.5) == doctest::Approx(0.55));
  CHECK(gbce_weight(100, 101, 0.9) == doctest::Approx(1.0));  // all negatives
}

TEST_CASE("sequence loss: columns") {
  std::mt19937 rng(6);
  const AlignedBuffer<float> table = test::uniform_floats(rng, 200 * 3);
  ItemColumns<float> columns;
  ThreadPool thread_pool(2);
  columns.set_all(table.data(), 200, 3, thread_pool);
  CHECK(columns.size() == 200);
  CHECK(columns.column_of(17) == 17);
  columns.set_some(table.data(), 3, {4, 9, 150}, {0.0f, 0.0f, 0.0f}, thread_pool);
  CHECK(columns.size() == 3);
  CHECK(columns.column_of(9) == 1);
  CHECK(columns.column_of(10) == kNoId);
  CHECK(columns.column_of(151) == kNoId);
  CHECK(columns.rows()[2 * 3 + 1] == table[150 * 3 + 1]);
  const std::vector<float> matrix{1, 2, 3, 4, 5, 6, 7, 8, 9};  // of the items 4, 9, 150
  std::vector<float> rows(6 * 3, 0.0f);
  columns.copy_rows(matrix.data(), 4, 6, rows.data());  // 4 to 9
  CHECK(rows == std::vector<float>{1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6});
  columns.copy_rows(matrix.data(), 10, 140, rows.data());  // none of them
  CHECK(rows[0] == 1.0f);
}

}  // namespace rec::sequence_loss_test
