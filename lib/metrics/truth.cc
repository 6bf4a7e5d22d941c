#include "metrics/truth.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"

namespace rec {

Truth make_truth(UserItems lists, const TruthOptions& options, const std::string& name) {
  Truth truth;
  truth.item.reserve(lists.size());
  truth.gain.reserve(lists.size());
  if (options.judged) truth.miss_begin.push_back(0);
  std::vector<std::pair<uint32_t, size_t>> sorted;  // item, row
  std::vector<size_t> rows;
  for (size_t user = 0; user < lists.users.size(); ++user) {
    const auto [first, last] = lists.range(static_cast<uint32_t>(user));
    rows.resize(last - first);
    sorted.clear();
    for (size_t row = first; row < last; ++row) sorted.emplace_back(lists.item[row], row);
    std::sort(sorted.begin(), sorted.end());
    for (size_t at = 0; at < rows.size(); ++at) rows[at] = sorted[at].second;
    for (size_t at = 0; at < rows.size(); ++at) {
      if (at > 0 && lists.item[rows[at]] == lists.item[rows[at - 1]]) {
        if (options.repeats == Repeats::kFail) {
          fail("{}: user \"{}\" has item \"{}\" twice; pass --duplicates first to count the first row only", name,
               printable(lists.users[static_cast<uint32_t>(user)]), printable(lists.items[lists.item[rows[at]]]));
        }
        ++truth.repeats;
        continue;
      }
      double value = lists.value.empty() ? 1.0 : static_cast<double>(lists.value[rows[at]]);
      if (options.whole_values && value != std::trunc(value)) {
        value = std::trunc(value);
        ++truth.fractions;
      }
      if (!(value > 0.0) || value < options.min_value) {
        if (!options.judged) continue;
        truth.miss_item.push_back(lists.item[rows[at]]);
        truth.miss_judged.push_back(value < 0.0 ? 0 : 1);
        continue;
      }
      truth.item.push_back(lists.item[rows[at]]);
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
