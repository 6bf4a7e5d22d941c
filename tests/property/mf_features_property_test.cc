// mf with features against a plain twin: every posterior, the weights of the features, the noise
// and the bound by dense algebra in double; and the model it becomes for items and users without
// rows.
#include <doctest/doctest.h>

#include <cmath>

#include "data/pair_means.h"
#include "dense_of.h"
#include "io/table.h"
#include "models/common/extend_artefact.h"
#include "models/inference/model.h"
#include "models/mf/mf_trainer.h"
#include "oracle.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::mf_features_property_test {
namespace {

using oracle::Dense;
using test::as_double;
using test::dense_of;

// Ids with two kinds of features, some with none, and three that have no rows.
SideFeatures features_of(const TempFolder& folder, Interactions& data, IdKind of, unsigned seed) {
  IdTable& ids = of == IdKind::kItem ? data.items : data.users;
  std::mt19937 random(seed);
  std::string text;
  for (uint32_t id = 0; id < ids.size(); ++id) {
    if (random() % 5 > 0) text += std::string(ids[id]) + "\tgenre=" + std::to_string(random() % 4) + "\n";
    if (random() % 2 > 0) text += std::string(ids[id]) + "\tword=" + std::to_string(random() % 6) + "\n";
  }
  for (int at = 0; at < 3; ++at) text += "new" + std::to_string(at) + "\tgenre=" + std::to_string(at) + "\n";
  const std::vector<FeatureTable> tables{read_features(folder.file("features.tsv", text), of, {})};
  add_ids(data, of, tables);
  FittedFeatures fitted = fit_features(tables, ids, {});
  return {of, std::move(fitted.map), std::move(fitted.rows.rows)};
}

struct Task {
  Interactions data;
  std::vector<SideFeatures> features;
};

Task task(const TempFolder& folder, unsigned seed) {
  Task task{random_rows(seed, 30, 20, 250), {}};
  task.features.push_back(features_of(folder, task.data, IdKind::kItem, seed));
  task.features.push_back(features_of(folder, task.data, IdKind::kUser, seed + 1));
  return task;
}

struct Side {
  Dense features;                 // rows × C
  Dense mean;                     // rows × N
  std::vector<Dense> covariance;  // of each row
  Dense W;                        // C × N
  std::vector<double> precision;  // N

  Side(const Csr& f, size_t categories, const MfTrainer::Side& start, size_t N)
      : features(dense_of(f, categories)),
        mean(as_double(start.mean)),
        covariance(mean.rows(), Dense(N, N)),
        W(categories, N),
        precision(start.precision) {}
};

struct Twin {
  Dense value;  // U × I, standardised
  Dense known;  // U × I: 1 where there is a pair
  double noise;
  double rho;
  Side users, items;

  Dense values_of(bool of_users) const { return of_users ? value : value.transposed(); }
  Dense known_of(bool of_users) const { return of_users ? known : known.transposed(); }

  // E[(r - r̂)²] of a pair, both vectors being random.
  double square(double r, const Side& a, size_t row, const Side& b, size_t other) const {
    const size_t N = a.mean.cols(), F = N - 1;
    // r̂ = p·q + b + c: its mean, and E of the products of moments.
    double first = a.mean(row, F) + b.mean(other, F);
    for (size_t f = 0; f < F; ++f) first += a.mean(row, f) * b.mean(other, f);
    double variance = a.covariance[row](F, F) + b.covariance[other](F, F);
    for (size_t f = 0; f < F; ++f) {
      variance += 2 * (a.covariance[row](f, F) * b.mean(other, f) + b.covariance[other](f, F) * a.mean(row, f));
      for (size_t k = 0; k < F; ++k) {
        const double mm = a.mean(row, f) * a.mean(row, k), nn = b.mean(other, f) * b.mean(other, k);
        variance += (a.covariance[row](f, k) + mm) * (b.covariance[other](f, k) + nn) - mm * nn;
      }
    }
    return (r - first) * (r - first) + variance;
  }

