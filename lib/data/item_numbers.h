// Numbers that a side table gives for items: boosts, click counts. Symbols: I items,
// N number columns. Immutable and thread-safe once read.
#pragma once

#include <string>
#include <vector>

#include "data/id_table.h"

namespace rec {

struct ReadOptions;  // io/table.h
struct TableSpec;

struct ItemNumbers {
  IdTable items;               // I
  std::vector<double> values;  // I × N
  size_t columns = 0;          // N
  std::string name;            // of the file, for messages
  uint64_t bad_lines = 0;

  // The N numbers of an item, or nullptr.
  const double* find(std::string_view item) const {
    const uint32_t number = items.find(item);
    return number == kNoId ? nullptr : values.data() + number * columns;
  }
};

// Reads `path` ("-" is stdin): spec's column 0 is the item, the others are numbers
// (required). Throws Error for a malformed line and for an item that is there twice.
ItemNumbers read_item_numbers(const std::string& path, const TableSpec& spec, const ReadOptions& options);

}  // namespace rec
