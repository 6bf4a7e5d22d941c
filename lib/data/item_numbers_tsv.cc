#include "data/item_numbers.h"
#include "io/table.h"

namespace rec {

ItemNumbers read_item_numbers(const std::string& path, const TableSpec& spec, const ReadOptions& options) {
  ItemNumbers numbers;
  numbers.columns = spec.columns.size() - 1;
  TableReader reader(path, spec, options);
  numbers.name = reader.name();
  const std::vector<int>& position = reader.layout().position;
  std::vector<double> row(numbers.columns);
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view item = id_field(line, position[0], "item");
      for (size_t column = 0; column < row.size(); ++column) row[column] = number_field(line, position[column + 1]);
      if (numbers.items.find(item) != kNoId)
        bad_field(position[0] + 1, "item \"" + printable(item) + "\" is there twice");
      numbers.items.intern(item);
      numbers.values.insert(numbers.values.end(), row.begin(), row.end());
    });
  }
  numbers.bad_lines = reader.bad_lines();
  return numbers;
}

}  // namespace rec
