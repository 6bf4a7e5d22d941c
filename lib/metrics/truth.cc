#include "metrics/truth.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr size_t kUsersPerBlock = 1024;

// The rows of each user by item, those of one item in the order of the input: their numbers from the user's first row
// on.
std::vector<uint32_t> rows_by_item(const UserItems& lists, int threads) {
  std::vector<uint32_t> rows(lists.size());
  const size_t users = lists.users.size();
  parallel_for((users + kUsersPerBlock - 1) / kUsersPerBlock, threads, [&](size_t block, int) {
    for (size_t user = block * kUsersPerBlock; user < std::min(users, (block + 1) * kUsersPerBlock); ++user) {
      const auto [first, last] = lists.range(static_cast<uint32_t>(user));
      const std::span<uint32_t> its(rows.data() + first, last - first);
      std::iota(its.begin(), its.end(), 0U);
      const uint32_t* item = lists.item.data() + first;
      std::sort(its.begin(), its.end(),
                [item](uint32_t a, uint32_t b) { return item[a] != item[b] ? item[a] < item[b] : a < b; });
    }
  });
  return rows;
}

}  // namespace

Truth make_truth(UserItems lists, const TruthOptions& options, const std::string& name, int threads) {
  Truth truth;
  truth.item.reserve(lists.size());
  truth.gain.reserve(lists.size());
  if (options.judged) truth.miss_begin.push_back(0);
  const std::vector<uint32_t> rows = rows_by_item(lists, threads);
  for (size_t user = 0; user < lists.users.size(); ++user) {
    const auto [first, last] = lists.range(static_cast<uint32_t>(user));
    for (size_t at = first; at < last; ++at) {
      const size_t row = first + rows[at];
      const uint32_t item = lists.item[row];
      if (at > first && item == lists.item[first + rows[at - 1]]) {
        if (options.repeats == Repeats::kFail) {
          fail("{}: user \"{}\" has item \"{}\" twice; pass --duplicates first to count the first row only", name,
               printable(lists.users[static_cast<uint32_t>(user)]), printable(lists.items[item]));
        }
        ++truth.repeats;
        continue;
      }
      double value = lists.value.empty() ? 1.0 : static_cast<double>(lists.value[row]);
      if (options.whole_values && value != std::trunc(value)) {
        value = std::trunc(value);
        ++truth.fractions;
      }
      if (!(value > 0.0) || value < options.min_value) {
        if (!options.judged) continue;
        truth.miss_item.push_back(item);
        truth.miss_judged.push_back(value < 0.0 ? 0 : 1);
        continue;
      }
      truth.item.push_back(item);
      truth.gain.push_back(options.binary ? 1.0 : value);
    }
    if (truth.item.size() == truth.begin.back()) ++truth.users_without_relevant;
    truth.begin.push_back(truth.item.size());
    if (options.judged) truth.miss_begin.push_back(truth.miss_item.size());
  }
  truth.ideal = truth.gain;
  for (const double gain : truth.gain) truth.top_gain = std::max(truth.top_gain, gain);
  for (size_t user = 0; user + 1 < truth.begin.size(); ++user) {
    const auto first = truth.ideal.begin() + static_cast<ptrdiff_t>(truth.begin[user]);
    const auto last = truth.ideal.begin() + static_cast<ptrdiff_t>(truth.begin[user + 1]);
    if (!std::is_sorted(first, last, std::greater<>())) std::sort(first, last, std::greater<>());
  }
  truth.users = std::move(lists.users);
  truth.items = std::move(lists.items);
  return truth;
}

}  // namespace rec
