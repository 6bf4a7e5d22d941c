// Tables of texts into rows of features: what `rec-features text` does. Thread rule:
// functions of their arguments, which start threads of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "features/text_state.h"
#include "io/output.h"
#include "io/table.h"

namespace rec {

struct TextRun {
  std::string input = "-";
  std::string id = "item";  // the column of ids: item or user
  std::string output = "-";
  std::string state;  // where the state is written; "": nowhere
  std::string apply;  // the state that is applied; "": one is learnt
  ReadOptions read;
  int threads = 1;
  Sync sync = Sync::kYes;
  std::function<bool(bool input_has_header)> with_header;
};

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
TextReport make_text_features(const TextOptions& options, const TextRun& run);

}  // namespace rec
