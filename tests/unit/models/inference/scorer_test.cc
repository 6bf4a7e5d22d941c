#include "models/inference/scorer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "data/artefact.h"
#include "models/common/model_meta.h"
#include "small_data.h"

namespace rec::scorer_test {
namespace {

ScorerParts parts_of(const Matrix& items) {
  ScorerParts parts;
  parts.items = items;
  return parts;
}

// f(h, x of `item`).
float value_of_item(ScoreForm form, const std::vector<float>& h, const Matrix& items, uint32_t item) {
  const auto scorer = make_scorer(form, parts_of(items));
  const auto users = scorer->make_users(1);
  Behaviour behaviour;
  behaviour.dense = h;
  scorer->prepare(behaviour, 0, *users);
  float out = 0.0f;
  scorer->score_items(0, {&item, 1}, *users, &out);
  return out;
}

float value(ScoreForm form, const std::vector<float>& h, const std::vector<float>& x) {
  Matrix items(1, x.size());
  std::copy(x.begin(), x.end(), items.row(0));
  return value_of_item(form, h, items, 0);
}

TEST_CASE("scorer: inner products by hand") {
  CHECK(value(ScoreForm::kDot, {1, 2, 3, 4}, {5, 6, 7, 8}) == 70.0f);
  CHECK(value(ScoreForm::kScaled, {1, 2, 3, 4}, {5, 6, 7, 8}) == 35.0f);
  CHECK(value(ScoreForm::kCosine, {3, 4}, {4, 3}) == doctest::Approx(0.96));
  CHECK(value(ScoreForm::kCosine, {0, 0}, {4, 3}) == 0.0f);
  CHECK(value(ScoreForm::kCosine, {4, 3}, {0, 0}) == 0.0f);
  CHECK(value(ScoreForm::kSum, {1, 2, 3}, {10, 20, 30}) == 66.0f);
}

TEST_CASE("scorer: an unknown item has the zero vector unless the model has one") {
  Matrix items(1, 3);
  items(0, 0) = 1.0f;
  for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kSum})
    CHECK(value_of_item(form, {2, 3, 4}, items, kNoId) == (form == ScoreForm::kSum ? 9.0f : 0.0f));
}

// A model's weights for the forms that have some, and the forms in plain double.
struct Weighted {
  static constexpr size_t F = 21;
  Artefact artefact;
  Matrix items = Matrix(150, F);
  std::vector<float> h = std::vector<float>(F);

  Weighted() {
    std::mt19937 random(7);
    add_pair_weights(artefact, F, 7);
    for (size_t item = 0; item < items.rows(); ++item) {
      for (size_t f = 0; f < F; ++f) items(item, f) = uniform_value(random);
    }
    for (float& value : h) value = uniform_value(random);
  }

  std::vector<double> product(const std::string& name, const float* x) const {
    const ConstMatrixView weight = artefact.find(name)->view();
    std::vector<double> out(weight.rows);
    for (size_t r = 0; r < weight.rows; ++r) {
      for (size_t c = 0; c < weight.cols; ++c) out[r] += static_cast<double>(weight(r, c)) * static_cast<double>(x[c]);
    }
    return out;
  }
  double at(const std::string& name, size_t i) const { return static_cast<double>(artefact.find(name)->floats()[i]); }

