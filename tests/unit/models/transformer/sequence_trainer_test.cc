#include "models/transformer/sequence_trainer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "models/common/extend_artefact.h"
#include "models/transformer/transformer_encoder.h"
#include "small_data.h"

namespace rec::sequence_trainer_test {

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

// A category for each place on the ring, given by the last letter of an id, and a number.
std::vector<SideFeatures> places(const Interactions& data) {
  SideFeatures side;
  for (char place = 'a'; place < 'i'; ++place) side.map.names.intern(std::string("place=") + place);
  side.map.names.intern("weight");
  side.map.names.index();
  side.map.columns.assign(9, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.map.columns.back().rule = FeatureRule::kNumber;
  side.rows.begin = {0};
  for (uint32_t item = 0; item < data.items.size(); ++item) {
    side.rows.index.insert(side.rows.index.end(), {static_cast<uint32_t>(data.items[item].back() - 'a'), 8u});
    side.rows.weight.insert(side.rows.weight.end(), {1.0f, item % 3 == 0 ? 0.5f : -0.25f});
    side.rows.begin.push_back(side.rows.index.size());
  }
  return {side};
}

// Users of two groups, by whether their id ends in an even digit.
SideFeatures groups(const Interactions& data) {
  SideFeatures side;
  side.of = IdKind::kUser;
  for (const char* name : {"group=even", "group=odd"}) side.map.names.intern(name);
  side.map.names.index();
  side.map.columns.assign(2, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0};
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    side.rows.index.push_back((data.users[user].back() - '0') % 2);
    side.rows.weight.push_back(1.0f);
    side.rows.begin.push_back(side.rows.index.size());
  }
  return side;
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
      for (int epoch = 0; epoch < (causal ? 100 : 400); ++epoch) {  // fewer places predict where items are hidden
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
  Interactions data = ring();
  for (const int kind : {0, 1, 2, 3, 4, 5, 6, 7}) {
    const bool causal = kind % 2 == 0;
    SequenceOptions options = small(causal);
    options.loss = causal ? SequenceLoss::kSampledSoftmax : SequenceLoss::kGbce;
    if (kind == 2) data.items.intern("new-h");  // without rows
    std::vector<SideFeatures> sides = kind / 2 % 2 == 1 ? places(data) : std::vector<SideFeatures>{};
    if (kind > 3) sides.push_back(groups(data));
    options.schedule.kind = ScheduleKind::kCosine;
    options.epochs = 6;
    options.clip = 0.5;
    options.batches.crop = options.batches.reorder = 0.3;
    options.batches.drop_items = 0.1;
    options.batches.windows = Windows::kRandom;
    options.shape.window = 4;
    options.average = causal ? 0.5 : 0.0;
    SequenceTrainer one(data, options, 1, sides);
    SequenceTrainer three(data, options, 3, sides);
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), three.epoch();
    SequenceTrainer resumed(data, options, 2, sides);
    resumed.restore(three.state());
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), resumed.epoch();
    CHECK(values(one.state()) == values(resumed.state()));
    CHECK(one.objective() == resumed.objective());
  }
}

TEST_CASE("items without rows are ranked by their features, in training and as they come later") {
  Interactions data = ring();
  for (char place = 'a'; place < 'i'; ++place) data.items.intern(std::string("new-") + place);  // 8 to 15
  for (const bool causal : {true, false}) {
    CAPTURE(causal);
    for (const SequenceLoss loss : {SequenceLoss::kSoftmax, SequenceLoss::kSampledSoftmax}) {
      CAPTURE(std::string(name_in(kSequenceLosses, loss)));
      SequenceOptions options = small(causal);
      options.loss = loss;
      options.id_dropout = 0.5;
      const std::vector<SideFeatures> sides = places(data);
      SequenceTrainer trainer(data, options, 2, sides);
      for (int epoch = 0; epoch < (causal ? 150 : 600); ++epoch) trainer.epoch();
      Artefact model = trainer.artefact();
      const ConstMatrixView items = model.find("items.factors")->view();
      const TransformerEncoder encoder(model);
      int hits = 0;
      for (uint32_t start = 0; start < 8; ++start) {
        const uint32_t seen[] = {start, (start + 1) % 8, (start + 2) % 8};
        Behaviour h;
        REQUIRE(encoder.encode_history({seen, {}}, h));
        const auto score = [&](uint32_t item) {
          double sum = 0.0;
          for (size_t c = 0; c < h.dense.size(); ++c)
            sum += static_cast<double>(h.dense[c]) * static_cast<double>(items(item, c));
          return sum;
        };
        uint32_t best = 8;
        for (uint32_t item = 9; item < 16; ++item) best = score(item) > score(best) ? item : best;
        hits += best == 8 + (start + 3) % 8;
      }
      CHECK(hits >= (causal ? 8 : 6));

      // One that comes later has the vector of one that was there with the same features.
      FeatureTable later;
      later.ids.intern("x");
      FeatureKind place;
      place.name = "place";
      place.categories.intern("c");
      place.rows.begin = {0, 1};
      place.rows.index = {0};
      place.rows.weight = {1.0f};
      later.kinds.push_back(place);
      later.numbers.push_back({.name = "weight", .size = 1, .id = {0}, .value = {-0.25f}});
      model.items.index();
      const Artefact before = model;
      const Extension extension = extend(model, IdKind::kItem, {later});
      CHECK(extension.added == 1);
      const auto row = [](const Artefact& its, std::string_view id) {
        const float* from = its.find("items.factors")->view().row(its.items.find(id));
        return std::vector<float>(from, from + 16);
      };
      const std::vector<float> got = row(model, "x");
      const std::vector<float> twin = row(before, "new-c");
      for (size_t c = 0; c < got.size(); ++c) CHECK(std::abs(got[c] - twin[c]) < 1e-5f * (1.0f + std::abs(twin[c])));
    }
  }
}

