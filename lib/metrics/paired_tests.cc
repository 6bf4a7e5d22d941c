#include "metrics/paired_tests.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "metrics/compensated_sum.h"
#include "metrics/distributions.h"

namespace rec {
namespace {

constexpr size_t kExactWilcoxon = 50;  // so that the counts of all 2^n sign choices are exact
constexpr size_t kPanel = 8;           // columns summed together: a vector of doubles
constexpr size_t kGroup = 8;           // users whose 2^8 sums are tabled
constexpr size_t kGroups = 8;          // tabled at a time, 64 users: one random word
constexpr size_t kDraws = 2048;        // that share the tables

// Twice P(W <= min(w, all ranks - w)) for the signed-rank statistic W, over all 2^n
// choices of signs. ranks: twice the (mean) rank of each difference; rank_sum: of the
// positive ones.
double exact_wilcoxon(std::span<const size_t> ranks, size_t rank_sum) {
  const size_t total = std::accumulate(ranks.begin(), ranks.end(), size_t{0});
  std::vector<double> ways(total + 1, 0.0);
  ways[0] = 1.0;
  size_t reached = 0;
  for (const size_t rank : ranks) {
    reached += rank;
    for (size_t sum = reached; sum >= rank; --sum) ways[sum] += ways[sum - rank];
  }
  const size_t least = std::min(rank_sum, total - rank_sum);
  double below = 0.0;
  for (size_t sum = 0; sum <= least; ++sum) below += ways[sum];
  return std::min(1.0, 2.0 * below / std::ldexp(1.0, static_cast<int>(ranks.size())));
}

// Whether sizes differ by rounding alone. REQUIRES: 0 <= a <= b.
bool equal_sizes(double a, double b) { return b - a <= kEqualDifferences * b; }

// What a sum of these must reach to count as the observed one, for all rounding.
double threshold(std::span<const double> column) {
  CompensatedSum sum;
  double size = 0.0;
  for (const double difference : column) {
    sum.add(difference);
    size += std::fabs(difference);
  }
  return std::fabs(sum.value()) - 1e-12 * size;
}

// Over all sign choices; `column` holds no 0. Its size is small.
double exact_permutation(std::span<const double> column) {
  const double observed = threshold(column);
  const uint64_t choices = uint64_t{1} << column.size();
  uint64_t hits = 0;
  for (uint64_t choice = 0; choice < choices; ++choice) {
    double sum = 0.0;
    for (size_t at = 0; at < column.size(); ++at) sum += (choice >> at & 1) != 0 ? column[at] : -column[at];
    hits += std::fabs(sum) >= observed ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(choices);
}

using PanelRow = std::array<double, kPanel>;

// Sums of ± the rows of kGroup users: bit b of the index is the sign of user b.
void fill_table(const PanelRow* rows, std::array<PanelRow, size_t{1} << kGroup>& table) {
  PanelRow sum{};
  for (size_t user = 0; user < kGroup; ++user) {
    for (size_t column = 0; column < kPanel; ++column) sum[column] -= rows[user][column];
  }
  table[0] = sum;
  for (size_t user = 0; user < kGroup; ++user) {
    const size_t half = size_t{1} << user;
    for (size_t index = 0; index < half; ++index) {
      for (size_t column = 0; column < kPanel; ++column) {
        table[half + index][column] = table[index][column] + 2.0 * rows[user][column];
      }
    }
  }
}

// How many of the draws [first, first + count) reach each threshold of a panel.
// rows: users padded to whole words with 0.
std::array<uint64_t, kPanel> count_draws(std::span<const PanelRow> rows, const PanelRow& thresholds, size_t first,
                                         size_t count, uint64_t seed) {
  std::vector<PanelRow> sums(count, PanelRow{});
  std::vector<std::array<PanelRow, size_t{1} << kGroup>> tables(kGroups);
  constexpr size_t kWord = kGroup * kGroups;
  for (size_t word = 0; word * kWord < rows.size(); ++word) {
    for (size_t group = 0; group < kGroups; ++group) {
      fill_table(rows.data() + word * kWord + group * kGroup, tables[group]);
    }
    for (size_t draw = 0; draw < count; ++draw) {
      const uint64_t signs = Rng(seed, first + draw, word).next();
      PanelRow& sum = sums[draw];
      for (size_t group = 0; group < kGroups; ++group) {
        const PanelRow& part = tables[group][signs >> (group * kGroup) & 0xff];
        for (size_t column = 0; column < kPanel; ++column) sum[column] += part[column];
      }
    }
  }
  std::array<uint64_t, kPanel> hits{};
  for (const PanelRow& sum : sums) {
    for (size_t column = 0; column < kPanel; ++column)
      hits[column] += std::fabs(sum[column]) >= thresholds[column] ? 1 : 0;
  }
  return hits;
}

}  // namespace

double paired_t_p(std::span<const double> differences) {
  CompensatedSum sum;
  size_t count = 0;
  double first = 0.0;
  bool equal = true;
  for (const double difference : differences) {
    if (std::isnan(difference)) continue;
    if (count++ == 0) first = difference;
    equal &= std::fabs(difference - first) <= kEqualDifferences * std::fabs(first);
    sum.add(difference);
  }
  if (count > 0 && equal && first == 0.0) return 1.0;
  if (count < 2) return std::numeric_limits<double>::quiet_NaN();
  if (equal) return 0.0;
  const auto n = static_cast<double>(count);
  const double mean = sum.value() / n;
  CompensatedSum squares;
  for (const double difference : differences) {
    if (!std::isnan(difference)) squares.add((difference - mean) * (difference - mean));
  }
  return student_p_two_sided(mean / std::sqrt(squares.value() / (n - 1.0) / n), n - 1.0);
}

double wilcoxon_p(std::span<const double> differences) {
  std::vector<double> kept;
  for (const double difference : differences) {
    if (difference != 0.0 && !std::isnan(difference)) kept.push_back(difference);
  }
  if (kept.empty()) return 1.0;
  std::sort(kept.begin(), kept.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  const auto n = static_cast<double>(kept.size());
  std::vector<size_t> ranks;  // twice those of kept
  double rank_sum = 0.0;      // of the positive ones
  double ties = 0.0;          // Σ t³ - t over groups of t equal sizes
  for (size_t begin = 0; begin < kept.size();) {
    size_t end = begin;
    double positive = 0.0;
    for (; end < kept.size() && equal_sizes(std::fabs(kept[begin]), std::fabs(kept[end])); ++end)
      positive += kept[end] > 0.0 ? 1.0 : 0.0;
    rank_sum += positive * static_cast<double>(begin + end + 1) / 2.0;
    ranks.insert(ranks.end(), end - begin, begin + end + 1);
    const auto size = static_cast<double>(end - begin);
    ties += size * size * size - size;
    begin = end;
  }
  if (kept.size() <= kExactWilcoxon) return exact_wilcoxon(ranks, static_cast<size_t>(2.0 * rank_sum));
  const double variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
  return normal_p_two_sided((rank_sum - n * (n + 1.0) / 4.0) / std::sqrt(variance));
}

std::vector<double> permutation_p(std::span<const double> differences, size_t columns, uint32_t permutations,
                                  uint64_t seed, int threads) {
  const size_t users = differences.size() / columns;
  constexpr size_t kWord = kGroup * kGroups;
  const size_t padded = (users + kWord - 1) / kWord * kWord;
  std::vector<double> p(columns);
  std::vector<size_t> drawn;  // columns with too many sign choices to take them all
  for (size_t column = 0; column < columns; ++column) {
    std::vector<double> kept;
    for (size_t user = 0; user < users; ++user) {
      const double difference = differences[user * columns + column];
      if (difference != 0.0 && !std::isnan(difference)) kept.push_back(difference);
    }
    if (kept.size() < 32 && (uint64_t{1} << kept.size()) <= permutations) {
      p[column] = exact_permutation(kept);
    } else {
      drawn.push_back(column);
    }
  }
  for (size_t begin = 0; begin < drawn.size(); begin += kPanel) {
    const std::span<const size_t> panel(drawn.data() + begin, std::min(kPanel, drawn.size() - begin));
    std::vector<PanelRow> rows(padded, PanelRow{});
    PanelRow thresholds{};
    std::vector<double> column(users);
    for (size_t at = 0; at < panel.size(); ++at) {
      for (size_t user = 0; user < users; ++user) {
        const double difference = differences[user * columns + panel[at]];
        column[user] = rows[user][at] = std::isnan(difference) ? 0.0 : difference;
      }
      thresholds[at] = threshold(column);
    }
    const size_t blocks = (size_t{permutations} + kDraws - 1) / kDraws;
    std::vector<std::array<uint64_t, kPanel>> hits(blocks);
    parallel_for(blocks, threads, [&](size_t block, int) {
      const size_t first = block * kDraws;
      hits[block] = count_draws(rows, thresholds, first, std::min(kDraws, permutations - first), seed);
    });
    for (size_t at = 0; at < panel.size(); ++at) {
      uint64_t sum = 1;  // the observed signs are a draw like any other
      for (const auto& block : hits) sum += block[at];
      p[panel[at]] = static_cast<double>(sum) / (static_cast<double>(permutations) + 1.0);
    }
  }
  return p;
}

}  // namespace rec
