#include "score/history_shares.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "models/sequence_trainer.h"
#include "small_data.h"

using namespace rec;

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
  return Model(trainer.artefact(data));
}

}  // namespace

TEST_CASE("a Transformer's shares over the history: by head, and their mean") {
  for (const bool causal : {true, false}) {
    const Model model = transformer(causal);
    const size_t read = causal ? 4 : 3;  // the window, less the hidden item
    KnownHistory history;
    history.item = {0, 3, 1, 2, 1};
    std::vector<float> raw;
    REQUIRE(model.encoder().attention_shares({history.item, {}}, raw) == read);
    REQUIRE(raw.size() == 3 * 2 * read);

    const HistoryShares apart(model, true);
    const HistoryShares mean(model, false);
    HistoryShares::Scratch heads;
    HistoryShares::Scratch all;
    REQUIRE(apart.set_history(history, heads));
    REQUIRE(mean.set_history(history, all));
    CHECK(apart.heads().blocks == 3);
    CHECK(apart.heads().heads == 2);
    CHECK(mean.heads().blocks * mean.heads().heads == 1);
    CHECK(heads.items == (causal ? std::vector<uint32_t>{1, 2, 3} : std::vector<uint32_t>{1, 2}));  // item 1 twice
    std::vector<double> sum(heads.items.size(), 0.0);
    for (size_t head = 0; head < 6; ++head) {
      apart.share_out(0, head, heads);
      double whole = 0.0;
      for (size_t j = 0; j < heads.items.size(); ++j) {
        double expected = 0.0;
        for (size_t k = 0; k < read; ++k) {
          if (history.item[5 - read + k] == heads.items[j]) expected += static_cast<double>(raw[head * read + k]);
        }
        CHECK(static_cast<double>(heads.shares[j]) == doctest::Approx(expected).epsilon(1e-6));
        sum[j] += static_cast<double>(heads.shares[j]) / 6.0;
        whole += static_cast<double>(heads.shares[j]);
      }
      if (causal) CHECK(whole == doctest::Approx(1.0).epsilon(1e-6));
      else CHECK(whole < 1.0);  // the hidden item has the rest
    }
    mean.share_out(3, 0, all);
    for (size_t j = 0; j < sum.size(); ++j) CHECK(static_cast<double>(all.shares[j]) == doctest::Approx(sum[j]).epsilon(1e-5));
    KnownHistory nothing;
    CHECK_FALSE(mean.set_history(nothing, all));
  }
}
