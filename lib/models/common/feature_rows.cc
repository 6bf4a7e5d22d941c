#include "models/common/feature_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

constexpr const char* kScaling = "feature-scaling";

// Features of all files in the numbers of one run: categories are numbered as they come.
struct Joined {
  struct Entry {
    uint32_t id;
    uint32_t category;
    double value;
  };
  IdTable names;                  // "KIND=CATEGORY"
  std::vector<uint32_t> kind_of;  // of each name
  std::vector<std::string> kinds;
  std::vector<Entry> entries;  // by id and category, each pair once
};

// Entries by id and category, those of one pair added up.
void collapse(std::vector<Joined::Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Joined::Entry& a, const Joined::Entry& b) {
    return a.id != b.id ? a.id < b.id : a.category < b.category;
  });
  size_t kept = 0;
  for (const Joined::Entry& entry : entries) {
    if (kept > 0 && entries[kept - 1].id == entry.id && entries[kept - 1].category == entry.category) {
      entries[kept - 1].value += entry.value;
    } else {
      entries[kept++] = entry;
    }
  }
  entries.resize(kept);
}

Joined join(const std::vector<FeatureTable>& features, const IdTable& ids) {
  std::map<std::string, uint32_t> kind_number;
  for (const FeatureTable& file : features) {
    for (const FeatureKind& kind : file.kinds) kind_number.emplace(kind.name, 0);
  }
  Joined joined;
  for (auto& [name, number] : kind_number) {
    number = static_cast<uint32_t>(joined.kinds.size());
    joined.kinds.push_back(name);
  }
  for (const FeatureTable& file : features) {
    std::vector<uint32_t> number(file.ids.size());
    for (uint32_t id = 0; id < number.size(); ++id) number[id] = ids.find(file.ids[id]);
    for (const FeatureKind& kind : file.kinds) {
      std::vector<uint32_t> category(kind.categories.size());
      for (uint32_t at = 0; at < category.size(); ++at) {
        category[at] = joined.names.intern(kind.name + "=" + std::string(kind.categories[at]));
        if (category[at] == joined.kind_of.size()) joined.kind_of.push_back(kind_number[kind.name]);
      }
      for (uint32_t id = 0; id < number.size(); ++id) {
        if (number[id] == kNoId) continue;
        const FeatureKind::Row row = kind.row(id);
        for (size_t at = 0; at < row.size; ++at)
          joined.entries.push_back({number[id], category[row.category[at]], static_cast<double>(row.value[at])});
      }
    }
  }
  collapse(joined.entries);
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

// The number of the kind of each name "KIND=CATEGORY", from 0.
std::vector<uint32_t> kinds_of(const IdTable& names) {
  IdTable kinds;
  std::vector<uint32_t> numbers(names.size());
  for (uint32_t at = 0; at < numbers.size(); ++at) {
    const std::string_view name = names[at];
    numbers[at] = kinds.intern(name.substr(0, name.find('=')));
  }
  return numbers;
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

}  // namespace

void FeatureOptions::describe(OptionTable& table) {
  const char* const needed = takes_users ? "--item-features or --user-features" : "--item-features";
  const auto has_files = [this] { return given(); };
  table
      .add("--item-features", item_files, "FILE",
           "Features of items; items that no one has chosen yet are known by them")
      .reads()
      .not_in_model();
  if (takes_users) {
    table.add("--user-features", user_files, "FILE", "Features of users; users without any row are known by them")
        .reads()
        .not_in_model();
  }
  if (takes_weight) {
    table
        .add("--feature-weight", weight, "W",
             "Two items of the same features are as alike as by W squared common users")
        .above(0)
        .needs(needed, has_files)
        .in_model_if(has_files);
  }
  table.choice("--feature-scaling", scaling, kFeatureScalings, "What a value counts: more for rare features, or itself")
      .needs(needed, has_files)
      .in_model_if(has_files);
  table
      .add("--kind-weight",
           OptionValue::parsed([this](const std::string& text) { read_kind_weights(text, kind_weight); },
                               [this] { return kind_weights_text(kind_weight); }),
           "KIND=V,...", "A kind of features counts V beside the others; 1 if not said")
      .default_text("")
      .needs(needed, has_files)
      .in_model_if([this] { return !kind_weight.empty(); });
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
  std::vector<uint32_t> number(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) number[order[at]] = at;
  for (uint32_t& id : of == IdKind::kItem ? data.item : data.user) id = number[id];
  ids = all.reordered(order);
  ids.index();
  return added;
}

FeatureMap fit_feature_map(const std::vector<FeatureTable>& features, const IdTable& ids, const FeatureOptions& options,
                           std::vector<std::string>& unknown_weight) {
  const Joined joined = join(features, ids);
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
  map.scaling = options.scaling;
  const std::vector<uint32_t> order = joined.names.sorted_order();
  map.names = joined.names.reordered(order);
  map.names.index();
  for (const uint32_t category : order) {
    const uint32_t kind = joined.kind_of[category];
    const double v = weight_of(joined.kinds[kind]);
    map.rarity.push_back(
        options.scaling == FeatureScaling::kNone
            ? 1.0f
            : static_cast<float>(std::log((1.0 + counts.kind[kind]) / (1.0 + counts.category[category]))));
    map.kind_scale.push_back(total > 0.0 ? static_cast<float>(options.weight * std::sqrt(v / total)) : 0.0f);
  }
  return map;
}

FeatureRows feature_rows(const FeatureMap& map, const std::vector<FeatureTable>& features, const IdTable& ids) {
  Joined joined = join(features, ids);
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
    if (map.scaling == FeatureScaling::kTfidf) entry.value = std::sqrt(entry.value);
    entry.value *= static_cast<double>(map.rarity[entry.category]);
  }
  std::erase_if(joined.entries, [](const Joined::Entry& entry) { return entry.category == kNoId; });
  collapse(joined.entries);  // by the map's numbers

  const std::vector<uint32_t> kind_of = kinds_of(map.names);
  std::vector<double> squares(map.size(), 0.0);  // of an id's entries, by kind
  out.rows.begin.assign(1, 0);
  size_t at = 0;
  for (uint32_t id = 0; id < ids.size(); ++id) {
    size_t end = at;
    for (; end < joined.entries.size() && joined.entries[end].id == id; ++end)
      squares[kind_of[joined.entries[end].category]] += joined.entries[end].value * joined.entries[end].value;
    const size_t first = at;
    for (; at < end; ++at) {
      const Joined::Entry& entry = joined.entries[at];
      const double sum = squares[kind_of[entry.category]];
      const double scale = static_cast<double>(map.kind_scale[entry.category]);
      const auto value = sum > 0.0 ? static_cast<float>(scale * entry.value / std::sqrt(sum)) : 0.0f;
      if (value <= 0.0f) continue;
      out.rows.index.push_back(entry.category);
      out.rows.weight.push_back(value);
    }
    for (size_t entry = first; entry < end; ++entry) squares[kind_of[joined.entries[entry].category]] = 0.0;
    out.without += out.rows.index.size() == out.rows.begin.back() ? 1 : 0;
    out.rows.begin.push_back(out.rows.index.size());
  }
  return out;
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
  artefact.meta[kScaling] = name_in(kFeatureScalings, map.scaling);
  float* values = artefact.add_empty(table + ".map", {map.size(), 2});
  for (size_t at = 0; at < map.size(); ++at) {
    values[2 * at] = map.rarity[at];
    values[2 * at + 1] = map.kind_scale[at];
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
  if (tensor->cols() != 2) fail("model: tensor \"{}.map\" has {} columns, expected 2", table, tensor->cols());
  const auto scaling = value_in(kFeatureScalings, artefact.text(kScaling));
  if (!scaling)
    fail("model: meta \"{}\": expected tfidf or none, found \"{}\"", kScaling, printable(artefact.text(kScaling)));
  FeatureMap map;
  map.scaling = *scaling;
  map.names = names->second;
  map.names.index();
  for (size_t at = 0; at < map.size(); ++at) {
    map.rarity.push_back(tensor->floats()[2 * at]);
    map.kind_scale.push_back(tensor->floats()[2 * at + 1]);
    if (map.kind_scale.back() < 0.0f || map.rarity.back() < 0.0f)
      fail("model: tensor \"{}.map\" holds a value below 0", table);
  }
  return map;
}

}  // namespace rec
