// What `rec-features text` learns from the texts of today and applies to those of
// tomorrow: which terms count, and how much. Immutable and thread-safe once made.
//
// The value of a term in a text, by TextValues:
//   tf-idf  tf · (ln((1 + n) / (1 + n_t)) + 1), tf the times it is in the text, or 1 + ln of them, n the texts,
//           n_t those that have it (as scikit-learn's TfidfVectorizer); then, with l2, divided by the length of all
//           values of the text's kind
//   count   the times it is in the text
//   binary  1
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/artefact.h"
#include "data/id_table.h"
#include "features/terms.h"

namespace rec {

enum class TextValues { kTfIdf, kCount, kBinary };

inline constexpr Named<TextValues> kTextValues[] = {
    {"tf-idf", TextValues::kTfIdf}, {"count", TextValues::kCount}, {"binary", TextValues::kBinary}};

struct TextOptions {
  std::vector<std::string> columns;  // of texts; none: "text"
  std::vector<std::string> kinds;    // none: the columns' names; one for all of them; or one each
  std::string stop_words;            // a file; "": none
  TermOptions terms;
  uint64_t min_count = 1;  // texts that have a term
  double max_share = 1.0;  // of the texts that may have a term
  TextValues values = TextValues::kTfIdf;
  bool log_counts = false;  // 1 + ln(times)
  bool l2 = true;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Fills in `columns` and `kinds`; throws UsageError where they do not fit together.
  void complete();
};

struct TextKind {
  std::string name;
  IdTable terms;           // in byte order, indexed
  std::vector<float> idf;  // one a term; all 1 where the values need none
};

struct TextState {
  TextOptions options;
  IdTable stop_words;           // in byte order, indexed
  std::vector<TextKind> kinds;  // by first column
  uint64_t texts = 0;           // n

  // The number of the kind of each column.
  std::vector<size_t> kind_of_column() const;
  Artefact to_artefact() const;
  // Throws Error for an artefact that is none of these.
  static TextState from_artefact(const Artefact& artefact, const std::string& path);
};

}  // namespace rec
