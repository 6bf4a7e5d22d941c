// content against a plain twin in double: its items, its users by either model, new items and new users.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "io/table.h"
#include "models/common/extend_artefact.h"
#include "models/inference/model.h"
#include "oracle.h"
#include "small_data.h"
#include "temp_folder.h"
#include "train/fit_content.h"

namespace rec::content_property_test {
namespace {

using oracle::Dense;

constexpr size_t kItems = 24;
constexpr double kHalfLife = 40.0;

// Features by two kinds, the last item without any.
std::string random_features(std::mt19937& random) {
  std::string text = "item\tfeature\tvalue\n";
  for (size_t item = 0; item + 1 < kItems; ++item) {
    for (int n = 0; n < 4; ++n)
      text += fmt::format("i{}\t{}={}\t{}\n", item, n < 3 ? "word" : "maker", random() % 12, 1 + random() % 3);
  }
  return text;
}

// Rows with values and times; pairs come again.
Interactions random_log(std::mt19937& random) {
  RowsBuilder rows;
  std::vector<double> time;
  for (size_t item = 0; item < kItems; ++item) {
    rows.add("all", fmt::format("i{}", item), 2.0f);
    time.push_back(0.0);
  }
  for (int row = 0; row < 120; ++row) {
    rows.add(fmt::format("u{}", random() % 10), fmt::format("i{}", random() % kItems),
             static_cast<float>(random() % 4));
    time.push_back(static_cast<double>(random() % 100));
  }
  Interactions data = rows.build();
  data.timestamp = time;
  return data;
}

struct Twin {
  Dense x;       // items × D
  Dense weight;  // users × items: c, 0 where there is no pair
};

Twin twin_of(const Interactions& data, const Csr& features, size_t columns, const ContentOptions& options) {
  Twin twin{Dense(kItems, columns), Dense(data.users.size(), kItems)};
  for (size_t item = 0; item < kItems; ++item) {
    for (uint64_t at = features.begin[item]; at < features.begin[item + 1]; ++at)
      twin.x(item, features.index[at]) = static_cast<double>(features.weight[at]);
  }
  Dense value(data.users.size(), kItems), newest(data.users.size(), kItems), has(data.users.size(), kItems);
  double now = 0.0;
  for (const double time : data.timestamp) now = std::max(now, time);
  for (size_t row = 0; row < data.size(); ++row) {
    value(data.user[row], data.item[row]) += static_cast<double>(data.value[row]);
    double& latest = newest(data.user[row], data.item[row]);
    latest = std::max(latest, data.timestamp[row]);
    has(data.user[row], data.item[row]) = 1.0;
  }
  for (size_t user = 0; user < data.users.size(); ++user) {
    for (size_t item = 0; item < kItems; ++item) {
      const double c =
          options.confidence == Confidence::kLinear ? 1.0 + options.confidence_scale * value(user, item) : 1.0;
      const double d =
          options.half_life.amount > 0 ? std::exp2(-(now - newest(user, item)) / options.half_life.amount) : 1.0;
      twin.weight(user, item) = has(user, item) * c * d;
    }
  }
  return twin;
}

Dense user_of(const Twin& twin, size_t user, const ContentOptions& options) {
  const size_t D = twin.x.cols();
  const double sum = twin.weight.row(user).sum();
  if (options.user_model == UserModel::kMean) return (1.0 / sum) * (twin.x.transposed() * twin.weight.row(user));
  const double n = static_cast<double>(kItems);
  Dense A =
      *options.regularization * std::pow(sum + options.unobserved_weight * n, options.exponent) * Dense::identity(D);
  Dense b(D);
  for (size_t item = 0; item < kItems; ++item) {
    oracle::add_outer(A, options.unobserved_weight + twin.weight(user, item), twin.x.row(item));
    b += twin.weight(user, item) * twin.x.row(item);
  }
  return oracle::solve(A, b);
}

SideFeatures side_of(const FeatureTable& table, const Interactions& data, const ContentOptions& options) {
  FittedFeatures fitted = fit_features({table}, data.items, options.features);
  return {IdKind::kItem, std::move(fitted.map), std::move(fitted.rows.rows)};
}

Csr pairs_of(const Interactions& data) { return csr_by_user(data, {}); }

TEST_CASE("content: items, users and scores as a plain twin in double has them") {
  const TempFolder folder;
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::mt19937 random(seed);
    const Interactions data = random_log(random);
    const FeatureTable table = read_item_features(folder.file("f.tsv", random_features(random)), {});
    for (const UserModel user_model : {UserModel::kMean, UserModel::kRidge}) {
      ContentOptions options;
      options.user_model = user_model;
      options.regularization = 0.02;
      options.features.kind_weight = {{"word", 2.0}};
      options.confidence = seed == 1 ? Confidence::kNone : Confidence::kLinear;
      options.confidence_scale = 0.5;
      if (seed != 2) options.half_life.amount = kHalfLife;
      if (seed != 2) options.now = 99.0;
      CAPTURE(seed);
      CAPTURE(name_in(kUserModels, user_model));
      double newest = 0.0;
      for (const double time : data.timestamp) newest = std::max(newest, time);
      if (options.now) options.now = newest;
      const SideFeatures side = side_of(table, data, options);
      Artefact artefact = fit_content(data, pairs_of(data), side, options, 2);
      const Twin twin = twin_of(data, side.rows, side.map.size(), options);
      const ConstMatrixView x = artefact.find("items.factors")->view();
      REQUIRE(x.cols == side.map.size());
      for (size_t item = 0; item < kItems; ++item) {
        for (size_t d = 0; d < x.cols; ++d) CHECK(static_cast<double>(x(item, d)) == doctest::Approx(twin.x(item, d)));
      }
      const Model model(std::move(artefact));
      const auto scorer = make_scorer(model.predictor(), model.parts());
      const auto users = scorer->make_users(1);
      for (uint32_t user = 0; user < data.users.size(); ++user) {
        const Dense h = user_of(twin, user, options);
        Behaviour found;
        REQUIRE(model.encoder().encode_user(user, found));
        scorer->prepare(found, 0, *users);
        for (uint32_t item = 0; item < kItems; ++item) {
          float score = 0.0f;
          scorer->score_items(0, {&item, 1}, *users, &score);
          const Dense xi = twin.x.row(item);
          double expected = oracle::dot(h, xi);
          if (user_model == UserModel::kMean) expected = xi.norm() > 0 ? expected / (h.norm() * xi.norm()) : 0.0;
          CHECK(static_cast<double>(score) == doctest::Approx(expected).epsilon(1e-4));
        }
      }
    }
  }
}

TEST_CASE("content: with fewer numbers than features, the products of the best approximation of that rank") {
  const TempFolder folder;
  std::mt19937 random(7);
  const Interactions data = random_log(random);
  const FeatureTable table = read_item_features(folder.file("f.tsv", random_features(random)), {});
  ContentOptions options;
  options.dim = 5;
  const SideFeatures side = side_of(table, data, options);
  REQUIRE(side.map.size() > 5);
  const Artefact artefact = fit_content(data, pairs_of(data), side, options, 2);
  const ConstMatrixView x = artefact.find("items.factors")->view();
  CHECK(x.cols == 5);
  const Dense f = twin_of(data, side.rows, side.map.size(), options).x;
  const Dense V = oracle::svd(f).V.left_columns(5);
  const Dense expected = f * V * V.transposed() * f.transposed();
  for (size_t i = 0; i < kItems; ++i) {
    for (size_t j = 0; j < kItems; ++j) {
      double product = 0.0;
      for (size_t d = 0; d < 5; ++d) product += static_cast<double>(x(i, d)) * static_cast<double>(x(j, d));
      CHECK(product == doctest::Approx(expected(i, j)).epsilon(1e-3));
    }
  }
}

TEST_CASE("content: a new item is as one of training, a new user as one of the same history, for all threads") {
  const TempFolder folder;
  std::mt19937 random(11);
  const Interactions data = random_log(random);
  const FeatureTable table = read_item_features(folder.file("f.tsv", random_features(random)), {});
  for (const UserModel user_model : {UserModel::kMean, UserModel::kRidge}) {
    ContentOptions options;
    options.user_model = user_model;
    options.dim = 8;
    const SideFeatures side = side_of(table, data, options);
    Artefact artefact = fit_content(data, pairs_of(data), side, options, 1);
    const Artefact other = fit_content(data, pairs_of(data), side, options, 3);
    for (const char* tensor : {"items.factors", "users.factors"}) {
      const Artefact::Tensor* a = artefact.find(tensor);
      CHECK(std::equal(a->floats(), a->floats() + a->rows() * a->cols(), other.find(tensor)->floats()));
    }
    std::string text = "item\tfeature\tvalue\n";
    for (const FeatureKind& kind : table.kinds) {
      const FeatureKind::Row row = kind.row(table.ids.find("i3"));
      for (size_t at = 0; at < row.size; ++at)
        text += fmt::format("new\t{}={}\t{}\n", kind.name, kind.categories[row.category[at]], row.value[at]);
    }
    CHECK(extend(artefact, IdKind::kItem, {read_item_features(folder.file("n.tsv", text), {})}).added == 1);
    const ConstMatrixView x = artefact.find("items.factors")->view();
    const uint32_t fresh = artefact.items.find("new");
    const uint32_t old = artefact.items.find("i3");
    for (size_t d = 0; d < x.cols; ++d)
      CHECK(static_cast<double>(x(fresh, d)) == doctest::Approx(static_cast<double>(x(old, d))).epsilon(1e-4));

    Model model(std::move(artefact));
    model.encoder().prepare(1);
    std::vector<uint32_t> items;
    for (size_t row = 0; row < data.size(); ++row) {
      if (data.users[data.user[row]] == "u4") items.push_back(model.items().find(data.items[data.item[row]]));
    }
    Behaviour trained, folded;
    REQUIRE(model.encoder().encode_user(model.users().find("u4"), trained));
    REQUIRE(model.encoder().encode_history({.item = items, .value = {}}, folded));
    for (size_t d = 0; d < trained.dense.size(); ++d)
      CHECK(static_cast<double>(folded.dense[d]) ==
            doctest::Approx(static_cast<double>(trained.dense[d])).epsilon(1e-4));
    if (user_model == UserModel::kMean) {
      const uint32_t without = model.items().find(fmt::format("i{}", kItems - 1));
      CHECK_FALSE(model.encoder().encode_history({.item = {&without, 1}, .value = {}}, folded));
      CHECK_FALSE(model.encoder().encode_history({.item = {}, .value = {}}, folded));
    }
  }
}

}  // namespace
}  // namespace rec::content_property_test
