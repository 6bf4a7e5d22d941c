// The fused catalogue against brute force: every score written out and sorted.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "linalg/dot.h"
#include "models/als/als_trainer.h"
#include "models/attention_pool/pool.h"
#include "models/common/history_encoder.h"
#include "models/common/popularity.h"
#include "models/inference/projection_scorer.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"
#include "small_data.h"
#include "unit/models/attention_pool/plain_pool.h"

namespace rec::catalogue_property_test {
namespace {

// A model with coarse vectors, so that many scores are equal.
Artefact coarse_model(unsigned seed, size_t users, size_t items, size_t factors) {
  std::mt19937 random(seed);
  auto number = [&] { return static_cast<float>(static_cast<int>(random() % 5) - 2); };
  RowsBuilder rows;
  for (size_t at = 0; at < std::max(users, items); ++at)
    rows.add("u" + std::to_string(at % users), "i" + std::to_string(at % items));
  const Interactions data = rows.build();
  Artefact artefact;
  artefact.users = data.users;
  artefact.items = data.items;
  artefact.meta = {{"model", "als"},      {"encoder", "als"},           {"attention", "dot"},
                   {"predictor", "dot"},  {"unobserved-weight", "0.1"}, {"reg", "0.1"},
                   {"reg-exponent", "1"}, {"confidence", "none"},       {"confidence-scale", "1"}};
  Matrix X(users, factors), Y(items, factors);
  std::vector<float> counts(items);
  for (size_t r = 0; r < users; ++r) {
    for (size_t c = 0; c < factors; ++c) X(r, c) = number();
  }
  for (size_t r = 0; r < items; ++r) {
    counts[r] = static_cast<float>(random() % 7);
    for (size_t c = 0; c < factors; ++c) Y(r, c) = number();
  }
  artefact.add("items.factors", Y);
  artefact.add(kItemCounts, counts);
  artefact.add("users.factors", X);
  return artefact;
}

struct Expected {
  std::vector<uint32_t> items;
  std::vector<double> values;
};

// The definition, in double.
Expected brute_force(const std::vector<float>& g, const std::vector<float>& m, const std::vector<char>& excluded,
                     const CatalogueOptions& options) {
  const size_t I = g.size();
  double most = -HUGE_VAL;
  for (size_t i = 0; i < I; ++i) {
    if (!excluded[i]) most = std::max(most, static_cast<double>(g[i]));
  }
  double sum = 0.0;
  for (size_t i = 0; i < I; ++i) {
    if (!excluded[i]) sum += std::exp((static_cast<double>(g[i]) - most) / options.temperature);
  }
  std::vector<double> value(I), key(I);
  Expected expected;
  for (uint32_t i = 0; i < I; ++i) {
    const double share = std::exp((static_cast<double>(g[i]) - most) / options.temperature) / sum;
    value[i] = options.output == CatalogueOptions::Output::kAttention    ? share
               : options.output == CatalogueOptions::Output::kPrediction ? static_cast<double>(m[i])
                                                                         : static_cast<double>(m[i]) * share;
    key[i] = options.output == CatalogueOptions::Output::kAttention ? static_cast<double>(g[i]) : value[i];
    if (!excluded[i]) expected.items.push_back(i);
  }
  std::stable_sort(expected.items.begin(), expected.items.end(),
                   [&](uint32_t a, uint32_t b) { return key[a] > key[b]; });
  if (expected.items.size() > options.top) expected.items.resize(options.top);
  for (const uint32_t item : expected.items) expected.values.push_back(value[item]);
  return expected;
}

// The lists of a catalogue beside brute force over the scores of pairs. Encoded users are
// kept from user to user: what one leaves behind must not matter.
struct ByPairs {
  const Model& model;
  const UserItems& seen;
  const CatalogueOptions& options;
  PairScorer attention;
  PairScorer prediction;
  EncodedUser by_attention{}, by_prediction{};

  ByPairs(const Model& of, const UserVectors& users, const UserItems& excluded, const CatalogueOptions& asked)
      : model(of),
        seen(excluded),
        options(asked),
        attention(of, asked.attention, users),
        prediction(of, asked.predictor, users) {}