  void half_step(Side& side, const Side& other, bool of_users) {
    const Dense values = values_of(of_users), pairs = known_of(of_users), z = side.features * side.W;
    const size_t N = side.mean.cols(), F = N - 1;
    for (size_t row = 0; row < side.mean.rows(); ++row) {
      if (pairs.row(row).sum() == 0.0) continue;
      Dense A(N, N), c(N);
      for (size_t f = 0; f < N; ++f) {
        A(f, f) = side.precision[f];
        c(f) = side.precision[f] * z(row, f);
      }
      for (size_t j = 0; j < other.mean.rows(); ++j) {
        if (pairs(row, j) == 0.0) continue;
        // E[(r - b)·g] and E[ggᵀ], g = [q, 1].
        const auto moment = [&](size_t f, size_t k) {
          return other.covariance[j](f, k) + other.mean(j, f) * other.mean(j, k);
        };
        for (size_t f = 0; f < N; ++f) {
          const double g = f == F ? 1.0 : other.mean(j, f);
          c(f) += (values(row, j) * g - (f == F ? other.mean(j, F) : moment(f, F))) / noise;
          for (size_t k = 0; k < N; ++k)
            A(f, k) += (f == F ? (k == F ? 1.0 : other.mean(j, k)) : k == F ? g : moment(f, k)) / noise;
        }
      }
      side.covariance[row] = oracle::inverse(A);
      const Dense solved = side.covariance[row] * c;
      for (size_t f = 0; f < N; ++f) side.mean(row, f) = solved(f);
    }
  }

  double squares() const {
    double sum = 0.0;
    for (size_t u = 0; u < value.rows(); ++u) {
      for (size_t i = 0; i < value.cols(); ++i) {
        if (known(u, i) > 0.0) sum += square(value(u, i), users, u, items, i);
      }
    }
    return sum;
  }

  // Of the rows with pairs: how many, and Σ E[(w - z)²] + ρ |W|² for each value.
  std::vector<double> penalties(const Side& side, bool of_users, size_t& n) const {
    const Dense pairs = known_of(of_users), z = side.features * side.W;
    std::vector<double> sums(side.mean.cols());
    n = 0;
    for (size_t row = 0; row < side.mean.rows(); ++row) {
      if (pairs.row(row).sum() == 0.0) continue;
      ++n;
      for (size_t f = 0; f < sums.size(); ++f)
        sums[f] += std::pow(side.mean(row, f) - z(row, f), 2) + side.covariance[row](f, f);
    }
    for (size_t c = 0; c < side.W.rows(); ++c) {
      for (size_t f = 0; f < sums.size(); ++f) sums[f] += rho * side.W(c, f) * side.W(c, f);
    }
    return sums;
  }

  void fit_prior(Side& side, bool of_users) {
    const Dense pairs = known_of(of_users);
    Dense A = rho * Dense::identity(side.features.cols()), B(side.features.cols(), side.mean.cols());
    for (size_t row = 0; row < side.mean.rows(); ++row) {
      if (pairs.row(row).sum() == 0.0) continue;
      oracle::add_outer(A, 1.0, side.features.row(row));
      B += side.features.row(row) * side.mean.row(row).transposed();
    }
    side.W = oracle::solve(A, B);
    size_t n = 0;
    const std::vector<double> sums = penalties(side, of_users, n);
    for (size_t f = 0; f < sums.size(); ++f) side.precision[f] = static_cast<double>(n) / sums[f];
  }

  void epoch() {
    half_step(users, items, true);
    half_step(items, users, false);
    noise = squares() / known.sum();
    fit_prior(users, true);
    fit_prior(items, false);
  }

