#include "models/als/als_sums.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/digest.h"
#include "models/als/als_half_step.h"
#include "models/als/als_pairs.h"
#include "models/als/als_partition.h"
#include "models/als/als_solver.h"
#include "models/common/popularity.h"

namespace rec {
namespace {

constexpr const char* kGram = "gram";
constexpr const char* kLeft = "items.left";
constexpr const char* kRight = "items.right";
constexpr const char* kWeights = "items.weight";
constexpr const char* kItemUsers = "items.users";
constexpr const char* kCounts = "counts";
constexpr const char* kReleases = "dp-releases";
constexpr const char* kBits = "statistics-bits";
constexpr const char* kUsers = "statistics-users";
constexpr const char* kBase = "statistics-base";
constexpr size_t kUsersPerTask = 1024;
constexpr size_t kItemsPerTask = 16;

double in_units(int64_t steps) { return std::ldexp(static_cast<double>(steps), -kAlsSumBits); }

// Of a number that is a multiple of a step.
int64_t in_steps(double units) { return static_cast<int64_t>(units * (int64_t{1} << kAlsSumBits)); }

// A number beside which a double has room for steps of 2^-kAlsSumBits alone: to add and subtract it rounds to these.
constexpr double kRounding = 0x1.8p52 / (int64_t{1} << kAlsSumBits);
constexpr double kGreatestTerm = 0x1p20;
// Up to here sums of rounded terms are exact in double.
constexpr double kGreatestInDouble = 0x1p22;

double rounded(double value) { return (value + kRounding) - kRounding; }

// A += c x xᵀ and b += c x in doubles that hold whole steps, given to integers before they have no more room.
class RoundedSums {
 public:
  // Adds to left (T) and right (F); either may be nullptr.
  RoundedSums(size_t factors, int64_t* left, int64_t* right)
      : x_(factors), left_(left), right_(right), triangle_(triangle_of(factors)), vector_(factors) {}

  void add(const float* x, double weight) {
    double square = 0.0;
    for (size_t f = 0; f < x_.size(); ++f) {
      x_[f] = static_cast<double>(x[f]);
      square += x_[f] * x_[f];
    }
    const double size = weight * (square < 1.0 ? 1.0 : square);  // no term is larger; not a number stays that
    if (!(size <= kGreatestTerm)) fail("als: the vector of a user is too long for sums; give a larger --reg");
    if (held_ + size > kGreatestInDouble) flush();
    held_ += size;
    const size_t F = x_.size();
    double* to = triangle_.data();
    for (size_t row = 0; row < F; ++row) {
      const double weighted = weight * x_[row];
      const double* columns = x_.data() + row;
      const size_t count = left_ == nullptr ? 0 : F - row;
      for (size_t at = 0; at < count; ++at) to[at] += rounded(weighted * columns[at]);
      to += F - row;
      vector_[row] += rounded(weighted);
    }
  }

  void flush() {
    const auto give = [](std::vector<double>& from, int64_t* to) {
      for (size_t at = 0; at < from.size(); ++at) {
        add_checked(to[at], in_steps(from[at]), "als");
        from[at] = 0.0;
      }
    };
    if (left_ != nullptr) give(triangle_, left_);
    if (right_ != nullptr) give(vector_, right_);
    held_ = 0.0;
  }