TEST_CASE("users without rows are ranked for by their features, in training and as they come later") {
  // Users of even ids have items a to d, others e to h, in any order.
  Interactions data;
  for (char item = 'a'; item < 'i'; ++item) data.items.intern(std::string(1, item));
  for (uint32_t user = 0; user < 40; ++user) {
    data.users.intern("u" + std::to_string(100 + user));
    for (uint32_t t = 0; t < 4; ++t) {
      data.user.push_back(user);
      data.item.push_back(user % 2 * 4 + (user / 2 + 3 * t) % 4);
    }
  }
  data.users.intern("v0");
  data.users.intern("v1");
  for (const bool causal : {true, false}) {
    for (const SequenceLoss loss : {SequenceLoss::kSoftmax, SequenceLoss::kSampledSoftmax, SequenceLoss::kBce}) {
      CAPTURE(causal);
      CAPTURE(std::string(name_in(kSequenceLosses, loss)));
      SequenceOptions options = small(causal);
      options.loss = loss;
      SequenceTrainer trainer(data, options, 2, {groups(data)});
      for (int epoch = 0; epoch < 150; ++epoch) trainer.epoch();
      Artefact model = trainer.artefact();
      CHECK(model.users.size() == 42);
      const auto score = [&](const Artefact& its, const Behaviour& h, uint32_t item) {
        const ConstMatrixView items = its.find("items.factors")->view();
        double sum = 0.0;
        for (size_t c = 0; c < h.dense.size(); ++c)
          sum += static_cast<double>(h.dense[c]) * static_cast<double>(items(item, c));
        return sum;
      };
      Behaviour h;
      {
        const TransformerEncoder encoder(model);
        for (const uint32_t user : {40u, 41u, 6u, 7u}) {
          REQUIRE(encoder.encode_user(user, h));
          for (uint32_t item = 0; item < 4; ++item) {
            CHECK((score(model, h, item) > score(model, h, 4)) == (user % 2 == 0));
            CHECK((score(model, h, item) > score(model, h, 7)) == (user % 2 == 0));
          }
        }
        CHECK_FALSE(encoder.encode_user(kNoId, h));
        // With a history, the features add the same to h, whatever the history.
        const uint32_t seen[] = {1, 5};
        Behaviour nobody, described;
        REQUIRE(encoder.encode_history({.item = seen, .value = {}}, nobody));
        REQUIRE(encoder.encode_history({.item = seen, .value = {}, .described = 40}, described));
        REQUIRE(encoder.encode_user(40, h));
        const float* start = model.find("new.users.factors")->floats();
        for (size_t c = 0; c < h.dense.size(); ++c)
          CHECK(described.dense[c] - nobody.dense[c] == doctest::Approx(h.dense[c] - start[c]).epsilon(1e-3));
      }
      FeatureTable later;
      later.ids.intern("x");
      FeatureKind group;
      group.name = "group";
      group.categories.intern("odd");
      group.rows.begin = {0, 1};
      group.rows.index = {0};
      group.rows.weight = {1.0f};
      later.kinds.push_back(group);
      model.users.index();
      const Artefact before = model;
      CHECK(extend(model, IdKind::kUser, {later}).added == 1);
      CHECK(model.find("users.count")->floats()[model.users.find("x")] == 0.0f);
      Behaviour twin;
      REQUIRE(TransformerEncoder(before).encode_user(41, twin));
      REQUIRE(TransformerEncoder(model).encode_user(model.users.find("x"), h));
      for (size_t c = 0; c < h.dense.size(); ++c) CHECK(h.dense[c] == doctest::Approx(twin.dense[c]).epsilon(1e-5));
    }
  }
}

TEST_CASE("the model may be the weights' moving average over the epochs") {
  const Interactions data = ring();
  for (const bool with_users : {false, true}) {
    const std::vector<SideFeatures> sides = with_users ? std::vector{groups(data)} : std::vector<SideFeatures>{};
    SequenceOptions options = small(true);
    SequenceTrainer plain(data, options, 1, sides);
    options.average = 0.75;
    SequenceTrainer averaging(data, options, 1, sides);
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
  }
  SequenceOptions options = small(true);
  options.average = 1.0;
  CHECK_THROWS_WITH_AS(options.check(), doctest::Contains("--ema"), UsageError);
}

}  // namespace rec::sequence_trainer_test
