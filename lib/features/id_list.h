// A list of ids: those that rows are written for. Thread rule: a function of its arguments.
#pragma once

#include <string>

#include "data/id_table.h"
#include "io/table.h"

namespace rec {

struct IdList {
  IdTable ids;  // in the order of the file, indexed
  std::string name;
  uint64_t bad_lines = 0;
};

// The distinct ids of a table with the column `id`. Throws Error for a table without rows, and as TableReader.
IdList read_id_list(const std::string& path, const std::string& id, const ReadOptions& read);

}  // namespace rec
