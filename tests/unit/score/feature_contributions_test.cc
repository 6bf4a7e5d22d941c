#include "score/feature_contributions.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "models/als/als_pairs.h"
#include "models/als/als_trainer.h"
#include "models/common/extend_artefact.h"
#include "models/common/popularity.h"
#include "models/fm/fm_trainer.h"
#include "score/pair_scorer.h"
#include "small_data.h"

namespace rec::feature_contributions_test {
namespace {

// `count` ids of a prefix, each with one or two of three genres, some with a maker.
FeatureTable features_of(const std::string& prefix, size_t count) {
  FeatureTable table;
  FeatureKind genre, maker;
  genre.name = "genre";
  maker.name = "maker";
  for (const char* name : {"a", "b", "c"}) genre.categories.intern(name);
  for (const char* name : {"x", "y"}) maker.categories.intern(name);
  genre.rows.begin = maker.rows.begin = {0};
  for (size_t id = 0; id < count; ++id) {
    table.ids.intern(prefix + std::to_string(id));
    genre.rows.index.push_back(static_cast<uint32_t>(id % 2));
    genre.rows.weight.push_back(1.0f);
    if (id % 3 == 0) {
      genre.rows.index.push_back(2);
      genre.rows.weight.push_back(2.0f);
    }
    if (id % 5 < 2) {
      maker.rows.index.push_back(static_cast<uint32_t>(id % 5));
      maker.rows.weight.push_back(1.0f);
    }
    genre.rows.begin.push_back(genre.rows.index.size());
    maker.rows.begin.push_back(maker.rows.index.size());
  }
  table.kinds = {std::move(genre), std::move(maker)};
  return table;
}

std::map<std::string, double> terms_of(const Contributions& contributions, std::string_view user, uint32_t item) {
  const auto scratch = contributions.make_scratch();
  REQUIRE(contributions.read_user(user, *scratch));
  std::vector<Contribution> terms;
  contributions.explain(item, *scratch, terms);
  std::map<std::string, double> out;
  for (const Contribution& term : terms) CHECK(out.emplace(term.name, term.value).second);
  return out;
}

double sum_of(const std::map<std::string, double>& terms) {
  double sum = 0.0;
  for (const auto& [name, value] : terms) sum += value;
  return sum;
}

double size_of(const std::map<std::string, double>& terms) {
  double sum = 0.0;
  for (const auto& [name, value] : terms) sum += std::abs(value);
  return sum;
}

double score_of(const PairScorer& scorer, std::string_view user, uint32_t item) {
  EncodedUser encoded;
  scorer.encode(user, encoded);
  float score = 0.0f;
  scorer.score(encoded, {&item, 1}, &score);
  return static_cast<double>(score);
}

}  // namespace

TEST_CASE("contributions of features in als: they add up to the score, new items have no rest") {
  Interactions data = random_rows(3, 30, 25, 260);
  AlsOptions o;
  o.dim = 7;
  o.regularization = 0.05;
  const KnownFeatures known{{features_of("i", 27)}, {features_of("u", 33)}};
  std::vector<SideFeatures> sides;
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    const auto& tables = of == IdKind::kItem ? known.items : known.users;
    add_ids(data, of, tables);
    FittedFeatures fitted = fit_features(tables, of == IdKind::kItem ? data.items : data.users, {});
    sides.push_back({of, std::move(fitted.map), std::move(fitted.rows.rows)});
  }
  AlsTrainer trainer(data, als_pairs(data, o), o, 1, sides);
  for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
  Artefact artefact = trainer.artefact();
  const KnownFeatures later{{features_of("i", 29)}, known.users};
  REQUIRE(extend(artefact, IdKind::kItem, later.items).added == 2);
  Model model(std::move(artefact));
  const UserVectors users(model, nullptr, Fallback::kPopular, 1);
  const PairScorer scorer(model, model.predictor(), users);
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    const auto contributions = feature_contributions(model, users, of, later);
    for (uint32_t item = 0; item < model.items().size(); ++item) {
      for (const std::string_view user : {"u0", "u7", "u15", "u32"}) {
        const auto terms = terms_of(*contributions, user, item);
        CHECK(std::abs(sum_of(terms) - score_of(scorer, user, item)) <= 1e-5 * size_of(terms));
      }
    }
    const auto scratch = contributions->make_scratch();
    CHECK_FALSE(contributions->read_user("nobody", *scratch));
  }
  // i15 has b, c and x; one term by hand. i28, which came later, has a, and nothing of its own.
  const auto contributions = feature_contributions(model, users, std::nullopt, later);
  const uint32_t i15 = model.items().find("i15");
  const auto terms = terms_of(*contributions, "u7", i15);
  REQUIRE(terms.size() == 4);
  const FeatureMap map = feature_map_of(model.artefact(), IdKind::kItem);
  const FeatureRows rows = feature_rows(map, later.items, model.items());
  const float* h = model.artefact().find("users.factors")->view().row(model.users().find("u7"));
  for (size_t at = rows.rows.begin[i15]; at < rows.rows.begin[i15 + 1]; ++at) {
    const float* W = model.artefact().find("item-features.factors")->view().row(rows.rows.index[at]);
    double product = 0.0;
    for (size_t f = 0; f < 7; ++f) product += static_cast<double>(W[f]) * static_cast<double>(h[f]);
    CHECK(terms.at(std::string(map.names[rows.rows.index[at]])) ==
          doctest::Approx(static_cast<double>(rows.rows.weight[at]) * product));
  }
  const auto fresh = terms_of(*contributions, "u7", model.items().find("i28"));
  REQUIRE(fresh.size() == 2);
  CHECK(std::abs(fresh.at(kIdTerm)) <= 1e-6 * std::abs(fresh.at("genre=a")));
  CHECK(terms_of(*contributions, "u7", kNoId) == std::map<std::string, double>{{kIdTerm, 0.0}});
}