  // -(E[ln p(r)] - Σ KL(posterior, prior) - ½ Λ ρ |W|²) a pair.
  double objective() const {
    double bound = -0.5 * known.sum() * std::log(2 * std::acos(-1.0) * noise) - 0.5 * squares() / noise;
    for (const bool of_users : {true, false}) {
      const Side& side = of_users ? users : items;
      const Dense pairs = known_of(of_users);
      size_t n = 0;
      const std::vector<double> sums = penalties(side, of_users, n);
      for (size_t f = 0; f < sums.size(); ++f)
        bound += 0.5 * static_cast<double>(n) * (std::log(side.precision[f]) + 1.0) - 0.5 * side.precision[f] * sums[f];
      for (size_t row = 0; row < side.mean.rows(); ++row) {
        if (pairs.row(row).sum() > 0.0) bound += 0.5 * std::log(oracle::determinant(side.covariance[row]));
      }
    }
    return -bound / known.sum();
  }
};

Twin twin_of(const MfTrainer& trainer, const Task& task, const MfOptions& options) {
  const Csr& rows = trainer.by_user();
  const auto N = static_cast<size_t>(options.dim) + 1;
  const auto side = [&](IdKind of, const MfTrainer::Side& start) {
    const SideFeatures& its = task.features[of == IdKind::kItem ? 0 : 1];
    return Side(its.rows, its.map.size(), start, N);
  };
  return {.value = dense_of(rows, task.data.items.size()),
          .known = dense_of(csr_by_user(task.data, {}), task.data.items.size()),
          .noise = 0.6,
          .rho = options.feature_regularization,
          .users = side(IdKind::kUser, trainer.users()),
          .items = side(IdKind::kItem, trainer.items())};
}

TEST_CASE("mf with features: epochs equal the naive ones in double, and the bound never falls") {
  const TempFolder folder;
  for (const int dim : {0, 3}) {
    CAPTURE(dim);
    MfOptions options;
    options.dim = dim;
    options.feature_regularization = 0.5;
    const Task t = task(folder, static_cast<unsigned>(dim) + 4);
    MfTrainer trainer(t.data, csr_of_means(t.data), options, 2, t.features);
    Twin twin = twin_of(trainer, t, options);
    double last = HUGE_VAL;
    for (int epoch = 0; epoch < 12; ++epoch) {
      trainer.epoch();
      CHECK(trainer.objective() <= last + 1e-6);
      last = trainer.objective();
      if (epoch >= 4) continue;
      twin.epoch();
      CHECK(last == doctest::Approx(twin.objective()).epsilon(1e-4));
      for (const bool of_users : {true, false}) {
        const MfTrainer::Side& got = of_users ? trainer.users() : trainer.items();
        const Side& expected = of_users ? twin.users : twin.items;
        const Dense pairs = twin.known_of(of_users), z = expected.features * expected.W;
        CHECK((as_double(got.by_features->weights()) - expected.W).largest() < 1e-3);
        for (size_t f = 0; f < expected.precision.size(); ++f)
          CHECK(got.precision[f] == doctest::Approx(expected.precision[f]).epsilon(1e-3));
        for (size_t row = 0; row < z.rows(); ++row) {
          const bool has_pairs = pairs.row(row).sum() > 0.0;
          for (size_t f = 0; f < z.cols(); ++f) {
            const double mean = has_pairs ? expected.mean(row, f) : z(row, f);
            CHECK(std::abs(static_cast<double>(got.mean(row, f)) - mean) < 1e-3);
            const double variance = has_pairs ? expected.covariance[row](f, f) : 1.0 / expected.precision[f];
            CHECK(static_cast<double>(got.variance(row, f)) == doctest::Approx(variance).epsilon(2e-3));
          }
        }
      }
    }
  }
}

TEST_CASE("mf with features for new ids alone: the others are as without") {
  const TempFolder folder;
  MfOptions options;
  options.dim = 3;
  const Interactions plain_data = random_rows(6, 30, 20, 250);
  MfTrainer plain(plain_data, csr_of_means(plain_data), options, 1);
  options.feature_use = FeatureUse::kNew;
  const Task t = task(folder, 6);
  MfTrainer trainer(t.data, csr_of_means(t.data), options, 2, t.features);
  for (int epoch = 0; epoch < 3; ++epoch) {
    plain.epoch();
    trainer.epoch();
    CHECK(trainer.objective() == doctest::Approx(plain.objective()).epsilon(1e-9));
  }
  const Artefact model = trainer.artefact(), before = plain.artefact();
  for (const char* name : {"items.factors", "items.variance"}) {
    for (uint32_t item = 0; item < plain_data.items.size(); ++item) {
      const uint32_t number = model.items.find(plain_data.items[item]);
      REQUIRE(number != kNoId);
      const ConstMatrixView got = model.find(name)->view(), expected = before.find(name)->view();
      CHECK(std::equal(got.row(number), got.row(number) + got.cols, expected.row(item)));
    }
  }
  CHECK(model.find("unknown.item")->floats()[4] == before.find("unknown.item")->floats()[4]);
  const uint32_t fresh = model.items.find("new1");
  bool moved = false;
  for (size_t f = 0; f < 3; ++f) moved |= model.find("items.factors")->view()(fresh, f) != 0.0f;
  CHECK(moved);
}

TEST_CASE("mf with features and the implicit part: goes on bit for bit from a state, whatever the threads") {
  const TempFolder folder;
  for (const bool implicit : {false, true}) {
    CAPTURE(implicit);
    MfOptions options;
    options.dim = 3;
    options.implicit = implicit;
    const Task t = task(folder, 9);
    MfTrainer one(t.data, csr_of_means(t.data), options, 1, t.features);
    one.epoch();
    one.epoch();
    MfTrainer other(t.data, csr_of_means(t.data), options, 3, t.features);
    other.restore(one.state());
    for (int epoch = 0; epoch < 2; ++epoch) {
      one.epoch();
      other.epoch();
    }
    const Artefact got = other.artefact(), expected = one.artefact();
    CHECK(got.meta == expected.meta);
    for (const auto& tensor : expected.tensors()) {
      CAPTURE(tensor.name);
      CHECK(std::equal(tensor.floats(), tensor.floats() + tensor.rows() * tensor.cols(),
                       got.find(tensor.name)->floats()));
    }
  }
}

TEST_CASE("mf with features: items and users that come later get what they would have had") {
  const TempFolder folder;
  MfOptions options;
  options.dim = 3;
  options.implicit = true;
  const Task t = task(folder, 3);
  MfTrainer trainer(t.data, csr_of_means(t.data), options, 1, t.features);
  for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
  Artefact model = trainer.artefact();
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    CHECK(extend(model, of, {read_features(folder.file("later.tsv", "later\tgenre=1\n"), of, {})}).added == 1);
    const IdTable& ids = of == IdKind::kItem ? model.items : model.users;
    const std::string side = of == IdKind::kItem ? "items" : "users";
    const uint32_t later = ids.find("later"), before = ids.find("new1");
    const ConstMatrixView vectors = model.find(side + ".factors")->view();
    for (size_t f = 0; f < vectors.cols; ++f)
      CHECK(vectors(later, f) == doctest::Approx(vectors(before, f)).epsilon(1e-5));
    CHECK(model.find(side + ".count")->floats()[later] == 0.0f);
  }
  const uint32_t later = model.items.find("later"), before = model.items.find("new1");
  for (size_t f = 0; f < 4; ++f) {
    CHECK(model.find("items.variance")->view()(later, f) == model.find("items.variance")->view()(before, f));
    CHECK(model.find("items.variance")->view()(later, f) > 0.0f);
    CHECK(model.find("items.implicit")->view()(later, f) == 0.0f);
  }
  model.check();

