#include "models/sgd/sequence_batches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/id_table.h"

namespace rec::sequence_batches_test {
namespace {

// A user for each length, with the items 1000·user, 1000·user + 1, ... in this order.
constexpr uint32_t kFar = 1000;

Interactions users_of(const std::vector<uint32_t>& lengths) {
  Interactions data;
  for (uint32_t user = 0; user < lengths.size(); ++user) {
    data.users.intern("u" + std::to_string(user));
    for (uint32_t t = 0; t < lengths[user]; ++t) {
      data.user.push_back(user);
      data.item.push_back(kFar * user + t);
    }
  }
  for (uint32_t item = 0; item < kFar * lengths.size(); ++item) data.items.intern("i" + std::to_string(item));
  return data;
}

// What a sequence reads and what it predicts at which of its tokens.
struct Sequence {
  std::vector<uint32_t> items;
  std::map<size_t, uint32_t> target;
  uint32_t user() const { return target.begin()->second / kFar; }
  friend bool operator==(const Sequence&, const Sequence&) = default;
};

std::vector<Sequence> sequences_of(const SequenceBatches& batches, uint64_t epoch, size_t batch, size_t count = 3) {
  std::vector<Sequence> all;
  ThreadPool thread_pool(2);
  const SequenceBatches::Epoch pass = batches.epoch(epoch);
  for (size_t number = 0; number < pass.batches(); ++number) {
    size_t own = 0;
    const std::vector<MicroBatch> micro_batches = pass.batch(number, count, thread_pool);
    REQUIRE(micro_batches.size() <= count);
    for (const MicroBatch& its : micro_batches) {
      REQUIRE(its.item.size() == its.packed.tokens());
      REQUIRE(its.position.size() == its.target.size());
      REQUIRE(std::is_sorted(its.position.begin(), its.position.end()));
      const size_t last = its.packed.begin[its.packed.sequences() - 1];
      REQUIRE(last * count <= pass.tokens(number));  // no sequence more than it takes
      size_t at = 0;
      for (size_t s = 0; s < its.packed.sequences(); ++s, ++own) {
        Sequence sequence;
        const uint32_t first = its.packed.begin[s];
        const uint32_t end = its.packed.begin[s + 1];
        sequence.items.assign(its.item.begin() + first, its.item.begin() + end);
        for (; at < its.position.size() && its.position[at] < end; ++at)
          sequence.target[its.position[at] - first] = its.target[at];
        REQUIRE(!sequence.target.empty());
        all.push_back(sequence);
      }
      REQUIRE(at == its.position.size());
    }
    REQUIRE((number + 1 < pass.batches() ? own == batch : own <= batch));
  }
  return all;
}

BatchOptions options_of(Windows windows) {
  BatchOptions options;
  options.window = 5;
  options.windows = windows;
  options.batch = 3;
  return options;
}

// Predictions that each item follows its predecessor; REQUIREs it of all.
void require_next_items(const std::vector<Sequence>& all) {
  for (const Sequence& sequence : all) {
    REQUIRE(sequence.target.size() == sequence.items.size());
    for (const auto& [place, target] : sequence.target) REQUIRE(target == sequence.items[place] + 1);
    REQUIRE(sequence.items.size() <= 5);
  }
}

}  // namespace

TEST_CASE("sequence batches: the last window of each sequence, those of one item left out") {
  const Interactions data = users_of({1, 2, 6, 7, 20, 0, 3});
  const SequenceBatches batches(data, options_of(Windows::kLast));
  CHECK(batches.sequences() == 5);
  const std::vector<Sequence> all = sequences_of(batches, 1, 3);
  CHECK(all.size() == 5);
  require_next_items(all);
  std::map<uint32_t, std::pair<size_t, uint32_t>> of;  // length, last target
  for (const Sequence& sequence : all)
    of[sequence.user()] = {sequence.items.size(), sequence.target.rbegin()->second % kFar};
  CHECK(of == decltype(of){{1, {1, 1}}, {2, {5, 5}}, {3, {5, 6}}, {4, {5, 19}}, {6, {2, 2}}});
}

TEST_CASE("sequence batches: all windows predict every item but the first, once") {
  const std::vector<uint32_t> lengths{1, 2, 6, 7, 20, 11, 12, 16};
  const Interactions data = users_of(lengths);
  const std::vector<Sequence> all = sequences_of(SequenceBatches(data, options_of(Windows::kAll)), 1, 3);
  require_next_items(all);
  std::multiset<uint32_t> got;
  std::multiset<uint32_t> want;
  for (const Sequence& sequence : all) {
    for (const auto& [place, target] : sequence.target) got.insert(target);
  }
  for (uint32_t user = 0; user < lengths.size(); ++user) {
    for (uint32_t t = 1; t < lengths[user]; ++t) want.insert(kFar * user + t);
  }
  CHECK(got == want);
}

TEST_CASE("sequence batches: random windows begin anywhere, another place each epoch") {
  const Interactions data = users_of({9, 4});
  const SequenceBatches batches(data, options_of(Windows::kRandom));
  std::set<uint32_t> starts;
  for (uint64_t epoch = 1; epoch <= 60; ++epoch) {
    const std::vector<Sequence> all = sequences_of(batches, epoch, 3);
    REQUIRE(all.size() == 2);
    require_next_items(all);
    for (const Sequence& sequence : all) {
      if (sequence.user() == 0) starts.insert(sequence.items[0]);
      REQUIRE(sequence.items.size() == (sequence.user() == 0 ? 5 : 3));
    }
  }
  CHECK(starts == std::set<uint32_t>{0, 1, 2, 3});
}

TEST_CASE("sequence batches: the same for the same seed and epoch, another order for others") {
  const Interactions data = users_of(std::vector<uint32_t>(30, 8));
  BatchOptions options = options_of(Windows::kRandom);
  options.crop = options.reorder = 0.5;
  options.drop_items = 0.2;
  const SequenceBatches batches(data, options);
  const std::vector<Sequence> all = sequences_of(batches, 4, 3);
  CHECK(all == sequences_of(SequenceBatches(data, options), 4, 3));
  CHECK(all == sequences_of(batches, 4, 3, 1000));  // the number of micro-batches changes nothing
  CHECK(all != sequences_of(batches, 5, 3));
  options.seed = 2;
  CHECK(all != sequences_of(SequenceBatches(data, options), 4, 3));
}

TEST_CASE("sequence batches: crop, reorder and dropped items") {
  const Interactions data = users_of(std::vector<uint32_t>(400, 6));
  BatchOptions options = options_of(Windows::kLast);
  options.crop = 1.0;
  std::map<size_t, int> lengths;
  const std::vector<Sequence> cropped = sequences_of(SequenceBatches(data, options), 1, 3);
  require_next_items(cropped);
  for (const Sequence& sequence : cropped) ++lengths[sequence.items.size()];
  CHECK(lengths.size() == 5);  // inputs of 1 to 5, all alike
  for (const auto& [length, count] : lengths) CHECK((count > 45 && count < 115));

  options.crop = 0.0;
  options.reorder = 1.0;
  int moved = 0;
  for (const Sequence& sequence : sequences_of(SequenceBatches(data, options), 1, 3)) {
    std::vector<uint32_t> items = sequence.items;
    REQUIRE(items.size() == 5);
    items.push_back(sequence.target.at(4));
    for (size_t t = 0; t < 5; ++t) REQUIRE(sequence.target.at(t) == items[t + 1]);
    moved += !std::is_sorted(items.begin(), items.end());
    std::sort(items.begin(), items.end());
    for (uint32_t t = 0; t < 6; ++t) REQUIRE(items[t] == kFar * sequence.user() + t);
  }
  CHECK((moved > 200 && moved < 400));

  options.reorder = 0.0;
  options.drop_items = 0.25;
  int dropped = 0;
  for (const Sequence& sequence : sequences_of(SequenceBatches(data, options), 1, 3)) {
    for (size_t t = 0; t < 5; ++t) {
      REQUIRE(sequence.target.at(t) == kFar * sequence.user() + t + 1);  // targets stay
      if (sequence.items[t] == kNoId)
        ++dropped;
      else
        REQUIRE(sequence.items[t] == kFar * sequence.user() + t);
    }
  }
  CHECK(std::abs(dropped - 500) < 80);  // 4 deviations of 2000 draws
}

TEST_CASE("sequence batches: hidden items are told where they stood, one at least") {
  const Interactions data = users_of({1, 4, 5, 9, 5, 5, 5, 5, 5, 5});
  BatchOptions options = options_of(Windows::kLast);
  options.causal = false;
  const auto mask = static_cast<uint32_t>(data.items.size());
  for (const double share : {0.0, 0.3, 1.0}) {
    options.hidden = share;
    const SequenceBatches batches(data, options);
    CHECK(batches.sequences() == 10);
    size_t hidden = 0;
    size_t tokens = 0;
    for (uint64_t epoch = 1; epoch <= 40; ++epoch) {
      for (const Sequence& sequence : sequences_of(batches, epoch, 3)) {
        tokens += sequence.items.size();
        hidden += sequence.target.size();
        for (size_t t = 0; t < sequence.items.size(); ++t) {
          const auto found = sequence.target.find(t);
          REQUIRE((sequence.items[t] == mask) == (found != sequence.target.end()));
          const uint32_t true_item = found != sequence.target.end() ? found->second : sequence.items[t];
          const uint32_t first = sequence.user() == 3 ? 4 : 0;  // of 9 items the last 5
          REQUIRE(true_item == kFar * sequence.user() + first + t);
        }
      }
    }
    if (share == 0.0) CHECK(hidden == 400);
    if (share == 0.3) CHECK((hidden > 700 && hidden < 1000));  // 1 + 0.3 of the others
    if (share == 1.0) CHECK(hidden == tokens);
  }
}

TEST_CASE("sequence batches: each target has the weight of its row, however sequences are changed") {
  Interactions data = users_of({7, 20, 3, 9});
  for (const uint32_t item : data.item) data.weight.push_back(0.5f + static_cast<float>(item));
  for (const bool causal : {true, false}) {
    BatchOptions options = options_of(Windows::kAll);
    options.causal = causal;
    options.crop = options.reorder = options.drop_items = 0.5;
    const SequenceBatches batches(data, options);
    ThreadPool thread_pool(2);
    for (uint64_t epoch = 1; epoch < 4; ++epoch) {
      const SequenceBatches::Epoch pass = batches.epoch(epoch);
      for (size_t number = 0; number < pass.batches(); ++number) {
        for (const MicroBatch& its : pass.batch(number, 3, thread_pool)) {
          REQUIRE(its.weight.size() == its.target.size());
          for (size_t m = 0; m < its.target.size(); ++m)
            CHECK(its.weight[m] == 0.5f + static_cast<float>(its.target[m]));
        }
      }
    }
  }
}

}  // namespace rec::sequence_batches_test