  double naive(ScoreForm form, const float* x) const {
    double inner = 0.0;
    for (size_t f = 0; f < F; ++f) inner += static_cast<double>(h[f]) * static_cast<double>(x[f]);
    double sum = 0.0;
    switch (form) {
      case ScoreForm::kLogistic:
        return 1.0 / (1.0 + std::exp(-inner));
      case ScoreForm::kExp:
        return std::exp(inner);
      case ScoreForm::kSum:
        for (size_t f = 0; f < F; ++f)
          sum += at(kSumWeight, f) * (static_cast<double>(h[f]) + static_cast<double>(x[f]));
        return sum + at(kSumBias, 0);
      case ScoreForm::kBilinear: {
        const std::vector<double> image = product(kBilinearWeight, x);
        for (size_t f = 0; f < F; ++f) sum += static_cast<double>(h[f]) * image[f];
        return sum;
      }
      case ScoreForm::kAdditive: {
        const std::vector<double> user = product(kAdditiveUser, h.data()), item = product(kAdditiveItem, x);
        for (size_t d = 0; d < user.size(); ++d) sum += at(kAdditiveWeight, d) * std::tanh(user[d] + item[d]);
        return sum;
      }
      case ScoreForm::kMultiHead: {
        const std::vector<double> user = product(kHeadsUser, h.data()), item = product(kHeadsItem, x);
        const auto heads = static_cast<size_t>(artefact.number(kHeads));
        const size_t d = user.size() / heads;
        for (size_t head = 0; head < heads; ++head) {
          double its = 0.0;
          for (size_t i = 0; i < d; ++i) its += user[head * d + i] * item[head * d + i];
          sum += std::exp(its / std::sqrt(static_cast<double>(d)));
        }
        return std::log(sum / static_cast<double>(heads));
      }
      case ScoreForm::kMlp: {
        std::vector<float> now = h;
        now.insert(now.end(), x, x + F);
        for (size_t layer = 1; artefact.find(mlp_weight(layer)) != nullptr; ++layer) {
          std::vector<double> out = product(mlp_weight(layer), now.data());
          now.resize(out.size());
          const bool last = out.size() == 1;
          for (size_t i = 0; i < out.size(); ++i) {
            out[i] += at(mlp_bias(layer), i);
            now[i] = static_cast<float>(last ? out[i] : std::max(0.0, out[i]));
          }
        }
        return static_cast<double>(now[0]);
      }
      default:
        return inner;
    }
  }
};

constexpr ScoreForm kWeighted[] = {ScoreForm::kLogistic, ScoreForm::kExp,       ScoreForm::kSum, ScoreForm::kBilinear,
                                   ScoreForm::kAdditive, ScoreForm::kMultiHead, ScoreForm::kMlp};

TEST_CASE("scorer: each form with weights follows its formula in double, at every position of a list") {
  const Weighted weighted;
  ScorerParts parts = weights_of(weighted.artefact, Weighted::F);
  parts.items = weighted.items;
  parts.unknown_item = {weighted.items.row(3), Weighted::F};
  const size_t I = weighted.items.rows();
  Behaviour h;
  h.dense = weighted.h;
  for (const ScoreForm form : kWeighted) {
    CAPTURE(name_of(form));
    const auto scorer = make_scorer(form, parts);
    const auto users = scorer->make_users(1);
    scorer->prepare(h, 0, *users);
    std::vector<uint32_t> items(I);
    std::iota(items.begin(), items.end(), 0u);
    items.push_back(kNoId);
    std::vector<float> values(I + 1);
    scorer->score_items(0, items, *users, values.data());
    for (size_t item = 0; item < I; ++item) {
      CHECK(static_cast<double>(values[item]) ==
            doctest::Approx(weighted.naive(form, weighted.items.row(item))).epsilon(1e-4));
      if (item % 7 != 0) continue;
      float alone = 0.0f;
      scorer->score_items(0, {&items[item], 1}, *users, &alone);
      CHECK(alone == values[item]);
    }
    CHECK(values[I] == values[3]);
  }
}

constexpr ScoreForm kAll[] = {ScoreForm::kDot,       ScoreForm::kScaled,   ScoreForm::kCosine,     ScoreForm::kSum,
                              ScoreForm::kBilinear,  ScoreForm::kLogistic, ScoreForm::kExp,        ScoreForm::kAdditive,
                              ScoreForm::kMultiHead, ScoreForm::kMlp,      ScoreForm::kNeighbours, ScoreForm::kPool,
                              ScoreForm::kPoolExp};

// Parts for every form, of more items than a block holds, and users with both parts of h.
struct Everything {
  static constexpr size_t F = 9;
  static constexpr size_t I = kItemsPerBlock + 77;
  Artefact weights;
  Matrix items = Matrix(I, F), source = Matrix(I, F), key = Matrix(4, F), query = Matrix(4, F);
  Csr S;
  ScorerParts parts;
  std::vector<Behaviour> users = std::vector<Behaviour>(5);

