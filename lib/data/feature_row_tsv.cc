#include "data/feature_row_tsv.h"

#include <fmt/core.h>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

FeatureField type_of(std::string_view name) {
  if (name == "token") return FeatureField::kCategory;
  if (name == "token_seq") return FeatureField::kWords;
  if (name == "float") return FeatureField::kNumber;
  if (name == "float_seq") return FeatureField::kVector;
  return FeatureField::kText;
}

}  // namespace

FeatureForm feature_form_of(const Layout& layout) {
  FeatureForm form;
  if (!layout.header) {
    if (layout.n_fields > 2) form.value = 2;
    return form;
  }
  const auto find = [&](std::string_view column) {
    const auto at = std::find(layout.names.begin(), layout.names.end(), column);
    return at == layout.names.end() ? Layout::kAbsent : static_cast<int>(at - layout.names.begin());
  };
  form.wide = find("feature") == Layout::kAbsent;
  if (!form.wide) {
    form.feature = static_cast<size_t>(find("feature"));
    form.value = find("value");
    return form;
  }
  form.names = layout.names;
  for (size_t field = 0; field < layout.names.size(); ++field) {
    form.types.push_back(static_cast<int>(field) == layout.position[0] ? FeatureField::kIds
                         : layout.types.empty()                        ? FeatureField::kCategories
                                                                       : type_of(layout.types[field]));
  }
  form.has_numbers = form.has(FeatureField::kNumber) || form.has(FeatureField::kVector);
  return form;
}

LongFeature parse_long_feature(const std::vector<std::string_view>& fields, const FeatureForm& form) {
  const std::string_view feature = fields[form.feature];
  if (feature.empty()) bad_field(static_cast<int>(form.feature) + 1, "empty feature");
  float value = 1.0f;
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
  if (equals == std::string_view::npos) return {"feature", feature, value};
  return {feature.substr(0, equals), feature.substr(equals + 1), value};
}

std::string_view feature_row_id(const Line& line, const FeatureForm& form, const Layout& layout, const char* side) {
  if (!form.wide && line.n_fields < 2)
    bad_field(0, fmt::format("expected at least 2 TAB-separated fields ({} feature [value]), found 1: \"{}\"", side,
                             printable(line.text)));
  return id_field(line, layout.position[0], side);
}

}  // namespace rec