TEST_CASE("contributions of fields in fm: the weights and products of its table add up to the log-odds") {
  LabelledRows data;
  std::mt19937 rng(11);
  for (int id = 0; id < 10; ++id) {
    data.rows.users.intern("u" + std::to_string(id));
    data.rows.items.intern("i" + std::to_string(id));
  }
  data.context.resize(2);
  data.context[0].name = "day";
  for (const char* id : {"mon", "sun"}) data.context[0].categories.intern(id);
  data.context[1].name = "place";
  for (const char* id : {"home", "work"}) data.context[1].categories.intern(id);
  for (size_t row = 0; row < 600; ++row) {
    const auto user = static_cast<uint32_t>(rng() % 9), item = static_cast<uint32_t>(rng() % 9);
    const auto day = static_cast<uint32_t>(rng() % 2), place = static_cast<uint32_t>(rng() % 2);
    data.rows.user.push_back(user);
    data.rows.item.push_back(item);
    data.context[0].value.push_back(row % 7 == 0 ? kNoId : day);
    data.context[1].value.push_back(place);
    data.rows.value.push_back((user + item + day * place) % 2 == 0 ? 1.0f : 0.0f);
  }
  const KnownFeatures known{{features_of("i", 10)}, {features_of("u", 10)}};
  std::vector<SideFeatures> sides;
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    const IdTable& ids = of == IdKind::kItem ? data.rows.items : data.rows.users;
    FittedFeatures fitted = fit_features(of == IdKind::kItem ? known.items : known.users, ids, {});
    sides.push_back({of, std::move(fitted.map), std::move(fitted.rows.rows)});
  }
  for (const Pairwise pairs : {Pairwise::kFm, Pairwise::kFwfm, Pairwise::kFfm, Pairwise::kNone}) {
    FmOptions options;
    options.dim = 4;
    options.pairwise = pairs;
    options.batch = 32;
    options.schedule.rate = 0.02;
    options.stddev = 0.1;
    FmTrainer trainer(data, csr_by_user(data.rows, {}), options, 1, sides);
    for (int epoch = 0; epoch < 10; ++epoch) trainer.epoch();
    Artefact artefact = trainer.artefact();
    const KnownFeatures later{{features_of("i", 12)}, {features_of("u", 12)}};
    for (const IdKind of : {IdKind::kItem, IdKind::kUser})
      REQUIRE(extend(artefact, of, of == IdKind::kItem ? later.items : later.users).added == 2);
    Model model(std::move(artefact));
    model.encoder().set_context({1, kNoId});
    const UserVectors users(model, nullptr, Fallback::kModel, 1);
    const PairScorer scorer(model, model.attention(), users);  // dot: the log-odds
    for (const KnownFeatures& features : {later, KnownFeatures{}, KnownFeatures{later.items, {}}}) {
      const auto contributions = feature_contributions(model, users, std::nullopt, features);
      for (const std::string_view user : {"u0", "u4", "u9", "u11", "nobody"}) {
        for (uint32_t item = 0; item <= model.items().size(); ++item) {
          const uint32_t number = item < model.items().size() ? item : kNoId;
          const auto terms = terms_of(*contributions, user, number);
          CHECK(std::abs(sum_of(terms) - score_of(scorer, user, number)) <= 1e-5 * size_of(terms));
        }
      }
    }
    // u4 and i5, which have the genres a and b, and i5 the maker x: each weight is there by name.
    const auto contributions = feature_contributions(model, users, std::nullopt, later);
    const auto terms = terms_of(*contributions, "u4", model.items().find("i5"));
    const size_t singles = 2 + 2 + 1 + 2;  // ids, context, features
    CHECK(terms.size() == (pairs != Pairwise::kNone ? singles + singles * (singles - 1) / 2 - 1 : singles));
    const float* sunday = model.artefact().find("context-1.factors")->view().row(1);
    const float* unknown = model.artefact().find("unknown.context")->view().row(1);
    const size_t d = model.artefact().find("unknown.context")->cols() - 1;  // of ffm W
    CHECK(terms.at("day=sun") == static_cast<double>(sunday[d]));
    CHECK(terms.at("place=") == static_cast<double>(unknown[d]));
    if (pairs != Pairwise::kFm) continue;
    double product = 0.0;
    for (size_t c = 0; c < d; ++c) product += static_cast<double>(sunday[c]) * static_cast<double>(unknown[c]);
    CHECK(terms.at("day=sun*place=") == doctest::Approx(product));
    const FeatureMap map = feature_map_of(model.artefact(), IdKind::kItem);
    const FeatureRows rows = feature_rows(map, later.items, model.items());
    const uint32_t maker = map.names.find("maker=x");
    const float* W = model.artefact().find("item-features.factors")->view().row(maker);
    const size_t i5 = model.items().find("i5");
    REQUIRE(rows.rows.index[rows.rows.begin[i5] + 1] == maker);
    product = 0.0;
    for (size_t c = 0; c < d; ++c) product += static_cast<double>(sunday[c]) * static_cast<double>(W[c]);
    CHECK(terms.at("day=sun*maker=x") ==
          doctest::Approx(product * static_cast<double>(rows.rows.weight[rows.rows.begin[i5] + 1])));
    CHECK_THROWS_AS(feature_contributions(model, users, IdKind::kUser, later), UsageError);
  }
}

TEST_CASE("contributions of features: refused where the score is no sum of them") {
  const Interactions data = random_rows(3, 10, 8, 60);
  Model popular(fit_popularity(data, item_counts(csr_by_user(data, {}), data.items.size())));
  const UserVectors everyone(popular, nullptr, Fallback::kModel, 1);
  const KnownFeatures known{{features_of("i", 8)}, {}};
  CHECK_THROWS_AS(feature_contributions(popular, everyone, std::nullopt, known), UsageError);
}

}  // namespace rec::feature_contributions_test