 private:
  std::vector<double> x_;
  int64_t* left_;
  int64_t* right_;
  std::vector<double> triangle_;
  std::vector<double> vector_;
  double held_ = 0.0;  // not flushed yet
};

}  // namespace

AlsSystems::AlsSystems(size_t items, size_t factors, bool with_left)
    : dim(factors),
      gram(triangle_of(factors), 0),
      left(with_left ? items * triangle_of(factors) : 0, 0),
      right(items * factors, 0),
      weights(items, 0) {}

uint64_t AlsSystems::bytes(size_t items, size_t factors, bool with_left) {
  const uint64_t T = triangle_of(factors);
  return (uint64_t{items} * ((with_left ? T : 0) + factors + 1) + T) * sizeof(int64_t);
}

AlsSystems als_systems(const Csr& by_user, ConstMatrixView users, size_t items, int threads, bool with_left) {
  const size_t F = users.cols;
  const size_t T = triangle_of(F);
  AlsSystems out(items, F, with_left);
  const size_t parts = (by_user.rows() + kUsersPerTask - 1) / kUsersPerTask;
  std::vector<std::vector<int64_t>> grams(static_cast<size_t>(threads), std::vector<int64_t>(T, 0));
  std::vector<int64_t> counts(static_cast<size_t>(threads), 0);
  parallel_for(parts, threads, [&](size_t part, int worker) {
    RoundedSums sums(F, grams[static_cast<size_t>(worker)].data(), nullptr);
    const size_t last = std::min(by_user.rows(), (part + 1) * kUsersPerTask);
    for (size_t user = part * kUsersPerTask; user < last; ++user) {
      if (by_user.row_size(user) == 0) continue;
      sums.add(users.row(user), 1.0);
      ++counts[static_cast<size_t>(worker)];
    }
    sums.flush();
  });
  for (size_t worker = 0; worker < grams.size(); ++worker) {
    add_checked(out.gram, grams[worker], "als");
    out.users += counts[worker];
  }
  const Csr by_item = transpose(by_user, items);
  const std::vector<uint32_t> order = longest_first(by_item);
  parallel_for((items + kItemsPerTask - 1) / kItemsPerTask, threads, [&](size_t task, int) {
    const size_t last = std::min(items, (task + 1) * kItemsPerTask);
    for (size_t at = task * kItemsPerTask; at < last; ++at) {
      const uint32_t item = order[at];
      RoundedSums sums(F, with_left ? out.left.data() + item * T : nullptr, out.right.data() + item * F);
      for (uint64_t pair = by_item.begin[item]; pair < by_item.begin[item + 1]; ++pair) {
        const auto weight = static_cast<double>(weight_at(by_item.weight, pair));
        sums.add(users.row(by_item.index[pair]), weight);
        add_checked(out.weights[item], in_steps(rounded(weight)), "als");
      }
      sums.flush();
    }
  });
  return out;
}

Matrix als_items_of(const AlsSystems& systems, const AlsOptions& options, int threads) {
  const size_t F = systems.dim;
  const size_t T = triangle_of(F);
  const size_t padded = pad16(F);
  const size_t items = systems.weights.size();
  std::vector<double> gram(T);
  for (size_t at = 0; at < T; ++at) gram[at] = in_units(systems.gram[at]);
  struct Scratch {
    AlignedBuffer<float> A, b;
  };
  std::vector<Scratch> scratch(static_cast<size_t>(threads));
  Matrix out(items, F);
  parallel_for(items, threads, [&](size_t item, int worker) {
    if (systems.weights[item] == 0) return;
    auto& [A, b] = scratch[static_cast<size_t>(worker)];
    A.assign(padded * padded, 0.0f);
    b.assign(padded, 0.0f);
    const double weight = in_units(systems.weights[item]);
    const double ridge = options.ridge(weight, static_cast<size_t>(systems.users));
    const int64_t* left = systems.left.empty() ? nullptr : systems.left.data() + item * T;
    const double share = weight / static_cast<double>(systems.users);
    for (size_t row = 0, at = 0; row < F; ++row) {
      for (size_t column = row; column < F; ++column, ++at) {
        const double its = left != nullptr ? in_units(left[at]) : share * gram[at];
        A[row * padded + column] =
            static_cast<float>(options.unobserved_weight * gram[at] + its + (column == row ? ridge : 0.0));
      }
      b[row] = static_cast<float>(in_units(systems.right[item * F + row]));
    }
    als_solve(A.data(), b.data(), F, static_cast<size_t>(systems.weights[item] >> kAlsSumBits));
    if (!std::all_of(b.data(), b.data() + F, [](float value) { return std::isfinite(value); }))
      fail("als: a factor is no longer finite; give a larger --reg");
    std::copy_n(b.data(), F, out.row(item));
  });
  return out;
}

AlsPartSums als_part_sums(const Interactions& data, const Artefact& base, const AlsOptions& options, int threads) {
  const Artefact::Tensor* tensor = base.find("items.factors");
  if (tensor == nullptr || tensor->rows() == 0) fail("no rows in tensor \"items.factors\"");
  AlsOptions exact = options.resolved(base.items.size());
  exact.block = 0;
  const AlsSide solved = als_side(data, AlsHalf::kUsers, base, exact, threads);
  AlsPartSums part;
  part.unknown_pairs = solved.unknown_pairs;
  AlsSums& sums = part.sums;
  sums.items = base.items;
  sums.base = digest_of_items(base.items, tensor->view());
  sums.systems = als_systems(solved.pairs, solved.factors, base.items.size(), threads);
  sums.item_users.assign(base.items.size(), 0);
  for (const uint32_t item : solved.pairs.index) ++sums.item_users[item];
  write_options(exact, sums.options);
  return part;
}

uint64_t als_sums_memory(size_t users, size_t items, size_t factors, int threads, bool with_left) {
  const uint64_t padded = pad16(factors);
  return (uint64_t{users} + items) * padded * sizeof(float) + AlsSystems::bytes(items, factors, with_left) +
         static_cast<uint64_t>(threads) * 3 * padded * padded * sizeof(double);
}

void add_als_sums(AlsSums& sum, const AlsSums& part, const std::string& sum_name, const std::string& part_name) {
  if (!same_ids(part.items, sum.items))
    fail("{}: other items than {}: all parts need the same model of --init", part_name, sum_name);
  if (part.base != sum.base)
    fail("{}: other item vectors than {}: all parts need the same model of --init", part_name, sum_name);
  check_alike_in_noise(sum.is_noisy(), part.is_noisy(), sum_name, part_name);
  for (const auto& options : {part.options, sum.options}) {
    for (const auto& [key, value] : options) {
      const auto its = [&key = key](const AlsSums& sums) {
        const auto found = sums.options.find(key);
        return found == sums.options.end() ? std::string("none") : found->second;
      };
      if (its(part) != its(sum)) fail_unlike(sum_name, part_name, key, its(part), its(sum));
    }
  }
  check_alike_in_hashes(sum.hashes, part.hashes, sum_name, part_name);
  add_hashes(sum.hashes, part.hashes, part_name);
  add_checked(sum.systems.users, part.systems.users, part_name);
  add_checked(sum.systems.gram, part.systems.gram, part_name);
  add_checked(sum.systems.left, part.systems.left, part_name);
  add_checked(sum.systems.right, part.systems.right, part_name);
  add_checked(sum.systems.weights, part.systems.weights, part_name);
  add_checked(sum.item_users, part.item_users, part_name);
  if (sum.epoch() == 1) add_checked(sum.counts, part.counts, part_name);
  add_checked(sum.releases, part.releases, part_name);
}

Artefact to_artefact(AlsSums sums) {
  Artefact artefact;
  artefact.meta = std::move(sums.options);
  artefact.meta[kStatistics] = kAlsStatistics;
  artefact.meta[kBits] = std::to_string(kAlsSumBits);
  if (!sums.is_noisy()) artefact.meta[kUsers] = std::to_string(sums.systems.users);
  artefact.meta[kBase] = sums.base;
  const uint64_t items = sums.items.size();
  const uint64_t F = sums.systems.dim;
  const uint64_t T = triangle_of(sums.systems.dim);
  artefact.items = std::move(sums.items);
  if (sums.is_noisy()) {
    artefact.meta[kReleases] = std::to_string(sums.releases);
  } else {
    take_whole_numbers(artefact, kItemUsers, {items}, std::move(sums.item_users));
    take_whole_numbers(artefact, kWeights, {items}, std::move(sums.systems.weights));
  }
  if (!sums.counts.empty()) take_whole_numbers(artefact, kCounts, {items + 1}, std::move(sums.counts));
  take_whole_numbers(artefact, kGram, {T}, std::move(sums.systems.gram));
  if (!sums.systems.left.empty()) take_whole_numbers(artefact, kLeft, {items, T}, std::move(sums.systems.left));
  take_whole_numbers(artefact, kRight, {items, F}, std::move(sums.systems.right));
  add_hash_tensor(artefact, sums.hashes);
  return artefact;
}

AlsSums read_als_sums(const Artefact& artefact, const std::string& name) {
  const std::string kind = kind_of_statistics(artefact);
  if (kind.empty()) fail("{}: a model, expected statistics; rec-embed als with --statistics-only makes them", name);
  if (kind != kAlsStatistics) fail("{}: statistics \"{}\", expected {}", name, printable(kind), kAlsStatistics);
  if (meta_number<int>(artefact, kBits, name) != kAlsSumBits)
    fail("{}: meta \"{}\": expected {}", name, kBits, kAlsSumBits);
  AlsSums out;
  out.items = artefact.items;
  const uint64_t items = artefact.items.size();
  if (artefact.meta.contains(kReleases)) {
    out.releases = meta_number<int64_t>(artefact, kReleases, name);
    if (out.releases == 0) fail("{}: meta \"{}\": expected 1 or more", name, kReleases);
  } else {
    out.systems.users = meta_number<int64_t>(artefact, kUsers, name);
  }
  out.systems.dim = meta_number<uint32_t>(artefact, "dim", name);
  if (meta_number<int>(artefact, "block", name) != 0)
    fail("{}: meta \"block\": expected 0: users are solved for exactly", name);
  if (out.systems.dim == 0 || out.systems.dim > 1024) fail("{}: meta \"dim\": expected 1 to 1024", name);
  const auto base = artefact.meta.find(kBase);
  if (base == artefact.meta.end()) fail("{}: no meta \"{}\"", name, kBase);
  out.base = base->second;
  for (const auto& [key, value] : artefact.meta) {
    if (key != kBits && key != kUsers && key != kBase && key != kStatistics && key != kReleases)
      out.options[key] = value;
  }
  if (meta_number<int>(artefact, "epochs", name) < 1) fail("{}: meta \"epochs\": expected 1 or more", name);
  const auto read = [&](const char* tensor, uint64_t rows, uint64_t cols, bool may_be_negative) {
    const Artefact::Tensor& found = whole_numbers(artefact, tensor, name);
    if (found.rows() != rows || found.cols() != cols)
      fail("{}: tensor \"{}\" is {} x {}, expected {} x {}", name, tensor, found.rows(), found.cols(), rows, cols);
    const auto* values = found.values<int64_t>();
    std::vector<int64_t> all(values, values + rows * cols);
    if (!may_be_negative && std::any_of(all.begin(), all.end(), [](int64_t value) { return value < 0; }))
      fail("{}: tensor \"{}\" holds a number below 0", name, tensor);
    return all;
  };
  const uint64_t T = triangle_of(out.systems.dim);
  if (out.is_noisy()) {
    out.systems.weights.assign(items, 0);
  } else {
    out.item_users = read(kItemUsers, items, 1, false);
    out.systems.weights = read(kWeights, items, 1, false);
  }
  if (out.is_noisy() || artefact.find(kCounts) != nullptr) out.counts = read(kCounts, items + 1, 1, true);
  out.systems.gram = read(kGram, T, 1, true);
  const auto left = out.options.find(kLeftSide);
  if (left == out.options.end() || left->second != kSharedLeft) out.systems.left = read(kLeft, items, T, true);
  out.systems.right = read(kRight, items, out.systems.dim, true);
  out.hashes = read_hash_tensor(artefact, name);
  return out;
}

int AlsSums::epoch() const {
  const auto found = options.find("epochs");
  return found == options.end() ? 0 : parse_integer<int>(found->second).value_or(0);
}

std::string digest_of_items(const IdTable& items, ConstMatrixView factors, std::span<const int64_t> counts) {
  Digest digest;
  digest.add(items);
  for (size_t item = 0; item < factors.rows; ++item) digest.add(std::span(factors.row(item), factors.cols));
  if (!counts.empty()) digest.add(counts);
  return digest.text();
}

AlsOptions als_options_of(const AlsSums& sums, const std::string& name) {
  AlsOptions options;
  try {
    read_options(sums.options, options);
    options.check();
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  if (!options.regularization) fail("{}: no meta \"reg\"", name);
  return options;
}

Artefact als_model_of(const AlsSums& sums, const std::string& name, int threads) {
  const AlsOptions options = als_options_of(sums, name);
  Artefact artefact;
  describe_model(options, artefact.meta);
  artefact.items = sums.items;
  artefact.take("items.factors", als_items_of(sums.systems, options, threads));
  artefact.add(kItemCounts, std::vector<float>(sums.item_users.begin(), sums.item_users.end()));
  return artefact;
}

}  // namespace rec
