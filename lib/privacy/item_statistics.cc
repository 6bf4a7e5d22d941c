#include "privacy/item_statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr const char* kItemUsers = "items.users";
constexpr const char* kPairs = "pairs";
constexpr const char* kTriangle = "triangle";
constexpr const char* kBits = "statistics-bits";
constexpr const char* kUsers = "statistics-users";
constexpr const char* kReleases = "dp-releases";
constexpr size_t kRowsPerTask = 16;

size_t triangle_size(size_t items) { return items * (items + 1) / 2; }
// Where row `item` begins.
size_t triangle_row(size_t items, size_t item) { return item * (2 * items - item + 1) / 2; }

std::string exponent_text(double exponent) { return fmt::format("{}", exponent); }

void check_alike(const ItemStatistics& sum, const ItemStatistics& part, const std::string& sum_name,
                 const std::string& part_name) {
  const auto differ = [&](const std::string& what, const std::string& here, const std::string& there) {
    fail_unlike(sum_name, part_name, what, here, there);
  };
  const auto either = [](bool yes, const char* a, const char* b) { return std::string(yes ? a : b); };
  check_alike_in_noise(sum.is_noisy(), part.is_noisy(), sum_name, part_name);
  if (part.user_exponent != sum.user_exponent)
    differ("user-exponent", exponent_text(part.user_exponent), exponent_text(sum.user_exponent));
  if (part.max_per_user.has_value() != sum.max_per_user.has_value()) {
    differ("its items are", either(part.max_per_user.has_value(), "a list (--items)", "those of the rows"),
           either(sum.max_per_user.has_value(), "a list (--items)", "those of the rows"));
  }
  if (part.max_per_user != sum.max_per_user)
    differ("max-per-user", std::to_string(*part.max_per_user), std::to_string(*sum.max_per_user));
  check_alike_in_hashes(sum.hashes, part.hashes, sum_name, part_name);
  for (const auto& [key, value] : part.noise) {
    const auto other = sum.noise.find(key);
    if (other == sum.noise.end() || other->second != value)
      differ(key, value, other == sum.noise.end() ? "none" : other->second);
  }
  if (part.noise.size() != sum.noise.size() || part.bits != sum.bits)
    fail("{}: other noise than {}: all parts need the same options", part_name, sum_name);
  if (part.max_per_user && !same_ids(part.items, sum.items))
    fail("{}: other items than {}: parts with --items need the same list", part_name, sum_name);
}

// The union of two ascending tables, and the number in it of each id of both.
struct Union {
  IdTable items;
  std::vector<uint32_t> of_first;
  std::vector<uint32_t> of_second;
};

Union unite(const IdTable& a, const IdTable& b) {
  Union all;
  std::string bytes;
  std::vector<uint64_t> offsets{0};
  for (uint32_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const auto number = static_cast<uint32_t>(offsets.size() - 1);
    const bool from_a = i < a.size() && (j == b.size() || a[i] <= b[j]);
    const bool from_b = j < b.size() && (i == a.size() || b[j] <= a[i]);
    bytes += from_a ? a[i] : b[j];
    offsets.push_back(bytes.size());
    if (from_a) {
      all.of_first.push_back(number);
      ++i;
    }
    if (from_b) {
      all.of_second.push_back(number);
      ++j;
    }
  }
  all.items = IdTable(std::move(bytes), std::move(offsets));
  return all;
}

