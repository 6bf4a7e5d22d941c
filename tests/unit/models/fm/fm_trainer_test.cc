#include "models/fm/fm_trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "base/error.h"
#include "models/common/extend_artefact.h"
#include "models/fm/fm_encoder.h"
#include "models/inference/model.h"
#include "score/context_scorer.h"
#include "small_data.h"
#include "train_models.h"

namespace rec::fm_trainer_test {
namespace {

FmOptions small_options(std::vector<int> layers = {}) {
  FmOptions options;
  options.dim = 4;
  options.layers = std::move(layers);
  options.batch = 32;
  options.schedule.rate = 0.02;
  options.epochs = 40;
  options.stddev = 0.1;
  options.regularization = 1e-4;
  return options;
}

// What a user does with an item depends on the day alone, the other way for odd users.
LabelledRows by_day(size_t rows, unsigned seed) {
  LabelledRows data;
  std::mt19937 rng(seed);
  for (const char* id : {"u0", "u1", "u2", "u3"}) data.rows.users.intern(id);
  for (const char* id : {"a", "b", "c"}) data.rows.items.intern(id);
  data.context.resize(1);
  data.context[0].name = "day";
  for (const char* id : {"monday", "sunday"}) data.context[0].categories.intern(id);
  for (size_t row = 0; row < rows; ++row) {
    const auto user = static_cast<uint32_t>(rng() % 4);
    const auto day = static_cast<uint32_t>(rng() % 2);
    data.rows.user.push_back(user);
    data.rows.item.push_back(static_cast<uint32_t>(rng() % 3));
    data.context[0].value.push_back(row % 50 == 0 ? kNoId : day);
    data.rows.value.push_back((user + day) % 2 == 0 ? 1.0f : 0.0f);
  }
  return data;
}

float probability(const Model& model, uint32_t user, uint32_t day, uint32_t item) {
  const ContextScorer scorer(model, model.predictor());
  ContextScorer::Scratch scratch;
  float out = 0.0f;
  scorer.score({&user, 1}, &day, {&item, 1}, scratch, &out);
  return out;
}

}  // namespace

TEST_CASE("fm: pairs and layers learn what weights cannot: an effect of user and day together") {
  const LabelledRows data = by_day(600, 1);
  for (const std::vector<int>& layers : {std::vector<int>{}, std::vector<int>{16, 8}}) {
    for (const bool product : {false, true}) {
      if (product && layers.empty()) continue;
      FmOptions options = small_options(layers);
      options.product = product;
      if (!layers.empty()) options.pairwise = Pairwise::kNone;
      const Model model(train_fm(data, options, 2));
      for (uint32_t user = 0; user < 4; ++user) {
        for (uint32_t day = 0; day < 2; ++day) {
          const float p = probability(model, user, day, 1);
          CAPTURE(user);
          CAPTURE(day);
          CHECK(((user + day) % 2 == 0 ? p > 0.8f : p < 0.2f));
        }
      }
    }
  }
  FmOptions weights = small_options();
  weights.dim = 0;
  const Model model(train_fm(data, weights, 1));
  CHECK(probability(model, 0, 0, 1) == doctest::Approx(0.5).epsilon(0.3));
}

TEST_CASE("fm: a model without layers is an inner product, h built up by its context") {
  const LabelledRows data = by_day(300, 2);
  const Artefact artefact = train_fm(data, small_options(), 1);
  const Model model(artefact);
  const auto at = [&](const char* name, size_t row, size_t col) {
    return static_cast<double>(artefact.find(name)->view()(row, col));
  };
  const size_t d = 4;
  for (uint32_t user = 0; user < 4; ++user) {
    double logit = at("users.factors", user, d + 1) + at("context-1.factors", 1, d) + at("items.factors", 2, d);
    for (size_t c = 0; c < d; ++c) {
      const double u = at("users.factors", user, c), day = at("context-1.factors", 1, c), x = at("items.factors", 2, c);
      logit += u * day + u * x + day * x;
    }
    CHECK(static_cast<double>(probability(model, user, 1, 2)) ==
          doctest::Approx(1.0 / (1.0 + std::exp(-logit))).epsilon(1e-5));
  }
}

TEST_CASE("fm: layers at inference are those of the tensors, computed by hand") {
  const LabelledRows data = by_day(300, 3);
  FmOptions options = small_options({6, 4});
  options.product = true;
  const Artefact artefact = train_fm(data, options, 1);
  const Model model(artefact);
  const auto view = [&](const std::string& name) { return artefact.find(name)->view(); };
  const uint32_t user = 2, day = 0, item = 1;
  std::vector<double> a;
  for (const auto& [name, row] :
       {std::pair<const char*, size_t>{"users.fields", user}, {"context-1.factors", day}, {"items.fields", item}}) {
    for (size_t c = 0; c < 4; ++c) a.push_back(static_cast<double>(view(name)(row, c)));
  }
  double z = static_cast<double>(view("users.factors")(user, 5) + view("context-1.factors")(day, 4) +
                                 view("items.factors")(item, 4));
  for (size_t c = 0; c < 4; ++c) z += a[c] * a[4 + c] + a[c] * a[8 + c] + a[4 + c] * a[8 + c];
  for (size_t layer = 1; layer <= 2; ++layer) {
    const auto part = [&](const char* name, size_t c) {
      return static_cast<double>(view(layer_tensor(layer, name)).data[c]);
    };
    const ConstMatrixView weight = view(layer_tensor(layer, "weight"));
    std::vector<double> u(weight.cols);
    for (size_t c = 0; c < u.size(); ++c) {
      u[c] = part("bias", c);
      for (size_t k = 0; k < a.size(); ++k) u[c] += a[k] * static_cast<double>(weight(k, c));
    }
    for (size_t c = u.size() / 2; c < u.size(); ++c) u[c] *= u[c - u.size() / 2];
    for (size_t c = 0; c < u.size(); ++c) {
      const double unit = (u[c] - part("mean", c)) / std::sqrt(part("variance", c) + 1e-5);
      u[c] = std::max(0.0, part("gain", c) * unit + part("shift", c));
    }
    a = u;
  }
  for (size_t c = 0; c < a.size(); ++c) z += a[c] * static_cast<double>(view("output.weight").data[c]);
  CHECK(static_cast<double>(probability(model, user, day, item)) ==
        doctest::Approx(1.0 / (1.0 + std::exp(-z))).epsilon(1e-4));
}

TEST_CASE("fm: what is not known: the learnt row of empty fields, else the mean over the rows") {
  const LabelledRows data = by_day(300, 4);
  const Artefact artefact = train_fm(data, small_options(), 1);
  std::vector<double> mean(4, 0.0);
  const ConstMatrixView users = artefact.find("users.factors")->view();
  for (const uint32_t user : data.rows.user) {
    for (size_t c = 0; c < 4; ++c) mean[c] += static_cast<double>(users(user, c)) / static_cast<double>(data.size());
  }
  for (size_t c = 0; c < 4; ++c)
    CHECK(static_cast<double>(artefact.find("unknown.user")->floats()[c]) == doctest::Approx(mean[c]).epsilon(1e-4));
  const Model model(artefact);
  CHECK(std::isfinite(probability(model, kNoId, kNoId, kNoId)));
  CHECK(model.encoder().find_category(0, "sunday") == 1);
  CHECK(model.encoder().find_category(0, "friday") == kNoId);
  CHECK(model.encoder().find_category(0, "") == kNoId);
}

TEST_CASE("fm: a state goes on as if training had not stopped") {
  const LabelledRows data = by_day(300, 5);
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kAdagrad, OptimizerKind::kSgd}) {
    FmOptions options = small_options({8});
    options.optimizer.kind = kind;
    options.dropout = 0.2;
    const auto make = [&] { return FmTrainer(data, csr_by_user(data.rows, {}), options, 2); };
    FmTrainer whole = make(), begun = make(), resumed = make();
    for (int epoch = 0; epoch < 2; ++epoch) {
      whole.epoch();
      begun.epoch();
    }
    whole.validated(false);
    begun.validated(false);
    resumed.restore(begun.state());
    whole.epoch();
    resumed.epoch();
    const Artefact a = whole.state(), b = resumed.state();
    REQUIRE(a.tensors().size() == b.tensors().size());
    for (const Artefact::Tensor& tensor : a.tensors()) {
      CAPTURE(tensor.name);
      CHECK(std::memcmp(tensor.data, b.find(tensor.name)->data, tensor.bytes()) == 0);
    }
    CHECK(a.meta == b.meta);
  }
}

