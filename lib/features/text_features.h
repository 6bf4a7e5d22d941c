// Tables of texts into rows of features: what `rec-features text` does. Thread rule:
// functions of their arguments, which start threads of their own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "features/feature_run.h"
#include "features/text_state.h"

namespace rec {

struct TextReport {
  struct Kind {
    std::string name;
    uint64_t found = 0;  // terms in the texts; 0 where a state was applied
    uint64_t kept = 0;   // terms that count
  };
  std::string input;
  std::vector<Kind> kinds;
  uint64_t texts = 0;    // rows
  uint64_t without = 0;  // of them, those without a feature
  uint64_t rows = 0;     // written
  uint64_t bad_lines = 0;
};

// The table that is read: the ids, then the columns of texts.
TableSpec text_spec(const std::string& id, const std::vector<std::string>& columns);

// Each row of the table is a text of each kind. Writes "ID FEATURE VALUE" for each term of it that counts, rows in the
// order of the input and terms in the order of the text. Two passes: what is learnt needs all texts, which are kept as
// numbers of terms (8 bytes for each term of a text); with `apply` it is one, which keeps nothing. The same bytes for
// every number of threads. Throws Error for a table without rows, for texts without a term that counts, and as
// TableReader for bad lines, of which one that is not UTF-8 is one.
TextReport make_text_features(const TextOptions& options, const FeatureRun& run);

}  // namespace rec
