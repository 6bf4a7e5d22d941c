// One row of a features table (data/features.h), long or wide: what its fields are, and the features they name.
// Thread rule: functions of their arguments; a form is immutable once made.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "io/table.h"

namespace rec {

// What a column of a wide table holds.
enum class FeatureField { kIds, kCategory, kCategories, kWords, kNumber, kVector, kText };

// What the fields of a row are.
struct FeatureForm {
  bool wide = false;
  size_t feature = 1;  // long
  int value = Layout::kAbsent;
  std::vector<std::string> names;  // wide, by field
  std::vector<FeatureField> types;
  bool has_numbers = false;

  bool has(FeatureField type) const { return std::find(types.begin(), types.end(), type) != types.end(); }
};

FeatureForm feature_form_of(const Layout& layout);

// A row of a long table.
struct LongFeature {
  std::string_view kind;
  std::string_view category;
  float value;  // at least 0; 1 without the column
};

// The feature of the fields of a row; throws BadField.
LongFeature parse_long_feature(const std::vector<std::string_view>& fields, const FeatureForm& form);

// The id of a row; throws BadField for an empty one, and for a row of a long table that has none but the id.
// side: "item" or "user".
std::string_view feature_row_id(const Line& line, const FeatureForm& form, const Layout& layout, const char* side);

// Calls each(piece) for what stands between the `split`s of a field, if it is not empty.
template <class Each>
void for_each_piece(std::string_view field, char split, Each&& each) {
  for (std::string_view rest = field; !rest.empty();) {
    const size_t end = std::min(rest.find(split), rest.size());
    if (end > 0) each(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// Calls each(field, category) for the categories of the row of a wide table, whose kind is the field's name.
template <class Each>
void for_each_wide_category(const std::vector<std::string_view>& fields, const FeatureForm& form, Each&& each) {
  for (size_t field = 0; field < fields.size(); ++field) {
    const auto category = [&](std::string_view one) { each(field, one); };
    switch (form.types[field]) {
      case FeatureField::kIds:
      case FeatureField::kText:
      case FeatureField::kNumber:
      case FeatureField::kVector:
        break;
      case FeatureField::kCategory:
        if (!fields[field].empty()) category(fields[field]);
        break;
      case FeatureField::kCategories:
        for_each_piece(fields[field], '|', category);
        break;
      case FeatureField::kWords:
        for_each_piece(fields[field], ' ', category);
        break;
    }
  }
}

}  // namespace rec