TEST_CASE("fm: the regularisation is of the whole table, in every step") {
  LabelledRows data = by_day(200, 6);
  data.rows.users.intern("u4");  // no row
  FmOptions options = small_options();
  options.optimizer.kind = OptimizerKind::kSgd;
  options.regularization = 0.5;
  options.schedule.rate = 0.1;
  options.clip = 0.0;
  options.batch = 100;
  FmTrainer trainer(data, csr_by_user(data.rows, {}), options, 1);
  const float before = trainer.state().find("table")->view()(4, 0);
  trainer.epoch();
  CHECK(trainer.state().find("table")->view()(4, 0) == doctest::Approx(before * 0.95f * 0.95f));
}

TEST_CASE("fm: features carry to items and users that no row has, in the data or later") {
  // Labels are a matter of the user's kind and the item's, not of ids.
  LabelledRows data;
  std::mt19937 rng(7);
  for (int id = 0; id < 10; ++id) {
    data.rows.users.intern("u" + std::to_string(id));
    data.rows.items.intern("i" + std::to_string(id));
  }
  for (size_t row = 0; row < 800; ++row) {
    const auto user = static_cast<uint32_t>(rng() % 9), item = static_cast<uint32_t>(rng() % 9);
    data.rows.user.push_back(user);
    data.rows.item.push_back(item);
    data.rows.value.push_back((user + item) % 2 == 0 ? 1.0f : 0.0f);
  }
  const auto table = [](const char* prefix, size_t count) {
    FeatureTable features;
    FeatureKind kind;
    kind.name = "kind";
    kind.categories.intern("even");
    kind.categories.intern("odd");
    kind.rows.begin = {0};
    for (size_t id = 0; id < count; ++id) {
      features.ids.intern(prefix + std::to_string(id));
      kind.rows.index.push_back(static_cast<uint32_t>(id % 2));
      kind.rows.weight.push_back(1.0f);
      kind.rows.begin.push_back(kind.rows.index.size());
    }
    features.kinds.push_back(std::move(kind));
    return features;
  };
  using Form = std::pair<Pairwise, std::vector<int>>;
  for (const auto& [pairwise, layers] : {Form{Pairwise::kFm, {}}, Form{Pairwise::kFm, {16}}, Form{Pairwise::kFwfm, {}},
                                         Form{Pairwise::kFwfm, {16}}, Form{Pairwise::kFfm, {}}}) {
    CAPTURE(name_in(kPairwise, pairwise));
    FmOptions options = small_options(layers);
    options.schedule.rate = 0.01;
    options.pairwise = pairwise;
    std::vector<SideFeatures> sides;
    for (const IdKind of : {IdKind::kUser, IdKind::kItem}) {
      const std::vector<FeatureTable> tables{table(of == IdKind::kUser ? "u" : "i", 10)};
      IdTable& ids = of == IdKind::kUser ? data.rows.users : data.rows.items;
      FittedFeatures fitted = fit_features(tables, ids, {});
      sides.push_back({of, std::move(fitted.map), std::move(fitted.rows.rows)});
    }
    FmTrainer trainer(data, csr_by_user(data.rows, {}), options, 2, sides);
    for (int epoch = 0; epoch < 40; ++epoch) trainer.epoch();
    Artefact artefact = trainer.artefact();
    {
      const Model model(artefact);  // 9 is in no row
      for (uint32_t other = 0; other < 9; ++other) {
        CHECK((probability(model, 9, 0, other) > 0.5f) == (other % 2 == 1));
        CHECK((probability(model, other, 0, 9) > 0.5f) == (other % 2 == 1));
      }
    }
    for (const IdKind of : {IdKind::kUser, IdKind::kItem}) {
      const Extension extension = extend(artefact, of, {table(of == IdKind::kUser ? "u" : "i", 12)});
      CHECK(extension.added == 2);
    }
    const Model model(artefact);
    const uint32_t u9 = artefact.users.find("u9"), u11 = artefact.users.find("u11"), u10 = artefact.users.find("u10");
    const uint32_t i9 = artefact.items.find("i9"), i11 = artefact.items.find("i11");
    CHECK(probability(model, u11, 0, i9) == doctest::Approx(probability(model, u9, 0, i9)).epsilon(1e-5));
    CHECK(probability(model, u9, 0, i11) == doctest::Approx(probability(model, u9, 0, i9)).epsilon(1e-5));
    CHECK(probability(model, u10, 0, i9) < 0.5f);
  }
}

