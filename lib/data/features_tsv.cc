#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/number.h"
#include "data/features.h"
#include "io/table.h"

namespace rec {
namespace {

struct Entry {
  uint32_t id;
  uint32_t category;
  double value;
};

// A kind while its rows come in, categories by first appearance.
struct GrowingKind {
  IdTable categories;
  std::vector<Entry> entries;
};

class Builder {
 public:
  void add(uint32_t id, const std::string& kind, std::string_view category, double value) {
    GrowingKind& growing = kinds_[kind];
    if (value > 0) growing.entries.push_back({id, growing.categories.intern(category), value});
  }

  std::vector<FeatureKind> finish(size_t ids) {
    std::vector<FeatureKind> kinds;
    for (auto& [name, growing] : kinds_) {
      FeatureKind kind;
      kind.name = name;
      const std::vector<uint32_t> order = growing.categories.sorted_order();
      std::vector<uint32_t> number(order.size());
      for (uint32_t at = 0; at < order.size(); ++at) number[order[at]] = at;
      for (Entry& entry : growing.entries) entry.category = number[entry.category];
      std::stable_sort(growing.entries.begin(), growing.entries.end(), [](const Entry& a, const Entry& b) {
        return a.id != b.id ? a.id < b.id : a.category < b.category;
      });
      kind.categories = growing.categories.reordered(order);
      kind.rows.begin.assign(ids + 1, 0);
      for (size_t at = 0; at < growing.entries.size();) {
        const Entry first = growing.entries[at];
        double sum = 0.0;
        for (; at < growing.entries.size() && growing.entries[at].id == first.id &&
               growing.entries[at].category == first.category;
             ++at) {
          sum += growing.entries[at].value;
        }
        kind.rows.index.push_back(first.category);
        kind.rows.weight.push_back(static_cast<float>(sum));
        ++kind.rows.begin[first.id + size_t{1}];
      }
      for (size_t id = 1; id <= ids; ++id) kind.rows.begin[id] += kind.rows.begin[id - 1];
      kinds.push_back(std::move(kind));
    }
    return kinds;
  }

  void declare(const std::string& kind) { kinds_[kind]; }

 private:
  std::map<std::string, GrowingKind> kinds_;
};

struct LongForm {
  size_t feature = 1;
  int value = Layout::kAbsent;
};

void add_long(Builder& builder, uint32_t id, const std::vector<std::string_view>& fields, const LongForm& form) {
  const std::string_view feature = fields[form.feature];
  if (feature.empty()) bad_field(static_cast<int>(form.feature) + 1, "empty feature");
  double value = 1.0;
  if (form.value != Layout::kAbsent) {
    const std::string_view text = fields[static_cast<size_t>(form.value)];
    const auto number = parse_number<float>(text);
    if (!number) bad_number(form.value + 1, text);
    if (*number < 0) bad_field(form.value + 1, "expected a value of at least 0, found " + printable(text));
    value = *number;
  }
  const size_t equals = feature.find('=');
  if (equals == 0 || equals + 1 == feature.size()) {
    bad_field(static_cast<int>(form.feature) + 1, "expected KIND=CATEGORY, found \"" + printable(feature) + "\"");
  }
  if (equals == std::string_view::npos) {
    builder.add(id, "feature", feature, value);
  } else {
    builder.add(id, std::string(feature.substr(0, equals)), feature.substr(equals + 1), value);
  }
}

void add_wide(Builder& builder, uint32_t id, const std::vector<std::string_view>& fields, const Layout& layout) {
  for (size_t field = 0; field < fields.size(); ++field) {
    if (static_cast<int>(field) == layout.position[0]) continue;
    for (std::string_view rest = fields[field]; !rest.empty();) {
      const size_t bar = std::min(rest.find('|'), rest.size());
      if (bar > 0) builder.add(id, layout.names[field], rest.substr(0, bar), 1.0);
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }
}

}  // namespace

const FeatureKind& FeatureTable::kind(std::string_view kind_name) const {
  std::string names;
  for (const FeatureKind& kind : kinds) {
    if (kind.name == kind_name) return kind;
    names += (names.empty() ? "" : ", ") + printable(kind.name);
  }
  fail("{}: no features of kind \"{}\"; there are: {}", name, printable(kind_name), names.empty() ? "none" : names);
}

FeatureTable read_features(const std::string& path, IdKind of, const ReadOptions& options) {
  const char* const side = of == IdKind::kItem ? "item" : "user";
  FeatureTable features;
  TableReader reader(path, {"features", {{side}}}, options);
  const Layout& layout = reader.layout();
  features.name = reader.name();
  Builder builder;
  LongForm form;
  bool wide = false;
  if (layout.header) {
    auto find = [&](std::string_view column) {
      const auto at = std::find(layout.names.begin(), layout.names.end(), column);
      return at == layout.names.end() ? Layout::kAbsent : static_cast<int>(at - layout.names.begin());
    };
    wide = find("feature") == Layout::kAbsent;
    if (wide) {
      for (size_t field = 0; field < layout.names.size(); ++field) {
        if (static_cast<int>(field) != layout.position[0]) builder.declare(layout.names[field]);
      }
    } else {
      form.feature = static_cast<size_t>(find("feature"));
      form.value = find("value");
    }
  } else if (layout.n_fields > 2) {
    form.value = 2;
  }
  std::vector<std::string_view> fields;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      if (!wide && line.n_fields < 2)
        bad_field(0, fmt::format("expected at least 2 TAB-separated fields ({} feature [value]), found 1: \"{}\"", side,
                                 printable(line.text)));
      const std::string_view name = id_field(line, layout.position[0], side);
      fields.clear();
      for (size_t at = 0; at <= line.text.size();) {
        const size_t tab = std::min(line.text.find('\t', at), line.text.size());
        fields.push_back(line.text.substr(at, tab - at));
        at = tab + 1;
      }
      const uint32_t id = features.ids.intern(name);
      if (wide) {
        add_wide(builder, id, fields, layout);
      } else {
        add_long(builder, id, fields, form);
      }
    });
  }
  features.bad_lines = reader.bad_lines();
  features.kinds = builder.finish(features.ids.size());
  return features;
}

}  // namespace rec