std::vector<ItemStatistics::Pair> add_pairs(const std::vector<ItemStatistics::Pair>& a,
                                            const std::vector<ItemStatistics::Pair>& b, const Union& numbers,
                                            const std::string& name) {
  const auto key = [](const ItemStatistics::Pair& pair) { return std::pair(pair.first, pair.second); };
  std::vector<ItemStatistics::Pair> sum;
  sum.reserve(std::max(a.size(), b.size()));
  size_t i = 0;
  size_t j = 0;
  const auto first = [&] {
    return ItemStatistics::Pair{numbers.of_first[a[i].first], numbers.of_first[a[i].second], a[i].sum};
  };
  const auto second = [&] {
    return ItemStatistics::Pair{numbers.of_second[b[j].first], numbers.of_second[b[j].second], b[j].sum};
  };
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && key(first()) < key(second()))) {
      sum.push_back(first());
      ++i;
    } else if (i == a.size() || key(second()) < key(first())) {
      sum.push_back(second());
      ++j;
    } else {
      sum.push_back(first());
      add_checked(sum.back().sum, b[j].sum, name);
      ++i;
      ++j;
    }
  }
  return sum;
}

float in_units(int64_t steps, int bits) { return static_cast<float>(std::ldexp(static_cast<double>(steps), -bits)); }

void read_pairs(const Artefact& artefact, const std::string& name, ItemStatistics& out) {
  const Artefact::Tensor& tensor = whole_numbers(artefact, kPairs, name);
  if (tensor.cols() != 3) fail("{}: tensor \"{}\" has {} columns, expected 3", name, kPairs, tensor.cols());
  const auto items = static_cast<int64_t>(out.items.size());
  const auto* value = tensor.values<int64_t>();
  out.pairs.reserve(tensor.rows());
  for (uint64_t row = 0; row < tensor.rows(); ++row, value += 3) {
    const bool valid = value[0] >= 0 && value[0] <= value[1] && value[1] < items && value[2] > 0;
    const ItemStatistics::Pair pair{valid ? static_cast<uint32_t>(value[0]) : 0,
                                    valid ? static_cast<uint32_t>(value[1]) : 0, value[2]};
    if (!valid ||
        (row > 0 && std::tie(out.pairs.back().first, out.pairs.back().second) >= std::tie(pair.first, pair.second)))
      fail("{}: tensor \"{}\": row {}: expected ascending pairs of item numbers, and a sum above 0", name, kPairs, row);
    out.pairs.push_back(pair);
  }
}

}  // namespace

double ItemStatistics::noise_deviation() const {
  if (!is_noisy()) return 0.0;
  const auto multiplier = noise.find("dp-noise-multiplier");
  const auto number = multiplier == noise.end() ? std::nullopt : parse_number<double>(multiplier->second);
  return number.value_or(0.0) * std::sqrt(static_cast<double>(releases));
}

double ItemStatistics::noise_norm() const {
  return std::sqrt(2.0) * noise_deviation() * std::sqrt(static_cast<double>(items.size()));
}

int64_t user_share(size_t n, double user_exponent) {
  assert(n > 0 && user_exponent >= 0.0 && user_exponent <= kMaxStatisticsExponent);
  if (user_exponent == 0.0) return 1;
  constexpr int64_t kOne = int64_t{1} << kShareBits;
  if (user_exponent == 0.5) return kOne / static_cast<int64_t>(n);  // no library of mathematics decides
  return static_cast<int64_t>(std::ldexp(std::pow(static_cast<double>(n), -2.0 * user_exponent), kShareBits));
}

