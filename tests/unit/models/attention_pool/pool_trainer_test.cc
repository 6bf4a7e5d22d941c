#include "models/attention_pool/pool_trainer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "models/attention_pool/pool_encoder.h"
#include "small_data.h"
#include "unit/models/attention_pool/plain_pool.h"

namespace rec::pool_trainer_test {

namespace {

// Users walk on a ring of 8 items, one forward at a time.
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

PoolOptions small() {
  PoolOptions options;
  options.shape.dim = options.shape.units = 12;
  options.shape.window = 8;
  options.shape.decay = true;
  options.shape.tied = false;
  options.dropout = 0.1;
  options.batches.batch = 16;
  options.schedule.rate = 2e-2;
  options.negatives = 6;
  return options;
}

// Which half of the ring an item is in.
std::vector<SideFeatures> halves(const Interactions& data) {
  SideFeatures side;
  for (const char* name : {"half=0", "half=1"}) side.map.names.intern(name);
  side.map.names.index();
  side.map.columns.assign(2, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0};
  for (uint32_t item = 0; item < data.items.size(); ++item) {
    side.rows.index.push_back(item / 4 % 2);
    side.rows.weight.push_back(1.0f);
    side.rows.begin.push_back(side.rows.index.size());
  }
  return {side};
}

// Users by the group that their id's last digit says.
SideFeatures groups(const Interactions& data) {
  SideFeatures side;
  side.of = IdKind::kUser;
  for (const char* name : {"group=0", "group=1"}) side.map.names.intern(name);
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

std::vector<float> values_of(const Artefact& artefact) {
  std::vector<float> all;
  for (const Artefact::Tensor& tensor : artefact.tensors())
    all.insert(all.end(), tensor.floats(), tensor.floats() + tensor.rows() * tensor.cols());
  return all;
}

// The item with the greatest h·x but for those seen.
uint32_t best_of(const Artefact& model, const std::vector<uint32_t>& seen) {
  const PoolEncoder encoder(model);
  const ConstMatrixView items = model.find("items.factors")->view();
  Behaviour h;
  REQUIRE(encoder.encode_history({seen, {}}, h));
  uint32_t best = 0;
  double greatest = -1e30;
  for (uint32_t item = 0; item < items.rows; ++item) {
    if (std::find(seen.begin(), seen.end(), item) != seen.end()) continue;
    double score = 0.0;
    for (size_t f = 0; f < items.cols; ++f)
      score += static_cast<double>(h.dense[f]) * static_cast<double>(items(item, f));
    if (score > greatest) greatest = score, best = item;
  }
  return best;
}

}  // namespace

TEST_CASE("pool: every loss learns what comes next, and the decay that it takes") {
  const Interactions data = ring();
  for (const SequenceLoss loss :
       {SequenceLoss::kSoftmax, SequenceLoss::kSampledSoftmax, SequenceLoss::kBce, SequenceLoss::kGbce}) {
    CAPTURE(std::string(name_in(kSequenceLosses, loss)));
    PoolOptions options = small();
    options.loss = loss;
    PoolTrainer trainer(data, options, 2);
    trainer.epoch();
    const double first = trainer.objective();
    for (int epoch = 1; epoch < 150; ++epoch) trainer.epoch();
    CHECK(trainer.objective() < 0.7 * first);
    const Artefact model = trainer.artefact();
    CHECK(model.find(kPoolDecay)->floats()[0] > 0.5f);  // where it began: the last item alone says what is next
    int hits = 0;
    for (uint32_t start = 0; start < 8; ++start)
      hits += best_of(model, {start, (start + 1) % 8, (start + 2) % 8}) == (start + 3) % 8;
    CHECK(hits == 8);
  }
}

TEST_CASE("pool: with the candidate as query, every loss learns what comes next, by shares that tell it") {
  const Interactions data = ring();
  for (const SequenceLoss loss : {SequenceLoss::kSampledSoftmax, SequenceLoss::kBce, SequenceLoss::kGbce}) {
    CAPTURE(std::string(name_in(kSequenceLosses, loss)));
    PoolOptions options = small();
    options.loss = loss;
    options.shape.candidate = true;
    PoolTrainer trainer(data, options, 2);
    trainer.epoch();
    const double first = trainer.objective();
    for (int epoch = 1; epoch < 150; ++epoch) trainer.epoch();
    CHECK(trainer.objective() < 0.7 * first);
    const Artefact model = trainer.artefact();
    const std::vector<float> values = read_pool_parameters(options.shape, model);
    const test::PlainPool plain(options.shape, {values.begin(), values.end()});
    const auto row_of = [&](const char* name, uint32_t item) {
      const float* row = model.find(name)->view().row(item);
      return std::vector<double>(row, row + options.shape.dim);
    };
    int hits = 0;
    for (uint32_t start = 0; start < 8; ++start) {
      test::PlainPool::Rows y;
      for (uint32_t t = 0; t < 3; ++t) y.push_back(row_of("items.source", (start + t) % 8));
      uint32_t best = 0;
      for (uint32_t item = 1; item < 8; ++item) {
        if (plain.f(row_of("items.factors", item), y) > plain.f(row_of("items.factors", best), y)) best = item;
      }
      hits += best == (start + 3) % 8;
    }
    CHECK(hits == 8);
  }
}

TEST_CASE("pool: left out, an item is told by all others, whatever their order") {
  const Interactions data = checkerboard();
  PoolOptions options = small();
  options.sight = PoolSight::kOthers;
  options.shape.decay = false;
  options.shape.window = 20;
  for (const bool tied : {false, true}) {
    options.shape.tied = tied;
    PoolTrainer trainer(data, options, 2);
    for (int epoch = 0; epoch < 40; ++epoch) trainer.epoch();
    const Artefact model = trainer.artefact();
    CHECK((model.find("items.source") == nullptr) == tied);
    for (uint32_t item : {0u, 7u, 12u}) {
      std::vector<uint32_t> seen;
      for (uint32_t other = 0; other < 20; ++other) {
        if (other != item && (model.items[other].back() - model.items[item].back()) % 2 == 0) seen.push_back(other);
      }
      CHECK(best_of(model, seen) == item);
      std::reverse(seen.begin(), seen.end());
      CHECK(best_of(model, seen) == item);
    }
  }
}

TEST_CASE("pool: the same bits for every number of threads, and after a restart") {
  const Interactions data = ring();
  for (const int kind : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
    const bool next = kind % 2 == 0;
    std::vector<SideFeatures> sides = kind / 4 == 1 || kind > 9 ? halves(data) : std::vector<SideFeatures>{};
    if (kind > 7) sides.push_back(groups(data));
    PoolOptions options = small();
    options.shape.candidate = kind % 4 > 1 && kind < 8;
    options.loss = next ? SequenceLoss::kSampledSoftmax : SequenceLoss::kGbce;
    options.sight = next ? PoolSight::kBefore : PoolSight::kOthers;
    options.shape.tied = !next;
    options.shape.decay = next;
    options.schedule.kind = ScheduleKind::kCosine;
    options.epochs = 6;
    options.clip = 0.5;
    options.batches.crop = 0.3;
    options.batches.drop_items = next ? 0.1 : 0.0;
    options.batches.windows = Windows::kRandom;
    options.shape.window = 4;
    PoolTrainer one(data, options, 1, sides);
    PoolTrainer three(data, options, 3, sides);
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), three.epoch();
    PoolTrainer resumed(data, options, 2, sides);
    resumed.restore(three.state());
    for (int epoch = 0; epoch < 3; ++epoch) one.epoch(), resumed.epoch();
    CHECK(values_of(one.state()) == values_of(resumed.state()));
    CHECK(one.objective() == resumed.objective());
  }
}

TEST_CASE("pool: the encoder reads the last items of the window as the plain model does") {
  const Interactions data = ring();
  PoolOptions options = small();
  options.shape.window = 4;
  PoolTrainer trainer(data, options, 1);
  for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
  const Artefact model = trainer.artefact();
  const std::vector<float> values = read_pool_parameters(options.shape, model);
  const test::PlainPool plain(options.shape, {values.begin(), values.end()});
  const ConstMatrixView source = model.find("items.source")->view();
  const std::vector<uint32_t> seen{5, 1, 2, 2, 7, 3};
  test::PlainPool::Rows y;
  for (const uint32_t item : {2u, 2u, 7u, 3u}) y.emplace_back(source.row(item), source.row(item) + source.cols);
  const std::vector<double> expected = plain.h(y);
  const PoolEncoder encoder(model);
  Behaviour h;
  REQUIRE(encoder.encode_history({seen, {}}, h));
  REQUIRE(h.dense.size() == expected.size());
  for (size_t f = 0; f < expected.size(); ++f) CHECK(std::abs(static_cast<double>(h.dense[f]) - expected[f]) < 1e-6);
  CHECK_FALSE(encoder.encode_history({{}, {}}, h));
}

TEST_CASE("pool: features of users rank without a history, and are added to it") {
  // Users of odd ids have items e to h, others a to d.
  Interactions data;
  for (char item = 'a'; item < 'i'; ++item) data.items.intern(std::string(1, item));
  for (uint32_t user = 0; user < 40; ++user) {
    data.users.intern("u" + std::to_string(100 + user));
    for (uint32_t t = 0; t < 3; ++t) {
      data.user.push_back(user);
      data.item.push_back(user % 2 * 4 + (user / 2 + 3 * t) % 4);
    }
  }
  data.users.intern("v0");
  data.users.intern("v1");
  for (const PoolSight sight : {PoolSight::kBefore, PoolSight::kOthers}) {
    PoolOptions options = small();
    options.sight = sight;
    options.shape.decay = sight == PoolSight::kBefore;
    PoolTrainer trainer(data, options, 2, {groups(data)});
    for (int epoch = 0; epoch < 60; ++epoch) trainer.epoch();
    const Artefact model = trainer.artefact();
    const ConstMatrixView items = model.find("items.factors")->view();
    const PoolEncoder encoder(model);
    Behaviour h;
    const auto score = [&](uint32_t item) {
      double sum = 0.0;
      for (size_t f = 0; f < items.cols; ++f)
        sum += static_cast<double>(h.dense[f]) * static_cast<double>(items(item, f));
      return sum;
    };
    for (const uint32_t user : {40u, 41u, 2u}) {
      REQUIRE(encoder.encode_user(user, h));
      for (uint32_t item = 0; item < 4; ++item) CHECK((score(item) > score(item + 4)) == (user % 2 == 0));
    }
    const uint32_t seen[] = {1, 5};
    Behaviour nobody, described;
    REQUIRE(encoder.encode_history({.item = seen, .value = {}}, nobody));
    REQUIRE(encoder.encode_history({.item = seen, .value = {}, .described = 41}, described));
    REQUIRE(encoder.encode_user(41, h));
    const float* start = model.find("new.users.factors")->floats();
    for (size_t f = 0; f < items.cols; ++f)
      CHECK(described.dense[f] - nobody.dense[f] == doctest::Approx(h.dense[f] - start[f]).epsilon(1e-3));
  }
}

TEST_CASE("pool: nothing to learn from") {
  RowsBuilder rows;
  rows.add("u", "a");
  rows.add("v", "b");
  PoolOptions options = small();
  options.sight = PoolSight::kOthers;
  CHECK_THROWS_WITH_AS(PoolTrainer(rows.build(), options, 1), "no user has two items: there is nothing to learn from",
                       Error);
}

}  // namespace rec::pool_trainer_test
