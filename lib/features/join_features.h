// Several tables of features into one long table: what `rec-features join` does. Thread rule: functions of their
// arguments, which start threads of their own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/option.h"
#include "features/feature_run.h"

namespace rec {

// What happens to a feature that its id has had already, in the same table or in one before.
enum class Duplicates { kKeep, kFirst, kFail };

inline constexpr Named<Duplicates> kDuplicates[] = {
    {"keep", Duplicates::kKeep}, {"first", Duplicates::kFirst}, {"fail", Duplicates::kFail}};

struct JoinOptions {
  std::vector<std::string> prefixes;    // of the kinds; none, one for all tables, or one each
  std::map<std::string, float> weight;  // of a kind, prefix included; others: 1
  std::string allow;                    // a file: only these ids have rows; "": all
  Duplicates duplicates = Duplicates::kKeep;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

struct JoinReport {
  struct Table {
    std::string name;
    uint64_t rows = 0;         // written
    uint64_t not_allowed = 0;  // rows of other ids
    uint64_t bad_lines = 0;
    std::string unused;  // its columns that are no categories; "": none
  };
  std::vector<Table> tables;
  uint64_t duplicates = 0;
  std::vector<std::string> unknown_kinds;  // that have a weight and no row
  std::string allow;                       // the file of ids
  uint64_t listed = 0, without = 0;        // ids there, and those of them that no table has
  uint64_t allow_bad_lines = 0;
};

// Writes "ID FEATURE VALUE" for each category of each row, in the order of the tables, rows and columns; a value is
// multiplied by the weight of its kind, and one that is then 0 is left out. Columns of numbers and of text are not
// read. The tables pass through; what is held is each pair of an id and a feature, to find duplicates. run.input does
// not matter. The same bytes for every number of threads. Throws Error for tables without a feature, with
// Duplicates::kFail for a duplicate, and as TableReader.
JoinReport join_features(const std::vector<std::string>& inputs, const JoinOptions& options, const FeatureRun& run,
                         const ReadOptions& allow);

}  // namespace rec
