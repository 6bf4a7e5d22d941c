#include "models/transformer/sequence_trainer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "models/transformer/transformer_encoder.h"
#include "small_data.h"

using namespace rec;

namespace {

// 40 users who go round a ring of 8 items from different starts: the next item is
// certain.
Interactions ring() {
  Interactions data;
  for (int i = 0; i < 8; ++i) data.items.intern(std::string(1, static_cast<char>('a' + i)));
  for (uint32_t user = 0; user < 40; ++user) {
    data.users.intern("u" + std::to_string(100 + user));
    for (uint32_t t = 0; t < 5 + user % 4; ++t) {
      data.user.push_back(user);
      data.item.push_back((user * 3 + t) % 8);
    }
  }
  return data;
}

SequenceOptions small(bool causal) {
  SequenceOptions options;
  options.shape = {.dim = 16,
                   .heads = 2,
                   .blocks = 2,
                   .hidden = 32,
                   .window = 8,
                   .causal = causal,
                   .gated = true,
                   .positions = Positions::kRelative,
                   .activation = Activation::kSwiglu,
                   .filter = causal ? 3 : 0,
                   .input_norm = causal};
  options.dropout = 0.1;
  if (causal) options.output_dropout = 0.1;
  options.batches.batch = 16;
  options.schedule.rate = 5e-3;
  options.negatives = 6;
  return options;
}

// All numbers of a model, one behind the other.
std::vector<float> values(const Artefact& artefact) {
  std::vector<float> all;
  for (const Artefact::Tensor& tensor : artefact.tensors())
    all.insert(all.end(), tensor.floats(), tensor.floats() + tensor.rows() * tensor.cols());
  return all;
}

}  // namespace

TEST_CASE("every loss and both objectives learn what follows what") {
  const Interactions data = ring();
  for (const bool causal : {true, false}) {
    for (const SequenceLoss loss :
         {SequenceLoss::kSoftmax, SequenceLoss::kSampledSoftmax, SequenceLoss::kBce, SequenceLoss::kGbce}) {
      SequenceOptions options = small(causal);
      options.loss = loss;
      SequenceTrainer trainer(data, options, 2);
      double first = 0.0;
      for (int epoch = 0; epoch < (causal ? 60 : 400); ++epoch) {  // fewer places predict where items are hidden
        trainer.epoch();
        if (epoch == 0) first = trainer.objective();
      }
      CHECK(trainer.objective() < 0.7 * first);
      const Artefact model = trainer.artefact();
      const TransformerEncoder encoder(model);
      const ConstMatrixView items = model.find("items.factors")->view();
      int hits = 0;
      for (uint32_t start = 0; start < 8; ++start) {
        const uint32_t seen[] = {start, (start + 1) % 8, (start + 2) % 8};
        Behaviour h;
        REQUIRE(encoder.encode_history({seen, {}}, h));
        uint32_t best = 0;
        double greatest = -1e30;
        for (uint32_t item = 0; item < 8; ++item) {
          double score = 0.0;
          for (size_t c = 0; c < h.dense.size(); ++c)
            score += static_cast<double>(h.dense[c]) * static_cast<double>(items(item, c));
          if (score > greatest) greatest = score, best = item;
        }
        hits += best == (start + 3) % 8;
      }
      CAPTURE(causal);
      CAPTURE(std::string(name_in(kSequenceLosses, loss)));
      CHECK(hits >= (causal ? 8 : 6));
    }
  }
}

TEST_CASE("the same bits for every number of threads, and after a restart") {
  const Interactions data = ring();
  for (const bool causal : {true, false}) {
    SequenceOptions options = small(causal);
    options.loss = causal ? SequenceLoss::kSampledSoftmax : SequenceLoss::kGbce;
    options.schedule.kind = ScheduleKind::kCosine;
    options.epochs = 6;
    options.clip = 0.5;
    options.batches.crop = options.batches.reorder = 0.3;
    options.batches.drop_items = 0.1;
    options.batches.windows = Windows::kRandom;
    options.shape.window = 4;
    options.average = causal ? 0.5 : 0.0;
    SequenceTrainer one(data, options, 1);
    SequenceTrainer three(data, options, 3);
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), three.epoch();
    SequenceTrainer resumed(data, options, 2);
    resumed.restore(three.state());
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), resumed.epoch();
    CHECK(values(one.state()) == values(resumed.state()));
    CHECK(one.objective() == resumed.objective());
  }
}

TEST_CASE("the model may be the weights' moving average over the epochs") {
  const Interactions data = ring();
  SequenceOptions options = small(true);
  SequenceTrainer plain(data, options, 1);
  options.average = 0.75;
  SequenceTrainer averaging(data, options, 1);
  std::vector<std::vector<float>> after;
  for (int epoch = 1; epoch <= 4; ++epoch) {
    plain.epoch();
    averaging.epoch();
    CHECK(plain.objective() == averaging.objective());  // training goes on from the weights themselves
    after.push_back(values(plain.artefact()));
    const std::vector<float> got = values(averaging.artefact());
    REQUIRE(got.size() == after.back().size());
    for (size_t i = 0; i < got.size(); ++i) {  // Σ 0.75^(epoch - e)·w_e over the sum of these shares
      double sum = 0.0;
      double shares = 0.0;
      for (const std::vector<float>& weights : after) {
        sum = 0.75 * sum + static_cast<double>(weights[i]);
        shares = 0.75 * shares + 1.0;
      }
      REQUIRE(std::abs(static_cast<double>(got[i]) - sum / shares) < 1e-6 * (1.0 + std::abs(sum / shares)));
    }
  }
  options.average = 1.0;
  CHECK_THROWS_WITH_AS(options.check(), doctest::Contains("--ema"), UsageError);
}