  Everything() {
    std::mt19937 random(5);
    add_pair_weights(weights, F, 5);
    for (Matrix* matrix : {&items, &source, &key, &query}) {
      for (size_t r = 0; r < matrix->rows(); ++r) {
        for (size_t f = 0; f < F; ++f) (*matrix)(r, f) = uniform_value(random);
      }
    }
    S.begin.push_back(0);
    for (size_t row = 0; row < I; ++row) {
      for (auto item = static_cast<uint32_t>(random() % 200); item < I;
           item += 1 + static_cast<uint32_t>(random() % 200)) {
        S.index.push_back(item);
        S.weight.push_back(uniform_value(random));
      }
      S.begin.push_back(S.index.size());
    }
    parts = weights_of(weights, F);
    parts.items = items;
    parts.neighbours = S.view();
    parts.neighbours_are_items = true;
    parts.pool_source = source;
    parts.pool_key = key;
    parts.pool_query = query;
    parts.pool_smoothing = 0.7f;
    for (size_t user = 0; user < users.size(); ++user) {
      for (size_t f = 0; f < F; ++f) users[user].dense.push_back(uniform_value(random));
      for (size_t j = 0; j < 20 * user; ++j) {  // the first has no history
        users[user].row.push_back(static_cast<uint32_t>(17 * j + user));
        users[user].weight.push_back(1.0f + uniform_value(random));
      }
    }
  }
};

TEST_CASE("scorer: blocks of the catalogue in any order of items have the bits of lists, for each form") {
  const Everything all;
  std::vector<uint32_t> numbers(Everything::I), shuffled;
  std::iota(numbers.begin(), numbers.end(), 0u);
  shuffled = numbers;
  std::mt19937 random(6);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const ScoreForm form : kAll) {
    CAPTURE(name_of(form));
    const auto scorer = make_scorer(form, all.parts);
    const Scorer::ScanOrder order = scorer->scan_order(2);
    CHECK(order.of_tables == (form == ScoreForm::kNeighbours));
    CHECK(std::is_permutation(order.item_at.begin(), order.item_at.end(), numbers.begin(), numbers.end()));
    const auto users = scorer->make_users(all.users.size());
    for (const std::vector<uint32_t>& item_at : {order.item_at, shuffled}) {
      const auto arranged = scorer->arrange(item_at);
      // Other users before: nothing of them may remain.
      for (size_t user = 0; user < all.users.size(); ++user)
        scorer->prepare(all.users[all.users.size() - 1 - user], user, *users);
      std::vector<float> listed(Everything::I), block(all.users.size() * kItemsPerBlock);
      scorer->score_items(0, numbers, *users, listed.data());
      for (size_t user = 0; user < all.users.size(); ++user) scorer->prepare(all.users[user], user, *users);
      for (size_t first = 0; first < Everything::I; first += kItemsPerBlock) {
        const size_t count = std::min(kItemsPerBlock, Everything::I - first);
        arranged->score_block(all.users.size(), first, count, *users, block.data(), kItemsPerBlock);
        size_t different = 0;
        for (size_t user = 0; user < all.users.size(); ++user) {
          CHECK(arranged->has_candidates(user, first, count, *users));
          scorer->score_items(user, numbers, *users, listed.data());
          for (size_t at = 0; at < count; ++at)
            different += block[user * kItemsPerBlock + at] != listed[item_at[first + at]];
        }
        CHECK(different == 0);
      }
    }
  }
}

TEST_CASE("scorer: attention over a history is a softmax of f over its items, unless the scorer has its own") {
  const Everything all;
  const std::vector<uint32_t> items{3, 10, 40};
  for (const ScoreForm form : kAll) {
    CAPTURE(name_of(form));
    const auto scorer = make_scorer(form, all.parts);
    const bool own = form == ScoreForm::kNeighbours || form == ScoreForm::kPool || form == ScoreForm::kPoolExp;
    CHECK(scorer->history_has_temperature() == !own);
    CHECK(scorer->history_obstacle().empty());
    if (own) continue;  // neighbours_scorer_test.cc, history_attention_test.cc
    const auto users = scorer->make_users(1);
    float f[3], weights[3];
    Behaviour candidate;
    candidate.dense.assign(all.items.row(7), all.items.row(7) + Everything::F);
    scorer->prepare(candidate, 0, *users);
    scorer->score_items(0, items, *users, f);
    scorer->history_attention(7, items, 0.5, *users, weights);
    double sum = 0.0;
    for (const float value : f) sum += std::exp(static_cast<double>(value) / 0.5);
    for (size_t j = 0; j < 3; ++j)
      CHECK(static_cast<double>(weights[j]) ==
            doctest::Approx(std::exp(static_cast<double>(f[j]) / 0.5) / sum).epsilon(1e-5));
  }
}

TEST_CASE("score forms: names") {
  for (const std::string& name : attention_names()) CHECK(name_of(score_form_of(name)) == name);
  for (const std::string& name : predictor_names()) CHECK(name_of(score_form_of(name)) == name);
  CHECK_THROWS_AS(score_form_of("Dot"), Error);
}

}  // namespace
}  // namespace rec::scorer_test