ItemStatistics item_statistics(const Csr& by_user, const IdTable& items, double user_exponent, int threads) {
  ItemStatistics out;
  out.items = items;
  out.user_exponent = user_exponent;
  out.bits = user_exponent == 0.0 ? 0 : kShareBits;
  out.item_users = count_sums(by_user, items.size());
  std::vector<int64_t> share(by_user.rows(), 0);
  for (size_t user = 0; user < share.size(); ++user) {
    const size_t n = by_user.row_size(user);
    if (n == 0) continue;
    share[user] = user_share(n, user_exponent);
    ++out.users;
  }
  if (out.bits > 0 && out.users >= int64_t{1} << (63 - kShareBits))
    fail("{} users: the sums are beyond 64 bits", out.users);
  const Csr by_item = transpose(by_user, items.size());
  struct Scratch {
    std::vector<int64_t> sums;      // I, all 0 between rows
    std::vector<uint32_t> touched;  // columns of the row
  };
  std::vector<Scratch> scratch(static_cast<size_t>(threads));
  std::vector<std::vector<ItemStatistics::Pair>> tasks((items.size() + kRowsPerTask - 1) / kRowsPerTask);
  parallel_for(tasks.size(), threads, [&](size_t task, int worker) {
    Scratch& own = scratch[static_cast<size_t>(worker)];
    own.sums.resize(items.size(), 0);
    const size_t last = std::min(items.size(), (task + 1) * kRowsPerTask);
    for (size_t item = task * kRowsPerTask; item < last; ++item) {
      own.touched.clear();
      for (uint64_t at = by_item.begin[item]; at < by_item.begin[item + 1]; ++at) {
        const uint32_t user = by_item.index[at];
        if (share[user] == 0) continue;
        const auto first = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[user]);
        const auto end = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[user + 1]);
        for (auto other = std::lower_bound(first, end, static_cast<uint32_t>(item)); other != end; ++other) {
          if (own.sums[*other] == 0) own.touched.push_back(*other);
          own.sums[*other] += share[user];
        }
      }
      std::sort(own.touched.begin(), own.touched.end());
      for (const uint32_t other : own.touched) {
        tasks[task].push_back({static_cast<uint32_t>(item), other, own.sums[other]});
        own.sums[other] = 0;
      }
    }
  });
  size_t count = 0;
  for (const auto& pairs : tasks) count += pairs.size();
  out.pairs.reserve(count);
  for (auto& pairs : tasks) {
    out.pairs.insert(out.pairs.end(), pairs.begin(), pairs.end());
    pairs = {};
  }
  return out;
}

uint64_t statistics_memory(const Csr& by_user, size_t items) {
  uint64_t pairs = 0;
  for (size_t user = 0; user < by_user.rows(); ++user)
    pairs += uint64_t{by_user.row_size(user)} * (by_user.row_size(user) + 1) / 2;
  pairs = std::min<uint64_t>(pairs, triangle_size(items));
  // Twice while they are put in one list, then with three numbers of the file each.
  return pairs * (sizeof(ItemStatistics::Pair) + 3 * sizeof(int64_t));
}

void add_statistics(ItemStatistics& sum, ItemStatistics part, const std::string& sum_name,
                    const std::string& part_name) {
  if (sum.items.size() == 0) {
    sum = std::move(part);
    return;
  }
  check_alike(sum, part, sum_name, part_name);
  if (sum.is_noisy()) {
    sum.releases += part.releases;
    add_checked(sum.triangle, part.triangle, part_name);
    return;
  }
  add_hashes(sum.hashes, part.hashes, part_name);
  add_checked(sum.users, part.users, part_name);
  Union all = unite(sum.items, part.items);
  sum.pairs = add_pairs(sum.pairs, part.pairs, all, part_name);
  std::vector<int64_t> users(all.items.size(), 0);
  for (size_t item = 0; item < sum.item_users.size(); ++item) users[all.of_first[item]] = sum.item_users[item];
  for (size_t item = 0; item < part.item_users.size(); ++item)
    add_checked(users[all.of_second[item]], part.item_users[item], part_name);
  sum.item_users = std::move(users);
  sum.items = std::move(all.items);
}

GramNoise noise_of_sums(double multiplier, size_t most_items) {
  double sensitivity = 1.0;
  for (;;) {
    const GramNoise noise(multiplier, sensitivity);
    const double needed = 1.0 + std::ldexp(static_cast<double>(most_items), -noise.grid.bits);
    if (needed <= sensitivity) return noise;
    sensitivity = needed;  // a wider noise has a coarser grid, if any
  }
}

std::string sums_mechanism(const GramNoise& noise) {
  return fmt::format("the Gramian of rows of unit norm, sensitivity {:.4f}", noise.sensitivity);
}

