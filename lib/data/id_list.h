// A list of ids, such as those that may be recommended. Thread rule: a function of its arguments.
#pragma once

#include <string>

#include "data/id_table.h"

namespace rec {

struct ReadOptions;  // io/table.h

struct IdList {
  IdTable ids;  // in the order of the file, indexed
  std::string name;
  uint64_t bad_lines = 0;
};

// The distinct ids of a table with the column `id`: item or user. Throws Error as TableReader.
IdList read_id_list(const std::string& path, const std::string& id, const ReadOptions& read);

}  // namespace rec