  // A history of a user who is known by features: folded in from what these say.
  const Model loaded(std::move(model));
  const uint32_t guest = loaded.users().find("new0"), stranger = kNoId;
  REQUIRE_FALSE(loaded.knows_rows_of(guest));
  const_cast<Model&>(loaded).encoder().prepare(1);
  const std::vector<uint32_t> items{0, 3};
  const std::vector<float> values{4.0f, 2.0f};
  Behaviour own, without, features_alone;
  REQUIRE(loaded.encoder().encode_history({.item = items, .value = {}, .described = guest}, own));
  REQUIRE(loaded.encoder().encode_history({.item = items, .value = {}, .described = stranger}, without));
  REQUIRE(loaded.encoder().encode_user(guest, features_alone));
  // Without values the prior mean is the whole of it: the sum of both parts, the mean value but once.
  const double mean = loaded.artefact().number("mean");
  for (size_t f = 0; f < 4; ++f)
    CHECK(static_cast<double>(own.dense[f]) ==
          doctest::Approx(without.dense[f] + features_alone.dense[f] - (f == 3 ? mean : 0.0)).epsilon(1e-4));
  REQUIRE(loaded.encoder().encode_history({.item = items, .value = values, .described = guest}, own));
  REQUIRE(loaded.encoder().encode_history({.item = items, .value = values, .described = stranger}, without));
  bool differs = false;
  for (size_t f = 0; f < 4; ++f) differs |= own.dense[f] != without.dense[f];
  CHECK(differs);
}

}  // namespace
}  // namespace rec::mf_features_property_test
