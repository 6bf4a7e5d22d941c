#include "models/common/feature_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

// One kind over all files, in the numbers of the model.
struct JoinedKind {
  struct Entry {
    uint32_t item;
    uint32_t category;
    double value;
  };
  IdTable categories;
  std::vector<Entry> entries;
};

std::map<std::string, JoinedKind> join(const std::vector<ItemFeatures>& features, const IdTable& items) {
  std::map<std::string, JoinedKind> kinds;
  for (const ItemFeatures& file : features) {
    std::vector<uint32_t> number(file.items.size());
    for (uint32_t item = 0; item < number.size(); ++item) number[item] = items.find(file.items[item]);
    for (const FeatureKind& kind : file.kinds) {
      JoinedKind& joined = kinds[kind.name];
      std::vector<uint32_t> category(kind.categories.size());
      for (uint32_t at = 0; at < category.size(); ++at) category[at] = joined.categories.intern(kind.categories[at]);
      for (uint32_t item = 0; item < number.size(); ++item) {
        if (number[item] == kNoId) continue;
        const FeatureKind::Row row = kind.row(item);
        for (size_t at = 0; at < row.size; ++at)
          joined.entries.push_back({number[item], category[row.category[at]], static_cast<double>(row.value[at])});
      }
    }
  }
  return kinds;
}

// Entries by item and category, those of one pair added up.
void collapse(std::vector<JoinedKind::Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const JoinedKind::Entry& a, const JoinedKind::Entry& b) {
    return a.item != b.item ? a.item < b.item : a.category < b.category;
  });
  size_t kept = 0;
  for (const JoinedKind::Entry& entry : entries) {
    if (kept > 0 && entries[kept - 1].item == entry.item && entries[kept - 1].category == entry.category) {
      entries[kept - 1].value += entry.value;
    } else {
      entries[kept++] = entry;
    }
  }
  entries.resize(kept);
}

void scale(std::vector<JoinedKind::Entry>& entries, size_t categories, FeatureScaling scaling) {
  if (scaling == FeatureScaling::kNone) return;
  std::vector<double> items_with(categories, 0.0);
  double items = 0.0;
  for (size_t at = 0; at < entries.size(); ++at) {
    items_with[entries[at].category] += 1.0;
    items += at == 0 || entries[at].item != entries[at - 1].item ? 1.0 : 0.0;
  }
  for (JoinedKind::Entry& entry : entries)
    entry.value = std::sqrt(entry.value) * std::log((1.0 + items) / (1.0 + items_with[entry.category]));
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
  const auto has_files = [this] { return given(); };
  table.add("--item-features", files, "FILE", "Features of items; items that no one has chosen yet are known by them")
      .reads()
      .not_in_model();
  table.add("--feature-weight", weight, "W", "Two items of the same features are as alike as by W squared common users")
      .above(0)
      .needs("--item-features", has_files)
      .in_model_if(has_files);
  table.choice("--feature-scaling", scaling, kFeatureScalings, "What a value counts: more for rare features, or itself")
      .needs("--item-features", has_files)
      .in_model_if(has_files);
  table
      .add("--kind-weight",
           OptionValue::parsed([this](const std::string& text) { read_kind_weights(text, kind_weight); },
                               [this] { return kind_weights_text(kind_weight); }),
           "KIND=V,...", "A kind of features counts V beside the others; 1 if not said")
      .default_text("")
      .needs("--item-features", has_files)
      .in_model_if([this] { return !kind_weight.empty(); });
}

size_t add_items(Interactions& data, const std::vector<ItemFeatures>& features) {
  if (features.empty()) return 0;
  IdTable all = data.items;
  all.index();
  for (const ItemFeatures& file : features) {
    for (uint32_t item = 0; item < file.items.size(); ++item) all.intern(file.items[item]);
  }
  const size_t added = all.size() - data.items.size();
  const std::vector<uint32_t> order = all.sorted_order();
  std::vector<uint32_t> number(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) number[order[at]] = at;
  for (uint32_t& item : data.item) item = number[item];
  data.items = all.reordered(order);
  data.items.index();
  return added;
}

FeatureRows feature_rows(const std::vector<ItemFeatures>& features, const IdTable& items,
                         const FeatureOptions& options) {
  std::map<std::string, JoinedKind> kinds = join(features, items);
  FeatureRows out;
  for (const auto& [name, weight] : options.kind_weight) {
    if (kinds.count(name) == 0) out.unknown_weight.push_back(name);
  }
  const auto weight_of = [&](const std::string& name) {
    const auto at = options.kind_weight.find(name);
    return at == options.kind_weight.end() ? 1.0 : at->second;
  };
  double total = 0.0;
  for (const auto& [name, kind] : kinds) total += weight_of(name);

  struct Cell {
    uint32_t column;
    float value;
  };
  std::vector<std::vector<Cell>> rows(items.size());
  for (auto& [name, kind] : kinds) {
    const auto first = static_cast<uint32_t>(out.names.size());
    for (uint32_t category = 0; category < kind.categories.size(); ++category)
      out.names.push_back(name + "=" + std::string(kind.categories[category]));
    const double v = total > 0.0 ? weight_of(name) / total : 0.0;
    collapse(kind.entries);
    scale(kind.entries, kind.categories.size(), options.scaling);
    for (size_t at = 0; at < kind.entries.size();) {
      size_t end = at;
      double squares = 0.0;
      for (; end < kind.entries.size() && kind.entries[end].item == kind.entries[at].item; ++end)
        squares += kind.entries[end].value * kind.entries[end].value;
      const double factor = squares > 0.0 ? options.weight * std::sqrt(v / squares) : 0.0;
      for (; at < end; ++at) {
        const auto value = static_cast<float>(factor * kind.entries[at].value);
        if (value > 0.0f) rows[kind.entries[at].item].push_back({first + kind.entries[at].category, value});
      }
    }
  }
  out.rows.begin.assign(1, 0);
  for (const std::vector<Cell>& row : rows) {
    for (const Cell& cell : row) {
      out.rows.index.push_back(cell.column);
      out.rows.weight.push_back(cell.value);
    }
    out.rows.begin.push_back(out.rows.index.size());
    out.items_without += row.empty() ? 1 : 0;
  }
  return out;
}

Csr with_features(const Csr& by_user, const FeatureRows& features) {
  const Csr by_category = transpose(features.rows, features.names.size());
  Csr out = by_user;
  if (out.weight.empty()) out.weight.assign(out.index.size(), 1.0f);
  const uint64_t users = out.index.size();
  for (size_t row = 1; row < by_category.begin.size(); ++row) out.begin.push_back(users + by_category.begin[row]);
  out.index.insert(out.index.end(), by_category.index.begin(), by_category.index.end());
  out.weight.insert(out.weight.end(), by_category.weight.begin(), by_category.weight.end());
  return out;
}

}  // namespace rec
