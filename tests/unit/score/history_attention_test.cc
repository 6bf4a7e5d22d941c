#include "score/history_attention.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "models/attention_pool/pool_trainer.h"
#include "models/transformer/sequence_trainer.h"
#include "small_data.h"
#include "unit/models/attention_pool/plain_pool.h"

namespace rec::history_attention_test {

namespace {

Model transformer(bool causal) {
  Interactions data;
  for (const char* item : {"a", "b", "c", "d"}) data.items.intern(item);
  data.users.intern("u");
  for (const uint32_t item : {0u, 1u, 2u, 3u, 1u}) {
    data.user.push_back(0);
    data.item.push_back(item);
  }
  SequenceOptions options;
  options.shape = {8, 2, 3, 16, 4, causal, false, Positions::kLearned, Activation::kRelu};
  SequenceTrainer trainer(data, options, 1);
  for (int epoch = 0; epoch < 30; ++epoch) trainer.epoch();
  return Model(trainer.artefact());
}

}  // namespace

TEST_CASE("a Transformer's attention over the history: by head, and their mean") {
  for (const bool causal : {true, false}) {
    const Model model = transformer(causal);
    const size_t read = causal ? 4 : 3;  // the window, less the hidden item
    KnownHistory history;
    history.item = {0, 3, 1, 2, 1};
    std::vector<float> raw;
    REQUIRE(model.encoder().attention_weights({history.item, {}}, raw) == read);
    REQUIRE(raw.size() == 3 * 2 * read);

    const HistoryAttention apart(model, true);
    const HistoryAttention mean(model, false);
    HistoryAttention::Scratch heads;
    HistoryAttention::Scratch all;
    REQUIRE(apart.set_history(history, heads));
    REQUIRE(mean.set_history(history, all));
    CHECK(apart.heads().blocks == 3);
    CHECK(apart.heads().heads == 2);
    CHECK(mean.heads().blocks * mean.heads().heads == 1);
    CHECK(heads.items == (causal ? std::vector<uint32_t>{1, 2, 3} : std::vector<uint32_t>{1, 2}));  // item 1 twice
    std::vector<double> sum(heads.items.size(), 0.0);
    for (size_t head = 0; head < 6; ++head) {
      apart.attend(0, head, heads);
      double whole = 0.0;
      for (size_t j = 0; j < heads.items.size(); ++j) {
        double expected = 0.0;
        for (size_t k = 0; k < read; ++k) {
          if (history.item[5 - read + k] == heads.items[j]) expected += static_cast<double>(raw[head * read + k]);
        }
        CHECK(static_cast<double>(heads.weights[j]) == doctest::Approx(expected).epsilon(1e-6));
        sum[j] += static_cast<double>(heads.weights[j]) / 6.0;
        whole += static_cast<double>(heads.weights[j]);
      }
      if (causal)
        CHECK(whole == doctest::Approx(1.0).epsilon(1e-6));
      else
        CHECK(whole < 1.0);  // the hidden item has the rest
    }
    mean.attend(3, 0, all);
    for (size_t j = 0; j < sum.size(); ++j)
      CHECK(static_cast<double>(all.weights[j]) == doctest::Approx(sum[j]).epsilon(1e-5));
    KnownHistory nothing;
    CHECK_FALSE(mean.set_history(nothing, all));
  }
}

TEST_CASE("attention-pool's weights over the history: its own a_j, and a_ij with the candidate as the query") {
  Interactions data;
  for (const char* item : {"a", "b", "c", "d"}) data.items.intern(item);
  data.users.intern("u");
  for (const uint32_t item : {0u, 1u, 2u, 3u, 1u}) {
    data.user.push_back(0);
    data.item.push_back(item);
  }
  for (const bool candidate : {false, true}) {
    PoolOptions options;
    options.shape.dim = options.shape.units = 5;
    options.shape.window = 4;
    options.shape.decay = true;
    options.shape.candidate = candidate;
    options.loss = SequenceLoss::kSampledSoftmax;
    PoolTrainer trainer(data, options, 1);
    for (int epoch = 0; epoch < 30; ++epoch) trainer.epoch();
    const Model model(trainer.artefact());
    const std::vector<float> values = read_pool_parameters(options.shape, model.artefact());
    options.shape.smoothing = 1.0;  // weights sum to 1
    const test::PlainPool plain(options.shape, {values.begin(), values.end()});
    const auto row_of = [&](uint32_t item) {
      return std::vector<double>(model.item_vectors().row(item), model.item_vectors().row(item) + 5);
    };
    KnownHistory history;
    history.item = {0, 3, 1, 2, 1};
    test::PlainPool::Rows y;
    for (const uint32_t item : {3u, 1u, 2u, 1u}) y.push_back(row_of(item));
    CHECK(model.encoder().attention_heads().blocks == (candidate ? 0 : 1));
    const HistoryAttention explanation =
        candidate ? HistoryAttention(model, make_scorer(model.attention(), model.parts()), 1.0)
                  : HistoryAttention(model, false);
    HistoryAttention::Scratch scratch;
    REQUIRE(explanation.set_history(history, scratch));
    REQUIRE(scratch.items == std::vector<uint32_t>{1, 2, 3});
    for (const uint32_t item : {0u, 2u}) {
      explanation.attend(item, 0, scratch);
      const std::vector<double> weight = candidate ? plain.shares_for(row_of(item), y) : plain.shares(y);
      CHECK(static_cast<double>(scratch.weights[0]) == doctest::Approx(weight[1] + weight[3]).epsilon(1e-5));
      CHECK(static_cast<double>(scratch.weights[1]) == doctest::Approx(weight[2]).epsilon(1e-5));
      CHECK(static_cast<double>(scratch.weights[2]) == doctest::Approx(weight[0]).epsilon(1e-5));
    }
    KnownHistory nothing;
    CHECK_FALSE(explanation.set_history(nothing, scratch));
  }
}

}  // namespace rec::history_attention_test