  // Returns g of all items.
  std::vector<float> check(const std::string& name, const Catalogue::Result& result) {
    const size_t I = model.items().size();
    std::vector<uint32_t> all(I);
    std::iota(all.begin(), all.end(), 0u);
    std::vector<float> g(I), m(I);
    attention.encode(name, by_attention);
    attention.score(by_attention, all, g.data());
    prediction.encode(name, by_prediction);
    prediction.score(by_prediction, all, m.data());
    std::vector<char> excluded(I, 0);
    for (const uint32_t item : seen.items_of(seen.users.find(name))) {
      const uint32_t number = model.items().find(seen.items[item]);
      if (number != kNoId) excluded[number] = 1;
    }
    const Expected expected = brute_force(g, m, excluded, options);
    const auto& got = result.items;
    REQUIRE(got.size() == expected.items.size());
    for (size_t at = 0; at < got.size(); ++at) {
      CHECK(static_cast<double>(got[at].score) == doctest::Approx(expected.values[at]).epsilon(1e-5));
      if (options.output == CatalogueOptions::Output::kScore) continue;  // float ties of products: values only
      CHECK(got[at].index == expected.items[at]);
      if (options.output == CatalogueOptions::Output::kPrediction)
        CHECK(got[at].score == m[got[at].index]);  // to the bit
    }
    return g;
  }
};

// Of a model of neighbours, with vectors or without.
void check_neighbours(unsigned seed, int items, bool vectors) {
  const Interactions data = random_rows(seed, 9, items, 4 * items);
  Model model(cooccurrence_model(data, vectors));
  const UserVectors users(model, nullptr, Fallback::kPopular, 1);
  RowsBuilder seen_rows;
  for (int at = 0; at < items; ++at) seen_rows.add("u" + std::to_string(at % 9), "i" + std::to_string(at * at % items));
  const UserItems seen = as_user_items(seen_rows.build());
  Exclusions exclusions;
  exclusions.add(seen, model.items());
  const size_t I = model.items().size();
  std::vector<std::string> names{"nobody"};
  for (uint32_t user = 0; user < model.users().size(); ++user) names.emplace_back(model.users()[user]);
  for (const auto output : {CatalogueOptions::Output::kAttention, CatalogueOptions::Output::kPrediction,
                            CatalogueOptions::Output::kScore}) {
    CatalogueOptions options;
    options.output = output;
    options.attention = ScoreForm::kNeighbours;
    options.predictor = vectors ? ScoreForm::kCosine : ScoreForm::kNeighbours;
    options.top = I / 2 + 1;
    const Catalogue catalogue(model, users, exclusions, options);
    std::vector<Catalogue::Result> results;
    Catalogue::Scratch scratch;
    catalogue.best({names.begin(), names.end()}, results, scratch);
    ByPairs pairs(model, users, seen, options);
    for (size_t user = 0; user < names.size(); ++user) {
      const std::vector<float> g = pairs.check(names[user], results[user]);
      // The definition itself, for a user of the model.
      const uint32_t number = model.users().find(names[user]);
      if (number == kNoId || items > 500) continue;
      const SparseView history = model.artefact().find_sparse(kUserHistory)->view;
      for (uint32_t item = 0; item < I; ++item) {
        double sum = 0.0;
        for (const uint32_t j : history.row(number)) {
          const auto row = model.neighbours().row(j);
          for (size_t at = 0; at < row.size(); ++at) {
            if (row[at] == item) sum += static_cast<double>(model.neighbours().row_weight(j)[at]);
          }
          if (!vectors) continue;
          const ConstMatrixView source = model.artefact().find(kItemSource)->view();
          for (size_t f = 0; f < source.cols; ++f)
            sum += static_cast<double>(source(j, f)) * static_cast<double>(model.item_vectors()(item, f));
        }
        CHECK(static_cast<double>(g[item]) == doctest::Approx(sum).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("catalogue: few users are scored in place, by any number of threads, with the same bits") {
  unsigned seed = 100;
  for (const size_t items : {1, 47, 2016, 2017, 9001}) {
    CAPTURE(items);
    Artefact artefact = coarse_model(++seed, 12, items, 13);
    std::mt19937 random(seed);
    // Half of the items are drawn finely: sums have roundings to differ by.
    Matrix Y(items, 13);
    for (size_t item = 0; item < items; ++item) {
      for (size_t f = 0; f < 13; ++f)
        Y(item, f) = item % 2 == 0 ? artefact.find("items.factors")->view()(item, f) : uniform_value(random);
    }
    Artefact fine;
    fine.meta = artefact.meta;
    fine.items = artefact.items;
    fine.users = artefact.users;
    fine.add("items.factors", Y);
    fine.add(kItemCounts, artefact.find(kItemCounts)->view());
    fine.add("users.factors", artefact.find("users.factors")->view());
    add_pair_weights(fine, 13, seed);
    Model model(std::move(fine));
    const UserVectors users(model, nullptr, Fallback::kPopular, 1);
    RowsBuilder rows;
    for (size_t at = 0; at < items; at += 3) rows.add("u" + std::to_string(at % 12), "i" + std::to_string(at));
    const UserItems seen = as_user_items(rows.build());
    Exclusions exclusions;
    exclusions.add(seen, model.items());
    std::vector<std::string> names{"nobody"};
    for (uint32_t user = 0; user < model.users().size(); ++user) names.emplace_back(model.users()[user]);
    for (const ScoreForm form :
         {ScoreForm::kDot, ScoreForm::kCosine, ScoreForm::kSum, ScoreForm::kBilinear, ScoreForm::kAdditive,
          ScoreForm::kMultiHead, ScoreForm::kMlp, ScoreForm::kLogistic, ScoreForm::kExp}) {
      CAPTURE(name_of(form));
      CatalogueOptions options;
      options.predictor = form;
      options.top = std::min<size_t>(items, 20);
      const Catalogue arranged(model, users, exclusions, options);
      options.users = names.size();
      const Catalogue in_place(model, users, exclusions, options);
      CHECK(in_place.shares_items());
      std::vector<Catalogue::Result> expected, found;
      Catalogue::Scratch scratch;
      arranged.best({names.begin(), names.end()}, expected, scratch);
      for (const size_t threads : {1, 2, 3, 4}) {
        CAPTURE(threads);
        std::vector<Catalogue::Scratch> shared(threads);
        in_place.best({names.begin(), names.end()}, found, shared);
        for (size_t user = 0; user < names.size(); ++user) {
          CHECK(found[user].kind == expected[user].kind);
          CHECK(found[user].items == expected[user].items);
        }
      }
    }
  }
}

TEST_CASE("catalogue: neighbours equal brute force, and their definition") {
  unsigned seed = 0;
  for (const int items : {1, 7, 48, 500, 2100}) {
    for (const bool vectors : {false, true}) {
      CAPTURE(items);
      CAPTURE(vectors);
      check_neighbours(++seed, items, vectors);
    }
  }
}

// Of pool with the candidate as query, users known by histories of up to 40 items.
void check_pool(unsigned seed, size_t items, bool tied) {
  Artefact artefact = coarse_model(seed, 2, items, 7);
  artefact.users = IdTable();
  PoolShape shape;
  shape.dim = 7;
  shape.units = 5;
  shape.window = 40;
  shape.decay = shape.candidate = true;
  shape.tied = tied;
  shape.smoothing = 0.6;
  std::mt19937 random(seed);
  std::vector<float> values(PoolParameters(shape).size);
  for (float& value : values) value = std::abs(uniform_value(random));
  Artefact pool;
  pool.items = artefact.items;
  pool.meta = {{"model", "attention-pool"},
               {"encoder", "attention-pool"},
               {"attention", "attention-pool"},
               {"predictor", "attention-pool-exp"}};
  pool.add("items.factors", artefact.find("items.factors")->view());
  pool.add(kItemCounts, std::vector<float>(items, 1.0f));
  std::vector<float> source(items * 7);
  for (float& value : source) value = uniform_value(random);
  if (!tied) pool.add(kItemSource, ConstMatrixView{source.data(), items, 7, 7});
  write_pool(shape, values.data(), pool);
  Model model(std::move(pool));
  RowsBuilder rows;
  for (int user = 0; user < 5; ++user) {
    for (int at = 0; at < 1 + user * 15; ++at)
      rows.add("u" + std::to_string(user), "i" + std::to_string(random() % items));
  }
  const UserItems histories = as_user_items(rows.build());
  const UserVectors users(model, &histories, Fallback::kPopular, 1);
  Exclusions exclusions;
  exclusions.add(histories, model.items());
  const std::vector<double> wide(values.begin(), values.end());
  const test::PlainPool plain(shape, wide);
  const auto row_of = [&](const char* name, uint32_t item) {
    const float* row = model.artefact().find(name)->view().row(item);
    return std::vector<double>(row, row + 7);
  };
  for (const auto output : {CatalogueOptions::Output::kAttention, CatalogueOptions::Output::kPrediction,
                            CatalogueOptions::Output::kScore}) {
    CatalogueOptions options;
    options.output = output;
    options.attention = ScoreForm::kPool;
    options.predictor = ScoreForm::kPoolExp;
    options.top = items / 2 + 1;
    const Catalogue catalogue(model, users, exclusions, options);
    std::vector<Catalogue::Result> results;
    Catalogue::Scratch scratch;
    const std::vector<std::string> names{"u0", "u1", "u2", "nobody", "u3", "u4"};
    catalogue.best({names.begin(), names.end()}, results, scratch);
    ByPairs pairs(model, users, histories, options);
    for (size_t user = 0; user < names.size(); ++user) {
      const std::vector<float> g = pairs.check(names[user], results[user]);
      const uint32_t number = histories.users.find(names[user]);
      if (number == kNoId || items > 500) continue;
      test::PlainPool::Rows y;  // the last 40
      const auto read = histories.items_of(number);
      for (const uint32_t item : read.last(std::min<size_t>(40, read.size())))
        y.push_back(row_of(tied ? "items.factors" : kItemSource, model.items().find(histories.items[item])));
      for (uint32_t item = 0; item < items; ++item) {
        CHECK(static_cast<double>(g[item]) == doctest::Approx(plain.f(row_of("items.factors", item), y)).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("catalogue: pool with the candidate as query equals brute force, and its definition") {
  unsigned seed = 0;
  for (const size_t items : {1, 7, 48, 500, 2100}) {
    for (const bool tied : {false, true}) {
      CAPTURE(items);
      check_pool(++seed, items, tied);
    }
  }
}

TEST_CASE("catalogue: the best by g, M and M times attention equal brute force, ties and exclusions included") {
  std::mt19937 random(11);
  for (const size_t items : {1, 7, 48, 49, 500, 2100}) {
    for (const size_t factors : {1, 5, 16}) {
      Artefact artefact = coarse_model(static_cast<unsigned>(random()), 9, items, factors);
      add_pair_weights(artefact, factors, static_cast<unsigned>(items + factors));
      Model model(std::move(artefact));
      RowsBuilder seen_rows;
      for (size_t at = 0; at < items; ++at)
        seen_rows.add("u" + std::to_string(random() % 9), "i" + std::to_string(random() % (items + 3)));
      const UserItems seen = as_user_items(seen_rows.build());
      const UserVectors users(model, nullptr, Fallback::kPopular, 1);
      Exclusions exclusions;
      exclusions.add(seen, model.items());
      for (const auto output : {CatalogueOptions::Output::kAttention, CatalogueOptions::Output::kPrediction,
                                CatalogueOptions::Output::kScore}) {
        for (const ScoreForm predictor :
             {ScoreForm::kDot, ScoreForm::kCosine, ScoreForm::kSum, ScoreForm::kBilinear, ScoreForm::kLogistic,
              ScoreForm::kExp, ScoreForm::kAdditive, ScoreForm::kMultiHead, ScoreForm::kMlp}) {
          CatalogueOptions options;
          // g is M where it may be, so that these forms serve as both.
          const bool as_attention = predictor == ScoreForm::kBilinear || predictor == ScoreForm::kAdditive ||
                                    predictor == ScoreForm::kMultiHead || predictor == ScoreForm::kMlp;
          options.attention = as_attention                      ? predictor
                              : predictor == ScoreForm::kCosine ? ScoreForm::kScaled
                                                                : ScoreForm::kDot;
          options.output = output;
          options.predictor = predictor;
          options.temperature = 1.5;
          options.top = 1 + random() % (items + 2);
          CAPTURE(items);
          CAPTURE(factors);
          const Catalogue catalogue(model, users, exclusions, options);
          std::vector<std::string> names;
          for (int user = 0; user < 9; ++user) names.push_back("u" + std::to_string(user));
          names.push_back("nobody");  // popularity stands in for g and M
          std::vector<Catalogue::Result> results;
          Catalogue::Scratch scratch;
          catalogue.best({names.begin(), names.end()}, results, scratch);
          ByPairs pairs(model, users, seen, options);
          for (size_t user = 0; user < names.size(); ++user) pairs.check(names[user], results[user]);
          // A user's result depends on that user alone.
          std::vector<Catalogue::Result> alone;
          catalogue.best({names[4]}, alone, scratch);
          CHECK(alone[0].items == results[4].items);
        }
      }
    }
  }
}

// Scorers that the library does not have: they fit into Catalogue and PairScorer as they are.
//
// A factorisation machine of a user and an item: b + w·x + h·x, a kernel of projections.
class FmScorer : public ProjectionScorer {
 public:
  explicit FmScorer(const ScorerParts& parts) : ProjectionScorer(parts), F_(parts.items.cols) {
    Matrix made(parts.items.rows, F_ + 1);
    for (size_t item = 0; item < made.rows(); ++item) project_item(parts.items.floats().row(item), made.row(item));
    std::vector<float> unknown(F_ + 1);
    project_item(unknown_item_of(parts).data(), unknown.data());
    use_projections(std::move(made), std::move(unknown));
  }
  void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers&,
                         float* out) const override {
    dots(user, items, n, F_ + 1, out);
  }
  static double plain(const float* h, const float* x, size_t F) {
    double sum = 0.5;
    for (size_t f = 0; f < F; ++f) sum += (0.25 + static_cast<double>(h[f])) * static_cast<double>(x[f]);
    return sum;
  }

 protected:
  void project_user(const float* h, float* out) const override {
    std::copy_n(h, F_, out);
    out[F_] = 1.0f;
  }

 private:
  void project_item(const float* x, float* out) const {
    std::copy_n(x, F_, out);
    out[F_] = 0.5f;
    for (size_t f = 0; f < F_; ++f) out[F_] += 0.25f * x[f];
  }
  size_t F_;
};

// Item vectors in a table of int8, without float32 ones: h·(q/4).
class Int8Scorer : public Scorer {
 public:
  explicit Int8Scorer(const ScorerParts& parts) : Scorer(parts), F_(parts.items.cols), I_(parts.items.rows) {
    for (size_t item = 0; item < I_; ++item) {
      for (size_t f = 0; f < F_; ++f) table_.push_back(static_cast<int8_t>(4.0f * parts.items.floats()(item, f)));
    }
  }
  struct Int8Users : Users {
    std::vector<std::vector<float>> h;
  };
  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<Int8Users>();
    users->h.resize(capacity);
    return users;
  }
  void prepare(const Behaviour& h, size_t user, Users& users) const override {
    static_cast<Int8Users&>(users).h[user] = h.dense;
  }
  void score_items(size_t user, std::span<const uint32_t> items, Users& users, float* out) const override {
    const std::vector<float>& h = static_cast<Int8Users&>(users).h[user];
    for (size_t k = 0; k < items.size(); ++k) out[k] = items[k] == kNoId ? 0.0f : score(h, items[k]);
  }
  ScanOrder scan_order(int) const override {
    ScanOrder order{std::vector<uint32_t>(I_), true};
    std::iota(order.item_at.begin(), order.item_at.end(), 0u);
    return order;
  }
  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override {
    return std::make_unique<Int8Items>(*this, item_at);
  }

 private:
  struct Int8Items : ArrangedItems {
    Int8Items(const Int8Scorer& of, std::span<const uint32_t> order)
        : scorer(of), item_at(order.begin(), order.end()) {}
    void score_block(size_t n_users, size_t first, size_t count, Users& users, float* out,
                     size_t stride) const override {
      for (size_t user = 0; user < n_users; ++user)
        scorer.score_items(user, {item_at.data() + first, count}, users, out + user * stride);
    }
    const Int8Scorer& scorer;
    std::vector<uint32_t> item_at;
  };
  float score(const std::vector<float>& h, uint32_t item) const {
    float sum = 0.0f;
    for (size_t f = 0; f < F_; ++f) sum += h[f] * static_cast<float>(table_[item * F_ + f]);
    return 0.25f * sum;
  }
  size_t F_, I_;
  std::vector<int8_t> table_;
};

// An index: the items in clusters of their own order, of which a user visits one. Scores of
// lists are exact.
class IndexScorer : public Int8Scorer {
 public:
  static constexpr size_t kClusters = 4;
  static size_t cluster_of_item(uint32_t item) { return item % kClusters; }
  static size_t cluster_of_user(const std::vector<float>& h) { return h[0] > 0.0f ? 1 : 2; }

  explicit IndexScorer(const ScorerParts& parts) : Int8Scorer(parts), I_(parts.items.rows) {}
  ScanOrder scan_order(int) const override {
    ScanOrder order{{}, true};
    for (size_t cluster = 0; cluster < kClusters; ++cluster) {
      for (uint32_t item = 0; item < I_; ++item) {
        if (cluster_of_item(item) == cluster) order.item_at.push_back(item);
      }
    }
    return order;
  }
  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override {
    auto items = std::make_unique<IndexItems>();
    items->scorer = this;
    items->item_at.assign(item_at.begin(), item_at.end());
    return items;
  }

 private:
  struct IndexItems : ArrangedItems {
    bool visits(const Users& users, size_t user, size_t position) const {
      return cluster_of_item(item_at[position]) == cluster_of_user(static_cast<const Int8Users&>(users).h[user]);
    }
    bool is_partial() const override { return true; }
    bool has_candidates(size_t user, size_t first, size_t count, const Users& users) const override {
      for (size_t at = first; at < first + count; ++at) {
        if (visits(users, user, at)) return true;
      }
      return false;
    }
    void score_block(size_t n_users, size_t first, size_t count, Users& users, float* out,
                     size_t stride) const override {
      for (size_t user = 0; user < n_users; ++user) {
        if (!has_candidates(user, first, count, users)) continue;
        for (size_t at = 0; at < count; ++at) {
          float& value = out[user * stride + at];
          value = -HUGE_VALF;
          if (visits(users, user, first + at)) scorer->score_items(user, {&item_at[first + at], 1}, users, &value);
        }
      }
    }
    const IndexScorer* scorer;
    std::vector<uint32_t> item_at;
  };
  size_t I_;
};

constexpr float zeros[6] = {};

TEST_CASE("catalogue: a factorisation machine, an int8 table and an index fit in, and equal brute force") {
  std::mt19937 random(3);
  for (const size_t items : {7, 500, 9000}) {
    Model model(coarse_model(static_cast<unsigned>(random()), 9, items, 6));
    const UserVectors users(model, nullptr, Fallback::kPopular, 1);
    const Exclusions none;
    std::vector<std::string> names{"nobody"};
    for (int user = 0; user < 9; ++user) names.push_back("u" + std::to_string(user));
    const std::function<std::unique_ptr<const Scorer>()> makers[] = {
        [&] { return std::make_unique<FmScorer>(model.parts()); },
        [&] { return std::make_unique<Int8Scorer>(model.parts()); },
        [&] { return std::make_unique<IndexScorer>(model.parts()); }};
    for (size_t kind = 0; kind < 3; ++kind) {
      for (const auto output : {CatalogueOptions::Output::kAttention, CatalogueOptions::Output::kPrediction,
                                CatalogueOptions::Output::kScore}) {
        CAPTURE(items);
        CAPTURE(kind);
        CatalogueOptions options;
        options.output = output;
        options.temperature = 1.5;
        options.top = 20;
        const bool attends = output != CatalogueOptions::Output::kPrediction;
        const bool predicts = output == CatalogueOptions::Output::kPrediction;
        const Catalogue catalogue(model, users, none, options, attends ? makers[kind]() : nullptr,
                                  predicts ? makers[kind]() : nullptr);
        std::vector<Catalogue::Result> results;
        Catalogue::Scratch scratch;
        catalogue.best({names.begin(), names.end()}, results, scratch);
        const PairScorer pairs(makers[kind](), users);
        EncodedUser encoded;
        std::vector<uint32_t> all(model.items().size());
        std::iota(all.begin(), all.end(), 0u);
        std::vector<float> values(all.size());
        for (size_t user = 0; user < names.size(); ++user) {
          pairs.encode(names[user], encoded);
          pairs.score(encoded, all, values.data());
          std::vector<char> excluded(all.size(), 0);
          if (encoded.kind == UserKind::kKnown) {
            for (const uint32_t item : all) {
              const float* x = model.item_vectors().row(item);
              const float* h = encoded.h.dense.data();
              const double expected = FmScorer::plain(h, x, 6) - (kind == 0 ? 0.0 : FmScorer::plain(zeros, x, 6));
              CHECK(static_cast<double>(values[item]) == doctest::Approx(expected).epsilon(1e-5));
              excluded[item] =
                  kind == 2 && IndexScorer::cluster_of_item(item) != IndexScorer::cluster_of_user(encoded.h.dense);
            }
          }
          const Expected expected = brute_force(values, values, excluded, options);
          const auto& got = results[user].items;
          REQUIRE(got.size() == expected.items.size());
          for (size_t at = 0; at < got.size(); ++at) {
            CHECK(static_cast<double>(got[at].score) == doctest::Approx(expected.values[at]).epsilon(1e-5));
            if (output != CatalogueOptions::Output::kScore) CHECK(got[at].index == expected.items[at]);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace rec::catalogue_property_test
