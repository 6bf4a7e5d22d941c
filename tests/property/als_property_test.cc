// als against a plain twin: dense normal equations in double, no tiles, no
// Gramian trick, every pair of the U × I matrix written out.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>

#include "dense_of.h"
#include "models/als/als_block_solver.h"
#include "models/als/als_pairs.h"
#include "models/als/als_partition.h"
#include "models/als/als_solver.h"
#include "models/als/als_trainer.h"
#include "oracle.h"
#include "small_data.h"

namespace rec::als_property_test {
namespace {

using oracle::Dense;
using test::as_double;

// The weights c_ui, U × I; 0: not observed.
Dense weights_of(const Csr& by_user, size_t items) {
  Dense weight(by_user.rows(), items);
  for (size_t user = 0; user < by_user.rows(); ++user) {
    for (uint64_t at = by_user.begin[user]; at < by_user.begin[user + 1]; ++at)
      weight(user, by_user.index[at]) = by_user.weight.empty() ? 1.0 : static_cast<double>(by_user.weight[at]);
  }
  return weight;
}

std::vector<float> random_weights(size_t n) {
  std::mt19937 random(8);
  std::vector<float> weights(n);
  for (float& weight : weights) weight = 0.1f + static_cast<float>(random() % 40) / 10.0f;
  return weights;
}

// The same from the rows: f of the sum of the values, times the mean of the weights.
Dense weights_of_rows(const Interactions& data, const AlsOptions& o) {
  Dense value(data.users.size(), data.items.size()), weight = value, count = value;
  for (size_t row = 0; row < data.size(); ++row) {
    value(data.user[row], data.item[row]) += static_cast<double>(data.value[row]);
    weight(data.user[row], data.item[row]) += static_cast<double>(data.weight[row]);
    count(data.user[row], data.item[row]) += 1.0;
  }
  for (size_t u = 0; u < weight.rows(); ++u) {
    for (size_t i = 0; i < weight.cols(); ++i) {
      if (count(u, i) == 0.0) continue;
      const double f = o.confidence == Confidence::kNone     ? 1.0
                       : o.confidence == Confidence::kLinear ? 1.0 + o.confidence_scale * value(u, i)
                                                             : 1.0 + o.confidence_scale * std::log1p(value(u, i));
      weight(u, i) *= f / count(u, i);
    }
  }
  return weight;
}

// Of a row of weights that holds every pair of the row.
double ridge_of(const Dense& weights, const AlsOptions& o) {
  return *o.regularization *
         std::pow(weights.sum() + o.unobserved_weight * static_cast<double>(weights.rows()), o.exponent);
}

// One half step: rows of `out` given `fixed`; weight is rows × fixed.rows().
void naive_half_step(const Dense& weight, const Dense& fixed, const AlsOptions& o, Dense& out) {
  const size_t F = fixed.cols();
  for (size_t row = 0; row < weight.rows(); ++row) {
    Dense A(F, F);
    Dense b(F);
    for (size_t j = 0; j < fixed.rows(); ++j) {
      const Dense y = fixed.row(j);
      oracle::add_outer(A, o.unobserved_weight + weight(row, j), y);
      b += weight(row, j) * y;
    }
    const Dense x = oracle::solve(A + ridge_of(weight.row(row), o) * Dense::identity(F), b);
    for (size_t f = 0; f < F; ++f) out(row, f) = x(f);
  }
}

// One sweep of iALS++ (arXiv:2110.14044): Newton steps of o.block factors, in double.
void naive_sweep(const Dense& weight, const Dense& fixed, const AlsOptions& o, Dense& out) {
  const size_t F = fixed.cols();
  for (size_t row = 0; row < weight.rows(); ++row) {
    const double ridge = ridge_of(weight.row(row), o);
    for (size_t first = 0; first < F; first += static_cast<size_t>(o.block)) {
      const size_t cols = std::min(static_cast<size_t>(o.block), F - first);
      Dense H = ridge * Dense::identity(cols);
      Dense g = ridge * out.block(row, first, 1, cols).transposed();
      const Dense x = out.row(row);
      for (size_t j = 0; j < fixed.rows(); ++j) {
        const Dense y = fixed.block(j, first, 1, cols).transposed();
        const double s = oracle::dot(x, fixed.row(j));
        oracle::add_outer(H, o.unobserved_weight + weight(row, j), y);
        g += (o.unobserved_weight * s + weight(row, j) * (s - 1)) * y;
      }
      const Dense step = oracle::solve(H, g);
      for (size_t f = 0; f < cols; ++f) out(row, first + f) -= step(f);
    }
  }
}

double naive_objective(const Dense& weight, const Dense& X, const Dense& Y, const AlsOptions& o) {
  const auto squares = [](const Dense& x) { return oracle::dot(x, x); };
  const Dense score = X * Y.transposed();
  double loss = 0.0;
  for (size_t u = 0; u < X.rows(); ++u) {
    for (size_t i = 0; i < Y.rows(); ++i) {
      const double s = score(u, i);
      loss += weight(u, i) * (weight(u, i) > 0 ? (s - 1) * (s - 1) : 0.0) + o.unobserved_weight * s * s;
    }
    loss += ridge_of(weight.row(u), o) * squares(X.row(u));
  }
  const Dense columns = weight.transposed();
  for (size_t i = 0; i < Y.rows(); ++i) loss += ridge_of(columns.row(i), o) * squares(Y.row(i));
  return loss;
}

double relative_difference(const Dense& a, const Dense& b) { return (a - b).norm() / b.norm(); }

// Three epochs of the trainer against those of the twin half step, which takes
// weight, fixed side, options and the side to change; the objective never rises.
void check_epochs(const AlsOptions& o,
                  const std::function<void(const Dense&, const Dense&, const AlsOptions&, Dense&)>& twin,
                  bool has_weights = false) {
  CAPTURE(o.dim);
  CAPTURE(o.block);
  CAPTURE(name_in(kConfidences, o.confidence));
  Interactions data = random_rows(static_cast<unsigned>(o.dim), 50, 35, 700);
  if (has_weights) data.weight = random_weights(data.size());
  const Csr by_user = als_pairs(data, o);
  AlsTrainer trainer(data, by_user, o, 2);
  const Dense weight = has_weights ? weights_of_rows(data, o) : weights_of(by_user, data.items.size());
  Dense X = as_double(trainer.users());
  Dense Y = as_double(trainer.items());
  double last = HUGE_VAL;
  for (int epoch = 0; epoch < 3; ++epoch) {
    trainer.epoch();
    twin(weight, Y, o, X);
    twin(weight.transposed(), X, o, Y);
    CHECK(relative_difference(as_double(trainer.users()), X) < 2e-4);
    CHECK(relative_difference(as_double(trainer.items()), Y) < 2e-4);
    const double objective = trainer.objective();
    CHECK(objective ==
          doctest::Approx(naive_objective(weight, as_double(trainer.users()), as_double(trainer.items()), o))
              .epsilon(1e-5));
    CHECK(objective <= last * (1 + 1e-6));
    last = objective;
  }
}

TEST_CASE("als: three epochs equal the naive ones in double, and so does the objective") {
  for (const int dim : {1, 3, 16, 17, 40}) {
    for (const Confidence confidence : {Confidence::kNone, Confidence::kLinear, Confidence::kLog}) {
      AlsOptions o;
      o.regularization = 0.003;
      o.dim = dim;
      o.unobserved_weight = 0.05;
      o.regularization = 0.02;
      o.exponent = dim == 3 ? 0.0 : 0.8;
      o.confidence = confidence;
      o.confidence_scale = 0.7;
      check_epochs(o, naive_half_step);
      check_epochs(o, naive_half_step, true);
    }
  }
}

TEST_CASE("als: a user whose weights are all 2 weighs as one whose pairs come with confidence 2") {
  Interactions data = random_rows(5, 30, 20, 300);
  std::vector<float> weights(data.size(), 1.0f);
  for (size_t row = 0; row < data.size(); ++row) {
    data.value.own()[row] = 0.0f;
    if (data.user[row] % 3 == 0) weights[row] = 2.0f;
  }
  AlsOptions o;
  o.dim = 5;
  AlsTrainer plain(data, als_pairs(data, o), o, 2);
  data.weight = weights;
  AlsTrainer weighted(data, als_pairs(data, o), o, 2);
  // The confidence sums the values of a pair's rows: the first has it all.
  std::vector<std::vector<bool>> met(data.users.size(), std::vector<bool>(data.items.size(), false));
  for (size_t row = 0; row < data.size(); ++row) {
    if (weights[row] == 2.0f && !met[data.user[row]][data.item[row]]) data.value.own()[row] = 1.0f;
    met[data.user[row]][data.item[row]] = true;
  }
  data.weight.clear();
  o.confidence = Confidence::kLinear;
  AlsTrainer confident(data, als_pairs(data, o), o, 2);
  for (AlsTrainer* trainer : {&plain, &weighted, &confident}) trainer->epoch();
  CHECK(as_double(weighted.items()) == as_double(confident.items()));
  CHECK(as_double(weighted.users()) == as_double(confident.users()));
  CHECK(as_double(weighted.items()) != as_double(plain.items()));
}

TEST_CASE("als blocks: three epochs equal the naive ones in double, and the objective never rises") {
  for (const int dim : {33, 48, 100}) {
    for (const int block : {16, 32}) {
      for (const Confidence confidence : {Confidence::kNone, Confidence::kLog}) {
        AlsOptions o;
        o.regularization = 0.003;
        o.dim = dim;
        o.block = block;
        o.unobserved_weight = 0.05;
        o.regularization = 0.02;
        o.exponent = 0.8;
        o.confidence = confidence;
        check_epochs(o, naive_sweep);
      }
    }
  }
}

TEST_CASE("als blocks: one block is the exact solver, as an option bit for bit, as a Newton step up to rounding") {
  const Interactions data = random_rows(7, 40, 30, 500);
  const Csr by_user = csr_by_user(data, {});
  AlsOptions exact, wide;
  exact.regularization = wide.regularization = 0.003;
  exact.dim = wide.dim = 40;
  exact.block = 0;
  for (const int block : {48, 1024}) {
    wide.block = block;
    AlsTrainer a(data, by_user, exact, 1);
    AlsTrainer b(data, by_user, wide, 2);
    a.epoch();
    b.epoch();
    CHECK(as_double(a.users()) == as_double(b.users()));
    CHECK(as_double(a.items()) == as_double(b.items()));
    // The block solver itself, from vectors that are anywhere.
    const AlsSolver solver(FixedFactors(a.items(), exact, 1));
    const AlsBlockSolver sweeper(FixedFactors(a.items(), exact, 1), static_cast<size_t>(block));
    AlsSolver::Scratch scratch;
    AlsBlockSolver::Scratch block_scratch;
    std::vector<float> x(40), y(40, 0.3f);
    for (size_t user = 0; user < by_user.rows(); ++user) {
      const AlsPairs its{{by_user.index.data() + by_user.begin[user], by_user.row_size(user)}, {}};
      solver.solve(its, x.data(), scratch);
      const AlsBlockSolver::Row row{its, y.data()};
      sweeper.sweep({&row, 1}, block_scratch);
      for (size_t f = 0; f < 40; ++f) CHECK(y[f] == doctest::Approx(x[f]).epsilon(1e-3));
    }
  }
}

TEST_CASE("als blocks: the same bits however rows are put together, and for rows too long for a panel") {
  // 70,000 pairs of 64 factors do not fit the scratch memory of a row.
  constexpr size_t kItems = 70000;
  AlsOptions o;
  o.regularization = 0.003;
  o.dim = 64;
  Matrix Y(kItems, 64);
  std::mt19937 random(1);
  for (size_t item = 0; item < kItems; ++item) {
    for (size_t f = 0; f < 64; ++f) Y(item, f) = static_cast<float>(static_cast<double>(random()) * 0x1p-34 - 0.1);
  }
  std::vector<uint32_t> index(kItems);
  for (uint32_t item = 0; item < kItems; ++item) index[item] = item;
  std::vector<float> weight(kItems, 2.0f);
  const AlsBlockSolver solver(FixedFactors(Y, o, 1), 16);
  AlsBlockSolver::Scratch scratch;
  const std::vector<size_t> sizes{kItems, 65536, 65537, 900, 17, 16, 3, 1, 0, 5};
  for (const bool weighted : {false, true}) {
    auto row = [&](size_t n, std::vector<float>& x) {
      return AlsBlockSolver::Row{
          {{index.data(), n}, weighted ? std::span<const float>(weight.data(), n) : std::span<const float>{}},
          x.data()};
    };
    std::vector<std::vector<float>> alone(sizes.size(), std::vector<float>(64, 0.01f)), together = alone;
    std::vector<AlsBlockSolver::Row> batch;
    for (size_t at = 0; at < sizes.size(); ++at) {
      const AlsBlockSolver::Row one = row(sizes[at], alone[at]);
      solver.sweep({&one, 1}, scratch);
      batch.push_back(row(sizes[at], together[at]));
    }
    AlsBlockSolver::Scratch fresh;
    solver.sweep(batch, fresh);
    CHECK(alone == together);
    // By panel or not: a row is near its neighbour with one pair more.
    for (size_t f = 0; f < 64; ++f) CHECK(alone[1][f] == doctest::Approx(alone[2][f]).epsilon(0.02).scale(0.01));
  }
}

TEST_CASE("als: a solved row is a minimum: the gradient there is zero") {
  AlsOptions o;
  o.regularization = 0.003;
  o.dim = 8;
  const Interactions data = random_rows(9, 30, 25, 300);
  const Csr by_user = csr_by_user(data, {});
  AlsTrainer trainer(data, by_user, o, 1);
  trainer.epoch();
  // After the item half step the items are optimal for the users: check by
  // central differences of the full objective in double.
  const Dense weight = weights_of(by_user, data.items.size());
  const Dense X = as_double(trainer.users());
  Dense Y = as_double(trainer.items());
  const double at = naive_objective(weight, X, Y, o);
  for (size_t i = 0; i < Y.rows(); i += 5) {
    for (size_t f = 0; f < Y.cols(); ++f) {
      const double step = 1e-3;
      const double kept = Y(i, f);
      Y(i, f) = kept + step;
      const double up = naive_objective(weight, X, Y, o);
      Y(i, f) = kept - step;
      const double down = naive_objective(weight, X, Y, o);
      Y(i, f) = kept;
      CHECK(std::abs(up - down) / (2 * step) < 1e-3);
      CHECK(up >= at - 1e-9);
      CHECK(down >= at - 1e-9);
    }
  }
}

TEST_CASE("als: a warm start is there sooner, and no new id moves another's start") {
  const Interactions today = random_rows(21, 60, 40, 1500);
  Interactions yesterday = today;
  yesterday.user.resize(1450);
  yesterday.item.resize(1450);
  yesterday.value.resize(1450);
  for (const int block : {0, 16}) {
    CAPTURE(block);
    AlsOptions o;
    o.regularization = 0.003;
    o.dim = 24;
    o.block = block;
    o.regularization = 0.01;
    const Csr old_pairs = csr_by_user(yesterday, {});
    AlsTrainer old(yesterday, old_pairs, o, 1);
    for (int epoch = 0; epoch < 12; ++epoch) old.epoch();
    Artefact base = old.artefact();
    base.users.index();
    base.items.index();
    const Csr pairs = csr_by_user(today, {});
    AlsTrainer cold(today, pairs, o, 2);
    AlsTrainer warm(today, pairs, o, 2);
    const AlsTrainer::Kept kept = warm.start_from(base);
    CHECK(kept.users == today.users.size());
    for (int epoch = 0; epoch < 6; ++epoch) cold.epoch();
    for (int epoch = 0; epoch < 2; ++epoch) warm.epoch();
    CHECK(warm.objective() <= cold.objective());
  }
  // Items "x", "y" and users "x", "y" are new; alone or together they start alike.
  auto start = [&](const std::vector<std::string>& extra) {
    RowsBuilder rows;
    for (size_t row = 0; row < 300; ++row)
      rows.add(std::string(today.users[today.user[row]]), std::string(today.items[today.item[row]]));
    for (const std::string& name : extra) rows.add(name, name);
    const Interactions data = rows.build();
    AlsOptions o;
    o.regularization = 0.003;
    o.dim = 8;
    o.block = 0;
    const Csr pairs = csr_by_user(data, {});
    AlsTrainer trainer(data, pairs, o, 1);
    Artefact base = AlsTrainer(data, pairs, o, 1).artefact();
    Artefact none;
    none.add("items.factors", ConstMatrixView{nullptr, 0, 8, 8});
    none.add("users.factors", ConstMatrixView{nullptr, 0, 8, 8});
    none.items.index();
    none.users.index();
    trainer.start_from(none);
    const float* row = trainer.items().row(data.items.find("x"));
    return std::vector<float>(row, row + 8);
  };
  CHECK(start({"x"}) == start({"a", "x", "y"}));
  CHECK(start({"x"}) != std::vector<float>(8, 0.0f));
}

TEST_CASE("als: a half step of parts is that of the whole") {
  const Interactions data = random_rows(31, 60, 40, 1200);
  for (const int block : {0, 16}) {
    for (const AlsHalf half : {AlsHalf::kUsers, AlsHalf::kItems}) {
      AlsOptions o;
      o.regularization = 0.003;
      o.dim = 20;
      o.block = block;
      o.confidence = Confidence::kLog;
      const Csr pairs = als_pairs(data, o);
      AlsTrainer trainer(data, pairs, o, 1);
      trainer.epoch();
      Artefact base = trainer.artefact();
      base.users.index();
      base.items.index();
      const AlsPart whole = als_part(data, half, base, o, 2);
      const bool users = half == AlsHalf::kUsers;
      const auto tensor = [&](const AlsPart& part) {
        return part.rows.find(users ? "users.factors" : "items.factors")->view();
      };
      const auto ids = [&](const AlsPart& part) -> const IdTable& { return users ? part.rows.users : part.rows.items; };
      size_t seen = 0;
      for (uint32_t which = 0; which < 3; ++which) {
        RowsBuilder rows;
        for (size_t row = 0; row < data.size(); ++row) {
          if ((users ? data.user[row] : data.item[row]) % 3 != which) continue;
          rows.add(std::string(data.users[data.user[row]]), std::string(data.items[data.item[row]]), data.value[row]);
        }
        rows.add("stranger " + std::to_string(which), "no such item");
        const AlsPart part = als_part(rows.build(), half, base, o, 1);
        CHECK(part.unknown_pairs == 1);
        CHECK(part.empty_rows == 1);
        for (uint32_t at = 0; at < ids(part).size(); ++at, ++seen) {
          const uint32_t in_whole = ids(whole).find(ids(part)[at]);
          REQUIRE(in_whole != kNoId);
          CHECK(std::equal(tensor(part).row(at), tensor(part).row(at) + 20, tensor(whole).row(in_whole)));
          if (!users)
            CHECK(part.rows.find("items.count")->floats()[at] == whole.rows.find("items.count")->floats()[in_whole]);
        }
      }
      CHECK(seen == (users ? data.users.size() : data.items.size()));
    }
  }
}

TEST_CASE("als: the seed decides the start, nothing else does") {
  const Interactions data = random_rows(5, 20, 20, 200);
  const Csr by_user = csr_by_user(data, {});
  AlsOptions one, two;
  two.seed = 2;
  AlsTrainer a(data, by_user, one, 1);
  AlsTrainer b(data, by_user, one, 2);
  AlsTrainer c(data, by_user, two, 1);
  CHECK(as_double(a.items()) == as_double(b.items()));
  CHECK(as_double(a.items()) != as_double(c.items()));
}

}  // namespace
}  // namespace rec::als_property_test
