// Tables of numbers into features: what `rec-features numbers` does. Thread rule: functions of their arguments, which
// start threads of their own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "features/feature_run.h"
#include "features/number_state.h"

namespace rec {

struct NumberReport {
  struct Column {
    std::string name;
    uint64_t numbers = 0;
    uint64_t missing = 0;  // rows of an empty field
    uint64_t outside = 0;  // numbers below the least or above the greatest of the state
  };
  std::string input;
  bool bins = false;  // whether features of bins were written
  std::vector<Column> columns;
  uint64_t items = 0;    // rows of the input
  uint64_t without = 0;  // of them, those of no number
  uint64_t rows = 0;     // written
  uint64_t bad_lines = 0;
};

// The table that is read: the ids, then the columns of numbers.
TableSpec number_spec(const std::string& id, const std::vector<std::string>& columns);

// Rows in the order of the input. With bins "ID COLUMN=qBIN 1" for each number; else a table "ID:token COLUMN:float
// ..." of scaled numbers, the field of a missing one empty. What is learnt needs all numbers, which are held in memory;
// with `apply` nothing is. The same bytes for every number of threads. Throws Error for a table without rows or without
// such columns, for a column without a number, and as TableReader for bad lines: a field that is neither empty nor a
// number and, with `log`, one below 0.
NumberReport make_number_features(const NumberOptions& options, const FeatureRun& run);

}  // namespace rec