// From the table of all categories and the definition alone, not from what the model file splits it into.
TEST_CASE("fm: a model of fwfm or ffm scores what its table says, ids with features and in a context") {
  LabelledRows data;
  std::mt19937 rng(9);
  for (int id = 0; id < 8; ++id) {
    data.rows.users.intern("u" + std::to_string(id));
    data.rows.items.intern("i" + std::to_string(id));
  }
  data.context.resize(2);
  for (size_t k = 0; k < 2; ++k) {
    data.context[k].name = k == 0 ? "day" : "place";
    for (const char* id : {"a", "b", "c"}) data.context[k].categories.intern(id);
  }
  for (size_t row = 0; row < 300; ++row) {
    data.rows.user.push_back(static_cast<uint32_t>(rng() % 8));
    data.rows.item.push_back(static_cast<uint32_t>(rng() % 8));
    for (size_t k = 0; k < 2; ++k)
      data.context[k].value.push_back(rng() % 9 == 0 ? kNoId : static_cast<uint32_t>(rng() % 3));
    data.rows.value.push_back((data.rows.user[row] + data.rows.item[row]) % 2 == 0 ? 1.0f : 0.0f);
  }
  const auto features = [](const IdTable& ids, IdKind of) {
    FeatureTable table;
    FeatureKind kind;
    kind.name = "kind";
    for (const char* name : {"x", "y", "z"}) kind.categories.intern(name);
    kind.rows.begin = {0};
    for (uint32_t id = 0; id < ids.size(); ++id) {
      table.ids.intern(ids[id]);
      for (uint32_t its = 0; its < 3; ++its) {
        if ((id + its) % 3 == 0 && id > 0) continue;
        kind.rows.index.push_back(its);
        kind.rows.weight.push_back(1.0f + static_cast<float>(its));
      }
      kind.rows.begin.push_back(kind.rows.index.size());
    }
    table.kinds.push_back(std::move(kind));
    FittedFeatures fitted = fit_features({table}, ids, {});
    return SideFeatures{of, std::move(fitted.map), std::move(fitted.rows.rows)};
  };
  for (const Pairwise pairwise : {Pairwise::kFwfm, Pairwise::kFfm}) {
    for (const int sides_with_features : {0, 1, 2}) {
      FmOptions options = small_options();
      options.pairwise = pairwise;
      std::vector<SideFeatures> sides;
      if (sides_with_features > 0) sides.push_back(features(data.rows.items, IdKind::kItem));
      if (sides_with_features > 1) sides.push_back(features(data.rows.users, IdKind::kUser));
      const FmFields fields = fields_of(data, sides);
      const size_t F = fields.all.size(), d = 4, W = pairwise == Pairwise::kFfm ? F * d : d;
      FmTrainer one(data, csr_by_user(data.rows, {}), options, 1, sides);
      FmTrainer trainer(data, csr_by_user(data.rows, {}), options, 3, sides);
      for (int epoch = 0; epoch < 5; ++epoch) {
        one.epoch();
        trainer.epoch();
      }
      Artefact artefact = trainer.artefact();
      const Artefact other = one.artefact();
      for (const Artefact::Tensor& tensor : artefact.tensors())
        CHECK(std::memcmp(tensor.data, other.find(tensor.name)->data, tensor.bytes()) == 0);
      const Model model(std::move(artefact));
      Artefact state;
      trainer.add_state(state);
      const float* table = state.find("table")->floats();
      const float* weights = state.find("weights")->floats();
      for (size_t row = 0; row < 60; ++row) {
        double z = static_cast<double>(weights[0]);
        const auto each = [&](size_t f, auto&& use) {
          fields.all[f].for_each(fields.all[f].number[row], [&](size_t at, float share) {
            use(table + at * (W + 1), static_cast<double>(share));
          });
        };
        for (size_t f = 0; f < F; ++f) {
          each(f, [&](const float* a, double of_a) {
            z += of_a * static_cast<double>(a[W]);
            for (size_t g = f + 1; g < F; ++g) {
              each(g, [&](const float* b, double of_b) {
                const double r = pairwise == Pairwise::kFfm ? 1.0 : static_cast<double>(weights[1 + f * F + g]);
                const float* v = a + (pairwise == Pairwise::kFfm ? g * d : 0);
                const float* w = b + (pairwise == Pairwise::kFfm ? f * d : 0);
                for (size_t c = 0; c < d; ++c)
                  z += of_a * of_b * r * static_cast<double>(v[c]) * static_cast<double>(w[c]);
              });
            }
          });
        }
        const ContextScorer scorer(model, model.attention());
        ContextScorer::Scratch scratch;
        const uint32_t categories[] = {data.context[0].value[row], data.context[1].value[row]};
        float logit = 0.0f;
        scorer.score({&data.rows.user[row], 1}, categories, {&data.rows.item[row], 1}, scratch, &logit);
        CHECK(static_cast<double>(logit) == doctest::Approx(z).epsilon(1e-4).scale(1e-2));
      }
    }
  }
}