std::vector<int64_t> rounded_row(const ItemStatistics& exact, size_t item, int bits) {
  std::vector<int64_t> row(exact.items.size() - item, 0);
  const ItemStatistics::Pair from{static_cast<uint32_t>(item), 0, 0};
  auto pair = std::lower_bound(exact.pairs.begin(), exact.pairs.end(), from,
                               [](const auto& a, const auto& b) { return a.first < b.first; });
  // Of sums at or above 0 a shift rounds down.
  for (; pair != exact.pairs.end() && pair->first == item; ++pair)
    row[pair->second - item] = pair->sum >> (exact.bits - bits);
  return row;
}

ItemStatistics with_noise(const ItemStatistics& exact, const GramNoise& noise, std::optional<uint64_t> seed,
                          std::map<std::string, std::string> meta, int threads) {
  assert(!exact.is_noisy() && exact.user_exponent == 0.5 && exact.max_per_user && noise.grid.bits <= exact.bits);
  ItemStatistics out;
  out.items = exact.items;
  out.user_exponent = exact.user_exponent;
  out.max_per_user = exact.max_per_user;
  out.bits = noise.grid.bits;
  out.noise = std::move(meta);
  out.releases = 1;
  const size_t items = out.items.size();
  out.triangle.resize(triangle_size(items));
  std::vector<RandomBits> bits(static_cast<size_t>(threads));
  parallel_for(items, threads, [&](size_t item, int worker) {
    const std::vector<int64_t> exact_row = rounded_row(exact, item, noise.grid.bits);
    const std::span<int64_t> row = std::span(out.triangle).subspan(triangle_row(items, item), exact_row.size());
    std::copy(exact_row.begin(), exact_row.end(), row.begin());
    noise.add_to(row, seed, item, bits[static_cast<size_t>(worker)]);
  });
  return out;
}

Artefact to_artefact(const ItemStatistics& statistics) {
  Artefact artefact;
  artefact.items = statistics.items;
  artefact.meta[kStatistics] = "items";
  artefact.meta["user-exponent"] = exponent_text(statistics.user_exponent);
  artefact.meta[kBits] = std::to_string(statistics.bits);
  if (statistics.max_per_user) artefact.meta["max-per-user"] = std::to_string(*statistics.max_per_user);
  if (statistics.is_noisy()) {
    artefact.meta.insert(statistics.noise.begin(), statistics.noise.end());
    artefact.meta[kReleases] = std::to_string(statistics.releases);
    add_whole_numbers(artefact, kTriangle, {statistics.triangle.size()}, statistics.triangle);
    return artefact;
  }
  artefact.meta[kUsers] = std::to_string(statistics.users);
  add_whole_numbers(artefact, kItemUsers, {statistics.item_users.size()}, statistics.item_users);
  auto* to = static_cast<int64_t*>(artefact.add_empty(kPairs, {statistics.pairs.size(), 3}, Dtype::kInt64));
  for (const ItemStatistics::Pair& pair : statistics.pairs) {
    *to++ = pair.first;
    *to++ = pair.second;
    *to++ = pair.sum;
  }
  add_hash_tensor(artefact, statistics.hashes);
  return artefact;
}

