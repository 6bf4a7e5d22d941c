// als with features against a plain twin: dense normal equations in double for the vectors and
// for the weights of the features, and the model it becomes for items and users without rows.
#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "dense_of.h"
#include "io/table.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/common/extend_artefact.h"
#include "models/inference/model.h"
#include "oracle.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::als_features_property_test {
namespace {

using oracle::Dense;
using test::as_double;
using test::dense_of;

double relative_difference(const Dense& a, const Dense& b) { return (a - b).norm() / b.norm(); }

// One side of the model, and the same in double.
struct Side {
  Dense weight;    // rows × others: c, 0 where a pair is not observed
  Dense features;  // rows × C, none: no features
  Dense x;         // rows × F
  Dense W;         // C × F

  bool has_pairs(size_t row) const { return weight.row(row).sum() > 0.0; }
  size_t rows_with_pairs() const {
    size_t n = 0;
    for (size_t row = 0; row < weight.rows(); ++row) n += has_pairs(row) ? 1 : 0;
    return n;
  }
  Dense mean(size_t row) const {
    Dense m(x.cols());
    for (size_t f = 0; f < x.cols(); ++f) {
      for (size_t c = 0; c < features.cols(); ++c) m(f) += features(row, c) * W(c, f);
    }
    return m;
  }
  double ridge(size_t row, size_t others, const AlsOptions& o) const {
    return *o.regularization *
           std::pow(weight.row(row).sum() + o.unobserved_weight * static_cast<double>(others), o.exponent);
  }

  // Rows with pairs given the other side; then W given them.
  void half_step(const Side& other, const AlsOptions& o) {
    const size_t F = x.cols();
    const size_t others = other.rows_with_pairs();
    for (size_t row = 0; row < x.rows(); ++row) {
      if (!has_pairs(row)) continue;
      const double r = ridge(row, others, o);
      Dense A = r * Dense::identity(F);
      Dense b = r * mean(row);
      for (size_t j = 0; j < other.x.rows(); ++j) {
        if (!other.has_pairs(j)) continue;
        oracle::add_outer(A, o.unobserved_weight + weight(row, j), other.x.row(j));
        b += weight(row, j) * other.x.row(j);
      }
      const Dense solved = oracle::solve(A, b);
      for (size_t f = 0; f < F; ++f) x(row, f) = solved(f);
    }
    if (features.cols() > 0) fit_weights(other, o);
  }

  void fit_weights(const Side& other, const AlsOptions& o) {
    const size_t F = x.cols();
    const size_t others = other.rows_with_pairs();
    double ridge_sum = 0.0;
    for (size_t row = 0; row < x.rows(); ++row) ridge_sum += has_pairs(row) ? ridge(row, others, o) : 0.0;
    const double decay = o.feature_regularization * ridge_sum / static_cast<double>(rows_with_pairs());
    Dense A = decay * Dense::identity(features.cols());
    Dense B(features.cols(), F);
    for (size_t row = 0; row < x.rows(); ++row) {
      if (!has_pairs(row)) continue;
      const Dense f = features.row(row);
      oracle::add_outer(A, ridge(row, others, o), f);
      B += ridge(row, others, o) * (f * x.row(row).transposed());
    }
    W = oracle::solve(A, B);
  }

