#include "models/sgd/sequence_batches.h"

#include "models/sgd/run_size.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "data/id_table.h"
#include "models/sgd/learning_options.h"

namespace rec {
namespace {

// Streams of random numbers beside each other.
enum Stream : uint64_t { kOrder = 1, kStart = 2, kChange = 3 };

Rng rng_of(uint64_t seed, Stream stream, uint64_t epoch, uint64_t which) {
  return Rng(seed, 8 * epoch + stream, which);
}

template <class Row>
void shuffle(Row* row, size_t n, Rng& rng) {
  for (size_t i = n; i > 1; --i) std::swap(row[i - 1], row[rng.below(i)]);
}

}  // namespace

void BatchOptions::describe(OptionTable& table) {
  const OptionTable::Section section(table, "Training");
  table.add("--batch", batch, "N", "Sequences in a mini-batch")
      .at_least(1)
      .none(0)
      .default_text(fmt::format("by size, users / 64, {} to 256", least_batch));
  table.choice("--windows", windows, kWindows,
               "What an epoch takes of a sequence longer than --max-len: the last items, a window drawn in each epoch, "
               "or all, in windows");
  table.add("--crop", crop, "P", "Probability that a sequence is cut to a random part of it").range(0, 1);
  table.add("--reorder", reorder, "P", "Probability that a random part of a sequence is shuffled").range(0, 1);
  table.add("--drop-items", drop_items, "P", "Probability that an item of the input is replaced by a zero vector")
      .at_least(0)
      .below(1);
}

void BatchOptions::resolve(size_t users) {
  if (batch == 0) batch = batch_by_size(users, 64, least_batch, 256);
}

SequenceBatches::SequenceBatches(const Interactions& data, const BatchOptions& options)
    : options_(options), items_(static_cast<uint32_t>(data.items.size())) {
  const Sequences order = by_time(data);
  begin_ = order.begin;
  item_.resize(order.row.size());
  for (size_t at = 0; at < item_.size(); ++at) item_[at] = data.item[order.row[at]];
  weight_.resize(data.weight.size());
  for (size_t at = 0; at < weight_.size(); ++at) weight_[at] = data.weight[order.row[at]];
  for (size_t user = 0; user + 1 < begin_.size(); ++user)
    users_ += begin_[user + 1] - begin_[user] >= (options.causal ? 2 : 1);
}

SequenceBatches::Epoch SequenceBatches::epoch(uint64_t number) const {
  Epoch epoch;
  epoch.all_ = this;
  epoch.number_ = number;
  const size_t extra = options_.causal ? 1 : 0;  // the last item is a target alone
  const size_t most = static_cast<size_t>(options_.window) + extra;
  for (uint32_t user = 0; user + 1 < begin_.size(); ++user) {
    const uint64_t first = begin_[user];
    uint64_t last = begin_[user + 1];
    if (last - first < 1 + extra) continue;
    if (options_.windows == Windows::kRandom && last - first > most) {
      const uint64_t starts = last - first - most + 1;
      const uint64_t start = first + rng_of(options_.seed, kStart, number, user).below(starts);
      epoch.windows_.push_back({user, start, start + most});
      continue;
    }
    do {
      epoch.windows_.push_back({user, last - std::min<uint64_t>(most, last - first), last});
      last = epoch.windows_.back().begin + extra;  // what one window reads first, another predicts
    } while (options_.windows == Windows::kAll && last - first >= 1 + extra);
  }
  Rng rng = rng_of(options_.seed, kOrder, number, 0);
  shuffle(epoch.windows_.data(), epoch.windows_.size(), rng);
  return epoch;
}

size_t SequenceBatches::Epoch::batches() const {
  const auto size = static_cast<size_t>(all_->options_.batch);
  return (windows_.size() + size - 1) / size;
}

std::span<const SequenceBatches::Epoch::Window> SequenceBatches::Epoch::windows(size_t number) const {
  const auto size = static_cast<size_t>(all_->options_.batch);
  return std::span(windows_).subspan(number * size, std::min(size, windows_.size() - number * size));
}

size_t SequenceBatches::Epoch::tokens(size_t number) const {
  size_t sum = 0;
  for (const Window& window : windows(number)) sum += window.items();
  return sum;
}

std::vector<MicroBatch> SequenceBatches::Epoch::batch(size_t number, size_t count, ThreadPool& thread_pool) const {
  const std::span<const Window> its = windows(number);
  std::vector<uint32_t> longest_first(its.size());
  std::iota(longest_first.begin(), longest_first.end(), 0);
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [its](uint32_t a, uint32_t b) { return its[a].items() > its[b].items(); });
  std::vector<MicroBatch> micro_batches(std::min(count, its.size()));
  std::vector<uint64_t> items(micro_batches.size());
  std::vector<std::vector<uint32_t>> windows_of(micro_batches.size());
  for (const uint32_t window : longest_first) {
    const auto least = std::min_element(items.begin(), items.end());
    *least += its[window].items();
    windows_of[static_cast<size_t>(least - items.begin())].push_back(window);
  }
  thread_pool.run(micro_batches.size(), [&](size_t at, int) {
    for (const uint32_t window : windows_of[at]) all_->add(its[window], number_, micro_batches[at]);
  });
  return micro_batches;
}

void SequenceBatches::add(const Epoch::Window& window, uint64_t epoch, MicroBatch& to) const {
  Rng rng = rng_of(options_.seed, kChange, epoch, window.begin);
  // Rows, of which a change takes some or moves them.
  std::vector<uint64_t> rows(window.end - window.begin);
  std::iota(rows.begin(), rows.end(), window.begin);
  const size_t least = options_.causal ? 2 : 1;
  if (options_.crop > 0 && rng.uniform() < options_.crop) {
    const size_t length = least + rng.below(rows.size() - least + 1);
    const size_t first = rng.below(rows.size() - length + 1);
    rows = {rows.begin() + static_cast<std::ptrdiff_t>(first),
            rows.begin() + static_cast<std::ptrdiff_t>(first + length)};
  }
  if (options_.reorder > 0 && rng.uniform() < options_.reorder) {
    const size_t length = 1 + rng.below(rows.size());
    shuffle(rows.data() + rng.below(rows.size() - length + 1), length, rng);
  }
  std::vector<uint32_t> items;
  for (const uint64_t row : rows) items.push_back(item_[row]);
  const auto base = static_cast<uint32_t>(to.packed.tokens());
  const auto predict = [&](size_t t, size_t target) {
    to.position.push_back(base + static_cast<uint32_t>(t));
    to.target.push_back(items[target]);
    if (!weight_.empty()) to.weight.push_back(weight_[rows[target]]);
  };
  if (options_.causal) {
    for (size_t t = 0; t + 1 < items.size(); ++t) predict(t, t + 1);
    items.pop_back();
  } else {
    const size_t certain = rng.below(items.size());  // at least one
    for (size_t t = 0; t < items.size(); ++t) {
      if (rng.uniform() >= options_.hidden && t != certain) continue;
      predict(t, t);
      items[t] = items_;
    }
  }
  if (options_.drop_items > 0) {
    for (uint32_t& item : items) {
      if (item != items_ && rng.uniform() < options_.drop_items) item = kNoId;
    }
  }
  to.item.insert(to.item.end(), items.begin(), items.end());
  to.packed.begin.push_back(base + static_cast<uint32_t>(items.size()));
  to.user.push_back(window.user);
}

}  // namespace rec
