#include "models/common/feature_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/number.h"
#include "base/vectors_name.h"
#include "data/digest.h"

namespace rec {
namespace {

constexpr double kMostDeviations = 4.0;

enum class KindType { kCategories, kNumber, kVector };

// Features of all files in the numbers of one run: categories are numbered as they come.
struct Joined {
  struct Entry {
    uint32_t id;
    uint32_t category;
    double value;
  };
  IdTable names;                  // "KIND=CATEGORY"; of a number: its name; of a vector: NAME=0, NAME=1, ...
  std::vector<uint32_t> kind_of;  // of each name
  std::vector<std::string> kinds;
  std::vector<KindType> type_of;  // of each kind
  std::vector<Entry> entries;     // by id and category, each pair once

  KindType type(uint32_t category) const { return type_of[kind_of[category]]; }
  uint32_t name(const std::string& text, uint32_t kind) {
    const uint32_t number = names.intern(text);
    if (number == kind_of.size()) kind_of.push_back(kind);
    return number;
  }
};

// Entries by id and category, those of one pair added up in the order they had. ids: more than
// any id of theirs.
void collapse(std::vector<Joined::Entry>& entries, size_t ids) {
  std::vector<uint64_t> begin(ids + 1, 0);
  for (const Joined::Entry& entry : entries) ++begin[entry.id + size_t{1}];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<Joined::Entry> sorted(entries.size());
  std::vector<uint64_t> next = begin;
  for (const Joined::Entry& entry : entries) sorted[next[entry.id]++] = entry;
  entries.clear();
  for (size_t id = 0; id < ids; ++id) {
    const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(begin[id]);
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(begin[id + 1]);
    std::stable_sort(first, last,
                     [](const Joined::Entry& a, const Joined::Entry& b) { return a.category < b.category; });
    for (auto at = first; at != last; ++at) {
      if (at != first && entries.back().category == at->category) {
        entries.back().value += at->value;
      } else {
        entries.push_back(*at);
      }
    }
  }
}

void join_kind(const FeatureKind& kind, const std::vector<uint32_t>& number, uint32_t its, Joined& joined) {
  std::vector<uint32_t> category(kind.categories.size());
  for (uint32_t at = 0; at < category.size(); ++at)
    category[at] = joined.name(kind.name + "=" + std::string(kind.categories[at]), its);
  for (uint32_t id = 0; id < number.size(); ++id) {
    if (number[id] == kNoId) continue;
    const FeatureKind::Row row = kind.row(id);
    for (size_t at = 0; at < row.size; ++at)
      joined.entries.push_back({number[id], category[row.category[at]], static_cast<double>(row.value[at])});
  }
}

// The last row of an id counts.
void join_numbers(const FeatureNumbers& numbers, const std::vector<uint32_t>& number, uint32_t its, Joined& joined) {
  std::vector<uint32_t> component(numbers.size);
  for (uint32_t at = 0; at < component.size(); ++at)
    component[at] = joined.name(numbers.is_vector ? fmt::format("{}={}", numbers.name, at) : numbers.name, its);
  std::vector<size_t> last(number.size(), SIZE_MAX);
  for (size_t row = 0; row < numbers.id.size(); ++row) last[numbers.id[row]] = row;
  for (uint32_t id = 0; id < number.size(); ++id) {
    if (number[id] == kNoId || last[id] == SIZE_MAX) continue;
    for (uint32_t at = 0; at < numbers.size; ++at)
      joined.entries.push_back(
          {number[id], component[at], static_cast<double>(numbers.value[last[id] * numbers.size + at])});
  }
}

Joined join(const std::vector<FeatureTable>& features, const IdTable& ids) {
  std::map<std::string, KindType> types;
  std::map<std::string, uint32_t> length;  // of vectors
  const auto declare = [&](const FeatureTable& file, const std::string& kind, KindType type) {
    if (types.emplace(kind, type).first->second != type)
      fail("{}: \"{}\" is a kind of categories in one file and of numbers in another", file.name, printable(kind));
  };
  for (const FeatureTable& file : features) {
    for (const FeatureKind& kind : file.kinds) declare(file, kind.name, KindType::kCategories);
    for (const FeatureNumbers& numbers : file.numbers)
      declare(file, numbers.name, numbers.is_vector ? KindType::kVector : KindType::kNumber);
    for (const FeatureNumbers& numbers : file.numbers) {
      const uint32_t others = length.emplace(numbers.name, numbers.size).first->second;
      if (others != numbers.size)
        fail("{}: vectors \"{}\" of {} numbers, of {} in another file", file.name, printable(numbers.name),
             numbers.size, others);
    }
  }
  Joined joined;
  std::map<std::string, uint32_t> kind_number;
  for (const auto& [name, type] : types) {
    kind_number[name] = static_cast<uint32_t>(joined.kinds.size());
    joined.kinds.push_back(name);
    joined.type_of.push_back(type);
  }
  for (const FeatureTable& file : features) {
    std::vector<uint32_t> number(file.ids.size());
    for (uint32_t id = 0; id < number.size(); ++id) number[id] = ids.find(file.ids[id]);
    for (const FeatureKind& kind : file.kinds) join_kind(kind, number, kind_number[kind.name], joined);
    for (const FeatureNumbers& numbers : file.numbers) join_numbers(numbers, number, kind_number[numbers.name], joined);
  }
  collapse(joined.entries, ids.size());
  return joined;
}

// How many ids have each category, and any of each kind. Entries of one id stand together.
struct Counts {
  std::vector<double> category;
  std::vector<double> kind;
};

Counts count(const Joined& joined) {
  Counts counts{std::vector<double>(joined.names.size(), 0.0), std::vector<double>(joined.kinds.size(), 0.0)};
  std::vector<uint32_t> last(joined.kinds.size(), kNoId);
  for (const Joined::Entry& entry : joined.entries) {
    const uint32_t kind = joined.kind_of[entry.category];
    counts.category[entry.category] += 1.0;
    counts.kind[kind] += last[kind] != entry.id ? 1.0 : 0.0;
    last[kind] = entry.id;
  }
  return counts;
}

// The mean and the reciprocal of the standard deviation (0 where there is none) of each number.
struct Spread {
  std::vector<double> mean;
  std::vector<double> scale;
};

Spread spread(const Joined& joined, const Counts& counts) {
  Spread out{std::vector<double>(joined.names.size(), 0.0), std::vector<double>(joined.names.size(), 0.0)};
  for (const Joined::Entry& entry : joined.entries) out.mean[entry.category] += entry.value;
  for (size_t at = 0; at < out.mean.size(); ++at) out.mean[at] /= std::max(counts.category[at], 1.0);
  for (const Joined::Entry& entry : joined.entries) {
    const double off = entry.value - out.mean[entry.category];
    out.scale[entry.category] += off * off;
  }
  for (size_t at = 0; at < out.scale.size(); ++at)
    out.scale[at] = out.scale[at] > 0.0 ? std::sqrt(counts.category[at] / out.scale[at]) : 0.0;
  return out;
}

void read_kind_weights(const std::string& text, std::map<std::string, double>& weights) {
  for (std::string_view rest = text;;) {
    const std::string_view one = rest.substr(0, rest.find(','));
    const size_t equals = one.rfind('=');
    const auto number =
        equals == std::string_view::npos || equals == 0 ? std::nullopt : parse_number<double>(one.substr(equals + 1));
    if (!number || *number < 0.0)
      fail_usage("--kind-weight: expected KIND=V with V at least 0, found \"{}\"", printable(one));
    weights[std::string(one.substr(0, equals))] = *number;
    if (one.size() == rest.size()) return;
    rest.remove_prefix(one.size() + 1);
  }
}

std::string kind_weights_text(const std::map<std::string, double>& weights) {
  std::string text;
  for (const auto& [kind, weight] : weights) text += fmt::format("{}{}={}", text.empty() ? "" : ",", kind, weight);
  return text;
}

// A vector of another length was made by something else: its numbers mean other things.
void check_lengths(const FeatureMap& map, const std::vector<FeatureTable>& features) {
  for (const FeatureTable& file : features) {
    for (const FeatureNumbers& numbers : file.numbers) {
      if (!numbers.is_vector) continue;
      uint32_t known = 0;
      while (map.names.find(fmt::format("{}={}", numbers.name, known)) != kNoId) ++known;
      if (known != 0 && known != numbers.size)
        fail("{}: vectors \"{}\" of {} numbers, of {} in training", file.name, printable(numbers.name), numbers.size,
             known);
    }
  }
}

}  // namespace

size_t FeatureOptions::stdins() const {
  return static_cast<size_t>(std::count(item_files.begin(), item_files.end(), "-") +
                             std::count(user_files.begin(), user_files.end(), "-")) +
         count_stdin(item_vectors) + count_stdin(user_vectors);
}

void FeatureOptions::describe(OptionTable& table) {
  const OptionTable::Section section(table, "Features");
  const char* const needed = takes_users ? "--item-features or --user-features" : "--item-features";
  const auto has_files = [this] { return given(); };
  table
      .add("--item-features", item_files, "FILE",
           "Features of items; by them the model knows items that no one has chosen yet; repeatable")
      .reads()
      .not_in_model();
  table
      .add("--item-vectors", item_vectors, "[NAME=]FILE[:PART]",
           "Vectors of items as features: a table, an array with a file of ids, or a model; repeatable")
      .reads_vectors()
      .not_in_model();
  if (takes_users) {
    table
        .add("--user-features", user_files, "FILE",
             "Features of users; by them the model knows users without any row; repeatable")
        .reads()
        .not_in_model();
    table
        .add("--user-vectors", user_vectors, "[NAME=]FILE[:PART]",
             "Vectors of users as features: a table, an array with a file of ids, or a model; repeatable")
        .reads_vectors()
        .not_in_model();
  }
  if (takes_weight) {
    table
        .add("--feature-weight", weight, "W",
             "Two items with the same features are as similar as with W squared users in common")
        .above(0)
        .needs(needed, has_files)
        .in_model_if(has_files);
  }
  table
      .choice("--feature-scaling", scaling, kFeatureScalings,
              "How a value counts. tfidf: more for rare features; none: as it is")
      .needs(needed, has_files)
      .in_model_if(has_files);
  table
      .add("--kind-weight",
           OptionValue::parsed([this](const std::string& text) { read_kind_weights(text, kind_weight); },
                               [this] { return kind_weights_text(kind_weight); }),
           "KIND=V,...", "Weight of a kind of features beside the others; 1 if not given")
      .default_text("")
      .needs(needed, has_files)
      .in_model_if([this] { return !kind_weight.empty(); });
}

double FeatureColumn::scaled(double value) const {
  switch (rule) {
    case FeatureRule::kValue:
      return value * static_cast<double>(scale);
    case FeatureRule::kRoot:
      return std::sqrt(std::max(value, 0.0)) * static_cast<double>(scale);
    case FeatureRule::kNumber:
      break;
  }
  const double deviations = (value - static_cast<double>(mean)) * static_cast<double>(scale);
  return std::clamp(deviations, -kMostDeviations, kMostDeviations);
}

std::string digest_of(const SideFeatures& features) {
  Digest digest;
  digest.add(features.map.names);
  digest.add(std::span<const uint64_t>(features.rows.begin));
  digest.add(std::span<const uint32_t>(features.rows.index));
  digest.add(std::span<const float>(features.rows.weight));
  return digest.text();
}

size_t add_ids(Interactions& data, IdKind of, const std::vector<FeatureTable>& features) {
  if (features.empty()) return 0;
  IdTable& ids = of == IdKind::kItem ? data.items : data.users;
  IdTable all = ids;
  all.index();
  for (const FeatureTable& file : features) {
    for (uint32_t id = 0; id < file.ids.size(); ++id) all.intern(file.ids[id]);
  }
  const size_t added = all.size() - ids.size();
  const std::vector<uint32_t> order = all.sorted_order();
  const std::vector<uint32_t> number = places_in(order);
  for (uint32_t& id : (of == IdKind::kItem ? data.item : data.user).own()) id = number[id];
  ids = all.reordered(order);
  ids.index();
  return added;
}

std::vector<uint32_t> kinds_of(const IdTable& names) {
  IdTable kinds;
  std::vector<uint32_t> numbers(names.size());
  for (uint32_t at = 0; at < numbers.size(); ++at) {
    const std::string_view name = names[at];
    numbers[at] = kinds.intern(name.substr(0, name.find('=')));
  }
  return numbers;
}

size_t kind_count(const std::vector<uint32_t>& kind) {
  return kind.empty() ? 0 : *std::max_element(kind.begin(), kind.end()) + size_t{1};
}

namespace {

FeatureMap fit_map(const Joined& joined, const FeatureOptions& options, std::vector<std::string>& unknown_weight) {
  for (const auto& [name, weight] : options.kind_weight) {
    if (!std::binary_search(joined.kinds.begin(), joined.kinds.end(), name)) unknown_weight.push_back(name);
  }
  const auto weight_of = [&](const std::string& name) {
    const auto at = options.kind_weight.find(name);
    return at == options.kind_weight.end() ? 1.0 : at->second;
  };
  double total = 0.0;
  for (const std::string& kind : joined.kinds) total += weight_of(kind);
  const Counts counts = count(joined);

  FeatureMap map;
  const std::vector<uint32_t> order = joined.names.sorted_order();
  map.names = joined.names.reordered(order);
  map.names.index();
  const Spread numbers = spread(joined, counts);
  for (const uint32_t category : order) {
    const uint32_t kind = joined.kind_of[category];
    const double v = weight_of(joined.kinds[kind]);
    const bool is_number = joined.type_of[kind] == KindType::kNumber;
    const bool by_rarity = joined.type_of[kind] == KindType::kCategories && options.scaling == FeatureScaling::kTfidf;
    const double scale = is_number   ? numbers.scale[category]
                         : by_rarity ? std::log((1.0 + counts.kind[kind]) / (1.0 + counts.category[category]))
                                     : 1.0;
    map.columns.push_back({.scale = static_cast<float>(scale),
                           .kind_scale = total > 0.0 ? static_cast<float>(options.weight * std::sqrt(v / total)) : 0.0f,
                           .mean = is_number ? static_cast<float>(numbers.mean[category]) : 0.0f,
                           .rule = is_number   ? FeatureRule::kNumber
                                   : by_rarity ? FeatureRule::kRoot
                                               : FeatureRule::kValue});
  }
  return map;
}

// ids: how many.
FeatureRows rows_of(const FeatureMap& map, Joined joined, size_t ids) {
  FeatureRows out;
  std::vector<uint32_t> number(joined.names.size());
  std::vector<char> kind_known(joined.kinds.size(), 0);
  for (uint32_t category = 0; category < number.size(); ++category) {
    number[category] = map.names.find(joined.names[category]);
    if (kind_known[joined.kind_of[category]] == 0 && number[category] != kNoId)
      kind_known[joined.kind_of[category]] = 1;
  }
  out.kinds_unknown = static_cast<size_t>(std::count(kind_known.begin(), kind_known.end(), 0));
  for (Joined::Entry& entry : joined.entries) {
    entry.category = number[entry.category];
    if (entry.category == kNoId) {
      ++out.unknown;
      continue;
    }
    entry.value = map.columns[entry.category].scaled(entry.value);
  }
  std::erase_if(joined.entries, [](const Joined::Entry& entry) { return entry.category == kNoId; });
  collapse(joined.entries, ids);  // by the map's numbers

  const std::vector<uint32_t> kind_of = kinds_of(map.names);
  std::vector<double> squares(map.size(), 0.0);  // of an id's entries, by kind
  out.rows.begin.assign(1, 0);
  size_t at = 0;
  for (uint32_t id = 0; id < ids; ++id) {
    size_t end = at;
    for (; end < joined.entries.size() && joined.entries[end].id == id; ++end)
      squares[kind_of[joined.entries[end].category]] += joined.entries[end].value * joined.entries[end].value;
    const size_t first = at;
    for (; at < end; ++at) {
      const Joined::Entry& entry = joined.entries[at];
      const FeatureColumn& column = map.columns[entry.category];
      const double length = column.rule == FeatureRule::kNumber ? 1.0 : std::sqrt(squares[kind_of[entry.category]]);
      const auto value =
          length > 0.0 ? static_cast<float>(static_cast<double>(column.kind_scale) * entry.value / length) : 0.0f;
      if (value == 0.0f) continue;
      out.rows.index.push_back(entry.category);
      out.rows.weight.push_back(value);
    }
    for (size_t entry = first; entry < end; ++entry) squares[kind_of[joined.entries[entry].category]] = 0.0;
    out.without += out.rows.index.size() == out.rows.begin.back() ? 1 : 0;
    out.rows.begin.push_back(out.rows.index.size());
  }
  return out;
}

}  // namespace

FittedFeatures fit_features(const std::vector<FeatureTable>& features, const IdTable& ids,
                            const FeatureOptions& options) {
  Joined joined = join(features, ids);
  FittedFeatures fitted;
  fitted.map = fit_map(joined, options, fitted.unknown_weight);
  fitted.rows = rows_of(fitted.map, std::move(joined), ids.size());
  return fitted;
}

FeatureRows feature_rows(const FeatureMap& map, const std::vector<FeatureTable>& features, const IdTable& ids) {
  check_lengths(map, features);
  return rows_of(map, join(features, ids), ids.size());
}

Csr with_features(const Csr& by_user, const Csr& features, size_t categories) {
  const Csr by_category = transpose(features, categories);
  Csr out = by_user;
  if (out.weight.empty()) out.weight.assign(out.index.size(), 1.0f);
  const uint64_t users = out.index.size();
  for (size_t row = 1; row < by_category.begin.size(); ++row) out.begin.push_back(users + by_category.begin[row]);
  out.index.insert(out.index.end(), by_category.index.begin(), by_category.index.end());
  out.weight.insert(out.weight.end(), by_category.weight.begin(), by_category.weight.end());
  return out;
}

std::string feature_table_name(IdKind of) { return of == IdKind::kItem ? "item-features" : "user-features"; }

void add_feature_map(const FeatureMap& map, IdKind of, Artefact& artefact) {
  const std::string table = feature_table_name(of);
  artefact.tables[table] = map.names;
  float* values = artefact.add_empty(table + ".map", {map.size(), 4});
  for (const FeatureColumn& column : map.columns) {
    *values++ = column.scale;
    *values++ = column.kind_scale;
    *values++ = column.mean;
    *values++ = static_cast<float>(column.rule);
  }
}

bool has_feature_map(const Artefact& artefact, IdKind of) {
  return artefact.find(feature_table_name(of) + ".map") != nullptr;
}

FeatureMap feature_map_of(const Artefact& artefact, IdKind of) {
  const std::string table = feature_table_name(of);
  const Artefact::Tensor* tensor = artefact.find(table + ".map");
  const auto names = artefact.tables.find(table);
  if (tensor == nullptr || names == artefact.tables.end())
    fail("the model was trained without features of {}", of == IdKind::kItem ? "items" : "users");
  if (tensor->cols() != 4) fail("model: tensor \"{}.map\" has {} columns, expected 4", table, tensor->cols());
  FeatureMap map;
  map.names = names->second;
  map.names.index();
  for (size_t at = 0; at < map.size(); ++at) {
    const float* row = tensor->floats() + 4 * at;
    if (row[0] < 0.0f || row[1] < 0.0f) fail("model: tensor \"{}.map\" holds a scale below 0", table);
    if (row[3] != 0.0f && row[3] != 1.0f && row[3] != 2.0f)
      fail("model: tensor \"{}.map\": expected 0, 1 or 2 in the last column, found {}", table, row[3]);
    map.columns.push_back({row[0], row[1], row[2], static_cast<FeatureRule>(static_cast<int>(row[3]))});
  }
  return map;
}

}  // namespace rec