  double penalty(const Side& other, const AlsOptions& o) const {
    const size_t others = other.rows_with_pairs();
    double sum = 0.0;
    double ridge_sum = 0.0;
    for (size_t row = 0; row < x.rows(); ++row) {
      if (!has_pairs(row)) continue;
      const Dense miss = x.row(row) - mean(row);
      sum += ridge(row, others, o) * oracle::dot(miss, miss);
      ridge_sum += ridge(row, others, o);
    }
    const double squares = W.norm() * W.norm();
    return sum + o.feature_regularization * ridge_sum / static_cast<double>(rows_with_pairs()) * squares;
  }
};

double objective(const Side& users, const Side& items, const AlsOptions& o) {
  double loss = users.penalty(items, o) + items.penalty(users, o);
  for (size_t u = 0; u < users.x.rows(); ++u) {
    for (size_t i = 0; i < items.x.rows(); ++i) {
      if (!users.has_pairs(u) || !items.has_pairs(i)) continue;
      const double s = oracle::dot(users.x.row(u), items.x.row(i));
      loss += users.weight(u, i) * (s - 1) * (s - 1) + o.unobserved_weight * s * s;
    }
  }
  return loss;
}

// Features of ids: two kinds, of which an id may have none; some ids have no rows.
FeatureTable table_of(const TempFolder& folder, const IdTable& ids, const char* fresh, IdKind of, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  for (uint32_t id = 0; id < ids.size(); ++id) {
    const std::string name(ids[id]);
    if (random() % 5 > 0) text += name + "\tgenre=" + std::to_string(random() % 4) + "\n";
    if (random() % 3 > 0) text += name + "\tgenre=" + std::to_string(4 + random() % 2) + "\n";
    if (random() % 2 > 0) text += name + "\tword=" + std::to_string(random() % 6) + "\n";
  }
  for (int at = 0; at < 3; ++at)
    text +=
        fresh + std::to_string(at) + "\tgenre=" + std::to_string(at) + "\n" + fresh + std::to_string(at) + "\tword=1\n";
  return read_features(folder.file("features.tsv", text), of, {});
}

struct Task {
  Interactions data;
  Csr by_user;
  std::vector<SideFeatures> features;
  std::vector<FeatureTable> item_tables;
};

Task task(const TempFolder& folder, const AlsOptions& o, bool of_users, unsigned seed) {
  Task task{random_rows(seed, 40, 30, 300), {}, {}, {}};
  std::vector<FeatureTable> users;
  task.item_tables.push_back(table_of(folder, task.data.items, "new", IdKind::kItem, seed));
  users.push_back(table_of(folder, task.data.users, "guest", IdKind::kUser, seed + 1));
  add_ids(task.data, IdKind::kItem, task.item_tables);
  if (of_users) add_ids(task.data, IdKind::kUser, users);
  task.by_user = als_pairs(task.data, o);
  const auto add = [&](IdKind of, const std::vector<FeatureTable>& tables, const IdTable& ids) {
    FittedFeatures fitted = fit_features(tables, ids, o.features);
    task.features.push_back({of, std::move(fitted.map), std::move(fitted.rows.rows)});
  };
  add(IdKind::kItem, task.item_tables, task.data.items);
  if (of_users) add(IdKind::kUser, users, task.data.users);
  return task;
}

TEST_CASE("als with features: epochs equal the naive ones in double, and the objective never rises") {
  const TempFolder folder;
  for (const int dim : {2, 17}) {
    for (const bool of_users : {false, true}) {
      CAPTURE(dim);
      CAPTURE(of_users);
      AlsOptions o;
      o.dim = dim;
      o.regularization = 0.05;
      o.exponent = 0.7;
      o.feature_regularization = 0.4;
      o.confidence = dim == 2 ? Confidence::kLog : Confidence::kNone;
      const Task t = task(folder, o, of_users, static_cast<unsigned>(dim));
      AlsTrainer trainer(t.data, t.by_user, o, 2, t.features);
      Side users{dense_of(t.by_user, t.data.items.size()), {}, as_double(trainer.users()), {}};
      Side items{users.weight.transposed(), {}, as_double(trainer.items()), {}};
      for (const SideFeatures& side : t.features) {
        Side& own = side.of == IdKind::kItem ? items : users;
        own.features = dense_of(side.rows, side.map.size());
        own.W = Dense(side.map.size(), static_cast<size_t>(dim));
      }
      double last = HUGE_VAL;
      for (int epoch = 0; epoch < 3; ++epoch) {
        trainer.epoch();
        users.half_step(items, o);
        items.half_step(users, o);
        CHECK(relative_difference(as_double(trainer.users()), users.x) < 5e-4);
        CHECK(relative_difference(as_double(trainer.items()), items.x) < 5e-4);
        const double now = trainer.objective();
        CHECK(now == doctest::Approx(objective(users, items, o)).epsilon(1e-4));
        CHECK(now <= last * (1 + 1e-6));
        last = now;
      }
      // In the model an item (a user) without rows has the mean that its features give.
      const Artefact model = trainer.artefact();
      const uint32_t fresh = model.items.find("new1");
      REQUIRE(fresh != kNoId);
      CHECK(model.find("items.count")->floats()[fresh] == 0.0f);
      const Dense mean = items.mean(fresh);
      for (size_t f = 0; f < static_cast<size_t>(dim); ++f)
        CHECK(static_cast<double>(model.find("items.factors")->view()(fresh, f)) ==
              doctest::Approx(mean(f)).epsilon(1e-3));
      if (!of_users) continue;
      const uint32_t guest = model.users.find("guest2");
      REQUIRE(guest != kNoId);
      const Dense its = users.mean(guest);
      for (size_t f = 0; f < static_cast<size_t>(dim); ++f)
        CHECK(static_cast<double>(model.find("users.factors")->view()(guest, f)) ==
              doctest::Approx(its(f)).epsilon(1e-3));
    }
  }
}

TEST_CASE("als with features for new ids alone: the others are as without, the new ones by ridge regression") {
  const TempFolder folder;
  AlsOptions o;
  o.dim = 6;
  o.regularization = 0.05;
  o.feature_regularization = 0.4;
  const Interactions plain_data = random_rows(4, 40, 30, 300);
  AlsTrainer plain(plain_data, als_pairs(plain_data, o), o, 1);
  o.feature_use = FeatureUse::kNew;
  const Task t = task(folder, o, true, 4);
  AlsTrainer trainer(t.data, t.by_user, o, 2, t.features);
  double last = HUGE_VAL;
  for (int epoch = 0; epoch < 3; ++epoch) {
    plain.epoch();
    trainer.epoch();
    CHECK(trainer.objective() == doctest::Approx(plain.objective()).epsilon(1e-6));
    CHECK(trainer.objective() <= last * (1 + 1e-6));
    last = trainer.objective();
  }
  const Artefact model = trainer.artefact();
  for (uint32_t item = 0; item < plain_data.items.size(); ++item) {
    const uint32_t number = model.items.find(plain_data.items[item]);
    REQUIRE(number != kNoId);
    for (size_t f = 0; f < 6; ++f) CHECK(model.find("items.factors")->view()(number, f) == plain.items()(item, f));
  }
  Side users{dense_of(t.by_user, t.data.items.size()), {}, as_double(trainer.users()), {}};
  Side items{users.weight.transposed(), dense_of(t.features[0].rows, t.features[0].map.size()),
             as_double(trainer.items()), Dense(t.features[0].map.size(), 6)};
  items.fit_weights(users, o);
  const Dense mean = items.mean(model.items.find("new2"));
  for (size_t f = 0; f < 6; ++f)
    CHECK(static_cast<double>(model.find("items.factors")->view()(model.items.find("new2"), f)) ==
          doctest::Approx(mean(f)).epsilon(2e-3));
}

TEST_CASE("als with features in blocks: the same minimum as the exact solver") {
  const TempFolder folder;
  AlsOptions o;
  o.dim = 32;
  o.regularization = 0.5;
  const Task t = task(folder, o, true, 5);
  AlsTrainer exact(t.data, t.by_user, o, 1, t.features);
  o.block = 16;
  AlsTrainer blocks(t.data, t.by_user, o, 2, t.features);
  for (int epoch = 0; epoch < 300; ++epoch) {
    exact.epoch();
    blocks.epoch();
  }
  CHECK(blocks.objective() == doctest::Approx(exact.objective()).epsilon(1e-5));
}

TEST_CASE("als with features: goes on bit for bit from a state, for every number of threads") {
  const TempFolder folder;
  AlsOptions o;
  o.dim = 20;
  const Task t = task(folder, o, true, 9);
  AlsTrainer one(t.data, t.by_user, o, 1, t.features);
  one.epoch();
  Artefact state = one.state();
  state.items.index();
  state.users.index();
  AlsTrainer other(t.data, t.by_user, o, 3, t.features);
  other.restore(state);
  one.epoch();
  other.epoch();
  CHECK(as_double(one.items()) == as_double(other.items()));
  CHECK(as_double(one.users()) == as_double(other.users()));
  CHECK(as_double(one.artefact().find("item-features.factors")->view()) ==
        as_double(other.artefact().find("item-features.factors")->view()));
}

TEST_CASE("extend: an item that comes later gets the vector that it would have had") {
  const TempFolder folder;
  AlsOptions o;
  o.dim = 5;
  Task t = task(folder, o, true, 3);
  AlsTrainer trainer(t.data, t.by_user, o, 1, t.features);
  trainer.epoch();
  Artefact model = trainer.artefact();
  const auto vector = [](const Artefact& artefact, const char* id) {
    IdTable items = artefact.items;
    items.index();
    const float* row = artefact.find("items.factors")->view().row(items.find(id));
    return std::vector<float>(row, row + 5);
  };
  const std::vector<float> was = vector(model, "new1");
  std::vector<FeatureTable> tables{read_features(
      folder.file("later.tsv",
                  "Later\tgenre=1\nLater\tword=1\nnew1\tgenre=2\nstrange\tgenre=99\nstrange\tcolour=red\n"),
      IdKind::kItem, {})};
  const Csr history = t.by_user;
  const Extension extension = extend(model, IdKind::kItem, tables);
  CHECK(extension.added == 1);
  CHECK(extension.known == 1);
  CHECK(extension.without == 1);
  CHECK(extension.unknown == 2);
  CHECK(extension.kinds_unknown == 1);
  model.check();
  // The same features as new1 had in training, so the same vector, bit for bit; all others stay.
  CHECK(vector(model, "Later") == was);
  CHECK(vector(model, "new1") == was);
  CHECK(model.items.size() == t.data.items.size() + 1);
  const Model loaded(std::move(model));
  CHECK(loaded.item_counts()[loaded.items().find("Later")] == 0.0f);

  Artefact plain = AlsTrainer(t.data, t.by_user, o, 1).artefact();
  CHECK(error_of<Error>([&] {
          extend(plain, IdKind::kItem, tables);
        }).starts_with("the model knows no features of items"));
}

TEST_CASE("extend: sparse matrices follow their ids") {
  const TempFolder folder;
  Artefact artefact;
  for (const char* id : {"b", "d"}) artefact.items.intern(id);
  artefact.users.intern("u");
  artefact.tables["item-features"].intern("k=x");
  artefact.add("item-features.map", Matrix(1, 4));
  float* map = const_cast<float*>(artefact.find("item-features.map")->floats());
  map[0] = map[1] = 1.0f;
  artefact.add("items.factors", Matrix(2, 1));
  artefact.add("item-features.factors", Matrix(1, 1));
  Csr own;
  own.begin = {0, 1, 3};
  own.index = {1, 0, 1};
  own.weight = {0.5f, 2.0f, 3.0f};
  artefact.add_sparse("items.neighbours", own);
  Csr history;
  history.begin = {0, 2};
  history.index = {0, 1};
  artefact.add_sparse("users.history", history);
  CHECK(
      extend(artefact, IdKind::kItem, {read_features(folder.file("f", "a\tk=x\nc\tk=x\n"), IdKind::kItem, {})}).added ==
      2);
  artefact.check();
  const SparseView neighbours = artefact.find_sparse("items.neighbours")->view;
  CHECK(neighbours.rows() == 4);
  CHECK(std::vector<uint32_t>(neighbours.row(1).begin(), neighbours.row(1).end()) == std::vector<uint32_t>{3});
  CHECK(std::vector<uint32_t>(neighbours.row(3).begin(), neighbours.row(3).end()) == std::vector<uint32_t>{1, 3});
  CHECK(neighbours.row_weight(3)[0] == 2.0f);
  const SparseView stored = artefact.find_sparse("users.history")->view;
  CHECK(std::vector<uint32_t>(stored.index.begin(), stored.index.end()) == std::vector<uint32_t>{1, 3});
}

TEST_CASE("als: a user of features alone is drawn to them when a history is folded in") {
  const TempFolder folder;
  AlsOptions o;
  o.dim = 4;
  o.regularization = 0.3;
  const Task t = task(folder, o, true, 11);
  AlsTrainer trainer(t.data, t.by_user, o, 1, t.features);
  trainer.epoch();
  Model model(trainer.artefact());
  model.encoder().prepare(1);
  const uint32_t guest = model.users().find("guest0");
  REQUIRE_FALSE(model.knows_rows_of(guest));
  const std::vector<uint32_t> items{0, 3, 8};
  Behaviour h;
  REQUIRE(model.encoder().encode_history({.item = items, .value = {}, .described = guest}, h));
  // By the normal equations over the items with rows.
  AlsOptions resolved = trainer.options();
  const Dense Y = as_double(trainer.items());
  size_t n = 0;
  Dense A(4, 4);
  Dense b(4);
  for (size_t i = 0; i < Y.rows(); ++i) {
    if (model.item_counts()[i] == 0.0f) continue;
    ++n;
    const double c = std::count(items.begin(), items.end(), i) > 0 ? 1.0 : 0.0;
    oracle::add_outer(A, resolved.unobserved_weight + c, Y.row(i));
    b += c * Y.row(i);
  }
  const double ridge = resolved.ridge(3.0, n);
  const Dense mean = as_double(trainer.artefact().find("users.factors")->view()).row(guest);
  const Dense x = oracle::solve(A + ridge * Dense::identity(4), b + ridge * mean);
  for (size_t f = 0; f < 4; ++f) CHECK(static_cast<double>(h.dense[f]) == doctest::Approx(x(f)).epsilon(1e-3));
}

}  // namespace
}  // namespace rec::als_features_property_test