TEST_CASE("fm: tensors of ffm and fwfm that are not those of its fields are errors") {
  const LabelledRows data = by_day(50, 4);
  FmOptions options = small_options();
  options.epochs = 1;
  // A model whose tensor `name` has `cols` columns.
  const auto with = [](const Artefact& model, const std::string& name, size_t cols) {
    Artefact out;
    out.meta = model.meta;
    out.items = model.items;
    out.users = model.users;
    out.tables = model.tables;
    for (const Artefact::Tensor& tensor : model.tensors()) {
      std::vector<uint64_t> shape = tensor.shape;
      if (tensor.name == name) shape[1] = cols;
      out.add_empty(tensor.name, shape);
    }
    return out;
  };
  const auto read = [](Artefact artefact) { const Model model(std::move(artefact)); };
  options.pairwise = Pairwise::kFfm;
  Artefact ffm = train_fm(data, options, 1);  // user, day, item: 3 fields of 12 values
  CHECK_NOTHROW(read(with(ffm, "", 0)));
  CHECK_THROWS_WITH_AS(read(with(ffm, kFmItemFields, 24)),
                       "model: tensor \"items.fields\" has 3 x 24 values, expected 3 x 12", Error);
  // Two fields of the user and none of the item are 3, too.
  Artefact no_item = with(with(with(ffm, kFmItemFields, 0), "users.factors", 2), "items.factors", 2);
  CHECK_THROWS_AS(read(with(no_item, kFmUserFields, 24)), Error);
  ffm.meta["dim"] = "5";
  CHECK_THROWS_WITH_AS(read(with(ffm, "", 0)), "model: tensor \"users.fields\" has 4 x 12 values, expected 4 x 15",
                       Error);
  options.pairwise = Pairwise::kFwfm;
  CHECK_THROWS_WITH_AS(read(with(train_fm(data, options, 1), kFmPairs, 2)),
                       "model: tensor \"pairs.weight\" has 3 x 2 values, expected 3 x 3", Error);
}

}  // namespace rec::fm_trainer_test