ItemStatistics read_statistics(const Artefact& artefact, const std::string& name) {
  const std::string kind = kind_of_statistics(artefact);
  if (kind.empty())
    fail("{}: a model, expected statistics; rec-embed ease, knn or svd with --statistics-only makes them", name);
  if (kind != "items") fail("{}: statistics \"{}\", expected items", name, printable(kind));
  ItemStatistics out;
  out.items = artefact.items;
  const auto exponent = artefact.meta.find("user-exponent");
  const auto a = exponent == artefact.meta.end() ? std::nullopt : parse_number<double>(exponent->second);
  if (!a || *a < 0.0 || *a > kMaxStatisticsExponent)
    fail("{}: meta \"user-exponent\": expected a number from 0 to {}", name, kMaxStatisticsExponent);
  out.user_exponent = *a;
  out.bits = meta_number<int>(artefact, kBits, name);
  if (out.bits > kShareBits) fail("{}: meta \"{}\": expected at most {}", name, kBits, kShareBits);
  if (artefact.meta.contains("max-per-user")) out.max_per_user = meta_number<uint32_t>(artefact, "max-per-user", name);
  for (const auto& [key, value] : artefact.meta) {
    if (key.starts_with("dp-") && key != kReleases) out.noise[key] = value;
  }
  if (out.is_noisy()) {
    out.releases = meta_number<int64_t>(artefact, kReleases, name);
    out.triangle = column_of(artefact, kTriangle, name);
    if (out.triangle.size() != triangle_size(out.items.size()))
      fail("{}: tensor \"{}\" has {} values for {} items", name, kTriangle, out.triangle.size(), out.items.size());
    if (!out.max_per_user || out.user_exponent != 0.5 || !(out.noise_deviation() > 0.0))
      fail("{}: noise without the options of private statistics", name);
    return out;
  }
  out.users = meta_number<int64_t>(artefact, kUsers, name);
  out.item_users = column_of(artefact, kItemUsers, name);
  if (std::any_of(out.item_users.begin(), out.item_users.end(), [](int64_t users) { return users < 0; }))
    fail("{}: tensor \"{}\" holds a number below 0", name, kItemUsers);
  read_pairs(artefact, name, out);
  out.hashes = read_hash_tensor(artefact, name);
  return out;
}

std::vector<double> diagonal(const ItemStatistics& statistics) {
  const size_t items = statistics.items.size();
  std::vector<double> values(items, 0.0);
  for (const auto& [first, second, sum] : statistics.pairs) {
    if (first == second) values[first] = std::ldexp(static_cast<double>(sum), -statistics.bits);
  }
  for (size_t item = 0; item < items && statistics.is_noisy(); ++item)
    values[item] = std::max(
        0.0, std::ldexp(static_cast<double>(statistics.triangle[triangle_row(items, item)]), -statistics.bits));
  return values;
}

void fill_gram(const ItemStatistics& statistics, SymmetricTiles& out) {
  for (const auto& [first, second, sum] : statistics.pairs) out(first, second) = in_units(sum, statistics.bits);
  if (!statistics.is_noisy()) return;
  const size_t items = statistics.items.size();
  const int64_t* value = statistics.triangle.data();
  for (size_t i = 0; i < items; ++i) {
    for (size_t j = i; j < items; ++j) out(i, j) = in_units(*value++, statistics.bits);
  }
}

Csr gram_rows(const ItemStatistics& statistics) {
  const size_t items = statistics.items.size();
  const auto for_pairs = [&](auto&& body) {
    for (const auto& [first, second, sum] : statistics.pairs) body(first, second, sum);
    const int64_t* value = statistics.triangle.data();
    for (uint32_t i = 0; statistics.is_noisy() && i < items; ++i) {
      for (uint32_t j = i; j < items; ++j, ++value) {
        if (*value != 0) body(i, j, *value);
      }
    }
  };
  Csr rows;
  rows.begin.assign(items + 1, 0);
  for_pairs([&](uint32_t first, uint32_t second, int64_t) {
    ++rows.begin[first + 1];
    if (first != second) ++rows.begin[second + 1];
  });
  for (size_t item = 0; item < items; ++item) rows.begin[item + 1] += rows.begin[item];
  rows.index.resize(rows.begin.back());
  rows.weight.resize(rows.begin.back());
  std::vector<uint64_t> next(rows.begin.begin(), rows.begin.end() - 1);
  const auto put = [&](uint32_t row, uint32_t column, int64_t sum) {
    rows.index[next[row]] = column;
    rows.weight[next[row]++] = in_units(sum, statistics.bits);
  };
  // Below the diagonal first: pairs come in the order of their lower item.
  for_pairs([&](uint32_t first, uint32_t second, int64_t sum) {
    put(first, second, sum);
    if (first != second) put(second, first, sum);
  });
  return rows;
}

}  // namespace rec
